import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';

/** What a member told the operator. `about` is null once that account is gone. */
export interface WaitingReport {
  readonly id: string;
  readonly reason: string;
  readonly words: string;
  readonly createdAt: Date;
  /**
   * Of a report from an encrypted conversation: whether its messages are proved. What they say is sealed, and read at the desk.
   * Null for words alone.
   */
  readonly proof: 'proved' | 'unproved' | null;
  readonly about: { readonly id: string; readonly pseudonym: string } | null;
}

/** Reports that nobody has closed, oldest first. Who reported is not told: it is not needed to decide. */
export async function waitingReports(db: Queries): Promise<WaitingReport[]> {
  const { rows } = await sql<Row>`
    select r.id, r.reason, r.words, r.created_at, null as verified, a.id as about_id, a.pseudonym
    from report r left join account a on a.id = r.about_id where r.closed_at is null
    union all
    select r.id, r.reason, '', r.created_at, r.verified, a.id, a.pseudonym
    from media_report r left join account a on a.id = r.about_id where r.closed_at is null
    order by 4, 1`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    reason: row.reason,
    words: row.words,
    createdAt: row.created_at,
    proof: row.verified === null ? null : row.verified ? 'proved' : 'unproved',
    about:
      row.about_id === null || row.pseudonym === null ? null : { id: row.about_id, pseudonym: row.pseudonym },
  }));
}

interface Row {
  id: string;
  reason: string;
  words: string;
  created_at: Date;
  verified: boolean | null;
  about_id: string | null;
  pseudonym: string | null;
}

/**
 * Closes a report; false when there is none that waits under this id. The evidence of one with proof goes: its seal at once,
 * its pictures with the server's next housekeeping.
 */
export async function closeReport(db: Queries, id: string, now: Date): Promise<boolean> {
  const closed = await db
    .updateTable('report')
    .set({ closed_at: now })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  if (closed.numUpdatedRows === 1n) return true;
  const proved = await db
    .updateTable('media_report')
    .set({ closed_at: now, sealed: null })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return proved.numUpdatedRows === 1n;
}
