import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import { Refusal } from '../platform/refusal.ts';
import { dayOf, endOfDay } from './may-talk.ts';

/** How often a proof of one account may be refused on one day (UTC): what is known of it is in no column of the account. */
export interface Tries {
  /** @throws {Refusal} `proofs_used_up` when no proof would be judged today */
  assertLeft(accountId: string): Promise<void>;
  /** Counts a proof before it is judged, so that of many at once no more are than may be; false when none is left. */
  take(accountId: string): Promise<boolean>;
  /** Gives back one that was not refused. */
  giveBack(accountId: string): Promise<void>;
}

/** Of a policy that counts no tries. */
const uncounted: Tries = {
  assertLeft: async () => undefined,
  take: async () => true,
  giveBack: async () => undefined,
};

/** Counts under the pepper, for every process that serves the database. `most` per day; null counts nothing. */
export function countTries(needs: {
  readonly db: Queries;
  readonly clock: () => number;
  readonly pepper: Uint8Array;
  readonly most: number | null;
}): Tries {
  const { db, clock, pepper, most } = needs;
  if (most === null) return uncounted;
  const today = (accountId: string) => {
    const day = dayOf(clock());
    const tag = createHmac('sha256', pepper).update(`accord/gate/tries/${day}/${accountId}`).digest();
    return { day, tag };
  };
  return {
    async assertLeft(accountId) {
      const { day, tag } = today(accountId);
      const used = await db
        .selectFrom('proof_try')
        .select('tries')
        .where('tag', '=', tag)
        .where('tries', '>=', most)
        .executeTakeFirst();
      if (used === undefined) return;
      const retryAfter = Math.ceil((endOfDay(day) - clock()) / 1000);
      throw new Refusal('proofs_used_up', { retryAfter });
    },
    async take(accountId) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('proof_try')
        .values({ ...today(accountId), tries: 1 })
        .onConflict((conflict) =>
          conflict
            .column('tag')
            .doUpdateSet({ tries: sql<number>`proof_try.tries + 1` })
            .where('proof_try.tries', '<', most),
        )
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
    async giveBack(accountId) {
      const { tag } = today(accountId);
      await db
        .updateTable('proof_try')
        .set({ tries: sql<number>`tries - 1` })
        .where('tag', '=', tag)
        .where('tries', '>', 0)
        .execute();
    },
  };
}

/** Forgets the tries of days that are over. */
export const triesPurge = (db: Queries): Purge => ({
  name: 'refused proofs of a day',
  async run(now) {
    const gone = await db.deleteFrom('proof_try').where('day', '<', dayOf(now)).executeTakeFirst();
    return Number(gone.numDeletedRows);
  },
});
