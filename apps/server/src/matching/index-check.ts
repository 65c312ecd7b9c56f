import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../platform/database.ts';
import { changesSince, readAll } from './index-feed.ts';
import { loadIndex } from './index-snapshot.ts';
import { changesKeptMs } from './library.ts';
import { shelves } from './live-index.ts';

/** How the index on the disk, brought up to date as a start would, compares with the database. */
export type IndexCheck =
  | { readonly state: 'none' }
  | { readonly state: 'agrees'; readonly hashes: number }
  | { readonly state: 'differs'; readonly hashes: number; readonly wrong: number };

/** Compares every hash. Reads; changes nothing. */
export async function checkIndex(db: Database, folder: string, now: number): Promise<IndexCheck> {
  const feed = await db.selectFrom('matching_feed').select('life').executeTakeFirst();
  if (feed === undefined) return { state: 'none' };
  const saved = await loadIndex(join(folder, 'matching'), { life: feed.life, now, maxAgeMs: changesKeptMs });
  if (saved === undefined) return { state: 'none' };
  const { index, horizon } = saved;
  try {
    const { hashes, rows } = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (tx) => {
        await sql`set transaction read only`.execute(tx);
        return { hashes: (await changesSince(tx, horizon)).hashes, rows: (await readAll(tx)).rows };
      });
    await index.apply(hashes);
    const sizes = await index.sizes();
    let total = 0;
    let wrong = 0;
    for (const shelf of shelves) {
      const { ids, hashes: bytes, banks } = rows[shelf];
      total += ids.length;
      // What is in the index and nowhere else shows in its size alone.
      wrong += Math.max(0, (sizes[shelf] ?? 0) - ids.length);
      for (const [row, id] of ids.entries()) {
        const held = await index.held(shelf, id);
        const same =
          held?.banks === banks[row] &&
          Buffer.from(held?.hash ?? []).equals(bytes.subarray(32 * row, 32 * row + 32));
        if (!same) wrong += 1;
      }
    }
    return wrong === 0 ? { state: 'agrees', hashes: total } : { state: 'differs', hashes: total, wrong };
  } finally {
    await index.close();
  }
}
