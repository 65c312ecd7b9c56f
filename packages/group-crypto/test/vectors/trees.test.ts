import { applyUpdatePathSecret } from 'ts-mls/createCommit.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import { getCommitSecret, pathToRoot } from 'ts-mls/pathSecrets.js';
import { mergePrivateKeyPaths, type PrivateKeyPath, toPrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { decodeProposal } from 'ts-mls/proposal.js';
import {
  addLeafNode,
  decodeRatchetTree,
  encodeRatchetTree,
  getHpkePublicKey,
  type RatchetTree,
  removeLeafNode,
  resolution,
  updateLeafNode,
} from 'ts-mls/ratchetTree.js';
import { treeHash, treeHashRoot } from 'ts-mls/treeHash.js';
import { left, nodeWidth, parent, right, root, sibling, toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';
import { applyUpdatePath, createUpdatePath, decodeUpdatePath, type UpdatePath } from 'ts-mls/updatePath.js';
import { expect } from 'vitest';
import { bytes, decoded, describeVectors, groupContext, hex, implementation } from './support.ts';

interface TreeMath {
  n_leaves: number;
  n_nodes: number;
  root: number;
  left: (number | null)[];
  right: (number | null)[];
  parent: (number | null)[];
  sibling: (number | null)[];
}

/** A relation that does not exist is null in the vectors and an error in ts-mls. */
function orNull(relation: () => number): number | null {
  try {
    return relation();
  } catch {
    return null;
  }
}

describeVectors<TreeMath>('tree-math', (v) => {
  const nodes = Array.from({ length: v.n_nodes }, (_, index) => toNodeIndex(index));
  expect({
    n_leaves: v.n_leaves,
    n_nodes: nodeWidth(v.n_leaves),
    root: root(v.n_leaves),
    left: nodes.map((node) => orNull(() => left(node))),
    right: nodes.map((node) => orNull(() => right(node))),
    parent: nodes.map((node) => orNull(() => parent(node, v.n_leaves))),
    sibling: nodes.map((node) => orNull(() => sibling(node, v.n_leaves))),
  }).toEqual(v);
});

interface TreeOperation {
  cipher_suite: number;
  tree_before: string;
  proposal: string;
  proposal_sender: number;
  tree_hash_before: string;
  tree_after: string;
  tree_hash_after: string;
}

describeVectors<TreeOperation>('tree-operations', async (v) => {
  const { hash } = await implementation(v.cipher_suite);
  const before = decoded(decodeRatchetTree, v.tree_before);
  const proposal = decoded(decodeProposal, v.proposal);
  expect(hex(await treeHashRoot(before, hash))).toBe(v.tree_hash_before);
  let after: RatchetTree;
  if (proposal.proposalType === 'add') [after] = addLeafNode(before, proposal.add.keyPackage.leafNode);
  else if (proposal.proposalType === 'update')
    after = updateLeafNode(before, proposal.update.leafNode, toLeafIndex(v.proposal_sender));
  else if (proposal.proposalType === 'remove')
    after = removeLeafNode(before, toLeafIndex(proposal.remove.removed));
  else throw new Error('not a tree operation');
  expect(hex(encodeRatchetTree(after))).toBe(v.tree_after);
  expect(hex(await treeHashRoot(after, hash))).toBe(v.tree_hash_after);
});

interface TreeValidation {
  cipher_suite: number;
  tree: string;
  group_id: string;
  tree_hashes: string[];
  resolutions: number[][];
}

describeVectors<TreeValidation>('tree-validation', async (v) => {
  const { hash, signature } = await implementation(v.cipher_suite);
  const tree = decoded(decodeRatchetTree, v.tree);
  const indices = tree.map((_, index) => toNodeIndex(index));
  expect(indices.map((index) => resolution(tree, index))).toEqual(v.resolutions);
  const hashes = await Promise.all(indices.map(async (index) => hex(await treeHash(tree, index, hash))));
  expect(hashes).toEqual(v.tree_hashes);
  expect(await verifyParentHashes(tree, hash)).toBe(true);
  for (const [index, node] of tree.entries()) {
    if (node?.nodeType !== 'leaf') continue;
    const valid =
      node.leaf.leafNodeSource === 'key_package'
        ? verifyLeafNodeSignatureKeyPackage(node.leaf, signature)
        : verifyLeafNodeSignature(node.leaf, bytes(v.group_id), index / 2, signature);
    expect(await valid).toBe(true);
  }
});

interface LeafPrivate {
  index: number;
  encryption_priv: string;
  signature_priv: string;
  path_secrets: { node: number; path_secret: string }[];
}

interface TreeKem {
  cipher_suite: number;
  group_id: string;
  epoch: number;
  confirmed_transcript_hash: string;
  ratchet_tree: string;
  leaves_private: LeafPrivate[];
  update_paths: {
    sender: number;
    update_path: string;
    path_secrets: (string | null)[];
    commit_secret: string;
    tree_hash_after: string;
  }[];
}

async function privatePath(
  leaf: LeafPrivate,
  tree: RatchetTree,
  cs: CiphersuiteImpl,
): Promise<PrivateKeyPath> {
  const secrets = Object.fromEntries(
    leaf.path_secrets.map((entry) => [entry.node, bytes(entry.path_secret)]),
  );
  for (const { node, path_secret } of leaf.path_secrets) {
    const { publicKey } = await cs.hpke.deriveKeyPair(await deriveSecret(bytes(path_secret), 'node', cs.kdf));
    const inTree = tree[node];
    if (inTree === undefined) throw new Error('path secret of a blank node');
    expect(hex(await cs.hpke.exportPublicKey(publicKey))).toBe(hex(getHpkePublicKey(inTree)));
  }
  const own = { leafIndex: leaf.index, privateKeys: { [2 * leaf.index]: bytes(leaf.encryption_priv) } };
  return mergePrivateKeyPaths(await toPrivateKeyPath(secrets, leaf.index, cs), own);
}

/** What one receiver gets out of an update path: its path secret and the commit secret. */
async function receivePath(
  tree: RatchetTree,
  own: PrivateKeyPath,
  sender: number,
  context: GroupContext,
  path: UpdatePath,
  cs: CiphersuiteImpl,
): Promise<{ pathSecret: string; commitSecret: string }> {
  const got = await applyUpdatePathSecret(tree, own, toLeafIndex(sender), context, path, [], cs);
  const secrets = await pathToRoot(tree, toNodeIndex(got.nodeIndex), got.pathSecret, cs.kdf);
  const rootSecret = secrets[root((tree.length + 1) / 2)];
  if (rootSecret === undefined) throw new Error('no root secret');
  return {
    pathSecret: hex(got.pathSecret),
    commitSecret: hex(await deriveSecret(rootSecret, 'path', cs.kdf)),
  };
}

describeVectors<TreeKem>('treekem', async (v) => {
  const cs = await implementation(v.cipher_suite);
  const tree = decoded(decodeRatchetTree, v.ratchet_tree);
  const paths = new Map<number, PrivateKeyPath>();
  for (const leaf of v.leaves_private) paths.set(leaf.index, await privatePath(leaf, tree, cs));
  for (const update of v.update_paths) {
    const path = decoded(decodeUpdatePath, update.update_path);
    const after = await applyUpdatePath(tree, toLeafIndex(update.sender), path, cs.hash);
    expect(hex(await treeHashRoot(after, cs.hash))).toBe(update.tree_hash_after);
    const context = groupContext(cs, { ...v, tree_hash: update.tree_hash_after });
    for (const [leaf, own] of paths) {
      if (leaf === update.sender) continue;
      const got = await receivePath(after, own, update.sender, context, path, cs);
      expect(got).toEqual({ pathSecret: update.path_secrets[leaf], commitSecret: update.commit_secret });
    }
    await sendPath(v, update.sender, tree, paths, cs);
  }
});

/** A path made here is understood by every other leaf of the vector's tree. */
async function sendPath(
  v: TreeKem,
  sender: number,
  tree: RatchetTree,
  paths: ReadonlyMap<number, PrivateKeyPath>,
  cs: CiphersuiteImpl,
): Promise<void> {
  const signer = v.leaves_private.find((leaf) => leaf.index === sender);
  if (signer === undefined) throw new Error('sender without keys');
  const before = groupContext(cs, { ...v, tree_hash: '' });
  const [after, path, secrets] = await createUpdatePath(
    tree,
    toLeafIndex(sender),
    before,
    bytes(signer.signature_priv),
    cs,
  );
  const last = secrets.at(-1);
  if (last === undefined) throw new Error('no path secret');
  const expected = hex(await getCommitSecret(after, toNodeIndex(last.nodeIndex), last.secret, cs.kdf));
  const context = { ...before, epoch: before.epoch + 1n, treeHash: await treeHashRoot(after, cs.hash) };
  expect(hex(encodeRatchetTree(await applyUpdatePath(tree, toLeafIndex(sender), path, cs.hash)))).toBe(
    hex(encodeRatchetTree(after)),
  );
  for (const [leaf, own] of paths) {
    if (leaf === sender) continue;
    expect((await receivePath(after, own, sender, context, path, cs)).commitSecret).toBe(expected);
  }
}
