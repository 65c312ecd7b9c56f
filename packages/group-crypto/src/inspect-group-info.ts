import { type GroupInfo, verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { sameBytes } from './bytes.ts';
import {
  boundedTree,
  decodeMessage,
  leafAt,
  leafCredential,
  requireOurContext,
  treeMembers,
} from './codec.ts';
import { GroupCryptoError } from './errors.ts';
import { verifyDeviceCertificate } from './identity.ts';
import { LIMITS } from './limits.ts';
import type { GroupInfoFacts } from './server-types.ts';
import { guarded } from './translate.ts';
import { verifier } from './verifier.ts';

/**
 * Reads and verifies a GroupInfo as a member's commit leaves it: signed by a member of its own tree, the tree of the
 * tree hash, every leaf signed by its device, every device certified by its identity key. Without this check one member
 * could poison all later external joins. That identity keys belong to accounts is for the caller to look up.
 * @param bytes MLSMessage(GroupInfo) with a ratchet tree
 * @throws GroupCryptoError `malformed`, `too_large`, `group_full`, `unsupported_suite`, `unsupported_version`,
 *   `not_member` (signer), `not_authentic`, `bad_credential`
 */
export function inspectGroupInfo(bytes: Uint8Array): Promise<GroupInfoFacts> {
  return guarded('group info', 'malformed', async () => {
    const { groupInfo } = decodeMessage('mls_group_info', bytes, LIMITS.handshakeMessage);
    const { facts } = await verifiedGroupInfo(groupInfo);
    return facts;
  });
}

/** {@link inspectGroupInfo} of a decoded one, with its tree. */
export async function verifiedGroupInfo(
  groupInfo: GroupInfo,
): Promise<{ facts: GroupInfoFacts; tree: RatchetTree }> {
  const context = groupInfo.groupContext;
  const { suite, epoch } = requireOurContext(context);
  const { hash, signature } = verifier(suite);
  const tree = boundedTree(groupInfo);
  const signer = leafAt(tree, groupInfo.signer);
  if (signer === undefined) throw new GroupCryptoError('not_member', 'signer has no leaf');
  if (!(await verifyGroupInfoSignature(groupInfo, signer.signaturePublicKey, signature)))
    throw new GroupCryptoError('not_authentic', 'GroupInfo signature is wrong');
  if (!sameBytes(await treeHashRoot(tree, hash), context.treeHash))
    throw new GroupCryptoError('not_authentic', 'tree hash is wrong');
  const members = treeMembers(tree);
  requireDistinctDevices(members);
  for (const { leaf } of members) {
    const node = leafAt(tree, leaf);
    if (node === undefined) continue;
    const signed =
      node.leafNodeSource === 'key_package'
        ? await verifyLeafNodeSignatureKeyPackage(node, signature)
        : await verifyLeafNodeSignature(node, context.groupId, leaf, signature);
    if (!signed) throw new GroupCryptoError('not_authentic', 'leaf signature is wrong');
    await verifyDeviceCertificate(leafCredential(node), node.signaturePublicKey);
  }
  const facts = {
    groupId: context.groupId,
    epoch,
    suite,
    members,
    signerLeaf: groupInfo.signer,
    treeHash: context.treeHash,
  };
  return { facts, tree };
}

function requireDistinctDevices(members: readonly { deviceId: string; accountId: string }[]): void {
  if (new Set(members.map((member) => `${member.accountId}/${member.deviceId}`)).size !== members.length)
    throw new GroupCryptoError('already_member', 'a device has two leaves');
}
