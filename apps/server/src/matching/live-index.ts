import { HashIndexError } from '@accord/hash-index';
import { type ShardedIndex, startIndexService } from '@accord/hash-index/service';
import type { ChangedHash } from './index-feed.ts';
import type { HashKind } from './types.ts';

/** In the order of their numbers in the database. */
export const hashKinds = ['whole', 'part', 'region'] as const satisfies readonly HashKind[];

/** Bit n is the bank of id n; the last one marks pictures of the registry. */
const indexBanks = [...Array.from({ length: 31 }, (_, id) => `B${id}`), 'REGISTERED'];
export const registeredBit = 2 ** 31;

/** A stored hash near an asked one. */
export interface Hit {
  readonly id: number;
  readonly kind: HashKind;
  readonly distance: number;
}

/** One index for each kind, so that a question searches no more than it is about; the same ids in the database. */
export type Indexes = Readonly<Record<HashKind, ShardedIndex>>;

/** Rows as columns, by kind. */
export type RowsByKind = Readonly<
  Record<HashKind, { readonly ids: Uint32Array; readonly hashes: Uint8Array; readonly banks: Uint32Array }>
>;

export async function openIndexes(rows: RowsByKind): Promise<Indexes> {
  const open = (kind: HashKind) => startIndexService({ banks: indexBanks }, rows[kind]);
  const [whole, part, region] = await Promise.all(hashKinds.map(open));
  return { whole, part, region } as Indexes;
}

/** Whether restored indexes are laid out as ours. */
export const fits = (indexes: Indexes): boolean =>
  hashKinds.every((kind) => indexes[kind].banks.names.join() === indexBanks.join());

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
  readonly #indexes: Indexes;
  /** The highest id that ever went in: what is above is new for sure. */
  readonly #highest: Record<HashKind, number>;

  constructor(indexes: Indexes, highest: Readonly<Record<HashKind, number>>) {
    this.#indexes = indexes;
    this.#highest = { ...highest };
  }

  get indexes(): Indexes {
    return this.#indexes;
  }
  get highest(): Readonly<Record<HashKind, number>> {
    return this.#highest;
  }

  /** For each hash what is near in these kinds and banks (a mask), nearest first. */
  async search(
    hashes: readonly Uint8Array[],
    options: {
      readonly kinds: readonly HashKind[];
      readonly radius: number;
      readonly banks: number;
      /** Each hash is of a picture of its own. */
      readonly many?: boolean;
    },
  ): Promise<Hit[][]> {
    const { radius, banks, many = false } = options;
    const kinds = options.kinds.filter((kind) => this.#highest[kind] > 0);
    if (hashes.length === 0 || banks === 0) return hashes.map(() => []);
    const search = (piece: readonly Uint8Array[]) =>
      Promise.all(kinds.map((kind) => this.#indexes[kind].searchMany(piece, { radius, banks })));
    const together = hashes.length <= (many ? pieceSize : atOnce);
    const answers = await (together ? search(hashes) : this.#inPieces(hashes, search));
    return hashes.map((_, at) =>
      kinds
        .flatMap((kind, k) => (answers[k]?.[at] ?? []).map((match) => ({ ...match, kind })))
        .sort((one, other) => one.distance - other.distance || one.id - other.id),
    );
  }

  /** The same answers by kind, in pieces; those of other callers come between. */
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
    return (found[0] ?? []).map((_, kind) => found.flatMap((piece) => piece[kind] ?? []));
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
    for (const [n, kind] of hashKinds.entries()) {
      const mine = changes.filter((change) => change.kind === n && change.mask !== 0);
      const before = this.#highest[kind];
      await this.#addMany(
        kind,
        mine.filter(({ id }) => id > before),
      );
      for (const change of mine) if (change.id <= before) await this.#set(kind, change);
      this.#highest[kind] = mine.reduce((highest, { id }) => Math.max(highest, id), before);
    }
    for (const change of changes) {
      if (change.mask !== 0) continue;
      // A row that is gone does not say any more what it was of.
      const kinds = change.kind === null ? hashKinds : [hashKinds[change.kind] as HashKind];
      for (const kind of kinds) if (change.id <= this.#highest[kind]) await this.#remove(kind, change.id);
    }
  }

  /** What the index holds under an id, for comparing. */
  held(kind: HashKind, id: number): Promise<{ hash: Uint8Array; banks: number } | undefined> {
    return this.#indexes[kind].get(id);
  }

  async sizes(): Promise<Record<HashKind, number>> {
    const [whole, part, region] = await Promise.all(hashKinds.map((kind) => this.#indexes[kind].size()));
    return { whole: whole ?? 0, part: part ?? 0, region: region ?? 0 };
  }

  async close(): Promise<void> {
    await Promise.all(hashKinds.map((kind) => this.#indexes[kind].close()));
  }

  async #addMany(kind: HashKind, fresh: readonly ChangedHash[]): Promise<void> {
    if (fresh.length === 0) return;
    await this.#indexes[kind].addMany({
      ids: Uint32Array.from(fresh, ({ id }) => id),
      hashes: new Uint8Array(Buffer.concat(fresh.map(({ hash }) => hash))),
      banks: Uint32Array.from(fresh, ({ mask }) => mask),
    });
  }

  async #set(kind: HashKind, { id, hash, mask }: ChangedHash): Promise<void> {
    try {
      await this.#indexes[kind].replace(id, hash, mask);
    } catch (error) {
      if (!isCode(error, 'id.absent')) throw error;
      await this.#indexes[kind].add(id, hash, mask);
    }
  }

  async #remove(kind: HashKind, id: number): Promise<void> {
    try {
      await this.#indexes[kind].remove(id);
    } catch (error) {
      if (!isCode(error, 'id.absent')) throw error;
    }
  }
}
