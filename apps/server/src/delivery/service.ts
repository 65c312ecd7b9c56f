import type { Server } from 'node:http';
import type { TagContext } from '@accord/sealed-media';
import type { Accounts } from '../accounts/types.ts';
import type { Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Guard, Handlers } from '../platform/http.ts';

/** The routes that the delivery service answers. */
type DeliveryRoute =
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

/** Told which accounts have an open socket here, all of them every `seenEveryMs`, and whose last one closed. */
export interface DeliveryPresence {
  seen(accountIds: readonly string[]): Promise<void>;
  left(accountId: string): Promise<void>;
}

export interface DeliveryNeeds {
  readonly guard: Guard;
  readonly accounts: Pick<Accounts, 'publicOf' | 'devicesOf' | 'on'>;
  readonly presence: DeliveryPresence;
  /** What happens elsewhere when a conversation is closed; what it returns runs after the commit. */
  closed(tx: Tx, oneId: string, otherId: string): Promise<() => void>;
  /** Our word for what a sender committed to. Called for each such message: it must not wait. */
  readonly franking: {
    tag(context: TagContext): { readonly kid: Uint8Array; readonly tag: Uint8Array };
  };
}

/** The MLS delivery service: key packages, groups, inboxes, sockets. */
export interface Delivery {
  readonly handlers: Handlers<DeliveryRoute>;
  /** Takes over the upgrades of the socket's path; every other upgrade is refused. */
  attachSocket(server: Server): void;
  /** Opens the conversation of two accounts, or finds the open one; its id. The caller tells both, after its commit. */
  openConversation(tx: Tx, oneId: string, otherId: string): Promise<string>;
  /** The id of their open conversation, if there is one. */
  findOpenConversation(tx: Tx, oneId: string, otherId: string): Promise<string | null>;
  readonly purges: readonly Purge[];
  /** Answers what is under way, then closes the sockets. */
  close(): Promise<void>;
}
