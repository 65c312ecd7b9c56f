/** The module's exports. Numbers cross the border as u32; refusals are 0. The outer layer has validated everything. */

import { queryAt } from './asked';
import {
  adoptBlock,
  gatherPage,
  handSizes,
  layGroup,
  layLists,
  measurePage,
  openBlocks,
  sizesAt,
} from './bulk';
import { checksumDigest, checksumReset, checksumUpdate } from './checksum';
import { chunked, erase, insert, insertNeed } from './lists';
import { held, reserve } from './memory';
import { addPart, blockOf } from './parts';
import { found, overflowed, results } from './results';
import {
  claim,
  claimNeed,
  find,
  hashAt,
  inOrder,
  live,
  maskAt,
  openRows,
  pageAt,
  release,
  sealRows,
  slots,
} from './rows';
import { searchAll } from './search';

export {
  addPart,
  adoptBlock,
  blockOf,
  checksumDigest,
  checksumReset,
  checksumUpdate,
  find,
  gatherPage,
  handSizes,
  hashAt,
  held,
  inOrder,
  layGroup,
  maskAt,
  measurePage,
  openBlocks,
  openRows,
  pageAt,
  queryAt,
  sealRows,
  sizesAt,
};

export function liveRows(): u32 {
  return live;
}
export function usedSlots(): u32 {
  return slots;
}
export function looseEntries(): f64 {
  return chunked;
}

/** Lists for the sealed rows; false = out of memory. */
export function lay(): bool {
  return layLists(slots);
}

/** Adds the hash at the first query; the id must be absent. False = out of memory or of slots, and nothing has changed. */
export function add(id: u32, mask: u32): bool {
  if (!reserve(claimNeed() + insertNeed())) return false;
  const slot = claim(id, mask);
  memory.copy(hashAt(slot), queryAt(0), 32);
  insert(slot);
  return true;
}

/** Removes an id; false = absent. */
export function remove(id: u32): bool {
  const slot = find(id);
  if (slot === 0xffffffff) return false;
  erase(slot);
  release(slot);
  return true;
}

/** Gives a present id the hash at the first query and these banks: 1. Or 2 = absent, 0 = out of memory, and nothing changed. */
export function replace(id: u32, mask: u32): u32 {
  const slot = find(id);
  if (slot === 0xffffffff) return 2;
  if (!reserve(insertNeed())) return 0;
  erase(slot);
  memory.copy(hashAt(slot), queryAt(0), 32);
  store<u32>(maskAt(slot), mask);
  insert(slot);
  return 1;
}

/**
 * Searches with the first `asked` queries (64 at most); the number of matches, or 0xffffffff when there was no room for
 * them: for those of a single query there is unless memory ran out.
 */
export function search(asked: u32, radius: u32, banks: u32): u32 {
  searchAll(asked, radius, banks);
  return overflowed ? 0xffffffff : found;
}
export function resultsAt(): u32 {
  return results;
}
