import type { Gate } from '../gate/types.ts';
import { createLimiter } from '../platform/limiter.ts';
import type { Platform } from '../platform/platform.ts';
import { blockHandlers, isBlocked } from './blocks.ts';
import { checkHandlers } from './checks.ts';
import { codeHandlers } from './codes.ts';
import { deviceHandlers } from './devices.ts';
import { meHandlers } from './me.ts';
import type { Parts } from './parts.ts';
import { createPasskeys } from './passkeys.ts';
import { registrationHandlers } from './registration.ts';
import { returnHandlers } from './return.ts';
import { createSessions } from './sessions.ts';
import { signInHandlers } from './sign-in.ts';
import type { AccountHooks, Accounts } from './types.ts';

export type { Accounts } from './types.ts';

/** Accounts by passkey. `gate` tells a person's own proof of age in `accounts.me`. */
export function createAccounts(
  platform: Platform,
  gate: Pick<Gate, 'adultState' | 'forget' | 'passkeysWent'>,
): Accounts {
  const { config, clock } = platform;
  const hooks: AccountHooks[] = [];
  const parts: Parts = {
    platform,
    gate,
    hooks,
    passkeys: createPasskeys(platform),
    sessions: createSessions(platform),
    strangers: createLimiter({ burst: 40, perMinute: 20 }, { enabled: config.rateLimits, clock }),
  };
  return {
    caller: parts.sessions.caller,
    callers: parts.sessions.callers,
    handlers: {
      ...registrationHandlers(parts),
      ...signInHandlers(parts),
      ...returnHandlers(parts),
      ...checkHandlers(parts),
      ...meHandlers(parts),
      ...deviceHandlers(parts),
      ...codeHandlers(parts),
      ...blockHandlers(parts),
    },
    purges: createPurges(platform),
    on: (hook) => void hooks.push(hook),
    isBlocked: isBlocked(parts),
    publicOf: publicOf(platform),
    devicesOf: devicesOf(platform),
    ownersOf: ownersOf(platform),
    joins: {
      members: (queries) =>
        queries
          .selectFrom('account')
          .select(['id', 'pseudonym', 'identity_public_key', 'box_public_key', 'box_signature']),
      blockedBy: (queries, accountId) =>
        queries.selectFrom('block').select('blocked_id').where('blocker_id', '=', accountId),
      blockersOf: (queries, accountId) =>
        queries.selectFrom('block').select('blocker_id').where('blocked_id', '=', accountId),
    },
  };
}

function publicOf({ db }: Platform): Accounts['publicOf'] {
  return async (ids, queries = db) => {
    if (ids.length === 0) return new Map();
    const rows = await queries
      .selectFrom('account')
      .select(['id', 'pseudonym', 'identity_public_key', 'box_public_key', 'box_signature'])
      .where('id', 'in', ids)
      .execute();
    return new Map(
      rows.map((row) => [
        row.id,
        {
          id: row.id,
          pseudonym: row.pseudonym,
          identityPublicKey: row.identity_public_key,
          boxPublicKey: row.box_public_key,
          boxSignature: row.box_signature,
        },
      ]),
    );
  };
}

function devicesOf({ db }: Platform): Accounts['devicesOf'] {
  return async (accountIds, queries = db) => {
    if (accountIds.length === 0) return [];
    const rows = await queries
      .selectFrom('device')
      .select(['id', 'account_id', 'signature_public_key', 'certificate'])
      .where('account_id', 'in', accountIds)
      .where('removed_at', 'is', null)
      .orderBy('added_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      accountId: row.account_id,
      signaturePublicKey: row.signature_public_key,
      certificate: row.certificate,
    }));
  };
}

function ownersOf({ db }: Platform): Accounts['ownersOf'] {
  return async (deviceIds, queries = db) => {
    if (deviceIds.length === 0) return new Map();
    const rows = await queries
      .selectFrom('device')
      .select(['id', 'account_id'])
      .where('id', 'in', deviceIds)
      .execute();
    return new Map(rows.map((row) => [row.id, row.account_id]));
  };
}

function createPurges({ db }: Platform): Accounts['purges'] {
  const tables = { ceremony: 'ceremonies', session: 'sessions', return_code: 'codes' } as const;
  return (Object.keys(tables) as (keyof typeof tables)[]).map((table) => ({
    name: tables[table],
    async run(now) {
      const gone = await db.deleteFrom(table).where('expires_at', '<=', new Date(now)).executeTakeFirst();
      return Number(gone.numDeletedRows);
    },
  }));
}
