import type { RouteName } from '@accord/protocol';
import type { Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Handlers } from '../platform/http.ts';

type PresenceRoute = Extract<RouteName, `presence.${string}`>;

/** What presence needs of delivery. */
export interface Conversations {
  /** Creates the conversation of two accounts, or returns the one that is open; its id. */
  openConversation(tx: Tx, one: string, other: string): Promise<string>;
  /** The id of their open conversation, if there is one. */
  findOpenConversation(tx: Tx, one: string, other: string): Promise<string | null>;
}

export interface Presence {
  readonly handlers: Handlers<PresenceRoute>;
  readonly purges: readonly Purge[];
  /** These accounts have an open socket. Call when one opens, and for all open ones every `seenEveryMs`. */
  seen(accountIds: readonly string[]): Promise<void>;
  /** The account's last socket here has closed. */
  left(accountId: string): Promise<void>;
}
