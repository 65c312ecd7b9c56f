import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';

/* Files by MD5, and what was noted of contents: the tables of this interface. */

/** Files of these banks with this MD5. */
export async function filesWith(
  db: Queries,
  md5: Buffer,
  bankIds: readonly number[],
): Promise<{ id: number; bankId: number }[]> {
  const rows = await db
    .selectFrom('bank_file')
    .select(['id', 'bank_id'])
    .where('md5', '=', md5)
    .where(sql<boolean>`bank_id = any(${[...bankIds]}::smallint[])`)
    .orderBy('id')
    .execute();
  return rows.map(({ id, bank_id }) => ({ id, bankId: bank_id }));
}

export async function addFile(db: Queries, bankId: number, md5: Buffer, now: number): Promise<number> {
  const row = { bank_id: bankId, md5, added_at: new Date(now) };
  await db
    .insertInto('bank_file')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { id } = await db
    .selectFrom('bank_file')
    .select('id')
    .where('bank_id', '=', bankId)
    .where('md5', '=', md5)
    .executeTakeFirstOrThrow();
  return id;
}

export const readFile = (db: Queries, id: number, bankId: number) =>
  db
    .selectFrom('bank_file')
    .select('md5')
    .where('id', '=', id)
    .where('bank_id', '=', bankId)
    .executeTakeFirst();

export async function removeFile(db: Queries, id: number, bankId: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('bank_file')
    .where('id', '=', id)
    .where('bank_id', '=', bankId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function countFiles(db: Queries): Promise<number> {
  const { n } = await db
    .selectFrom('bank_file')
    .select((select) => select.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

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
