import { sql } from 'kysely';
import type { Database } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Platform } from '../platform/platform.ts';
import { dayOf } from './may-talk.ts';
import type { Spent } from './types.ts';

const hourMs = 3_600_000;
/** SQLSTATE `lock_not_available`. */
const lockTimeout = '55P03';

/** The first day of the month after: a day that all attestations of a month share. */
function commonDayAfter(instant: number): string {
  const date = new Date(instant);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1));
}

/**
 * Marks an attestation as shown: in a statement of its own, without whose it was.
 * @returns false when it was shown before
 */
export async function spend({ db }: Platform, { tag, notAfter }: Spent): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('proof_spent')
    .values({ tag: Buffer.from(tag), expires_on: commonDayAfter(notAfter) })
    .onConflict((conflict) => conflict.column('tag').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/**
 * Forgets what no longer could be shown, and hides in which order the rest came: a row's place and the number of the
 * transaction that wrote it, beside those of the accounts' rows, would say whose it is. Written anew in the order of the tags
 * by one transaction, they have one number and places that say nothing.
 */
export function spentPurges({ db }: Platform): readonly Purge[] {
  let orderedAt = Number.NEGATIVE_INFINITY;
  let traces = false;
  return [
    {
      name: 'spent proofs',
      async run(now) {
        const gone = await db
          .deleteFrom('proof_spent')
          .where('expires_on', '<=', dayOf(now))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
    {
      name: 'order of spent proofs',
      async run(now) {
        if (!traces && Math.abs(now - orderedAt) < hourMs) return 0;
        if (await rewrite(db)) traces = true;
        orderedAt = now;
        if (traces) traces = !(await compact(db));
        return 0;
      },
    },
  ];
}

/** Writes the rows anew; false where one transaction had written all of them already. */
async function rewrite(db: Database): Promise<boolean> {
  const { rows } = await sql<{ mixed: boolean }>`
    select count(distinct xmin::text) > 1 as mixed from proof_spent`.execute(db);
  if (rows[0]?.mixed !== true) return false;
  // Whoever shows one of these meanwhile waits for the end, and then finds it: it is never absent.
  await sql`
    with old as (delete from proof_spent returning tag, expires_on)
    insert into proof_spent (tag, expires_on) select tag, expires_on from old order by tag`.execute(db);
  return true;
}

/**
 * Takes what the rows were off the disk; false where somebody reads the table for long (a backup): those who come with a proof
 * would wait behind us.
 */
async function compact(db: Database): Promise<boolean> {
  try {
    await db.transaction().execute(async (tx) => {
      await sql`set local lock_timeout = '500ms'`.execute(tx);
      await sql`cluster proof_spent using proof_spent_pkey`.execute(tx);
    });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === lockTimeout) return false;
    throw error;
  }
}
