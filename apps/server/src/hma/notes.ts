import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';

/* What was noted of contents: the table of this interface. */

/** What was noted of a content. */
export interface Noted {
  readonly note: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** Seconds since 1970; 1: it matches, 0 or later than now: it does not. */
  readonly disableUntil: number;
}

export const nothingNoted: Noted = { note: null, metadata: null, disableUntil: 1 };

export async function notedOf(
  db: Queries,
  contentIds: readonly number[],
): Promise<ReadonlyMap<number, Noted>> {
  if (contentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('bank_content')
    .select(['content_id', 'note', 'metadata', 'disable_until'])
    .where(sql<boolean>`content_id = any(${[...contentIds]}::bigint[])`)
    .execute();
  return new Map(
    rows.map(({ content_id, note, metadata, disable_until }) => [
      Number(content_id),
      { note, metadata, disableUntil: Number(disable_until) },
    ]),
  );
}

/** Puts down what is noted of a content; what says nothing is no row. */
export async function noteContent(
  db: Queries,
  content: { readonly id: number; readonly bankId: number },
  { note, metadata, disableUntil }: Noted,
): Promise<void> {
  if (note === null && metadata === null && disableUntil === 1) {
    await db.deleteFrom('bank_content').where('content_id', '=', String(content.id)).execute();
    return;
  }
  const said = { note, metadata: metadata && JSON.stringify(metadata), disable_until: disableUntil };
  await db
    .insertInto('bank_content')
    .values({ content_id: content.id, bank_id: content.bankId, ...said })
    .onConflict((conflict) => conflict.column('content_id').doUpdateSet(said))
    .execute();
}

/** Whether a content matches at an instant (ms). */
export const matchesAt = ({ disableUntil }: Noted, now: number): boolean =>
  disableUntil !== 0 && disableUntil * 1000 <= now;
