import type { Credential, Member, Suite, Uuid } from './types.ts';

/** What a key package says, verified. */
export interface KeyPackageFacts extends Credential {
  readonly ref: Uint8Array;
  readonly suite: Suite;
  readonly signaturePublicKey: Uint8Array;
  readonly notBefore: number;
  readonly expiresAt: number;
  readonly lastResort: boolean;
}

/** What stands in clear at the head of an MLS message. Nothing here is verified. */
export type MessageHeader =
  | {
      readonly kind: 'application' | 'commit' | 'proposal';
      readonly wireFormat: 'public' | 'private';
      readonly groupId: Uint8Array;
      readonly epoch: number;
      readonly authenticatedData: Uint8Array;
    }
  | {
      readonly kind: 'groupInfo';
      readonly wireFormat: 'groupInfo';
      readonly groupId: Uint8Array;
      readonly epoch: number;
    }
  | { readonly kind: 'welcome'; readonly wireFormat: 'welcome' }
  | { readonly kind: 'keyPackage'; readonly wireFormat: 'keyPackage' };

/** A device named in a commit. Its certificate is verified; that the account owns the identity key is not. */
export interface CommittedDevice {
  readonly accountId: Uuid;
  readonly deviceId: Uuid;
  readonly identityPublicKey: Uint8Array;
  readonly signaturePublicKey: Uint8Array;
}

/** What a public commit does. */
export interface CommitFacts {
  readonly groupId: Uint8Array;
  readonly epoch: number;
  readonly sender: { readonly kind: 'member'; readonly leaf: number } | { readonly kind: 'external' };
  readonly addedDevices: readonly CommittedDevice[];
  /** KeyPackageRefs of the added devices, in the same order. */
  readonly addedRefs: readonly Uint8Array[];
  readonly removedLeaves: readonly number[];
  /** Set exactly when the sender is external. */
  readonly externalJoiner?: CommittedDevice;
  readonly authenticatedData: Uint8Array;
  /** True when the sender's signature was checked against the GroupInfo handed in. */
  readonly verified: boolean;
}

/** What a GroupInfo says; signature, tree hash, leaf signatures and certificates are verified. */
export interface GroupInfoFacts {
  readonly groupId: Uint8Array;
  readonly epoch: number;
  readonly suite: Suite;
  readonly members: readonly Member[];
  readonly signerLeaf: number;
  readonly treeHash: Uint8Array;
}

/** Whom a Welcome addresses: RFC 9420 KeyPackageRefs. */
export interface WelcomeFacts {
  readonly suite: Suite;
  readonly refs: readonly Uint8Array[];
}
