import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Tables } from '../platform/tables.ts';
import type { Parts } from './parts.ts';
import type { PictureEnd } from './types.ts';

type Which = (where: ExpressionBuilder<Tables, 'picture'>) => Expression<SqlBool>;

/**
 * The one way in which pictures end: half-keys overwritten and flushed, marked, other features told, all before `tx` commits. If
 * the transaction fails after all, they are dark and only seem open, which harms nobody. One that is held for a report, or
 * ended without its sender's knowledge, ends again. Returns the ids; tell their receivers after the commit.
 */
export async function endPictures(
  parts: Parts,
  tx: Tx,
  which: Which,
  why: PictureEnd,
  quiet = false,
): Promise<readonly string[]> {
  // Locked in one order, so that two endings wait for each other and do not cross.
  const rows = await tx
    .selectFrom('picture')
    .select('blob_id')
    .where((where) =>
      where.or([
        where('picture.ended_at', 'is', null),
        where('picture.hold_until', 'is not', null),
        where('picture.quiet', '=', true),
      ]),
    )
    .where(which)
    .orderBy('blob_id')
    .forUpdate()
    .execute();
  const ids = rows.map((row) => row.blob_id);
  if (ids.length === 0) return ids;
  // First of all: from here on nobody opens them, however long the rest takes.
  const destroyed = await parts.halfKeys.destroy(tx, ids);
  await sql`
    update picture set ended_at = ${new Date(parts.platform.clock())}, ended_why = ${why}, quiet = ${quiet}, hold_until = null
    where blob_id = any(${ids}::uuid[])`.execute(tx);
  for (const hook of parts.hooks) await hook.ended?.(tx, ids, why);
  parts.metrics.ended.inc({ why }, ids.length);
  parts.metrics.destroyed.inc(destroyed.length);
  return ids;
}

/** The same for pictures known by their ids. */
export const endById = (parts: Parts, tx: Tx, ids: readonly string[], why: PictureEnd) =>
  endPictures(parts, tx, () => sql<boolean>`picture.blob_id = any(${ids}::uuid[])`, why);

/**
 * Ends what `receiverId` could see of `ownerId`'s, and the pictures that nobody else can see. `quiet`: the receiver did it by
 * blocking, which the sender must not be able to tell.
 */
export async function endAccess(
  parts: Parts,
  tx: Tx,
  between: { readonly ownerId?: string; readonly receiverId: string },
  why: PictureEnd,
  quiet = false,
): Promise<readonly string[]> {
  const owner = between.ownerId === undefined ? sql`` : sql`and p.owner_id = ${between.ownerId}`;
  // Pictures first, in one order, as a view locks them.
  const { rows } = await sql<{ blob_id: string }>`
    select p.blob_id from picture p join picture_receiver r on r.blob_id = p.blob_id
    where r.account_id = ${between.receiverId} and r.ended_at is null and p.ended_at is null ${owner}
    order by p.blob_id for update of p`.execute(tx);
  const ids = rows.map((row) => row.blob_id);
  if (ids.length === 0) return ids;
  await sql`
    update picture_receiver
    set ended_at = ${new Date(parts.platform.clock())}, ended_why = ${why}, quiet = ${quiet}
    where blob_id = any(${ids}::uuid[]) and account_id = ${between.receiverId} and ended_at is null`.execute(
    tx,
  );
  await endPictures(
    parts,
    tx,
    () => sql<boolean>`picture.ended_at is null and picture.blob_id = any(${ids}::uuid[]) and not exists (
      select from picture_receiver r where r.blob_id = picture.blob_id and r.ended_at is null)`,
    why,
    quiet,
  );
  return ids;
}

/** More pictures than this are told of without their ids. */
export const mostNamed = 20;
/** Accounts in one word on the bus, which has a size. */
const mostAccounts = 100;

/** Tells the devices of everybody who could see these that they went dark. Ids only; best effort, the half-keys are gone. */
export async function tellDark(parts: Parts, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const named = ids.length <= mostNamed ? ids : [];
  await tellReceivers(parts, sql`select unnest(${ids}::uuid[])`, named);
}

/** The same for the pictures that `which` selects: without names, devices ask again for what they have open. */
export async function tellReceivers(
  { platform: { db, bus, log } }: Parts,
  which: RawBuilder<unknown>,
  named: readonly string[] = [],
): Promise<void> {
  try {
    const { rows } = await sql<{ account_id: string }>`
      select distinct account_id from picture_receiver where blob_id in (${which})`.execute(db);
    const ended = [...named];
    for (let at = 0; at < rows.length; at += mostAccounts) {
      const accountIds = rows.slice(at, at + mostAccounts).map((row) => row.account_id);
      bus.publish('notice', { accountIds, notice: { kind: 'pictures', ended } });
    }
  } catch (error) {
    log.warn({ err: error }, 'receivers not told');
  }
}

/** Ends pictures in a transaction of its own and tells who could see them; effective when it resolves. */
export async function endNow(
  parts: Parts,
  end: (tx: Tx) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const ids = await withoutDeadlock(() => parts.platform.db.transaction().execute(end));
  // Not waited for: that it is gone is what counts, and it is.
  void tellDark(parts, ids);
  return ids;
}

const deadlock = '40P01';
const tries = 5;

/** Two endings that meet over the same pictures in another order: the database lets one go, which tries again. */
export async function withoutDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: string }).code !== deadlock || left === 1) throw error;
    }
  }
}
