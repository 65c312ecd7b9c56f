import { reserve, take } from './memory';
import { live } from './rows';

/** Matches of the last search: pairs (query << 10 | distance, id), each u32, unordered; the outer layer sorts. */
export let results: u32 = 0;
let capacity: u32 = 0;
export let found: u32 = 0;
/** Set when memory ran out while matches were still arriving: the search has no answer. */
export let overflowed: bool = false;
/** Matches of several queries take no more room than this; asked one by one they may. */
const MOST_OF_MANY: u32 = 1 << 20;
let most: u32 = 0;

export function clearResults(many: bool): void {
  found = 0;
  overflowed = false;
  most = many ? MOST_OF_MANY : u32.MAX_VALUE;
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

export function report(query: u32, distance: u32, id: u32): void {
  if (found >= most || (found === capacity && !enlarge())) {
    overflowed = true;
    return;
  }
  store<u32>(results + (found << 3), (query << 10) | distance);
  store<u32>(results + (found << 3), id, 4);
  found++;
}

/** Takes back what was reported for a query. */
export function dropResults(query: u32): void {
  let kept: u32 = 0;
  for (let at: u32 = 0; at < found; at++) {
    const match = load<u64>(results + (at << 3));
    if (u32(match) >> 10 === query) continue;
    store<u64>(results + (kept << 3), match);
    kept++;
  }
  found = kept;
}
