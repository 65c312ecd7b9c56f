/**
 * Exact radius search over 256-bit perceptual hashes. Pure: bytes in, matches out; `./node` loads the module on Node,
 * `./service` runs indexes in worker threads.
 */
export { Banks } from './banks.ts';
export { HASH_INDEX_ERRORS, HashIndexError, type HashIndexErrorCode } from './errors.ts';
export {
  HashIndex,
  type IndexOptions,
  type IndexStats,
  type SearchOptions,
} from './hash-index.ts';
export { parseHash } from './input.ts';
export type { Match } from './matches.ts';
export { moduleFile, simdSupported } from './module.ts';
export type { Rows } from './rows.ts';
export type { Shard, SnapshotSource } from './snapshot.ts';
