import { verifyFramedContentSignature } from 'ts-mls/framedContent.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { PublicMessage } from 'ts-mls/publicMessage.js';
import { safeNumber, sameBytes } from './bytes.ts';
import { decodeMessage, leafAt, leafCredential, requireGroupId } from './codec.ts';
import { type CommitPlan, readCommitPlan, requireAllowedPlan } from './commit-plan.ts';
import { GroupCryptoError } from './errors.ts';
import { verifyDeviceCertificate } from './identity.ts';
import { verifiedGroupInfo } from './inspect-group-info.ts';
import { verifiedKeyPackage } from './inspect-key-package.ts';
import { LIMITS } from './limits.ts';
import type { CommitFacts, CommittedDevice } from './server-types.ts';
import { guarded } from './translate.ts';
import { verifier } from './verifier.ts';

/**
 * Reads a public commit: who would come and go. Key packages and the joiner's certificate are verified.
 * @param bytes MLSMessage(PublicMessage) with a commit
 * @param options `now` in milliseconds; `groupInfo`: the stored GroupInfo of the epoch that the commit ends. With it
 *   the sender's signature is verified, removed leaves must exist, and an external joiner must be a device of an
 *   account that is a member, removing nobody but its own former leaf.
 * @throws GroupCryptoError `malformed`, `too_large`, `forbidden_proposal`, `would_not_evict`, `wrong_epoch`,
 *   `unknown_group`, `not_member`, `not_authentic`, and what key packages and GroupInfos throw
 */
export function inspectCommit(
  bytes: Uint8Array,
  options: { now: number; groupInfo?: Uint8Array },
): Promise<CommitFacts> {
  return guarded('commit', 'malformed', async () => {
    const { publicMessage } = decodeMessage('mls_public_message', bytes, LIMITS.handshakeMessage);
    const { content } = publicMessage;
    if (content.contentType !== 'commit') throw new GroupCryptoError('malformed', 'not a commit');
    requireGroupId(content.groupId, 'malformed');
    const plan = readCommitPlan(content.sender, content.commit);
    const added = await Promise.all(
      plan.added.map((keyPackage) => verifiedKeyPackage(keyPackage, options.now)),
    );
    const joiner = plan.joiner === undefined ? undefined : await certifiedDevice(plan.joiner, options.now);
    if (options.groupInfo !== undefined) await verifyAgainst(publicMessage, plan, options.groupInfo);
    return {
      groupId: content.groupId,
      epoch: safeNumber(content.epoch),
      sender:
        plan.senderLeaf === undefined ? { kind: 'external' } : { kind: 'member', leaf: plan.senderLeaf },
      addedDevices: added.map(({ accountId, deviceId, identityPublicKey, signaturePublicKey }) => ({
        accountId,
        deviceId,
        identityPublicKey,
        signaturePublicKey,
      })),
      addedRefs: added.map(({ ref }) => ref),
      removedLeaves: plan.removed,
      ...(joiner === undefined ? {} : { externalJoiner: joiner }),
      authenticatedData: content.authenticatedData,
      verified: options.groupInfo !== undefined,
    };
  });
}

async function certifiedDevice(leaf: LeafNode, now: number): Promise<CommittedDevice> {
  const credential = leafCredential(leaf);
  await verifyDeviceCertificate(credential, leaf.signaturePublicKey, now);
  const { accountId, deviceId, identityPublicKey } = credential;
  return { accountId, deviceId, identityPublicKey, signaturePublicKey: leaf.signaturePublicKey };
}

async function verifyAgainst(
  message: PublicMessage,
  plan: CommitPlan,
  groupInfoBytes: Uint8Array,
): Promise<void> {
  const { groupInfo } = decodeMessage('mls_group_info', groupInfoBytes, LIMITS.handshakeMessage);
  const { facts, tree } = await verifiedGroupInfo(groupInfo);
  const { content, auth } = message;
  if (!sameBytes(content.groupId, facts.groupId))
    throw new GroupCryptoError('unknown_group', 'another group');
  if (content.epoch !== groupInfo.groupContext.epoch)
    throw new GroupCryptoError('wrong_epoch', 'another epoch');
  requireAllowedPlan(plan, tree);
  const sender = plan.joiner ?? (plan.senderLeaf === undefined ? undefined : leafAt(tree, plan.senderLeaf));
  if (sender === undefined) throw new GroupCryptoError('not_member', 'sender has no leaf');
  const { signature } = verifier(facts.suite);
  const signed = await verifyFramedContentSignature(
    sender.signaturePublicKey,
    'mls_public_message',
    content,
    auth,
    groupInfo.groupContext,
    signature,
  );
  if (!signed) throw new GroupCryptoError('not_authentic', 'commit signature is wrong');
}
