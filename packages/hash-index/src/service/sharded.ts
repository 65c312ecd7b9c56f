import { Banks } from '../banks.ts';
import { HashIndexError } from '../errors.ts';
import type { IndexStats, SearchOptions } from '../hash-index.ts';
import { checkBanks, checkHash, checkId, checkOwnBanks, checkRadius, checkRows, flatten } from '../input.ts';
import { type Match, matchesOf } from '../matches.ts';
import { HASH_BYTES, inOrderOfIds, type Rows } from '../rows.ts';
import type { Shard } from '../snapshot.ts';
import type { Opening } from './protocol.ts';
import type { WorkerClient } from './worker-client.ts';

/** Which of `of` shards holds an id: the same everywhere and always, as snapshots rely on it. */
function shardOf(id: number, of: number): number {
  return (Math.imul(id, 0x9e3779b1) >>> 0) % of;
}

/**
 * One index over one worker or many: the same answers in the same order as `HashIndex`, as promises. Input is checked
 * here, so that a mistake costs no message; writes wait for one another, searches do not.
 */
export class ShardedIndex {
  readonly banks: Banks;
  readonly #workers: readonly WorkerClient[];
  readonly #stop: () => Promise<void>;
  #writes: Promise<unknown> = Promise.resolve();

  private constructor(workers: readonly WorkerClient[], banks: Banks, stop: () => Promise<void>) {
    this.#workers = workers;
    this.banks = banks;
    this.#stop = stop;
  }

  /**
   * Opens the workers, empty or with rows. Throws as `HashIndex.create`. `stop` ends the workers and is called by `close`.
   */
  static async open(
    workers: readonly WorkerClient[],
    { module, options }: Pick<Opening, 'module' | 'options'>,
    stop: () => Promise<void>,
    rows?: Rows,
  ): Promise<ShardedIndex> {
    const banks = new Banks(options.banks);
    if (rows) checkRows(rows, banks.all);
    const pieces = rows ? split(inOrderOfIds(rows), workers.length) : undefined;
    const each = { ...options, expected: Math.ceil((options.expected ?? 0) / workers.length) };
    await Promise.all(
      workers.map((worker, index) => {
        const shard = { index, of: workers.length };
        const piece = pieces?.[index];
        const opening: Opening = { module, options: each, shard, ...(piece ? { rows: piece } : {}) };
        return worker.ask('open', [opening], piece ? buffersOf(piece) : []);
      }),
    );
    return new ShardedIndex(workers, banks, stop);
  }

  /** Opens one worker per snapshot; together they must be all shards of one index, in any order. */
  static async restore(
    workers: readonly WorkerClient[],
    module: WebAssembly.Module,
    snapshots: readonly (Uint8Array | string)[],
    stop: () => Promise<void>,
  ): Promise<ShardedIndex> {
    const opened = await Promise.all(
      workers.map(async (worker, index) => {
        const shard: Shard = { index, of: snapshots.length };
        const snapshot = snapshots[index] as Uint8Array | string;
        return {
          worker,
          ...(await worker.ask('open', [{ module, options: { banks: [] }, shard, snapshot }])),
        };
      }),
    );
    opened.sort((a, b) => a.shard.index - b.shard.index);
    const names = JSON.stringify(opened[0]?.banks);
    const whole = opened.every(
      ({ shard, banks }, index) => shard.index === index && JSON.stringify(banks) === names,
    );
    if (!whole || opened.length === 0) throw new HashIndexError('snapshot.shards');
    return new ShardedIndex(
      opened.map(({ worker }) => worker),
      new Banks(opened[0]?.banks ?? []),
      stop,
    );
  }

  async size(): Promise<number> {
    const sizes = await Promise.all(this.#workers.map((worker) => worker.ask('size', [])));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** One entry per shard. */
  stats(): Promise<IndexStats[]> {
    return Promise.all(this.#workers.map((worker) => worker.ask('stats', [])));
  }

  async get(id: number): Promise<{ hash: Uint8Array; banks: number } | undefined> {
    checkId(id);
    return this.#holder(id).ask('get', [id]);
  }

  /** All hashes within the radius, nearest first, equals by ascending id. */
  async search(hash: Uint8Array, options: SearchOptions): Promise<Match[]> {
    const [matches] = await this.searchMany([hash], options);
    return matches as Match[];
  }

  /** One answer per hash, in one message to each worker. */
  async searchMany(hashes: readonly Uint8Array[], options: SearchOptions): Promise<Match[][]> {
    checkRadius(options.radius);
    if (options.banks !== undefined) checkBanks(options.banks, this.banks.all);
    const flat = flatten(hashes);
    return matchesOf(
      hashes.length,
      await Promise.all(this.#workers.map((worker) => worker.ask('search', [flat, options]))),
    );
  }

  async add(id: number, hash: Uint8Array, banks: number): Promise<void> {
    checkId(id);
    checkHash(hash);
    checkOwnBanks(banks, this.banks.all);
    await this.#write(() => this.#holder(id).ask('add', [id, hash, banks]));
  }

  async remove(id: number): Promise<void> {
    checkId(id);
    await this.#write(() => this.#holder(id).ask('remove', [id]));
  }

  async replace(id: number, hash: Uint8Array, banks: number): Promise<void> {
    checkId(id);
    checkHash(hash);
    checkOwnBanks(banks, this.banks.all);
    await this.#write(() => this.#holder(id).ask('replace', [id, hash, banks]));
  }

  /** Adds many, all or none. */
  async addMany(rows: Rows): Promise<void> {
    checkRows(rows, this.banks.all);
    const pieces = split(inOrderOfIds(rows), this.#workers.length);
    await this.#write(async () => {
      const absent = await Promise.all(
        this.#workers.map((worker, at) => worker.ask('absent', [(pieces[at] as Rows).ids])),
      );
      if (absent.includes(false)) throw new HashIndexError('id.taken');
      const added = await Promise.allSettled(
        this.#workers.map((worker, at) => worker.ask('addMany', [pieces[at] as Rows])),
      );
      const failed = added.find((outcome) => outcome.status === 'rejected');
      if (!failed) return;
      await Promise.all(
        this.#workers.map((worker, at) =>
          added[at]?.status === 'fulfilled'
            ? worker.ask('removeMany', [(pieces[at] as Rows).ids])
            : undefined,
        ),
      );
      throw failed.reason;
    });
  }

  /** One snapshot per shard, for `restore`; see `HashIndex.snapshot` about lists. */
  snapshot({ lists = true }: { readonly lists?: boolean } = {}): Promise<Uint8Array<ArrayBuffer>[]> {
    return this.#write(() => Promise.all(this.#workers.map((worker) => worker.ask('snapshot', [lists]))));
  }

  /** Lays the shards out afresh, one after the other: only one of them needs its memory twice meanwhile. */
  async compact(): Promise<void> {
    await this.#write(async () => {
      for (const worker of this.#workers) await worker.ask('compact', []);
    });
  }

  /** Ends the workers; what still waits is refused with `service.closed`. */
  async close(): Promise<void> {
    for (const worker of this.#workers) worker.end('service.closed');
    await this.#stop();
  }

  #holder(id: number): WorkerClient {
    return this.#workers[shardOf(id, this.#workers.length)] as WorkerClient;
  }

  #write<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#writes.then(act, act);
    this.#writes = turn.catch(() => undefined);
    return turn;
  }
}

function split(rows: Rows, of: number): Rows[] {
  const counts = new Uint32Array(of);
  const homes = rows.ids.map((id) => shardOf(id, of));
  for (const home of homes) counts[home] = (counts[home] as number) + 1;
  const pieces = Array.from(counts, (count) => ({
    ids: new Uint32Array(count),
    hashes: new Uint8Array(count * HASH_BYTES),
    banks: new Uint32Array(count),
  }));
  const filled = new Uint32Array(of);
  for (const [row, home] of homes.entries()) {
    const piece = pieces[home] as Rows;
    const at = filled[home] as number;
    piece.ids[at] = rows.ids[row] as number;
    piece.banks[at] = rows.banks[row] as number;
    piece.hashes.set(rows.hashes.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES), at * HASH_BYTES);
    filled[home] = at + 1;
  }
  return pieces;
}

function buffersOf({ ids, hashes, banks }: Rows): ArrayBuffer[] {
  return [ids.buffer, hashes.buffer, banks.buffer] as ArrayBuffer[];
}
