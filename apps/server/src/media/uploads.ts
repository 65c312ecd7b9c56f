import { createHash } from 'node:crypto';
import { mediaLimits, type Reply } from '@accord/protocol';
import { type Selectable, sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import { blobName, fromBase64url, type Parts } from './parts.ts';

type UploadRoute = 'media.blobs.begin' | 'media.blobs.state' | 'media.blobs.append' | 'media.blobs.complete';
type BlobRow = Selectable<Tables['media_blob']>;

/** What one account may have here at a time, and begin in a day. */
const room = { bytes: 1024 ** 3, unfinished: 10, aDay: 300 } as const;
const dayMs = 86_400_000;

const shown = (row: BlobRow): Reply<'media.blobs.state'> => ({
  offset: row.received,
  complete: row.complete,
});

/** Parts sort by their offsets. */
const partsOf = (blobId: string): string => `parts/${blobId}/`;
const partName = (blobId: string, offset: number): string =>
  `${partsOf(blobId)}${String(offset).padStart(9, '0')}`;

/**
 * Uploads in parts: each part is a blob of its own until the last one came, so that a folder and an object store serve alike and
 * nothing that was acknowledged is sent twice.
 */
export function uploadHandlers(parts: Parts): Handlers<UploadRoute> {
  const { platform, blobs } = parts;
  const { db, clock, config } = platform;
  const limit = { enabled: config.rateLimits, clock };
  const begins = createLimiter({ burst: 30, perMinute: 10 }, limit);
  const appends = createLimiter({ burst: 120, perMinute: 240 }, limit);
  return {
    async 'media.blobs.begin'({ caller, body }) {
      begins.take(caller.accountId);
      const row = await db.transaction().execute((tx) => begin(tx, caller, body, clock()));
      return shown(row);
    },
    async 'media.blobs.state'({ caller, params }) {
      return shown(await ownBlob(parts, caller, params.blobId));
    },
    async 'media.blobs.append'({ caller, params, query: { offset }, body }) {
      appends.take(caller.accountId);
      const row = await ownBlob(parts, caller, params.blobId);
      if (body.length > mediaLimits.partBytes) throw new Refusal('too_large');
      if (body.length === 0) throw new Refusal('invalid_input', { field: 'body' });
      const end = offset + body.length;
      if (offset < row.received ? end <= row.received : row.complete) return shown(row);
      if (offset !== row.received || end > row.size) throw new Refusal('wrong_offset');
      await blobs.put(partName(row.id, offset), body);
      const moved = await db
        .updateTable('media_blob')
        .set({ received: end })
        .where('id', '=', row.id)
        .where('received', '=', offset)
        .where('complete', '=', false)
        .returningAll()
        .executeTakeFirst();
      if (moved === undefined) throw new Refusal('wrong_offset');
      return shown(moved);
    },
    async 'media.blobs.complete'({ caller, params }) {
      const row = await ownBlob(parts, caller, params.blobId);
      if (row.complete) return shown(row);
      if (row.received !== row.size) throw new Refusal('wrong_offset');
      await assemble(parts, row);
      return { offset: row.size, complete: true };
    },
  };
}

/** The caller's upload. @throws {Refusal} `not_found` when it is another's or none */
async function ownBlob(parts: Parts, caller: DeviceCaller, blobId: string): Promise<BlobRow> {
  const row = await parts.platform.db
    .selectFrom('media_blob')
    .selectAll()
    .where('id', '=', blobId)
    .where('owner_id', '=', caller.accountId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw new Refusal('not_found');
  return row;
}

async function begin(
  tx: Tx,
  caller: DeviceCaller,
  { blobId, size, cth }: { readonly blobId: string; readonly size: number; readonly cth: string },
  now: number,
): Promise<BlobRow> {
  const owner_id = caller.accountId;
  // One at a time for an account: its room is counted before it is given.
  await sql`select pg_advisory_xact_lock(hashtextextended(${owner_id}, 4207010))`.execute(tx);
  const known = await tx.selectFrom('media_blob').selectAll().where('id', '=', blobId).executeTakeFirst();
  if (known !== undefined) {
    const same = known.owner_id === owner_id && known.size === size && known.removed_at === null;
    if (!same || !known.cth.equals(fromBase64url(cth))) throw new Refusal('not_found');
    return known;
  }
  const { rows } = await sql<{ bytes: string; unfinished: number; today: number }>`
    select coalesce(sum(size) filter (where removed_at is null), 0)::text as bytes,
           count(*) filter (where not complete)::int as unfinished,
           count(*) filter (where begun_at > ${new Date(now - dayMs)})::int as today
    from media_blob where owner_id = ${owner_id}`.execute(tx);
  const used = rows[0] ?? { bytes: '0', unfinished: 0, today: 0 };
  if (
    Number(used.bytes) + size > room.bytes ||
    used.unfinished >= room.unfinished ||
    used.today >= room.aDay
  ) {
    throw new Refusal('no_room');
  }
  return tx
    .insertInto('media_blob')
    .values({
      id: blobId,
      owner_id,
      size,
      cth: fromBase64url(cth),
      begun_at: new Date(now),
      removed_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Makes the whole of its parts. Killed anywhere, it can be asked for again: the parts go last. */
async function assemble({ platform, blobs }: Parts, row: BlobRow): Promise<void> {
  const names = await blobs.list(partsOf(row.id));
  const pieces: Buffer[] = [];
  for (const name of names) {
    const piece = await blobs.get(name);
    if (piece !== undefined) pieces.push(piece);
  }
  const whole = Buffer.concat(pieces);
  const sound = whole.length === row.size && createHash('sha256').update(whole).digest().equals(row.cth);
  if (!sound) {
    await platform.db
      .updateTable('media_blob')
      .set({ received: 0 })
      .where('id', '=', row.id)
      .where('complete', '=', false)
      .execute();
    await blobs.remove(names);
    throw new Refusal('bad_upload');
  }
  await blobs.put(blobName(row.id), whole);
  await platform.db.updateTable('media_blob').set({ complete: true }).where('id', '=', row.id).execute();
  await blobs.remove(names);
}

/** Parts whose upload is complete or gone: left behind by a process that was killed. */
export async function removeStrayParts({ platform, blobs }: Parts): Promise<number> {
  const names = await blobs.list('parts/');
  const idOf = (name: string) => name.split('/')[1] ?? '';
  const ids = [...new Set(names.map(idOf))];
  if (ids.length === 0) return 0;
  const { rows } = await sql<{ id: string }>`
    select id from media_blob where id = any(${ids}::uuid[]) and not complete and removed_at is null`.execute(
    platform.db,
  );
  const live = new Set(rows.map((row) => row.id));
  const stray = names.filter((name) => !live.has(idOf(name)));
  await blobs.remove(stray);
  return stray.length;
}
