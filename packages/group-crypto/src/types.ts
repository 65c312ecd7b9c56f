/**
 * The interface of group cryptography: plain data in, plain data out, nothing of ts-mls. Bytes are `Uint8Array`, ids
 * canonical lower-case UUID strings, instants milliseconds since 1970, epochs safe integers.
 */

/** A canonical lower-case UUID, 36 characters. */
export type Uuid = string;

/** Returns `length` fresh, cryptographically strong random bytes (`crypto.getRandomValues` outside of tests). */
export type Random = (length: number) => Uint8Array;

/** The two cipher suites we speak. X-Wing is the default: traffic recorded today stays closed to a quantum computer. */
export type Suite = 'MLS_256_XWING_AES256GCM_SHA512_Ed25519' | 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

/** An account's long-term Ed25519 key pair (RFC 8032). `privateKey` is the 32-byte seed, `publicKey` 32 bytes raw. */
export interface Identity {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** Whom a leaf belongs to. */
export interface DeviceId {
  readonly accountId: Uuid;
  readonly deviceId: Uuid;
}

/** The public facts of an MLS credential. */
export interface Credential extends DeviceId {
  readonly identityPublicKey: Uint8Array;
  /** Proof that the identity key vouches for the device's signature key, see `certifyDevice`. */
  readonly certificate: Uint8Array;
}

/** One device: its credential and its Ed25519 signature key pair. Secret; seal it at rest. */
export interface Device extends Credential {
  readonly signaturePublicKey: Uint8Array;
  /** 32-byte seed. */
  readonly signaturePrivateKey: Uint8Array;
}

/** A current member: `leaf` is its leaf index in the ratchet tree, stable until it leaves. */
export interface Member extends DeviceId {
  readonly leaf: number;
  readonly identityPublicKey: Uint8Array;
  readonly signaturePublicKey: Uint8Array;
}

/** One key package. `publicBytes` go to the server, `privateBytes` stay sealed on the device, both found by `ref`. */
export interface KeyPackageBundle {
  /** RFC 9420 §5.2 KeyPackageRef, 32 or 64 bytes by suite; a Welcome names its addressees by it. */
  readonly ref: Uint8Array;
  /** MLSMessage(KeyPackage). */
  readonly publicBytes: Uint8Array;
  readonly privateBytes: Uint8Array;
  readonly expiresAt: number;
  readonly lastResort: boolean;
}

declare const stateBrand: unique symbol;

/**
 * A device's view of one group at one moment. Immutable: every operation returns another one. Persist the new state
 * before anything made from it leaves the device, with one writer per device, or a key and nonce are used twice.
 */
export interface GroupState {
  readonly [stateBrand]: true;
  /** 16 to 32 bytes. */
  readonly groupId: Uint8Array;
  readonly epoch: number;
  readonly suite: Suite;
  /** This device's leaf index. */
  readonly leaf: number;
  /** False after a commit removed this device; it can still read what it missed of retained epochs. */
  readonly active: boolean;
}

/** Overwrites the secrets that the step used up; call it when the new state is durable (best effort in JavaScript). */
export type Wipe = () => void;

/** A commit that is not in force yet: the caller keeps the old state until the server has accepted it. */
export interface PendingCommit {
  /** The epoch that the commit ends; the server's compare-and-set is on (groupId, epoch). */
  readonly epoch: number;
  /** MLSMessage: public for membership changes, private for key updates. */
  readonly commit: Uint8Array;
  /** MLSMessage(Welcome) for the added devices, delivered only when this commit wins. */
  readonly welcome?: Uint8Array;
  /** MLSMessage(GroupInfo) of the next epoch, with external pub and ratchet tree, signed by this device. */
  readonly groupInfo: Uint8Array;
  /** The state from the next epoch on. */
  readonly next: GroupState;
  /** Call after acceptance, once `next` is durable. Before it, the old state must stay usable: another may win. */
  readonly wipe: Wipe;
}

/** A fresh group. Nothing is in force until the server has stored it. */
export interface CreatedGroup {
  readonly state: GroupState;
  /** 0 when nobody was added, otherwise 1. */
  readonly epoch: number;
  readonly groupInfo: Uint8Array;
  /** Absent when nobody was added. */
  readonly welcome?: Uint8Array;
  /** Epoch 0's commit; nobody but the creator was there, so it need not be delivered. */
  readonly commit?: Uint8Array;
}

/** Who sent a message, as the group's keys prove it. */
export interface Sender extends DeviceId {
  readonly leaf: number;
}

interface ProcessedBase {
  readonly state: GroupState;
  readonly sender: Sender;
  /** The epoch the message was sent in. */
  readonly epoch: number;
  /** Authenticated, and visible to the server. */
  readonly authenticatedData: Uint8Array;
  readonly wipe: Wipe;
}

/** What a received message was. */
export type Processed =
  | (ProcessedBase & { readonly kind: 'application'; readonly plaintext: Uint8Array })
  | (ProcessedBase & {
      readonly kind: 'commit';
      /** Who entered; `leaf` is -1 when the commit removed this device, which cannot see the new tree. */
      readonly added: readonly Member[];
      readonly removed: readonly Member[];
      /** The sender joined by external commit (with `removed` holding its former leaf when it came back). */
      readonly external: boolean;
    })
  | (ProcessedBase & {
      readonly kind: 'proposal';
      /** Devices that the sender asks to be removed; commit with `removeDevices`. The state keeps no proposal. */
      readonly proposedRemovals: readonly Member[];
    });

/** Clock for judging lifetimes. */
export interface ProcessClock {
  readonly now: number;
  /** When the server accepted the message, if known: a device that was offline for weeks judges by that. */
  readonly sentAt?: number;
}

/** What the caller brings. */
export interface GroupCryptoOptions {
  /** The default for new groups and key packages; X-Wing when absent. */
  readonly suite?: Suite;
  readonly random: Random;
  /**
   * Is this the identity key known for this account? Called for every leaf that is relied on. There is no default:
   * deny what is not pinned. Must stay true for members of existing groups, or their commits are refused.
   */
  readonly trust: (accountId: Uuid, identityPublicKey: Uint8Array) => boolean | Promise<boolean>;
}

/** Group cryptography of one device. Every method rejects with {@link GroupCryptoError} only. */
export interface GroupCrypto {
  /**
   * Makes key packages. Lifetime 30 days unless said otherwise, starting an hour before `now` for clocks that differ.
   * HPKE key pairs come from `random`.
   */
  createKeyPackages(
    device: Device,
    count: number,
    options: { now: number; lastResort?: boolean; lifetimeSeconds?: number; suite?: Suite },
  ): Promise<KeyPackageBundle[]>;

  /** Creates a group and adds the owners of `members` (MLSMessage(KeyPackage) each) in one commit. */
  createGroup(options: {
    groupId: Uint8Array;
    device: Device;
    members: readonly Uint8Array[];
    now: number;
    suite?: Suite;
  }): Promise<CreatedGroup>;

  /**
   * Joins by a Welcome. In a group older than its first commit (`epoch` > 1) the newcomer must commit at once
   * (`updateOwnKeys`), before anybody else does, see README "Join policy".
   */
  joinFromWelcome(options: {
    welcome: Uint8Array;
    device: Device;
    keyPackage: Pick<KeyPackageBundle, 'publicBytes' | 'privateBytes'>;
    now: number;
  }): Promise<GroupState>;

  /**
   * Joins by an external commit: the way for a further device of an account that is already a member, and for a
   * device that lost its state (`resync`; chosen by itself when absent).
   */
  joinByExternalCommit(options: {
    groupInfo: Uint8Array;
    device: Device;
    now: number;
    resync?: boolean;
  }): Promise<PendingCommit>;

  /** Encrypts an application message. Persist `state` before `ciphertext` leaves the device. */
  encrypt(
    state: GroupState,
    plaintext: Uint8Array,
    authenticatedData?: Uint8Array,
  ): Promise<{ state: GroupState; ciphertext: Uint8Array; wipe: Wipe }>;

  /** Takes a received MLSMessage: application message, commit or proposal. */
  process(state: GroupState, message: Uint8Array, clock: ProcessClock): Promise<Processed>;

  /** Adds devices to an existing group by Add and Welcome, see README "Join policy". */
  addDevices(
    state: GroupState,
    keyPackages: readonly Uint8Array[],
    options: { now: number },
  ): Promise<PendingCommit>;

  /** Removes devices (not the own one), with new keys that the removed ones cannot derive. */
  removeDevices(state: GroupState, devices: readonly DeviceId[]): Promise<PendingCommit>;

  /** Asks the others to remove a device, typically this one when its owner signs it out. Public message. */
  proposeRemoval(state: GroupState, device: DeviceId): Promise<Uint8Array>;

  /** Renews this device's keys and the keys on its path (a private commit). */
  updateOwnKeys(state: GroupState): Promise<PendingCommit>;

  /** All members by leaf, this device included. */
  members(state: GroupState): Member[];

  /** Same on all members of an epoch, unknown to all others (RFC 9420 §8.7); compare it out of band. */
  epochAuthenticator(state: GroupState): Uint8Array;

  /** MLS exporter (RFC 9420 §8.5): `length` bytes bound to the epoch, the label and the context. */
  exporter(state: GroupState, label: string, context: Uint8Array, length: number): Promise<Uint8Array>;

  /** Secret bytes that hold everything but the configuration. Seal them at rest. */
  encodeState(state: GroupState): Uint8Array;

  /** Inverse of {@link encodeState}; copies its input. */
  decodeState(bytes: Uint8Array): GroupState;
}
