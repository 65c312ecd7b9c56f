import type { Commit } from 'ts-mls/commit.js';
import type { KeyPackage } from 'ts-mls/keyPackage.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { Sender } from 'ts-mls/sender.js';
import { sameBytes } from './bytes.ts';
import { leafAt, leafCredential, treeMembers } from './codec.ts';
import { GroupCryptoError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { Credential, DeviceId } from './types.ts';

/** What a commit intends, before any of it is verified. */
export interface CommitPlan {
  /** Absent for an external commit. */
  readonly senderLeaf?: number;
  readonly added: readonly KeyPackage[];
  readonly removed: readonly number[];
  /** The committer's new leaf, when a member renews its keys. */
  readonly renewed?: LeafNode;
  /** The new leaf of an external commit. */
  readonly joiner?: LeafNode;
}

/**
 * Reads a commit under our policy: proposals stand inside the commit itself, and are Add or Remove only, so that the
 * server sees every change of membership and no member can slip in another kind.
 * @throws GroupCryptoError `forbidden_proposal`, `would_not_evict`, `group_full`
 */
export function readCommitPlan(sender: Sender, commit: Commit): CommitPlan {
  const added: KeyPackage[] = [];
  const removed: number[] = [];
  let externalInits = 0;
  for (const item of commit.proposals) {
    if (item.proposalOrRefType !== 'proposal') throw forbidden('a proposal by reference');
    const { proposal } = item;
    if (proposal.proposalType === 'add') added.push(proposal.add.keyPackage);
    else if (proposal.proposalType === 'remove') removed.push(proposal.remove.removed);
    else if (proposal.proposalType === 'external_init') externalInits++;
    else throw forbidden('a kind of proposal');
  }
  if (removed.length > 0 && commit.path === undefined)
    throw new GroupCryptoError('would_not_evict', 'removal without a path');
  if (added.length >= LIMITS.leaves || removed.length >= LIMITS.leaves)
    throw new GroupCryptoError('group_full', 'more changes than leaves');
  if (sender.senderType === 'member') {
    if (externalInits > 0) throw forbidden('external init of a member');
    const renewed = commit.path === undefined ? {} : { renewed: commit.path.leafNode };
    return { senderLeaf: sender.leafIndex, added, removed, ...renewed };
  }
  if (sender.senderType !== 'new_member_commit') throw forbidden('a commit of this kind of sender');
  if (externalInits !== 1 || added.length > 0 || removed.length > 1 || commit.path === undefined)
    throw forbidden('an external commit of another shape');
  return { added, removed, joiner: commit.path.leafNode };
}

/**
 * What only the tree can tell. ts-mls lets an external joiner remove anybody and join any group whose GroupInfo it
 * holds; here it must be a device of an account that is a member, by the same identity key, and may remove only its own
 * former leaf: else the server could bring in a ghost with any contact's help, or evict at will.
 * @throws GroupCryptoError `not_member`, `already_member`, `forbidden_proposal`, `group_full`
 */
export function requireAllowedPlan(plan: CommitPlan, tree: RatchetTree): void {
  const members = treeMembers(tree);
  for (const leaf of plan.removed)
    if (leafAt(tree, leaf) === undefined) throw new GroupCryptoError('not_member', 'removed leaf is blank');
  const joining = plan.joiner === undefined ? 0 : 1;
  if (members.length - plan.removed.length + plan.added.length + joining > LIMITS.leaves)
    throw new GroupCryptoError('group_full', 'more than 64 leaves');
  if (plan.renewed !== undefined) requireSameDevice(leafAt(tree, plan.senderLeaf ?? -1), plan.renewed);
  if (plan.joiner === undefined) return;
  const joiner = leafCredential(plan.joiner);
  if (!members.some((member) => sameAccount(member, joiner)))
    throw new GroupCryptoError('not_member', "the joiner's account is not in the group");
  const former = members.find((member) => sameDevice(member, joiner))?.leaf;
  const [removed] = plan.removed;
  if (removed !== undefined && removed !== former) throw forbidden("removal of another's leaf by a joiner");
  if (former !== undefined && removed === undefined)
    throw new GroupCryptoError('already_member', 'the joiner already has a leaf');
}

/**
 * A member may renew its keys, not become somebody: RFC 9420 lets a commit exchange the committer's credential, by which
 * a new device would enter without being announced.
 */
export function requireSameDevice(before: LeafNode | undefined, after: LeafNode | undefined): void {
  if (before === undefined || after === undefined)
    throw new GroupCryptoError('not_member', 'sender has no leaf');
  const same =
    before.credential.credentialType === 'basic' &&
    after.credential.credentialType === 'basic' &&
    sameBytes(before.credential.identity, after.credential.identity) &&
    sameBytes(before.signaturePublicKey, after.signaturePublicKey);
  if (!same) throw forbidden('another identity in place of the own one');
}

/** Same account and same identity key. */
export function sameAccount(
  a: Pick<Credential, 'accountId' | 'identityPublicKey'>,
  b: Pick<Credential, 'accountId' | 'identityPublicKey'>,
): boolean {
  return a.accountId === b.accountId && sameBytes(a.identityPublicKey, b.identityPublicKey);
}

export function sameDevice(a: DeviceId, b: DeviceId): boolean {
  return a.accountId === b.accountId && a.deviceId === b.deviceId;
}

function forbidden(what: string): GroupCryptoError {
  return new GroupCryptoError('forbidden_proposal', `not allowed: ${what}`);
}
