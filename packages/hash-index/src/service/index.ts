import { Worker } from 'node:worker_threads';
import { HashIndexError } from '../errors.ts';
import type { IndexOptions } from '../hash-index.ts';
import { loadModule } from '../node.ts';
import type { Rows } from '../rows.ts';
import { ShardedIndex } from './sharded.ts';
import { WorkerClient } from './worker-client.ts';

export { ShardedIndex } from './sharded.ts';

/** Most hashes a shard is planned for: room to grow below the 2^24 that its memory layout can hold. */
const PER_SHARD = 15_000_000;
const MAX_SHARDS = 256;

export interface ServiceOptions extends IndexOptions {
  /** Worker threads; by default as many as `expected`, or the rows, need. */
  readonly shards?: number;
}

/**
 * Starts an index in worker threads of Node, empty or with rows; the caller's event loop stays free. Throws
 * `HashIndexError` as `HashIndex.create` does.
 */
export async function startIndexService(options: ServiceOptions, rows?: Rows): Promise<ShardedIndex> {
  const count = Math.max(options.expected ?? 0, rows?.ids.length ?? 0);
  const wanted = options.shards ?? Math.max(1, Math.ceil(count / PER_SHARD));
  const shards = Math.min(MAX_SHARDS, Math.max(1, Math.floor(wanted)));
  const module = await loadModule();
  return withWorkers(shards, (workers, stop) => ShardedIndex.open(workers, { module, options }, stop, rows));
}

/**
 * Starts the service from the snapshots that its `snapshot` gave, all of them, in any order: bytes, or names of files, which
 * the workers read straight to where they stay. Throws a `snapshot.*` code for anything else.
 */
export async function restoreIndexService(
  snapshots: readonly (Uint8Array | string)[],
): Promise<ShardedIndex> {
  if (snapshots.length === 0 || snapshots.length > MAX_SHARDS) throw new HashIndexError('snapshot.shards');
  const module = await loadModule();
  return withWorkers(snapshots.length, (workers, stop) =>
    ShardedIndex.restore(workers, module, snapshots, stop),
  );
}

async function withWorkers(
  count: number,
  open: (workers: readonly WorkerClient[], stop: () => Promise<void>) => Promise<ShardedIndex>,
): Promise<ShardedIndex> {
  const threads = Array.from(
    { length: count },
    () => new Worker(new URL('./node-worker.ts', import.meta.url)),
  );
  const stop = async () => {
    await Promise.all(threads.map((thread) => thread.terminate()));
  };
  try {
    return await open(threads.map(connect), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function connect(thread: Worker): WorkerClient {
  const client = new WorkerClient({
    post: (message, transfer) => thread.postMessage(message, [...transfer]),
    listen: (receive) => thread.on('message', receive),
  });
  thread.on('error', () => client.end('service.failed'));
  thread.on('exit', () => client.end('service.failed'));
  return client;
}
