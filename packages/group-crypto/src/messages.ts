import type { ClientState } from 'ts-mls/clientState.js';
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import type { IncomingMessageCallback } from 'ts-mls/incomingMessageAction.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { decryptSenderData, type PrivateMessage } from 'ts-mls/privateMessage.js';
import { processPrivateMessage, processPublicMessage } from 'ts-mls/processMessages.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { PublicMessage } from 'ts-mls/publicMessage.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { SecretTree } from 'ts-mls/secretTree.js';
import { copyOf, sameBytes } from './bytes.ts';
import { decodeMessage, leafAt, leafCredential, toMember, treeMembers } from './codec.ts';
import {
  type CommitPlan,
  readCommitPlan,
  requireAllowedPlan,
  requireSameDevice,
  sameDevice,
} from './commit-plan.ts';
import {
  activeState,
  type Context,
  openSession,
  type Session,
  unwrapState,
  withConfig,
  wrapState,
} from './context.ts';
import { GroupCryptoError } from './errors.ts';
import { readHeader } from './header.ts';
import { verifyDeviceCertificate } from './identity.ts';
import { verifiedKeyPackage } from './inspect-key-package.ts';
import { LIMITS } from './limits.ts';
import type { GroupState, Member, ProcessClock, Processed, Wipe } from './types.ts';
import { wipeLater } from './wipe.ts';

/** Beyond the last bucket, multiples of it. */
const PADDING_BUCKETS = [256, 1024, 4096, 16_384] as const;
/** A 64-byte signature and its length prefix stand inside the padded content. */
const SIGNATURE_OVERHEAD = 66;

/** Padded size of an application message's content: an observer learns the bucket, not the length. */
export function paddedLength(plaintextLength: number): number {
  const prefix = plaintextLength < 64 ? 1 : plaintextLength < 16_384 ? 2 : 4;
  const content = prefix + plaintextLength + SIGNATURE_OVERHEAD;
  return PADDING_BUCKETS.find((bucket) => bucket >= content) ?? Math.ceil(content / 16_384) * 16_384;
}

/** See {@link GroupCrypto.encrypt}. */
export function encrypt(
  context: Context,
  state: GroupState,
  plaintext: Uint8Array,
  authenticatedData: Uint8Array,
): Promise<{ state: GroupState; ciphertext: Uint8Array; wipe: Wipe }> {
  const session = openSession(context, paddedLength(plaintext.length));
  return session.run('encrypt', 'bad_argument', async () => {
    if (plaintext.length > LIMITS.plaintext || authenticatedData.length > LIMITS.authenticatedData)
      throw new GroupCryptoError('too_large', 'plaintext or authenticated data too large');
    const cs = await context.suite(state.suite);
    const mls = activeState(state, session);
    const sent = await createApplicationMessage(mls, plaintext, cs, copyOf(authenticatedData));
    return {
      state: wrapState(sent.newState),
      ciphertext: encodeMlsMessage({
        version: 'mls10',
        wireformat: 'mls_private_message',
        privateMessage: sent.privateMessage,
      }),
      wipe: wipeLater(sent.consumed),
    };
  });
}

/** What a single call works with. */
interface Incoming {
  readonly state: GroupState;
  readonly mls: ClientState;
  readonly cs: CiphersuiteImpl;
  readonly session: Session;
  /** Milliseconds at which newcomers' lifetimes are judged. */
  readonly at: number;
  readonly epoch: number;
  readonly authenticatedData: Uint8Array;
}

/** See {@link GroupCrypto.process}. */
export function processMessage(
  context: Context,
  state: GroupState,
  bytes: Uint8Array,
  clock: ProcessClock,
): Promise<Processed> {
  const session = openSession(context);
  return session.run('process', 'malformed', async () => {
    const header = readHeader(bytes);
    if (header.wireFormat !== 'public' && header.wireFormat !== 'private')
      throw new GroupCryptoError('malformed', 'not a group message');
    if (!sameBytes(header.groupId, state.groupId))
      throw new GroupCryptoError('unknown_group', 'another group');
    requireReachableEpoch(state, header.epoch, header.kind === 'application');
    const incoming: Incoming = {
      state,
      mls: withConfig(unwrapState(state), session),
      cs: await context.suite(state.suite),
      session,
      at: Math.min(clock.now, clock.sentAt ?? clock.now),
      epoch: header.epoch,
      authenticatedData: header.authenticatedData,
    };
    if (header.wireFormat === 'private') {
      const { privateMessage } = decodeMessage('mls_private_message', bytes, LIMITS.handshakeMessage);
      return processPrivate(incoming, privateMessage);
    }
    const { publicMessage } = decodeMessage('mls_public_message', bytes, LIMITS.handshakeMessage);
    return processPublic(incoming, publicMessage);
  });
}

function requireReachableEpoch(state: GroupState, epoch: number, application: boolean): void {
  if (!state.active && (epoch > state.epoch || !application))
    throw new GroupCryptoError('not_member', 'this device was removed');
  if (epoch > state.epoch) throw new GroupCryptoError('wrong_epoch', 'epoch not reached yet');
  if (epoch < state.epoch && !application) throw new GroupCryptoError('wrong_epoch', 'epoch is over');
}

async function processPrivate(incoming: Incoming, message: PrivateMessage): Promise<Processed> {
  const { mls, cs, authenticatedData, epoch } = incoming;
  const past =
    message.epoch === mls.groupContext.epoch ? undefined : mls.historicalReceiverData.get(message.epoch);
  if (past === undefined && message.epoch !== mls.groupContext.epoch)
    throw new GroupCryptoError('too_old', 'keys of that epoch are gone');
  const tree = past?.ratchetTree ?? mls.ratchetTree;
  const sender = await provenSender(
    incoming,
    message,
    past?.senderDataSecret ?? mls.keySchedule.senderDataSecret,
    past?.secretTree ?? mls.secretTree,
    tree,
  );
  const seen: Proposal[] = [];
  const result = await processPrivateMessage(mls, message, emptyPskIndex, cs, privateHandshakePolicy(seen));
  const base = { sender, epoch, authenticatedData, wipe: wipeLater(result.consumed) };
  if (result.kind === 'applicationMessage')
    return {
      ...base,
      kind: 'application',
      state: wrapState(result.newState),
      plaintext: result.message.slice(),
    };
  if (message.contentType === 'proposal')
    return {
      ...base,
      kind: 'proposal',
      state: wrapState(result.newState),
      proposedRemovals: proposedRemovals(seen, tree),
    };
  if (result.actionTaken === 'reject')
    throw new GroupCryptoError('forbidden_proposal', 'a private commit may renew keys only');
  requireSameDevice(leafAt(tree, sender.leaf), leafAt(result.newState.ratchetTree, sender.leaf));
  return {
    ...base,
    kind: 'commit',
    state: wrapState(result.newState),
    added: [],
    removed: [],
    external: false,
  };
}

/**
 * Who sent a private message. ts-mls does not tell with an application message, and the plaintext proves nothing; the
 * sender data under the epoch's key names the leaf whose signature ts-mls then verifies on the same bytes.
 */
async function provenSender(
  incoming: Incoming,
  message: PrivateMessage,
  senderDataSecret: Uint8Array,
  secretTree: SecretTree,
  tree: RatchetTree,
): Promise<Member> {
  const data = await decryptSenderData(message, senderDataSecret, incoming.cs);
  const node = data === undefined ? undefined : leafAt(tree, data.leafIndex);
  const secrets = data === undefined ? undefined : secretTree[2 * data.leafIndex];
  if (data === undefined || node === undefined || secrets === undefined)
    throw new GroupCryptoError('not_authentic', 'sender has no leaf');
  if (data.leafIndex === incoming.state.leaf)
    throw new GroupCryptoError('own_message', 'sent by this device');
  const ratchet = message.contentType === 'application' ? secrets.application : secrets.handshake;
  if (data.generation < ratchet.generation && ratchet.unusedGenerations[data.generation] === undefined) {
    // Skipped keys are kept for the newest generations: within those, a missing key can only have been used.
    const replayed = data.generation >= ratchet.generation - LIMITS.lateGenerations;
    throw new GroupCryptoError(replayed ? 'replayed' : 'too_old', 'key of that message is gone');
  }
  return toMember(data.leafIndex, node);
}

/** Membership changes are public, so a private commit carries no proposal; a private proposal is looked at, not kept. */
function privateHandshakePolicy(seen: Proposal[]): IncomingMessageCallback {
  return (incoming) => {
    if (incoming.kind === 'commit') return incoming.proposals.length === 0 ? 'accept' : 'reject';
    seen.push(incoming.proposal.proposal);
    return 'reject';
  };
}

function proposedRemovals(proposals: readonly Proposal[], tree: RatchetTree): Member[] {
  return proposals.map((proposal) => {
    if (proposal.proposalType !== 'remove')
      throw new GroupCryptoError('forbidden_proposal', 'only removals are proposed');
    return memberAt(tree, proposal.remove.removed);
  });
}

function memberAt(tree: RatchetTree, leaf: number): Member {
  const node = leafAt(tree, leaf);
  if (node === undefined) throw new GroupCryptoError('not_member', 'leaf is blank');
  return toMember(leaf, node);
}

async function processPublic(incoming: Incoming, message: PublicMessage): Promise<Processed> {
  const { content } = message;
  if (content.sender.senderType === 'member' && content.sender.leafIndex === incoming.state.leaf)
    throw new GroupCryptoError('own_message', 'sent by this device');
  if (content.contentType === 'commit')
    return processPublicCommit(incoming, message, readCommitPlan(content.sender, content.commit));
  if (content.contentType !== 'proposal' || content.sender.senderType !== 'member')
    throw new GroupCryptoError('forbidden_proposal', 'only members propose');
  const { mls, cs, authenticatedData, epoch } = incoming;
  const sender = memberAt(mls.ratchetTree, content.sender.leafIndex);
  const { newState } = await processPublicMessage(mls, message, emptyPskIndex, cs, () => 'reject');
  return {
    kind: 'proposal',
    state: wrapState(newState),
    sender,
    epoch,
    authenticatedData,
    wipe: wipeLater([]),
    proposedRemovals: proposedRemovals([content.proposal], mls.ratchetTree),
  };
}

async function processPublicCommit(
  incoming: Incoming,
  message: PublicMessage,
  plan: CommitPlan,
): Promise<Processed> {
  const { mls, cs, state, epoch, authenticatedData } = incoming;
  const before = mls.ratchetTree;
  requireAllowedPlan(plan, before);
  await requireFreshNewcomers(plan, incoming);
  const { newState, consumed } = await processPublicMessage(mls, message, emptyPskIndex, cs);
  const removed = plan.removed.map((leaf) => memberAt(before, leaf));
  const removesUs = plan.removed.includes(state.leaf);
  const after = newState.ratchetTree;
  const added = removesUs ? newcomersOf(plan) : newMembers(plan, after);
  const sender = plan.senderLeaf === undefined ? added[0] : memberAt(before, plan.senderLeaf);
  if (sender === undefined) throw new GroupCryptoError('invalid_message', 'joiner has no leaf');
  // A removed device keeps its last tree, which it needs to read what was sent before its removal.
  const kept = removesUs ? { ...mls, groupActiveState: newState.groupActiveState } : newState;
  return {
    kind: 'commit',
    state: wrapState(kept),
    sender,
    epoch,
    authenticatedData,
    wipe: wipeLater(consumed),
    added,
    removed,
    external: plan.joiner !== undefined,
  };
}

/** Lifetimes and certificates of those who enter, at the instant the server accepted the commit. */
async function requireFreshNewcomers(plan: CommitPlan, { at, state }: Incoming): Promise<void> {
  for (const keyPackage of plan.added) {
    const { suite } = await verifiedKeyPackage(keyPackage, at);
    if (suite !== state.suite)
      throw new GroupCryptoError('unsupported_suite', 'key package of another suite');
  }
  if (plan.joiner !== undefined)
    await verifyDeviceCertificate(leafCredential(plan.joiner), plan.joiner.signaturePublicKey, at);
}

function newMembers(plan: CommitPlan, after: RatchetTree): Member[] {
  const newcomers = newcomersOf(plan);
  return treeMembers(after).filter((member) => newcomers.some((newcomer) => sameDevice(newcomer, member)));
}

/** The newcomers without their place: a removed device cannot follow into the next tree. */
function newcomersOf(plan: CommitPlan): Member[] {
  const leaves =
    plan.joiner === undefined ? plan.added.map((keyPackage) => keyPackage.leafNode) : [plan.joiner];
  return leaves.map((leaf) => toMember(-1, leaf));
}
