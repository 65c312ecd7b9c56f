import type { Queries } from '../platform/database.ts';

/** What a member told the operator. `about` is null once that account is gone. */
export interface WaitingReport {
  readonly id: string;
  readonly reason: string;
  readonly words: string;
  readonly createdAt: Date;
  readonly about: { readonly id: string; readonly pseudonym: string } | null;
}

/** Reports that nobody has closed, oldest first. Who reported is not told: it is not needed to decide. */
export async function waitingReports(db: Queries): Promise<WaitingReport[]> {
  const rows = await db
    .selectFrom('report')
    .leftJoin('account', 'account.id', 'report.about_id')
    .select([
      'report.id',
      'reason',
      'words',
      'report.created_at',
      'account.id as about_id',
      'account.pseudonym',
    ])
    .where('closed_at', 'is', null)
    .orderBy('report.created_at')
    .orderBy('report.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    reason: row.reason,
    words: row.words,
    createdAt: row.created_at,
    about:
      row.about_id === null || row.pseudonym === null ? null : { id: row.about_id, pseudonym: row.pseudonym },
  }));
}

/** Closes a report; false when there is none that waits under this id. */
export async function closeReport(db: Queries, id: string, now: Date): Promise<boolean> {
  const closed = await db
    .updateTable('report')
    .set({ closed_at: now })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return closed.numUpdatedRows === 1n;
}
