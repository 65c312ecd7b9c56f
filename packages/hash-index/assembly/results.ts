import { reserve, take } from './memory';
import { live } from './rows';

/** Matches of the last search: pairs (distance u32, id u32), unordered; the outer layer sorts. */
export let results: u32 = 0;
let capacity: u32 = 0;
export let found: u32 = 0;
/** Set when memory ran out while matches were still arriving: the search has no answer. */
export let overflowed: bool = false;

export function clearResults(): void {
  found = 0;
  overflowed = false;
}

function enlarge(): bool {
  const wanted: u32 = max<u32>(1024, capacity < live / 8 ? capacity * 8 : max<u32>(live + 1, capacity * 2));
  if (!reserve(u64(wanted) * 8 + 16)) return false;
  const moved = take(wanted * 8);
  memory.copy(moved, results, usize(found) * 8);
  results = moved;
  capacity = wanted;
  return true;
}

export function report(distance: u32, id: u32): void {
  if (found === capacity && !enlarge()) {
    overflowed = true;
    return;
  }
  store<u32>(results + (found << 3), distance);
  store<u32>(results + (found << 3), id, 4);
  found++;
}
