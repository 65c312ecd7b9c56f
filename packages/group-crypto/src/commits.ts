import type { ClientState } from 'ts-mls/clientState.js';
import { validateRatchetTree } from 'ts-mls/clientState.js';
import { createCommit, createGroupInfoWithExternalPubAndRatchetTree } from 'ts-mls/createCommit.js';
import { createProposal } from 'ts-mls/createMessage.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { safeNumber } from './bytes.ts';
import { decodeMessage, treeMembers } from './codec.ts';
import { sameDevice } from './commit-plan.ts';
import { activeState, type Context, openSession, type Session, wrapState } from './context.ts';
import { GroupCryptoError } from './errors.ts';
import { verifiedKeyPackage } from './inspect-key-package.ts';
import { LIMITS } from './limits.ts';
import type { DeviceId, GroupState, PendingCommit } from './types.ts';
import { wipeLater } from './wipe.ts';

/** MLSMessage(GroupInfo) of a state, as external joiners need it. */
export async function groupInfoOf(state: ClientState, cs: CiphersuiteImpl): Promise<Uint8Array> {
  const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(state, [], cs);
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
}

/** One commit with inline proposals; a removal without a path never leaves here. */
export async function commitProposals(
  state: ClientState,
  cs: CiphersuiteImpl,
  proposals: Proposal[],
): Promise<PendingCommit> {
  const epoch = safeNumber(state.groupContext.epoch);
  const { newState, commit, welcome, consumed } = await createCommit(
    { state, cipherSuite: cs },
    { extraProposals: proposals, ratchetTreeExtension: true, wireAsPublicMessage: proposals.length > 0 },
  );
  const removes = proposals.some((proposal) => proposal.proposalType === 'remove');
  if (removes) requirePath(commit);
  return {
    epoch,
    commit: encodeMlsMessage(commit),
    ...(welcome === undefined
      ? {}
      : { welcome: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }) }),
    groupInfo: await groupInfoOf(newState, cs),
    next: wrapState(newState),
    wipe: wipeLater(consumed),
  };
}

/**
 * Up to ts-mls 1.6.2 a commit with exactly one removal had no path, and the removed device could derive the next epoch.
 * The pinned version is sound; this check outlives a careless change of it.
 */
export function requirePath(commit: Parameters<typeof encodeMlsMessage>[0]): void {
  const content = commit.wireformat === 'mls_public_message' ? commit.publicMessage.content : undefined;
  if (content?.contentType !== 'commit' || content.commit.path === undefined)
    throw new GroupCryptoError('would_not_evict', 'removal without a path is not sent');
}

/** The Add proposals of encoded key packages, each verified for this suite and instant. */
export async function addProposals(
  keyPackages: readonly Uint8Array[],
  cs: CiphersuiteImpl,
  now: number,
): Promise<Proposal[]> {
  if (keyPackages.length >= LIMITS.leaves) throw new GroupCryptoError('group_full', 'more than 64 leaves');
  const proposals: Proposal[] = [];
  for (const bytes of keyPackages) {
    const { keyPackage } = decodeMessage('mls_key_package', bytes, LIMITS.keyPackage);
    const { suite } = await verifiedKeyPackage(keyPackage, now);
    if (suite !== cs.name) throw new GroupCryptoError('unsupported_suite', 'key package of another suite');
    proposals.push({ proposalType: 'add', add: { keyPackage } });
  }
  return proposals;
}

/** See {@link GroupCrypto.addDevices}. */
export function addDevices(
  context: Context,
  state: GroupState,
  keyPackages: readonly Uint8Array[],
  now: number,
): Promise<PendingCommit> {
  const session = openSession(context);
  return session.run('addDevices', 'bad_argument', async () => {
    if (keyPackages.length === 0) throw new GroupCryptoError('bad_argument', 'nobody to add');
    const mls = activeState(state, session);
    const cs = await context.suite(state.suite);
    const proposals = await addProposals(keyPackages, cs, now);
    if (treeMembers(mls.ratchetTree).length + proposals.length > LIMITS.leaves)
      throw new GroupCryptoError('group_full', 'more than 64 leaves');
    const result = await createCommitAndCheck(mls, cs, proposals, session);
    return result;
  });
}

/** Asks ts-mls whether the newcomers could join what the commit makes, before anybody is told of it. */
async function createCommitAndCheck(
  mls: ClientState,
  cs: CiphersuiteImpl,
  proposals: Proposal[],
  session: Session,
): Promise<PendingCommit> {
  const pending = await commitProposals(mls, cs, proposals);
  const { groupInfo } = decodeMessage('mls_group_info', pending.groupInfo, LIMITS.handshakeMessage);
  const { ratchetTree } = activeState(pending.next, session);
  const refusal = await validateRatchetTree(
    ratchetTree,
    groupInfo.groupContext,
    session.config.lifetimeConfig,
    session.config.authService,
    groupInfo.groupContext.treeHash,
    cs,
  );
  if (refusal !== undefined) throw refusal;
  return pending;
}

/** See {@link GroupCrypto.removeDevices}. */
export function removeDevices(
  context: Context,
  state: GroupState,
  devices: readonly DeviceId[],
): Promise<PendingCommit> {
  const session = openSession(context);
  return session.run('removeDevices', 'bad_argument', async () => {
    if (devices.length === 0) throw new GroupCryptoError('bad_argument', 'nobody to remove');
    const mls = activeState(state, session);
    const leaves = new Set(devices.map((device) => leafOf(mls, device)));
    if (leaves.has(state.leaf)) throw new GroupCryptoError('bad_argument', 'a device cannot remove itself');
    const proposals = [...leaves].map(removeProposal);
    return commitProposals(mls, await context.suite(state.suite), proposals);
  });
}

/** See {@link GroupCrypto.updateOwnKeys}. */
export function updateOwnKeys(context: Context, state: GroupState): Promise<PendingCommit> {
  const session = openSession(context);
  return session.run('updateOwnKeys', 'bad_argument', async () =>
    commitProposals(activeState(state, session), await context.suite(state.suite), []),
  );
}

/** See {@link GroupCrypto.proposeRemoval}. */
export function proposeRemoval(context: Context, state: GroupState, device: DeviceId): Promise<Uint8Array> {
  const session = openSession(context);
  return session.run('proposeRemoval', 'bad_argument', async () => {
    const mls = activeState(state, session);
    const proposal = removeProposal(leafOf(mls, device));
    const { message } = await createProposal(mls, true, proposal, await context.suite(state.suite));
    return encodeMlsMessage(message);
  });
}

function leafOf(mls: ClientState, device: DeviceId): number {
  const member = treeMembers(mls.ratchetTree).find((candidate) => sameDevice(candidate, device));
  if (member === undefined) throw new GroupCryptoError('not_member', 'device has no leaf');
  return member.leaf;
}

function removeProposal(removed: number): Proposal {
  return { proposalType: 'remove', remove: { removed } };
}
