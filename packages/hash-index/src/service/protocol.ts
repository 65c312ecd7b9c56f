import type { HashIndexErrorCode } from '../errors.ts';
import type { IndexOptions, IndexStats, SearchOptions } from '../hash-index.ts';
import type { Triples } from '../matches.ts';
import type { Rows } from '../rows.ts';
import type { Shard, SnapshotSource } from '../snapshot.ts';

/** How a worker begins: with rows, or with a snapshot or the name of its file; `shard` says which part of the whole it is. */
export interface Opening {
  readonly module: WebAssembly.Module;
  readonly options: IndexOptions;
  readonly shard: Shard;
  readonly rows?: Rows;
  readonly snapshot?: Uint8Array | string;
}

/** What a worker's surroundings can do that not all can. */
export interface Surroundings {
  /** Opens a snapshot's file for as long as `use` runs. */
  withSnapshotFile<T>(path: string, use: (snapshot: SnapshotSource) => T): T;
  /** Gives memory that an index left behind to the system now; engines think of it late, as their own heap stays small. */
  collect(): void;
}

/** What a worker can be asked, by name; the index that answers is synchronous. */
export interface Calls {
  open(opening: Opening): { readonly banks: readonly string[]; readonly shard: Shard };
  size(): number;
  stats(): IndexStats;
  get(id: number): { hash: Uint8Array; banks: number } | undefined;
  add(id: number, hash: Uint8Array, banks: number): void;
  addMany(rows: Rows): void;
  absent(ids: Uint32Array): boolean;
  removeMany(ids: Uint32Array): void;
  remove(id: number): void;
  replace(id: number, hash: Uint8Array, banks: number): void;
  search(hashes: Uint8Array, options: SearchOptions): Triples;
  snapshot(lists: boolean): Uint8Array<ArrayBuffer>;
  compact(): void;
}

export interface Request {
  readonly call: number;
  readonly name: keyof Calls;
  readonly args: readonly unknown[];
}

/** `code` instead of `value` when the index refused. */
export type Reply =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly code: HashIndexErrorCode };

/** A worker seen from either side: messages out, messages in. */
export interface Port {
  post(message: Request | Reply, transfer: readonly ArrayBuffer[]): void;
  listen(receive: (message: unknown) => void): void;
}
