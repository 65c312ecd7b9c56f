import { sql } from 'kysely';
import type { Purge } from '../platform/housekeeping.ts';
import type { Platform } from '../platform/platform.ts';
import { dayOf } from './may-talk.ts';
import type { Spent } from './types.ts';

const hourMs = 3_600_000;

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
 * Forgets what no longer could be shown, and rewrites the rest in the order of the tags: a table remembers in which
 * order its rows came, and that order beside the accounts' would say whose they were.
 */
export function spentPurges({ db }: Platform): readonly Purge[] {
  let orderedAt = Number.NEGATIVE_INFINITY;
  let ordered = '';
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
        if (Math.abs(now - orderedAt) < hourMs) return 0;
        const { count, latest } = await db
          .selectFrom('proof_spent')
          .select((select) => [
            select.fn.countAll<string>().as('count'),
            sql<string | null>`max(xmin::text::bigint)::text`.as('latest'),
          ])
          .executeTakeFirstOrThrow();
        const seen = `${count} ${latest}`;
        orderedAt = now;
        if (seen === ordered || count === '0') return 0;
        ordered = seen;
        await sql`cluster proof_spent using proof_spent_pkey`.execute(db);
        return 0;
      },
    },
  ];
}
