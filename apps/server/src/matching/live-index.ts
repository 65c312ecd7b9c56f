import { HashIndexError, type Rows } from '@accord/hash-index';
import { type ShardedIndex, startIndexService } from '@accord/hash-index/service';
import type { ChangedHash } from './index-feed.ts';
import type { HashKind } from './types.ts';

/** In the order of their numbers in the database. */
export const hashKinds = ['whole', 'part', 'region'] as const satisfies readonly HashKind[];

/**
 * Each is an index of its own: one for a kind, so that a question searches no more than it is about, and for crops one for each
 * anchor, as most asked crops can be like kept ones of one anchor alone. `part` has those whose anchor nobody said: whoever asks
 * about any crops asks it.
 */
export const shelves = ['whole', 'part', 'part1', 'part2', 'part3', 'part4', 'part5', 'region'] as const;
export type Shelf = (typeof shelves)[number];

const kindOn: Readonly<Record<Shelf, HashKind>> = {
  whole: 'whole',
  part: 'part',
  part1: 'part',
  part2: 'part',
  part3: 'part',
  part4: 'part',
  part5: 'part',
  region: 'region',
};

/** Where the crops of an anchor are, 0 for one that is not known. */
export const shelfOfParts = (anchor: number): Shelf => shelves[1 + anchor] as Shelf;

/** Where a hash is, by its numbers in the database; undefined for numbers that say nothing. */
export const shelfOf = (kind: number, anchor: number): Shelf | undefined =>
  hashKinds[kind] === 'part' ? shelfOfParts(anchor) : hashKinds[kind];

/** All shelves of these kinds. */
export const shelvesOf = (kinds: readonly HashKind[]): readonly Shelf[] =>
  shelves.filter((shelf) => kinds.includes(kindOn[shelf]));

/** Bit n is the bank of id n; the last one marks pictures of the registry. */
const indexBanks = [...Array.from({ length: 31 }, (_, id) => `B${id}`), 'REGISTERED'];
export const registeredBit = 2 ** 31;

/** A stored hash near an asked one. */
export interface Hit {
  readonly id: number;
  readonly kind: HashKind;
  readonly distance: number;
}

/** The same ids as in the database. Other than wholes, a shelf on which nothing ever was has no index, and takes no thread. */
export type Indexes = Readonly<Partial<Record<Shelf, ShardedIndex>>>;

/** Rows as columns, by shelf. */
export type RowsByShelf = Readonly<Record<Shelf, Rows>>;

const openIndex = (rows: Rows): Promise<ShardedIndex> => startIndexService({ banks: indexBanks }, rows);

/** Whether a restored index is laid out as ours. */
export const fits = (index: ShardedIndex): boolean => index.banks.names.join() === indexBanks.join();

const isCode = (error: unknown, code: string): boolean =>
  error instanceof HashIndexError && error.code === code;

/**
 * Hashes of many pictures, or more than a device asks of one, are asked in pieces, so many of which are under way at a time: who asks
 * about one picture waits for these, and not for the thousand before it. Two keep the index at work while an answer is read.
 */
const atOnce = 160;
const pieceSize = 4;
const piecesUnderWay = 2;

/** The searchable copy of what the database holds, in threads of its own. */
export class LiveIndex {
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #indexes: Partial<Record<Shelf, ShardedIndex>>;
  /** The highest id that ever went in: what is above is new for sure. */
  readonly #highest: Partial<Record<Shelf, number>>;

  constructor(indexes: Indexes, highest: Readonly<Partial<Record<Shelf, number>>>) {
    this.#indexes = { ...indexes };
    this.#highest = { ...highest };
  }

  /** An index of these rows, in ascending order of ids. */
  static async of(rows: RowsByShelf): Promise<LiveIndex> {
    const filled = shelves.filter((shelf) => shelf === 'whole' || rows[shelf].ids.length > 0);
    const opened = await Promise.all(filled.map(async (shelf) => [shelf, await openIndex(rows[shelf])]));
    const highest = filled.map((shelf) => [shelf, rows[shelf].ids.at(-1) ?? 0]);
    return new LiveIndex(Object.fromEntries(opened), Object.fromEntries(highest));
  }

  get indexes(): Indexes {
    return this.#indexes;
  }
  get highest(): Readonly<Partial<Record<Shelf, number>>> {
    return this.#highest;
  }

  /** For each hash what is near on these shelves and in these banks (a mask), nearest first. */
  async search(
    hashes: readonly Uint8Array[],
    options: {
      readonly on: readonly Shelf[];
      readonly radius: number;
      readonly banks: number;
      /** Each hash is of a picture of its own. */
      readonly many?: boolean;
    },
  ): Promise<Hit[][]> {
    const { radius, banks, many = false } = options;
    const asked = shelves.flatMap((shelf) => {
      const index = this.#indexes[shelf];
      return index !== undefined && options.on.includes(shelf) ? [{ index, kind: kindOn[shelf] }] : [];
    });
    if (hashes.length === 0 || banks === 0 || asked.length === 0) return hashes.map(() => []);
    const search = (piece: readonly Uint8Array[]) =>
      Promise.all(asked.map(({ index }) => index.searchMany(piece, { radius, banks })));
    const together = hashes.length <= (many ? pieceSize : atOnce);
    const answers = await (together ? search(hashes) : this.#inPieces(hashes, search));
    return hashes.map((_, at) =>
      asked
        .flatMap(({ kind }, k) => (answers[k]?.[at] ?? []).map((match) => ({ ...match, kind })))
        .sort((one, other) => one.distance - other.distance || one.id - other.id),
    );
  }

  /** The same answers by shelf, in pieces; those of other callers come between. */
  async #inPieces<T>(
    hashes: readonly Uint8Array[],
    search: (piece: readonly Uint8Array[]) => Promise<T[][]>,
  ): Promise<T[][]> {
    const starts = Array.from({ length: Math.ceil(hashes.length / pieceSize) }, (_, at) => at * pieceSize);
    const found: T[][][] = [];
    const lane = async (offset: number): Promise<void> => {
      for (let at = offset; at < starts.length; at += piecesUnderWay) {
        const from = starts[at] ?? 0;
        found[at] = await this.#inTurn(() => search(hashes.slice(from, from + pieceSize)));
      }
    };
    await Promise.all(Array.from({ length: piecesUnderWay }, (_, offset) => lane(offset)));
    return (found[0] ?? []).map((_, shelf) => found.flatMap((piece) => piece[shelf] ?? []));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= piecesUnderWay) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#underWay += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, or given back.
      if (next === undefined) this.#underWay -= 1;
      else next();
    }
  }

  /** Brings these hashes to the state that the database has; may be told the same twice. */
  async apply(changes: readonly ChangedHash[]): Promise<void> {
    const done = await Promise.allSettled(
      shelves.map((shelf) =>
        this.#applyTo(
          shelf,
          // A row that is gone does not say any more what it was of.
          changes.filter((change) => change.shelf === shelf || change.shelf === null),
        ),
      ),
    );
    const failed = done.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #applyTo(shelf: Shelf, changes: readonly ChangedHash[]): Promise<void> {
    const before = this.#highest[shelf] ?? 0;
    const there = changes.filter(({ mask }) => mask !== 0);
    const fresh = there.filter(({ id }) => id > before);
    if (fresh.length > 0) {
      const rows = {
        ids: Uint32Array.from(fresh, ({ id }) => id),
        hashes: new Uint8Array(Buffer.concat(fresh.map(({ hash }) => hash))),
        banks: Uint32Array.from(fresh, ({ mask }) => mask),
      };
      const index = this.#indexes[shelf];
      if (index === undefined) this.#indexes[shelf] = await openIndex(rows);
      else await index.addMany(rows);
    }
    const index = this.#indexes[shelf];
    if (index === undefined) return;
    for (const change of there) if (change.id <= before) await set(index, change);
    const highest = there.reduce((most, { id }) => Math.max(most, id), before);
    this.#highest[shelf] = highest;
    for (const { id, mask } of changes) if (mask === 0 && id <= highest) await remove(index, id);
  }

  /** What the index holds under an id, for comparing. */
  async held(shelf: Shelf, id: number): Promise<{ hash: Uint8Array; banks: number } | undefined> {
    return this.#indexes[shelf]?.get(id);
  }

  async sizes(): Promise<Readonly<Partial<Record<Shelf, number>>>> {
    const sizes = await Promise.all(
      Object.entries(this.#indexes).map(async ([shelf, index]) => [shelf, await index.size()]),
    );
    return Object.fromEntries(sizes);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#indexes).map((index) => index.close()));
  }
}

async function set(index: ShardedIndex, { id, hash, mask }: ChangedHash): Promise<void> {
  try {
    await index.replace(id, hash, mask);
  } catch (error) {
    if (!isCode(error, 'id.absent')) throw error;
    await index.add(id, hash, mask);
  }
}

async function remove(index: ShardedIndex, id: number): Promise<void> {
  try {
    await index.remove(id);
  } catch (error) {
    if (!isCode(error, 'id.absent')) throw error;
  }
}
