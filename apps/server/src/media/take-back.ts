import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import { endById, mostNamed, tellDark, tellReceivers, withoutDeadlock } from './endings.ts';
import type { Parts } from './parts.ts';

/*
 * Everything at once: whoever presses "all" waits until no copy can be opened, and for nothing else. Noted first, which closes
 * every view from then on; then the half-keys; then the answer. The rows follow in steps, and again after a crash.
 */

/** Pictures in one step. */
const step = 2000;
/** As many are done before the answer. */
const together = 500;

/** True of a picture `p` that is being taken back with all others of its sender. */
export const isBeingTakenBack = sql<boolean>`exists (
  select from picture_take_back t where t.owner_id = p.owner_id and p.created_at <= t.at)`;

/** Rows that `endPictures` would end. */
const notOver = sql`(p.ended_at is null or p.hold_until is not null or p.quiet)`;

export interface TakeBacks {
  /** Takes back all that this account sent. When it resolves no copy can be opened; returns how many there were. */
  all(ownerId: string): Promise<number>;
  /** Finishes what was begun, here or by a process that was killed; returns how many accounts that were. */
  finish(): Promise<number>;
  /** The same without waiting for it: no view is open to it meanwhile. */
  begin(): void;
  /** Ends after the step under way; the rest is for the next start. */
  close(): Promise<void>;
}

export function createTakeBacks(parts: Parts): TakeBacks {
  const { db, log } = parts.platform;
  const underWay = new Set<Promise<unknown>>();
  let closing = false;
  const rest = async (ownerId: string): Promise<void> => {
    while (!closing && (await endSome(parts, ownerId)));
  };
  const run = (work: Promise<unknown>): Promise<unknown> => {
    const done = work
      .catch((error: unknown) =>
        log.warn({ err: error }, 'not all rows of what was taken back are marked yet'),
      )
      .finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };
  const finish = async (): Promise<number> => {
    const { rows } = await sql<{ owner_id: string }>`
      select owner_id from picture_take_back order by at`.execute(db);
    for (const { owner_id } of rows) {
      if (closing) break;
      await destroyAll(parts, owner_id);
      await tell(parts, owner_id);
      await rest(owner_id);
    }
    return rows.length;
  };
  return {
    async all(ownerId) {
      const count = await withoutDeadlock(() => db.transaction().execute((tx) => note(parts, tx, ownerId)));
      await destroyAll(parts, ownerId);
      const told = tell(parts, ownerId);
      const finished = run(told.then(() => rest(ownerId)));
      if (count <= together) await finished;
      return count;
    },
    finish,
    begin: () => void run(finish()),
    async close() {
      closing = true;
      await Promise.all(underWay);
    },
  };
}

/** From its commit on nobody opens them. What is not asked any more is forgotten with it. */
async function note({ platform }: Parts, tx: Tx, ownerId: string): Promise<number> {
  await tx.deleteFrom('consent').where('asker_id', '=', ownerId).where('state', '=', 'waiting').execute();
  // Whatever another process's clock says: all that is there by now.
  const { rows } = await sql<{ count: number }>`
    with noted as (
      insert into picture_take_back (owner_id, at)
      values (${ownerId}, greatest(${new Date(platform.clock())}::timestamptz,
                                   (select max(created_at) from picture where owner_id = ${ownerId})))
      on conflict (owner_id) do update set at = greatest(excluded.at, picture_take_back.at))
    select count(*)::int as count from picture p where p.owner_id = ${ownerId} and ${notOver}`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Waits for the views under way, which hold their half-keys. */
async function destroyAll(parts: Parts, ownerId: string): Promise<void> {
  const ids = sql`select p.blob_id from picture p where p.owner_id = ${ownerId} and ${isBeingTakenBack}`;
  const gone = await withoutDeadlock(() =>
    parts.platform.db.transaction().execute((tx) => parts.halfKeys.destroyThose(tx, ids)),
  );
  parts.metrics.destroyed.inc(gone);
}

/** Tells those who could see them, before the rows say that they could not. */
async function tell(parts: Parts, ownerId: string): Promise<void> {
  const { rows } = await sql<{ blob_id: string }>`
    select p.blob_id from picture p
    where p.owner_id = ${ownerId} and ${notOver} and ${isBeingTakenBack} limit ${mostNamed + 1}`.execute(
    parts.platform.db,
  );
  if (rows.length <= mostNamed)
    return tellDark(
      parts,
      rows.map((row) => row.blob_id),
    );
  return tellReceivers(
    parts,
    sql`select p.blob_id from picture p where p.owner_id = ${ownerId} and ${notOver} and ${isBeingTakenBack}`,
  );
}

/** Ends one step of them; false when none was left, and the note is gone. */
async function endSome(parts: Parts, ownerId: string): Promise<boolean> {
  const { db } = parts.platform;
  const { rows } = await sql<{ blob_id: string }>`
    select p.blob_id from picture p
    where p.owner_id = ${ownerId} and ${notOver} and ${isBeingTakenBack} limit ${step}`.execute(db);
  if (rows.length > 0) {
    const ids = rows.map((row) => row.blob_id);
    await withoutDeadlock(() => db.transaction().execute((tx) => endById(parts, tx, ids, 'revoked')));
    return true;
  }
  // Only if nothing came meanwhile: a second press, or a picture that was under way.
  await sql`
    delete from picture_take_back t where t.owner_id = ${ownerId} and not exists (
      select from picture p where p.owner_id = t.owner_id and p.created_at <= t.at and ${notOver})`.execute(
    db,
  );
  return false;
}
