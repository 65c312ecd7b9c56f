import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import { changesKeptMs } from './library.ts';
import { registeredBit, shelvesOf } from './live-index.ts';
import { picturesNear } from './lookup.ts';
import type { Parts } from './parts.ts';
import type { KindHash, Registry, Sweep } from './types.ts';

/** Refusals can be asked about for this long. */
const refusalsKeptMs = 180 * 86_400_000;
/** 16 bytes in hex as a UUID is written. */
const uuidParts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
/** Hashes of one message to the index. */
const sweepBatch = 64;

export function createRegistry(parts: Parts): Registry {
  const { keys, library, platform } = parts;
  const tagOf = (blobId: string): Buffer => keys.tagOf(Buffer.from(blobId.replaceAll('-', ''), 'hex'));
  return {
    tagOf: (blobId) => tagOf(blobId).toString('hex'),
    blobOf: (tag) =>
      keys.blobOf(Buffer.from(tag, 'hex'))?.toString('hex').replace(uuidParts, '$1-$2-$3-$4-$5'),
    async confirm(tx, blobId) {
      const opened = await tx
        .updateTable('registered_picture')
        .set({ state: 'open', ends_at: null })
        .where('blob_tag', '=', tagOf(blobId))
        .where((is) =>
          is.or([
            is('state', '=', 'open'),
            is.and([is('state', '=', 'asked'), is('ends_at', '>', new Date(platform.clock()))]),
          ]),
        )
        .executeTakeFirst();
      return opened.numUpdatedRows > 0n;
    },
    async ended(tx, blobIds) {
      await endPictures(tx, blobIds.map(tagOf));
    },
    async bar(tx, blobIds) {
      await tx
        .updateTable('registered_picture')
        .set({ owner_key: null, afterwards: 'refuse' })
        .where(sql<boolean>`blob_tag = any(${blobIds.map(tagOf)}::bytea[])`)
        .execute();
    },
    sweep: async (hashes) => {
      await library.catchUp();
      return sweep(parts, hashes);
    },
  };
}

async function endPictures(tx: Tx, tags: readonly Buffer[]): Promise<void> {
  if (tags.length === 0) return;
  const named = sql<boolean>`blob_tag = any(${[...tags]}::bytea[])`;
  await tx.deleteFrom('registered_picture').where(named).where('afterwards', '=', 'forget').execute();
  await tx
    .updateTable('registered_picture')
    .set({ state: 'ended', blob_tag: null, ends_at: null })
    .where(named)
    .execute();
}

/** Every registered picture near these hashes of one picture. What does not answer is said, never passed over. */
async function sweep({ platform, library, log }: Parts, hashes: readonly KindHash[]): Promise<Sweep> {
  const { db } = platform;
  const began = performance.now();
  const asked = hashes.filter(({ kind }) => kind !== 'region').map(({ hash }) => hash);
  const found = new Set<number>();
  let answered = 0;
  for (let at = 0; at < asked.length; at += sweepBatch) {
    const batch = asked.slice(at, at + sweepBatch);
    try {
      const hits = await library.loaded.index.search(batch, {
        on: shelvesOf(['whole', 'part']),
        radius: library.loaded.radius,
        banks: registeredBit,
      });
      for (const near of await picturesNear(db, hits.flat())) {
        if (near.registeredId !== null) found.add(near.registeredId);
      }
      answered += batch.length;
    } catch (error) {
      log.error({ err: error }, 'sweep: a part did not answer');
    }
  }
  const tags = await db
    .selectFrom('registered_picture')
    .select('blob_tag')
    .where(sql<boolean>`id = any(${[...found]}::integer[])`)
    .where('blob_tag', 'is not', null)
    .execute();
  const { rows } = await sql<{ registered: string; searched: string }>`
    select count(*) as registered, count(*) filter (where quality >= 50) as searched
    from registered_picture where blob_tag is not null`.execute(db);
  const result: Sweep = {
    tags: tags.flatMap(({ blob_tag }) => (blob_tag === null ? [] : [blob_tag.toString('hex')])),
    coverage: {
      registered: Number(rows[0]?.registered ?? 0),
      searched: Number(rows[0]?.searched ?? 0),
      asked: asked.length,
    },
    complete: answered === asked.length,
  };
  log.info(
    {
      ...result.coverage,
      found: result.tags.length,
      complete: result.complete,
      ms: Math.round(performance.now() - began),
    },
    'sweep',
  );
  return result;
}

/** What is over: registrations without a blob, old refusals, grants that ended, changes that every reader has seen. */
export function registryPurges({ platform, library }: Parts): Purge[] {
  const { db } = platform;
  const before = async (table: 'matching_refusal' | 'matching_change', at: Date): Promise<number> => {
    const gone = await db.deleteFrom(table).where('at', '<', at).executeTakeFirst();
    return Number(gone.numDeletedRows);
  };
  return [
    {
      name: 'registrations without a picture',
      async run(now) {
        const gone = await db
          .deleteFrom('registered_picture')
          .where('state', '=', 'asked')
          .where('ends_at', '<=', new Date(now))
          .executeTakeFirst();
        if (gone.numDeletedRows > 0n) await library.changed();
        return Number(gone.numDeletedRows);
      },
    },
    { name: 'refusals', run: (now) => before('matching_refusal', new Date(now - refusalsKeptMs)) },
    { name: 'changes of the index', run: (now) => before('matching_change', new Date(now - changesKeptMs)) },
    {
      name: 'withdrawn grants',
      async run(now) {
        const gone = await db
          .deleteFrom('grant_withdrawal')
          .where('until', '<=', new Date(now))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
  ];
}
