import type { Server } from 'node:http';
import type { Queries, Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Guard, Handlers } from '../platform/http.ts';

/** The routes that the delivery service answers. */
export type DeliveryRoute =
  | 'delivery.conversations.list'
  | 'delivery.conversations.read'
  | 'delivery.conversations.close'
  | 'delivery.keyPackages.count'
  | 'delivery.keyPackages.publish'
  | 'delivery.keyPackages.claim'
  | 'delivery.groups.found'
  | 'delivery.groups.info'
  | 'delivery.groups.commit'
  | 'delivery.messages.send'
  | 'delivery.inbox.list'
  | 'delivery.inbox.ack';

/** The other side of a conversation, as its members may know it. */
export interface Party {
  readonly id: string;
  readonly pseudonym: string;
  readonly identityPublicKey: Uint8Array;
}

/** An enrolled device that is not removed. */
export interface LiveDevice {
  readonly id: string;
  readonly accountId: string;
  readonly signaturePublicKey: Uint8Array;
}

/** What the delivery service asks of the accounts. */
export interface DeliveryAccounts {
  /** Those of the accounts that exist. */
  partiesOf(queries: Queries, accountIds: readonly string[]): Promise<Party[]>;
  /** The live devices of the accounts, in any order. */
  devicesOf(queries: Queries, accountIds: readonly string[]): Promise<LiveDevice[]>;
}

/** Told when an account has an open socket, now and about once a minute, and when its last one here closed. */
export interface DeliveryPresence {
  seen(accountId: string): void;
  left(accountId: string): void;
}

export interface DeliveryNeeds {
  readonly guard: Guard;
  readonly accounts: DeliveryAccounts;
  readonly presence: DeliveryPresence;
}

/**
 * Tells open sockets what a transaction changed. To be called after the commit: told earlier, a client would
 * fetch the old state. Not calling it loses nothing but speed.
 */
export type Announce = () => void;

/** The MLS delivery service: key packages, groups, inboxes, sockets. */
export interface Delivery {
  readonly handlers: Handlers<DeliveryRoute>;
  /** Takes over the upgrades of the socket's path; every other upgrade is refused. */
  attachSocket(server: Server): void;
  /** Opens the conversation of two accounts, or finds the open one. */
  openConversation(
    tx: Tx,
    oneId: string,
    otherId: string,
  ): Promise<{ readonly conversationId: string; readonly announce: Announce }>;
  /** A device was removed by its owner: from here on nothing is delivered to it, and its groups must evict it. */
  onDeviceRemoved(tx: Tx, deviceId: string): Promise<Announce>;
  /** To be called before the account and its devices are deleted, in the same transaction. */
  onAccountDeleted(tx: Tx, accountId: string): Promise<Announce>;
  readonly purges: readonly Purge[];
  /** Answers what is under way, then closes the sockets. */
  close(): Promise<void>;
}
