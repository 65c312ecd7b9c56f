import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { restoreIndexService, type ShardedIndex } from '@accord/hash-index/service';
import { z } from 'zod';
import type { Horizon } from './index-feed.ts';
import { fits, LiveIndex, type Shelf, shelves } from './live-index.ts';

const files = z.array(z.string().regex(/^[0-9a-f-]{36}\.\w+\.\d+$/)).min(1);
const count = z.int().nonnegative();

/** Says what a snapshot is of: written last, so that it names whole files alone. */
const manifestShape = z.strictObject({
  format: z.literal(2),
  /** The life of the database; see the table `matching_feed`. */
  life: z.uuid(),
  horizon: z.string().regex(/^\d{1,20}$/),
  /** Milliseconds since 1970 UTC. */
  savedAt: count,
  highest: z.partialRecord(z.enum(shelves), count),
  files: z.partialRecord(z.enum(shelves), files),
});
type Manifest = z.infer<typeof manifestShape>;

const manifestName = 'index.json';

export interface Saved {
  readonly index: LiveIndex;
  readonly horizon: Horizon;
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes the index beside the data. Hashes are in it as they are in the database; whoever reads one reads the other. */
export async function saveIndex(
  folder: string,
  index: LiveIndex,
  { life, horizon, now }: { readonly life: string; readonly horizon: Horizon; readonly now: number },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const generation = randomUUID();
  const names: Partial<Record<Shelf, string[]>> = {};
  for (const shelf of shelves) {
    const shards = (await index.indexes[shelf]?.snapshot({ lists: false })) ?? [];
    for (const [shard, bytes] of shards.entries()) {
      const name = `${generation}.${shelf}.${shard}`;
      await writeDurably(join(folder, name), bytes);
      names[shelf] = [...(names[shelf] ?? []), name];
    }
  }
  const manifest: Manifest = {
    format: 2,
    life,
    horizon,
    savedAt: now,
    highest: { ...index.highest },
    files: names,
  };
  await writeDurably(join(folder, `${manifestName}.new`), Buffer.from(JSON.stringify(manifest)));
  await rename(join(folder, `${manifestName}.new`), join(folder, manifestName));
  for (const name of await readdir(folder)) {
    if (/^[0-9a-f-]{36}\./.test(name) && !name.startsWith(generation)) await rm(join(folder, name));
  }
}

/**
 * The index as it was saved; undefined for anything else: none there, another life of the database, too old for the
 * changes since to be still known, damaged. Then it is made from the database.
 */
export async function loadIndex(
  folder: string,
  { life, now, maxAgeMs }: { readonly life: string; readonly now: number; readonly maxAgeMs: number },
): Promise<Saved | undefined> {
  const manifest = await readManifest(folder);
  if (manifest === undefined || manifest.life !== life) return undefined;
  if (now < manifest.savedAt || now - manifest.savedAt > maxAgeMs) return undefined;
  const opened: Partial<Record<Shelf, ShardedIndex>> = {};
  const restoring = shelves.map(async (shelf) => {
    const names = manifest.files[shelf]?.map((name) => join(folder, name));
    if (names !== undefined) opened[shelf] = await restoreIndexService(names);
  });
  // Whatever is wrong with a file: the database has it all.
  const failed = (await Promise.allSettled(restoring)).some(({ status }) => status === 'rejected');
  if (!failed && Object.values(opened).every(fits))
    return { index: new LiveIndex(opened, manifest.highest), horizon: manifest.horizon };
  await Promise.all(Object.values(opened).map((index) => index.close()));
  return undefined;
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(folder, manifestName), 'utf8')));
  } catch {
    return undefined;
  }
}
