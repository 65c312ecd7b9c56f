import type { RouteName } from '@accord/protocol';
import type { SelectQueryBuilder } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Guard, Handlers } from '../platform/http.ts';
import type { Tables } from '../platform/tables.ts';

type AccountRoute = Extract<RouteName, `accounts.${string}`>;

/** What runs once the transaction is durable: notices and the like. */
export type AfterCommit = () => void;

/**
 * What other features do in the very transaction that changes an account. What a hook returns runs after the
 * commit; one that throws undoes the change.
 */
export interface AccountHooks {
  registered?(
    tx: Tx,
    account: { readonly accountId: string; readonly pseudonym: string },
  ): Promise<AfterCommit | undefined>;
  /** The device is marked as removed already; its row stays. */
  deviceRemoved?(
    tx: Tx,
    device: { readonly accountId: string; readonly deviceId: string },
  ): Promise<AfterCommit | undefined>;
  /** `by` has blocked `who`, who must not be able to tell. */
  blocked?(tx: Tx, block: { readonly by: string; readonly who: string }): Promise<AfterCommit | undefined>;
  /** Runs before the account's rows go, and with them all that refers to it by `on delete cascade`. */
  accountDeleted?(
    tx: Tx,
    account: { readonly accountId: string; readonly deviceIds: readonly string[] },
  ): Promise<AfterCommit | undefined>;
}

/** What any other member may know of an account. Keys are raw bytes. */
export interface PublicAccount {
  readonly id: string;
  readonly pseudonym: string;
  /** Ed25519, 32 bytes. */
  readonly identityPublicKey: Buffer;
  /** X-Wing, 1216 bytes; sealed first lines. */
  readonly boxPublicKey: Buffer;
  /** The identity key's over the box key, 64 bytes. */
  readonly boxSignature: Buffer;
}

/** A device that was not removed. Its certificate was verified when it enrolled. */
interface LiveDevice {
  readonly id: string;
  readonly accountId: string;
  /** Ed25519, 32 bytes: the key of its MLS leaf. */
  readonly signaturePublicKey: Buffer;
  readonly certificate: Buffer;
}

/** Columns of an account that other members may see, for joins. */
type MemberColumns = Pick<
  Tables['account'],
  'id' | 'pseudonym' | 'identity_public_key' | 'box_public_key' | 'box_signature'
>;

/**
 * Accounts, devices, sessions and blocks. Reads take the caller's transaction as their last argument where it
 * matters what it sees; without one they run on the pool.
 */
export interface Accounts {
  readonly caller: Guard['caller'];
  readonly callers: Guard['callers'];
  readonly handlers: Handlers<AccountRoute>;
  readonly purges: readonly Purge[];
  /** Adds another feature's part in what changes an account. Before the first request. */
  on(hooks: AccountHooks): void;
  /** Whether `by` blocked `who`. The blocked person must not be able to tell. */
  isBlocked(by: string, who: string, queries?: Queries): Promise<boolean>;
  /** By id; an account that does not exist is missing from the map. */
  publicOf(ids: readonly string[], queries?: Queries): Promise<ReadonlyMap<string, PublicAccount>>;
  /** The live devices of these accounts, oldest first. */
  devicesOf(accountIds: readonly string[], queries?: Queries): Promise<readonly LiveDevice[]>;
  /** The accounts of these devices, removed ones included; those of deleted accounts are missing. */
  ownersOf(deviceIds: readonly string[], queries?: Queries): Promise<ReadonlyMap<string, string>>;
  /** Queries for another feature's joins, so that it need not know our tables. */
  readonly joins: {
    members(queries: Queries): SelectQueryBuilder<Tables, 'account', MemberColumns>;
    /** Ids of those whom `accountId` blocked. */
    blockedBy(
      queries: Queries,
      accountId: string,
    ): SelectQueryBuilder<Tables, 'block', { blocked_id: string }>;
    /** Ids of those who blocked `accountId`. */
    blockersOf(
      queries: Queries,
      accountId: string,
    ): SelectQueryBuilder<Tables, 'block', { blocker_id: string }>;
  };
}
