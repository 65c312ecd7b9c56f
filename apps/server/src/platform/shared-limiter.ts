import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import type { Queries } from './database.ts';
import type { Purge } from './housekeeping.ts';
import { type Allowance, household } from './limiter.ts';
import type { Platform } from './platform.ts';
import { Refusal } from './refusal.ts';

/** A limit that holds for all processes on one database together, and over their ends. */
export interface SharedLimiter {
  /** Counts one call. @throws {Refusal} `slow_down` when there is none left */
  take(key: string): Promise<void>;
  /** The same by network address, of which only a hash under a key that is not in the database is held. */
  takeAddress(address: string): Promise<void>;
  /** Counts one call where there is one left; false where there is none. */
  mayTake(key: string): Promise<boolean>;
  mayTakeAddress(address: string): Promise<boolean>;
}

/**
 * A bucket for each key, kept as the moment at which it is full again (GCRA): one statement judges and counts, of many at once no
 * more pass than may. For what costs a statement anyway: the chat's messages never come by here. `name` tells one limit from another.
 */
export function createSharedLimiter(
  name: string,
  { burst, perMinute }: Allowance,
  { db, clock, config, limitKey }: Pick<Platform, 'db' | 'clock' | 'config' | 'limitKey'>,
): SharedLimiter {
  const stepMs = 60_000 / perMinute;
  const tagOf = (key: string) =>
    createHmac('sha256', limitKey).update(`accord/limit/${name}/${key}`).digest();

  const takeOne = async (tag: Buffer): Promise<boolean> => {
    if (!config.rateLimits) return true;
    const now = clock();
    const [from, first, most] = [now, now + stepMs, now + burst * stepMs].map((ms) => new Date(ms));
    const next = sql`greatest(mine.full_at, ${from}) + ${stepMs}::float8 * interval '1 millisecond'`;
    const { rows } = await sql`
      insert into allowance as mine (tag, full_at) values (${tag}, ${first})
      on conflict (tag) do update set full_at = ${next} where ${next} <= ${most}
      returning 1 as taken`.execute(db);
    return rows.length > 0;
  };
  const take = async (key: string): Promise<void> => {
    const tag = tagOf(key);
    if (await takeOne(tag)) return;
    const row = await db.selectFrom('allowance').select('full_at').where('tag', '=', tag).executeTakeFirst();
    const waitMs = (row?.full_at.getTime() ?? 0) + stepMs - clock() - burst * stepMs;
    throw new Refusal('slow_down', { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) });
  };
  return {
    take,
    takeAddress: (address) => take(household(address)),
    mayTake: (key) => takeOne(tagOf(key)),
    mayTakeAddress: (address) => takeOne(tagOf(household(address))),
  };
}

/** Forgets buckets that are full: they say no more than none. */
export const allowancePurge = (db: Queries): Purge => ({
  name: 'allowances that are whole again',
  async run(now) {
    const gone = await db.deleteFrom('allowance').where('full_at', '<=', new Date(now)).executeTakeFirst();
    return Number(gone.numDeletedRows);
  },
});
