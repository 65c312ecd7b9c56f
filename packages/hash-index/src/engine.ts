import { HashIndexError } from './errors.ts';
import type { Part } from './plan.ts';
import { HASH_BYTES, type Rows } from './rows.ts';

/** Mirrors `PAGE_SLOTS` and the columns of a page in `assembly/rows.ts`. */
export const PAGE_SLOTS = 16_384;
const PAGE_IDS = PAGE_SLOTS * 32;
const PAGE_MASKS = PAGE_IDS + PAGE_SLOTS * 4;
const STAGING_BYTES = 262_144;
/** Mirrors `assembly/asked.ts`. */
export const MOST_ASKED = 64;

/** Fills `into` with a snapshot's next bytes, all of it, or throws. */
export type Read = (into: Uint8Array) => void;

/** Bytes rounded up to a snapshot's stripes of 32. */
export function stripes(bytes: number): number {
  return Math.ceil(bytes / 32) * 32;
}

/** What the compiled module exports; all numbers are 32 bits and come back signed. */
interface Exports {
  addPart(width: number, address: number): number;
  openRows(count: number): number;
  sealRows(known: number): number;
  lay(): number;
  openBlocks(count: number): number;
  blockOf(part: number): number;
  sizesAt(): number;
  handSizes(part: number): void;
  adoptBlock(part: number, count: number): number;
  pageAt(page: number): number;
  hashAt(slot: number): number;
  maskAt(slot: number): number;
  find(id: number): number;
  add(id: number, mask: number): number;
  remove(id: number): number;
  replace(id: number, mask: number): number;
  queryAt(query: number): number;
  search(asked: number, radius: number, banks: number): number;
  resultsAt(): number;
  liveRows(): number;
  usedSlots(): number;
  looseEntries(): number;
  inOrder(): number;
  held(): number;
  checksumReset(): void;
  checksumUpdate(at: number, bytes: number): void;
  checksumDigest(): bigint;
}

/**
 * One WebAssembly instance with its own memory and a fixed plan. It trusts what it is given: `HashIndex` validates.
 * Everything is synchronous and runs wherever WebAssembly does.
 */
export class Engine {
  readonly parts: readonly Part[];
  readonly #memory: WebAssembly.Memory;
  readonly #wasm: Exports;
  #bytes: Uint8Array;

  /** Throws `engine.invalid` for a foreign module, `index.full` when the host has no memory. */
  constructor(module: WebAssembly.Module, parts: readonly Part[]) {
    this.parts = parts;
    try {
      this.#memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536 });
    } catch {
      throw new HashIndexError('index.full');
    }
    try {
      const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
      this.#wasm = exports as unknown as Exports;
      this.#wasm.checksumReset();
    } catch {
      throw new HashIndexError('engine.invalid');
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    for (const { width, address } of parts) this.#need(this.#wasm.addPart(width, address));
  }

  get size(): number {
    return this.#wasm.liveRows();
  }
  /** Rows in ascending order of ids, no hole, every entry in an exact extent. */
  get tidy(): boolean {
    return this.#wasm.inOrder() !== 0 && this.#wasm.looseEntries() === 0;
  }
  /** Share of list entries outside exact extents, 0 to 1 (more after removals). */
  get loose(): number {
    const entries = this.size * this.parts.length;
    return entries === 0 ? 0 : this.#wasm.looseEntries() / entries;
  }
  get memoryBytes(): number {
    return this.#wasm.held();
  }

  has(id: number): boolean {
    return this.#wasm.find(id) !== -1;
  }
  get(id: number): { hash: Uint8Array; banks: number } | undefined {
    const slot = this.#wasm.find(id);
    if (slot === -1) return undefined;
    const at = this.#wasm.hashAt(slot) >>> 0;
    const [banks] = new Uint32Array(this.#memory.buffer, this.#wasm.maskAt(slot) >>> 0, 1);
    return { hash: this.#view().slice(at, at + HASH_BYTES), banks: banks as number };
  }
  /** The id must be absent; throws `index.full` without having changed anything. */
  add(id: number, hash: Uint8Array, banks: number): void {
    this.#setQuery(hash);
    this.#need(this.#wasm.add(id, banks));
  }
  remove(id: number): boolean {
    return this.#wasm.remove(id) !== 0;
  }
  /** False when the id is absent; throws `index.full` without having changed anything. */
  replace(id: number, hash: Uint8Array, banks: number): boolean {
    this.#setQuery(hash);
    const done = this.#wasm.replace(id, banks);
    this.#need(done);
    return done === 1;
  }
  /**
   * Matches of up to `MOST_ASKED` hashes, laid one after another, as pairs (n-th hash * 2^10 + distance, id), unordered: a
   * view that the next call overwrites. Undefined when there are too many: ask fewer at a time.
   */
  search(hashes: Uint8Array, radius: number, banks: number): Uint32Array | undefined {
    this.#setQuery(hashes);
    const asked = hashes.length / HASH_BYTES;
    const found = this.#wasm.search(asked, radius, banks) >>> 0;
    if (found !== 0xffff_ffff)
      return new Uint32Array(this.#memory.buffer, this.#wasm.resultsAt() >>> 0, 2 * found);
    if (asked > 1) return undefined;
    throw new HashIndexError('index.full');
  }

  /** Fills an empty engine with rows in ascending order of ids; false when the columns break a rule. */
  load(rows: Rows, known: number): boolean {
    this.#need(this.#wasm.openRows(rows.ids.length));
    this.#eachPage(rows.ids.length, (first, count, hashes, ids, masks) => {
      hashes.set(rows.hashes.subarray(first * HASH_BYTES, (first + count) * HASH_BYTES));
      ids.set(rows.ids.subarray(first, first + count));
      masks.set(rows.banks.subarray(first, first + count));
    });
    if (!this.sealRows(known)) return false;
    this.lay();
    return true;
  }
  /** Copies all rows, by slot; free slots have no bank. */
  dumpRows(): Rows {
    const slots = this.#wasm.usedSlots();
    const rows = {
      ids: new Uint32Array(slots),
      hashes: new Uint8Array(slots * HASH_BYTES),
      banks: new Uint32Array(slots),
    };
    this.copyRows(rows);
    return rows;
  }
  /** As `dumpRows`, into columns of as many rows as there are slots. */
  copyRows(rows: Rows): void {
    this.#eachPage(rows.ids.length, (first, _count, hashes, ids, masks) => {
      rows.hashes.set(hashes, first * HASH_BYTES);
      rows.ids.set(ids, first);
      rows.banks.set(masks, first);
    });
  }

  /**
   * A snapshot goes straight to where it stays, in its own order: `beginIntake`, the header, the rows, each part's list.
   * `intakeDigest` then tells whether to believe it; until then only lengths are.
   */
  beginIntake(header: Uint8Array): void {
    this.#wasm.checksumReset();
    this.#addToChecksum(header);
  }
  takeRows(count: number, read: Read): void {
    this.#need(this.#wasm.openRows(count));
    for (const [column, width] of [
      [PAGE_IDS, 4],
      [PAGE_MASKS, 4],
      [0, HASH_BYTES],
    ] as const) {
      for (let first = 0; first < count; first += PAGE_SLOTS) {
        const page = this.#wasm.pageAt(first / PAGE_SLOTS) >>> 0;
        this.#takeIn(page + column, stripes(width * Math.min(PAGE_SLOTS, count - first)), read);
      }
    }
  }
  /** Room for the lists' blocks, before `takeList` fills them one by one. */
  openLists(): void {
    this.#need(this.#wasm.openBlocks(this.size));
  }
  /** A part's bucket sizes (u32 each) and block; false when they do not fit the rows. */
  takeList(part: number, address: number, read: Read): boolean {
    this.#takeIn(this.#wasm.sizesAt() >>> 0, 4 * 2 ** address, read);
    this.#takeIn(this.#wasm.blockOf(part) >>> 0, stripes(5 * this.size), read);
    return this.#wasm.adoptBlock(part, this.size) !== 0;
  }
  intakeDigest(): bigint {
    return BigInt.asUintN(64, this.#wasm.checksumDigest());
  }
  /** Whether the rows taken in are in ascending order of ids and have known banks only. */
  sealRows(known: number): boolean {
    return this.#wasm.sealRows(known) !== 0;
  }
  /** Lists for sealed rows that came without. */
  lay(): void {
    this.#need(this.#wasm.lay());
  }
  /** Views of a tidy engine's list, until the next call: bucket sizes and block as `takeList` takes them. */
  list(part: number, address: number): { sizes: Uint8Array; block: Uint8Array } {
    this.#wasm.handSizes(part);
    const sizes = this.#wasm.sizesAt() >>> 0;
    const block = this.#wasm.blockOf(part) >>> 0;
    return {
      sizes: this.#view().subarray(sizes, sizes + 4 * 2 ** address),
      block: this.#view().subarray(block, block + 5 * this.size),
    };
  }

  /** XXH64, seed 0, of bytes whose length is a multiple of 32. */
  checksum(bytes: Uint8Array): bigint {
    this.#wasm.checksumReset();
    this.#addToChecksum(bytes);
    return this.intakeDigest();
  }

  #addToChecksum(bytes: Uint8Array): void {
    const staging = this.#wasm.sizesAt() >>> 0;
    for (let at = 0; at < bytes.length; at += STAGING_BYTES) {
      const piece = bytes.subarray(at, at + STAGING_BYTES);
      this.#view().set(piece, staging);
      this.#wasm.checksumUpdate(staging, piece.length);
    }
  }

  /** `bytes` from `read` to `at`, in pieces that the cache still holds when the checksum reads them. */
  #takeIn(at: number, bytes: number, read: Read): void {
    for (let done = 0; done < bytes; done += STAGING_BYTES) {
      const piece = Math.min(STAGING_BYTES, bytes - done);
      read(this.#view().subarray(at + done, at + done + piece));
      this.#wasm.checksumUpdate(at + done, piece);
    }
  }
  #eachPage(
    slots: number,
    visit: (first: number, count: number, hashes: Uint8Array, ids: Uint32Array, masks: Uint32Array) => void,
  ): void {
    const { buffer } = this.#memory;
    for (let first = 0; first < slots; first += PAGE_SLOTS) {
      const count = Math.min(PAGE_SLOTS, slots - first);
      const page = this.#wasm.pageAt(first / PAGE_SLOTS) >>> 0;
      visit(
        first,
        count,
        new Uint8Array(buffer, page, count * HASH_BYTES),
        new Uint32Array(buffer, page + PAGE_IDS, count),
        new Uint32Array(buffer, page + PAGE_MASKS, count),
      );
    }
  }
  #setQuery(hashes: Uint8Array): void {
    this.#view().set(hashes, this.#wasm.queryAt(0) >>> 0);
  }
  /** Growing the memory detaches its buffer, so the view is renewed when that happened. */
  #view(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }
  #need(done: number): void {
    if (done === 0) throw new HashIndexError('index.full');
  }
}
