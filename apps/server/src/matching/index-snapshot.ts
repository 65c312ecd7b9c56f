import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { restoreIndexService, type ShardedIndex } from '@accord/hash-index/service';
import { z } from 'zod';
import type { Horizon } from './index-feed.ts';
import { fits, hashKinds, type Indexes, LiveIndex } from './live-index.ts';
import type { HashKind } from './types.ts';

const files = z.array(z.string().regex(/^[0-9a-f-]{36}\.\w+\.\d+$/)).min(1);
const count = z.int().nonnegative();

/** Says what a snapshot is of: written last, so that it names whole files alone. */
const manifestShape = z.strictObject({
  format: z.literal(1),
  /** The life of the database; see the table `matching_feed`. */
  life: z.uuid(),
  horizon: z.string().regex(/^\d{1,20}$/),
  /** Milliseconds since 1970 UTC. */
  savedAt: count,
  highest: z.strictObject({ whole: count, part: count, region: count }),
  files: z.strictObject({ whole: files, part: files, region: files }),
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
  const names: Record<HashKind, string[]> = { whole: [], part: [], region: [] };
  for (const kind of hashKinds) {
    const shards = await index.indexes[kind].snapshot({ lists: false });
    for (const [shard, bytes] of shards.entries()) {
      const name = `${generation}.${kind}.${shard}`;
      await writeDurably(join(folder, name), bytes);
      names[kind].push(name);
    }
  }
  const manifest: Manifest = {
    format: 1,
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
  const opened: ShardedIndex[] = [];
  try {
    for (const kind of hashKinds) {
      opened.push(await restoreIndexService(manifest.files[kind].map((name) => join(folder, name))));
    }
    const [whole, part, region] = opened as [ShardedIndex, ShardedIndex, ShardedIndex];
    const indexes: Indexes = { whole, part, region };
    if (fits(indexes)) return { index: new LiveIndex(indexes, manifest.highest), horizon: manifest.horizon };
  } catch {
    // Whatever is wrong with a file: the database has it all.
  }
  await Promise.all(opened.map((index) => index.close()));
  return undefined;
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(folder, manifestName), 'utf8')));
  } catch {
    return undefined;
  }
}
