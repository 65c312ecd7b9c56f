import { Banks } from './banks.ts';
import { Engine, MOST_ASKED } from './engine.ts';
import { HashIndexError } from './errors.ts';
import { checkBanks, checkHash, checkId, checkOwnBanks, checkRadius, checkRows, flatten } from './input.ts';
import { joined, type Match, matchesOf, type Triples, triplesOf } from './matches.ts';
import { planFor, planLimit } from './plan.ts';
import { concat, HASH_BYTES, inOrderOfIds, live, type Rows } from './rows.ts';
import { readSnapshot, type Shard, type SnapshotSource, writeSnapshot } from './snapshot.ts';

export interface SearchOptions {
  /** Largest distance that matches, 0 to 256 bits; 31 is PDQ's customary threshold. */
  readonly radius: number;
  /** Only hashes in at least one of these banks; all banks when absent. */
  readonly banks?: number;
}

export interface IndexOptions {
  /** 1 to 32 names; the n-th is bit n of a mask. */
  readonly banks: readonly string[];
  /** How many hashes are expected, so that the plan need not change while the index grows. */
  readonly expected?: number;
}

export interface IndexStats {
  readonly size: number;
  readonly memoryBytes: number;
  /** Address bits of the parts, none when every row is read. */
  readonly parts: readonly number[];
  /** Share of entries outside exact extents; `compact` brings it to 0. */
  readonly loose: number;
}

/**
 * Exact radius search over 256-bit hashes: every hash within the radius, always, whatever the data. Holds up to
 * 2^24 hashes in one WebAssembly memory; more go to shards (`./shards.ts`, `./service`). Synchronous and pure: the same
 * code runs in Node and in a browser's worker. Refuses with `HashIndexError`, and a refusal changes nothing.
 */
export class HashIndex {
  readonly banks: Banks;
  readonly #module: WebAssembly.Module;
  #engine: Engine;
  #limit: number;

  private constructor(module: WebAssembly.Module, banks: Banks, engine: Engine, planned: number) {
    this.#module = module;
    this.banks = banks;
    this.#engine = engine;
    this.#limit = planLimit(planned);
  }

  /** An index of these rows, in any order of ids, none by default. Throws for bad input and `index.full`. */
  static create(module: WebAssembly.Module, options: IndexOptions, rows?: Rows): HashIndex {
    const banks = new Banks(options.banks);
    if (rows) checkRows(rows, banks.all);
    const planned = Math.max(options.expected ?? 0, rows?.ids.length ?? 0);
    const engine = new Engine(module, planFor(planned));
    if (rows && !engine.load(inOrderOfIds(rows), banks.all)) throw new HashIndexError('id.taken');
    return new HashIndex(module, banks, engine, planned);
  }

  /** The index a snapshot was taken of. Any damage throws one of the `snapshot.*` codes. */
  static restore(module: WebAssembly.Module, snapshot: Uint8Array | SnapshotSource): HashIndex {
    return HashIndex.restoreShard(module, snapshot).index;
  }

  /** As `restore`, with which shard of how many it is. */
  static restoreShard(
    module: WebAssembly.Module,
    snapshot: Uint8Array | SnapshotSource,
  ): { index: HashIndex; shard: Shard } {
    const { engine, banks, shard } = readSnapshot(module, snapshot);
    return { index: new HashIndex(module, banks, engine, engine.size), shard };
  }

  get size(): number {
    return this.#engine.size;
  }
  get stats(): IndexStats {
    const { size, memoryBytes, parts, loose } = this.#engine;
    return { size, memoryBytes, loose, parts: parts.map(({ address }) => address) };
  }

  has(id: number): boolean {
    checkId(id);
    return this.#engine.has(id);
  }

  /** A copy of what is stored under the id. */
  get(id: number): { hash: Uint8Array; banks: number } | undefined {
    checkId(id);
    return this.#engine.get(id);
  }

  /** Adds a hash; it matches from the next search on. Throws `id.taken`, `index.full`. */
  add(id: number, hash: Uint8Array, banks: number): void {
    checkId(id);
    checkHash(hash);
    checkOwnBanks(banks, this.banks.all);
    if (this.#engine.has(id)) throw new HashIndexError('id.taken');
    this.#engine.add(id, hash, banks);
    if (this.#engine.size > this.#limit) this.#replan();
  }

  /** Adds many at once, all or none; cheaper than one by one when there are many. Throws as `add` does. */
  addMany(rows: Rows): void {
    checkRows(rows, this.banks.all);
    const sorted = inOrderOfIds(rows);
    for (const id of sorted.ids) if (this.#engine.has(id)) throw new HashIndexError('id.taken');
    if (sorted.ids.length > Math.max(1_024, this.size / 4)) this.#rebuild(sorted);
    else this.#addEach(sorted);
  }

  /** Removes a hash; it matches no more. Throws `id.absent`. */
  remove(id: number): void {
    checkId(id);
    if (!this.#engine.remove(id)) throw new HashIndexError('id.absent');
  }

  /** Gives a present id another hash and other banks. Throws `id.absent`, `index.full`. */
  replace(id: number, hash: Uint8Array, banks: number): void {
    checkId(id);
    checkHash(hash);
    checkOwnBanks(banks, this.banks.all);
    if (!this.#engine.replace(id, hash, banks)) throw new HashIndexError('id.absent');
  }

  /** All hashes within the radius, nearest first, equals by ascending id. */
  search(hash: Uint8Array, options: SearchOptions): Match[] {
    const [matches] = this.searchMany([hash], options);
    return matches as Match[];
  }

  /** One answer per hash; many together take about half the time that they take one by one. */
  searchMany(hashes: readonly Uint8Array[], options: SearchOptions): Match[][] {
    return matchesOf(hashes.length, [this.searchFlat(flatten(hashes), options)]);
  }

  /** As `searchMany`, of hashes laid one after another and as flat triples: what crosses a worker's border. */
  searchFlat(hashes: Uint8Array, { radius, banks = this.banks.all }: SearchOptions): Triples {
    checkRadius(radius);
    checkBanks(banks, this.banks.all);
    const step = MOST_ASKED * HASH_BYTES;
    const pieces: Triples[] = [];
    for (let from = 0; from < hashes.length; from += step) {
      pieces.push(...this.#searchPiece(hashes.subarray(from, from + step), from / HASH_BYTES, radius, banks));
    }
    return pieces.length === 1 ? (pieces[0] as Triples) : joined(pieces);
  }

  #searchPiece(hashes: Uint8Array, first: number, radius: number, banks: number): Triples[] {
    const pairs = this.#engine.search(hashes, radius, banks);
    if (pairs) return [triplesOf(pairs, first)];
    const half = HASH_BYTES * Math.ceil(hashes.length / HASH_BYTES / 2);
    return [
      ...this.#searchPiece(hashes.subarray(0, half), first, radius, banks),
      ...this.#searchPiece(hashes.subarray(half), first + half / HASH_BYTES, radius, banks),
    ];
  }

  /**
   * The whole index as bytes, with a checksum. A tidy index (built or restored, then compacted or unchanged) includes its
   * lists, three times the bytes, so that loading is a copy; `lists: false` leaves them out, and loading builds them.
   */
  snapshot(options: { readonly lists?: boolean; readonly shard?: Shard } = {}): Uint8Array<ArrayBuffer> {
    const { lists = true, shard = { index: 0, of: 1 } } = options;
    return writeSnapshot(this.#engine, this.banks, shard, lists && this.#engine.tidy);
  }

  /** All rows in ascending order of ids, as a copy. */
  rows(): Rows {
    return inOrderOfIds(live(this.#engine.dumpRows()));
  }

  /** Lays everything out afresh: faster search and less memory after many changes; needs the memory twice meanwhile. */
  compact(): void {
    this.#rebuild(undefined);
  }

  #addEach(rows: Rows): void {
    let done = 0;
    try {
      for (const id of rows.ids) {
        const hash = rows.hashes.subarray(done * HASH_BYTES, (done + 1) * HASH_BYTES);
        this.#engine.add(id, hash, rows.banks[done] as number);
        done++;
      }
    } catch (error) {
      for (const id of rows.ids.subarray(0, done)) this.#engine.remove(id);
      throw error;
    }
    if (this.size > this.#limit) this.#replan();
  }

  #rebuild(extra: Rows | undefined): void {
    const kept = live(this.#engine.dumpRows());
    const rows = inOrderOfIds(extra ? concat(kept, extra) : kept);
    const planned = Math.max(
      rows.ids.length,
      this.#engine.parts.length > 0 ? Math.min(this.#limit, 2 ** 24) : 0,
    );
    const engine = new Engine(this.#module, planFor(planned));
    if (!engine.load(rows, this.banks.all)) throw new HashIndexError('id.taken');
    this.#engine = engine;
    this.#limit = planLimit(planned);
  }

  /** A larger plan is only faster, so want of memory for it is no failure of the addition that led here. */
  #replan(): void {
    try {
      this.#rebuild(undefined);
    } catch {
      this.#limit = Number.POSITIVE_INFINITY;
    }
  }
}
