import {
  decodeGroupState,
  encodeGroupState,
  joinGroup,
  createGroup as mlsCreateGroup,
} from 'ts-mls/clientState.js';
import { joinGroupExternal } from 'ts-mls/createCommit.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import type { GroupInfo } from 'ts-mls/groupInfo.js';
import { type KeyPackage, makeKeyPackageRef, type PrivateKeyPackage } from 'ts-mls/keyPackage.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { decryptGroupInfo, decryptGroupSecrets, type Welcome } from 'ts-mls/welcome.js';
import { concat, copyOf, sameBytes } from './bytes.ts';
import {
  boundedTree,
  decodeMessage,
  groupExtensions,
  leafAt,
  ourSuite,
  requireGroupId,
  requireOurContext,
  treeMembers,
} from './codec.ts';
import { requireAllowedPlan, sameAccount, sameDevice } from './commit-plan.ts';
import { addProposals, commitProposals, groupInfoOf } from './commits.ts';
import { type Context, openSession, unwrapState, wrapState } from './context.ts';
import { GroupCryptoError } from './errors.ts';
import { openBundle, ownKeyPackage } from './key-packages.ts';
import { DEFAULT_SUITE, LIMITS } from './limits.ts';
import { guardedSync } from './translate.ts';
import type { CreatedGroup, Device, GroupCrypto, GroupState, Member, PendingCommit } from './types.ts';
import { wipeLater } from './wipe.ts';

const STATE_VERSION = 1;

/** See {@link GroupCrypto.createGroup}. */
export function createGroup(
  context: Context,
  options: Parameters<GroupCrypto['createGroup']>[0],
): Promise<CreatedGroup> {
  const session = openSession(context);
  return session.run('createGroup', 'bad_argument', async () => {
    requireGroupId(options.groupId, 'bad_argument');
    const suite = ourSuite(options.suite ?? context.options.suite ?? DEFAULT_SUITE);
    const cs = await context.suite(suite);
    const proposals = await addProposals(options.members, cs, options.now);
    const { publicPackage, privatePackage } = await ownKeyPackage(
      context,
      options.device,
      suite,
      options.now,
    );
    const alone = await mlsCreateGroup(
      copyOf(options.groupId),
      publicPackage,
      privatePackage,
      groupExtensions(),
      cs,
      session.config,
    );
    if (proposals.length === 0)
      return { state: wrapState(alone), epoch: 0, groupInfo: await groupInfoOf(alone, cs) };
    const { next, groupInfo, welcome, commit, wipe } = await commitProposals(alone, cs, proposals);
    wipe();
    return {
      state: next,
      epoch: next.epoch,
      groupInfo,
      commit,
      ...(welcome === undefined ? {} : { welcome }),
    };
  });
}

/** See {@link GroupCrypto.joinFromWelcome}. */
export function joinFromWelcome(
  context: Context,
  options: Parameters<GroupCrypto['joinFromWelcome']>[0],
): Promise<GroupState> {
  const session = openSession(context);
  return session.run('joinFromWelcome', 'malformed', async () => {
    const { welcome } = decodeMessage('mls_welcome', options.welcome, LIMITS.handshakeMessage);
    const { publicPackage, privatePackage } = openBundle(options.keyPackage, options.device);
    if (!sameBytes(publicPackage.leafNode.signaturePublicKey, options.device.signaturePublicKey))
      throw new GroupCryptoError('bad_argument', 'key package of another device');
    const suite = ourSuite(welcome.cipherSuite);
    if (suite !== publicPackage.cipherSuite) throw new GroupCryptoError('unsupported_suite', 'suites differ');
    const cs = await context.suite(suite);
    await inspectBeforeJoin(welcome, publicPackage, privatePackage, cs);
    return wrapState(
      await joinGroup(
        welcome,
        publicPackage,
        privatePackage,
        emptyPskIndex,
        cs,
        undefined,
        undefined,
        session.config,
      ),
    );
  });
}

/** Opens the GroupInfo of a Welcome first, to bound its tree and hold it to our protocol before ts-mls walks it. */
async function inspectBeforeJoin(
  welcome: Welcome,
  keyPackage: KeyPackage,
  keys: PrivateKeyPackage,
  cs: CiphersuiteImpl,
): Promise<void> {
  const ref = await makeKeyPackageRef(keyPackage, cs.hash);
  const secrets = await decryptGroupSecrets(
    await cs.hpke.importPrivateKey(keys.initPrivateKey),
    ref,
    welcome,
    cs.hpke,
  );
  if (secrets === undefined) throw new GroupCryptoError('malformed', 'group secrets are malformed');
  if (secrets.psks.length > 0)
    throw new GroupCryptoError('forbidden_proposal', 'pre-shared keys are not used');
  const groupInfo = await decryptGroupInfo(welcome, secrets.joinerSecret, new Uint8Array(cs.kdf.size), cs);
  secrets.joinerSecret.fill(0);
  if (groupInfo === undefined) throw new GroupCryptoError('malformed', 'group info is malformed');
  inspectedMembers(groupInfo);
}

function inspectedMembers(groupInfo: GroupInfo): {
  suite: ReturnType<typeof ourSuite>;
  epoch: number;
  members: Member[];
} {
  const { suite, epoch } = requireOurContext(groupInfo.groupContext);
  const tree = boundedTree(groupInfo);
  const members = treeMembers(tree);
  if (leafAt(tree, groupInfo.signer) === undefined)
    throw new GroupCryptoError('not_member', 'signer has no leaf');
  if (new Set(members.map(({ accountId, deviceId }) => `${accountId}/${deviceId}`)).size !== members.length)
    throw new GroupCryptoError('already_member', 'a device has two leaves');
  return { suite, epoch, members };
}

/** See {@link GroupCrypto.joinByExternalCommit}. */
export function joinByExternalCommit(
  context: Context,
  options: Parameters<GroupCrypto['joinByExternalCommit']>[0],
): Promise<PendingCommit> {
  const session = openSession(context);
  const { device } = options;
  return session.run('joinByExternalCommit', 'malformed', async () => {
    const { groupInfo } = decodeMessage('mls_group_info', options.groupInfo, LIMITS.handshakeMessage);
    const { suite, epoch, members } = inspectedMembers(groupInfo);
    const resync = chooseResync(members, device, options.resync);
    const cs = await context.suite(suite);
    const { publicPackage, privatePackage } = await ownKeyPackage(context, device, suite, options.now);
    const former = members.find((member) => sameDevice(member, device));
    const removed = resync && former !== undefined ? [former.leaf] : [];
    requireAllowedPlan({ added: [], removed, joiner: publicPackage.leafNode }, boundedTree(groupInfo));
    const { publicMessage, newState } = await joinGroupExternal(
      groupInfo,
      publicPackage,
      privatePackage,
      resync,
      cs,
      undefined,
      session.config,
    );
    return {
      epoch,
      commit: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage }),
      groupInfo: await groupInfoOf(newState, cs),
      next: wrapState(newState),
      wipe: wipeLater([]),
    };
  });
}

/** ts-mls computes leaf -1 when asked to replace a leaf that is not there, so that is settled here. */
function chooseResync(members: readonly Member[], device: Device, wanted: boolean | undefined): boolean {
  if (!members.some((member) => sameAccount(member, device)))
    throw new GroupCryptoError('not_member', 'the account is not in the group');
  const hasLeaf = members.some((member) => sameDevice(member, device));
  if (wanted === true && !hasLeaf) throw new GroupCryptoError('not_member', 'no former leaf to replace');
  if (wanted === false && hasLeaf) throw new GroupCryptoError('already_member', 'device already has a leaf');
  return hasLeaf;
}

/** See {@link GroupCrypto.encodeState}. */
export function encodeState(state: GroupState): Uint8Array {
  return guardedSync('encodeState', 'bad_argument', () =>
    concat(Uint8Array.of(STATE_VERSION), encodeGroupState(unwrapState(state))),
  );
}

/** See {@link GroupCrypto.decodeState}. */
export function decodeState(bytes: Uint8Array): GroupState {
  return guardedSync('decodeState', 'malformed', () => {
    if (bytes[0] !== STATE_VERSION) throw new GroupCryptoError('malformed', 'unknown state version');
    const body = copyOf(bytes.subarray(1));
    const decoded = decodeGroupState(body, 0);
    if (decoded === undefined || decoded[1] !== body.length)
      throw new GroupCryptoError('malformed', 'state is malformed');
    const [mls] = decoded;
    requireOurContext(mls.groupContext);
    if (leafAt(mls.ratchetTree, mls.privatePath.leafIndex) === undefined)
      throw new GroupCryptoError('malformed', 'state without own leaf');
    return wrapState(mls);
  });
}
