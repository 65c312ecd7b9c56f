import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HashIndex } from '@accord/hash-index';
import { loadModule, withSnapshotFile } from '@accord/hash-index/node';
import { makeQueries, type Queries, randomHashes, type Timing, timing, writeBytes } from './data.ts';

const HASH_BYTES = 32;
const OPTIONS = { banks: ['BENCH'] };

export interface OurResult {
  readonly count: number;
  readonly build: Spent;
  readonly bytesPerHash: number;
  readonly parts: string;
  readonly search31: Timing;
  readonly search46: Timing;
  readonly scalar31: Timing | undefined;
  readonly add: Timing;
  readonly snapshotMegabytes: number;
  readonly snapshotSave: Spent;
  readonly snapshotLoad: Spent;
  readonly fileLoad: Spent;
  /** Handing out as much new memory as the index takes, and nothing else: no load can be faster. */
  readonly newMemory: Spent;
  readonly leanLoad: Spent;
  readonly missed: number;
  readonly planted: number;
}

export interface Spent {
  /** Seconds by the clock and of the thread's CPU. */
  readonly wall: number;
  readonly cpu: number;
}

function spend<T>(act: () => T): { value: T; spent: Spent } {
  const before = process.threadCpuUsage();
  const from = performance.now();
  const value = act();
  const wall = (performance.now() - from) / 1e3;
  const { user, system } = process.threadCpuUsage(before);
  return { value, spent: { wall, cpu: (user + system) / 1e6 } };
}

/** Milliseconds per query by the clock, their mean of CPU time, and how many planted neighbours were not among the matches. */
export function timeSearches(index: HashIndex, queries: Queries, radius: number) {
  const times: number[] = [];
  let missed = 0;
  const before = process.threadCpuUsage();
  for (const [query, { row, distance }] of queries.planted.entries()) {
    const hash = queries.hashes.subarray(query * HASH_BYTES, (query + 1) * HASH_BYTES);
    const from = performance.now();
    const matches = index.search(hash, { radius });
    times.push(performance.now() - from);
    if (row >= 0 && !matches.some((match) => match.id === row && match.distance === distance)) missed++;
  }
  const { user, system } = process.threadCpuUsage(before);
  const cpu = (user + system) / 1e3 / times.length;
  return { timing: { ...timing(times), cpu }, missed };
}

export function rowsOf(hashes: Uint8Array) {
  const count = hashes.length / HASH_BYTES;
  return {
    ids: Uint32Array.from({ length: count }, (_, id) => id),
    hashes,
    banks: new Uint32Array(count).fill(1),
  };
}

/** Everything measured of ours at one size; `queries` at radius 31 are those the peers get too. */
export async function measureOurs(
  hashes: Uint8Array,
  queries: Queries,
): Promise<{ result: OurResult; index: HashIndex }> {
  const count = hashes.length / HASH_BYTES;
  const module = await loadModule();
  warmUp(module);
  const rows = rowsOf(hashes);
  const built = spend(() => HashIndex.create(module, OPTIONS, rows));
  let index = built.value;
  const bytesPerHash = index.stats.memoryBytes / count;
  timeSearches(index, makeQueries(hashes, 300, 31, 91), 31);
  const near = timeSearches(index, queries, 31);
  const review = timeSearches(
    index,
    makeQueries(hashes, Math.min(1_000, queries.planted.length), 46, 92),
    46,
  );

  const saved = spend(() => index.snapshot());
  haveMemoryBacked(3 * index.stats.memoryBytes);
  const newMemory = touchMemory(index.stats.memoryBytes);
  const loaded = spend(() => HashIndex.restore(module, saved.value));
  index = loaded.value;
  const fileLoad = await loadFromFile(module, saved.value);
  const lean = index.snapshot({ lists: false });
  const leanLoad = spend(() => HashIndex.restore(module, lean).size).spent;
  const restored = timeSearches(index, queries, 31);

  const result: OurResult = {
    count,
    build: built.spent,
    bytesPerHash,
    parts: describe(index.stats.parts),
    search31: near.timing,
    search46: review.timing,
    scalar31: await scalar(rows, queries),
    add: timeAdds(index, count),
    snapshotMegabytes: saved.value.length / 1e6,
    snapshotSave: saved.spent,
    snapshotLoad: loaded.spent,
    fileLoad,
    newMemory,
    leanLoad,
    missed: near.missed + review.missed + restored.missed,
    planted:
      queries.planted.filter(({ row }) => row >= 0).length * 2 +
      Math.ceil(Math.min(1_000, queries.planted.length) / 10),
  };
  return { result, index };
}

async function loadFromFile(module: WebAssembly.Module, snapshot: Uint8Array): Promise<Spent> {
  const folder = await mkdtemp(join(tmpdir(), 'accord-bench-snapshot-'));
  try {
    const file = await writeBytes(folder, 'snapshot', snapshot);
    haveMemoryBacked(2 * snapshot.length);
    return spend(() => withSnapshotFile(file, (source) => HashIndex.restore(module, source).size)).spent;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A virtual machine gets a page from its host when it first touches it, which takes several times as long as ever after:
 * a child process touches as many pages as are about to be used, and gives them back.
 */
function haveMemoryBacked(bytes: number): void {
  const pieces = Math.ceil(bytes / 2 ** 28);
  spawnSync(process.execPath, ['-e', `Array.from({ length: ${pieces} }, () => Buffer.alloc(2 ** 28, 1))`]);
}

function touchMemory(bytes: number): Spent {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536), maximum: 65_536 });
  const view = new Uint8Array(memory.buffer);
  return spend(() => {
    for (let at = 0; at < bytes; at += 4_096) view[at] = 1;
  }).spent;
}

/** Lets the engine optimise its code before anything is timed. */
function warmUp(module: WebAssembly.Module): void {
  const hashes = randomHashes(100_000, 5);
  const index = HashIndex.create(module, { ...OPTIONS, expected: 1e6 }, rowsOf(hashes));
  for (const radius of [31, 46]) timeSearches(index, makeQueries(hashes, 500, radius, 6), radius);
}

/** The module for engines without SIMD, at sizes where a second index costs little. */
async function scalar(rows: ReturnType<typeof rowsOf>, queries: Queries): Promise<Timing | undefined> {
  if (rows.ids.length > 1e6) return undefined;
  const index = HashIndex.create(await loadModule({ simd: false }), OPTIONS, rows);
  timeSearches(index, queries, 31);
  return timeSearches(index, queries, 31).timing;
}

/** One addition, and the search that must find it. */
function timeAdds(index: HashIndex, count: number): Timing {
  const extra = randomHashes(1_000, 77);
  const times: number[] = [];
  for (let at = 0; at < 1_000; at++) {
    const hash = extra.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    const from = performance.now();
    index.add(count + at, hash, 1);
    const matches = index.search(hash, { radius: 31 });
    times.push(performance.now() - from);
    if (!matches.some(({ id }) => id === count + at)) throw new Error('a new hash did not match');
  }
  return { ...timing(times), cpu: Number.NaN };
}

function describe(parts: readonly number[]): string {
  return parts.length === 0 ? 'every row' : `${parts.length} parts, ${parts[0]} address bits`;
}
