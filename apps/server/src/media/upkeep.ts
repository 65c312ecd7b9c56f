import { sql } from 'kysely';
import type { AccountHooks } from '../accounts/types.ts';
import type { Purge } from '../platform/housekeeping.ts';
import { endAccess, endById, endNow, endPictures, tellDark } from './endings.ts';
import { blobName, type Parts } from './parts.ts';
import { withdraw } from './records.ts';
import { removeClosedEvidence, strayEvidence } from './reports.ts';
import { removeStrayParts } from './uploads.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How long things stay, in milliseconds: an upload that nothing refers to, a ciphertext after its end, and what is listed of it. */
const keep = {
  upload: dayMs,
  ciphertext: 72 * hourMs,
  ended: 30 * dayMs,
  refused: 30 * dayMs,
  report: 366 * dayMs,
};
/** Rows in one step, so that a purge is never long. */
const step = 500;

/** What becomes of pictures when accounts change. */
export function accountHooks(parts: Parts): AccountHooks {
  return {
    async blocked(tx, { by, who }) {
      const mine = await endAccess(parts, tx, { ownerId: by, receiverId: who }, 'revoked');
      // Those that the blocked one sent go dark too, and they can't tell.
      const theirs = await endAccess(parts, tx, { ownerId: who, receiverId: by }, 'closed', true);
      return () => void tellDark(parts, [...mine, ...theirs]);
    },
    async accountDeleted(tx, { accountId }) {
      const given = await tx
        .selectFrom('consent')
        .select('id')
        .where('asked_id', '=', accountId)
        .where('state', '=', 'yes')
        .execute();
      const withdrawn =
        given.length === 0
          ? []
          : await withdraw(
              parts,
              tx,
              given.map(({ id }) => id),
            );
      await sql`delete from consent where state = 'waiting' and (asker_id = ${accountId} or asked_id = ${accountId})`.execute(
        tx,
      );
      const own = await endPictures(parts, tx, (where) => where('owner_id', '=', accountId), 'revoked');
      const seen = await endAccess(parts, tx, { receiverId: accountId }, 'closed');
      const ids = [...withdrawn, ...own, ...seen];
      return () => void tellDark(parts, ids);
    },
  };
}

export function mediaPurges(parts: Parts): Purge[] {
  const { platform, blobs, halfKeys, franking } = parts;
  const { db } = platform;
  return [
    ...franking.purges,
    {
      name: 'expired pictures',
      run: async (now) =>
        (
          await endNow(parts, (tx) =>
            endPictures(
              parts,
              tx,
              () => sql<boolean>`picture.ended_at is null and picture.expires_at <= ${new Date(now)}`,
              'expired',
            ),
          )
        ).length,
    },
    {
      name: 'half-keys held for reports',
      run: async (now) =>
        (
          await endNow(parts, (tx) =>
            endPictures(parts, tx, () => sql<boolean>`picture.hold_until <= ${new Date(now)}`, 'used_up'),
          )
        ).length,
    },
    {
      name: 'half-keys without a picture',
      async run(now) {
        const gone = await db.transaction().execute(async (tx) => {
          const { rows } = await sql<{ blob_id: string }>`
            select h.blob_id from half_key h left join picture p on p.blob_id = h.blob_id
            where h.reserved_at < ${new Date(now - hourMs)}
              and (p.blob_id is null or p.ended_at is not null and p.hold_until is null)
            limit ${step}`.execute(tx);
          return halfKeys.destroy(
            tx,
            rows.map((row) => row.blob_id),
          );
        });
        halfKeys.rewind();
        return gone.length;
      },
    },
    {
      name: 'unused uploads',
      run: (now) =>
        dropBlobs(
          parts,
          sql`select b.id from media_blob b left join picture p on p.blob_id = b.id
              where p.blob_id is null and (b.begun_at < ${new Date(now - keep.upload)} or b.owner_id is null)`,
        ),
    },
    {
      name: 'ciphertexts of what ended',
      async run(now) {
        const { rows } = await sql<{ id: string }>`
          select b.id from media_blob b join picture p on p.blob_id = b.id
          where b.removed_at is null and p.ended_at < ${new Date(now - keep.ciphertext)} and p.hold_until is null
          limit ${step}`.execute(db);
        const ids = rows.map((row) => row.id);
        await blobs.remove(ids.map(blobName));
        await sql`update media_blob set removed_at = ${new Date(now)} where id = any(${ids}::uuid[])`.execute(
          db,
        );
        return ids.length;
      },
    },
    {
      name: 'pictures that ended',
      run: (now) =>
        dropBlobs(
          parts,
          sql`select b.id from media_blob b join picture p on p.blob_id = b.id
              where p.ended_at < ${new Date(now - keep.ended)} and b.removed_at is not null`,
        ),
    },
    { name: 'stray parts of uploads', run: () => removeStrayParts(parts) },
    { name: 'ciphertexts without a row', run: strayCiphertexts(parts) },
    ...consentPurges(parts),
    { name: 'evidence of closed reports', run: () => removeClosedEvidence(parts) },
    { name: 'evidence without a report', run: strayEvidence(parts) },
    {
      name: 'closed reports',
      async run(now) {
        const gone = await db
          .deleteFrom('media_report')
          .where('closed_at', '<', new Date(now - keep.report))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
  ];
}

/** Removes blobs with their files, the files first: a row without a file is removed again, a file without a row never. */
async function dropBlobs({ platform, blobs }: Parts, which: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ id: string }>`${which} limit ${step}`.execute(platform.db);
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return 0;
  await blobs.remove(ids.map(blobName));
  await sql`delete from media_blob where id = any(${ids}::uuid[])`.execute(platform.db);
  return ids.length;
}

/**
 * Ciphertexts that no row knows of: what came after the backup that was restored. A row is there before its file and goes after
 * it. One folder of 256 in each round.
 */
function strayCiphertexts({ platform, blobs }: Parts): () => Promise<number> {
  let folder = 0;
  return async () => {
    const names = await blobs.list(`pictures/${folder.toString(16).padStart(2, '0')}/`);
    folder = (folder + 1) % 256;
    const byId = new Map(names.map((name) => [name.slice(name.lastIndexOf('/') + 1), name]));
    const { rows } = await sql<{ id: string }>`
      select id from media_blob where id = any(${[...byId.keys()]}::uuid[]) and removed_at is null`.execute(
      platform.db,
    );
    for (const { id } of rows) byId.delete(id);
    await blobs.remove([...byId.values()]);
    return byId.size;
  };
}

/** Questions that lapsed are a no, and their copies go dark; what was refused is forgotten after a month. */
function consentPurges(parts: Parts): Purge[] {
  const { db } = parts.platform;
  return [
    {
      name: 'questions that lapsed',
      async run(now) {
        let count = 0;
        await endNow(parts, async (tx) => {
          const rows = await tx
            .updateTable('consent')
            .set({ state: 'no', sealed: null })
            .where('state', '=', 'waiting')
            .where('lapses_at', '<=', new Date(now))
            .returning('blob_id')
            .execute();
          count = rows.length;
          return endById(
            parts,
            tx,
            rows.map((row) => row.blob_id),
            'expired',
          );
        });
        return count;
      },
    },
    {
      name: 'questions that were refused',
      async run(now) {
        const gone = await db
          .deleteFrom('consent')
          .where('state', '=', 'no')
          .where('lapses_at', '<', new Date(now - keep.refused))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
  ];
}
