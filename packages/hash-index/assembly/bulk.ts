import { slotAt, storeSlot, tagAt } from './lists';
import { reserve, take, workArea } from './memory';
import { addressOf, blockOf, headsOf, MAX_PARTS, parts, positionOf, ring, setBlock } from './parts';
import { PAGE_BITS, PAGE_SLOTS, pageAt } from './rows';

/**
 * Exact extents for many rows at once. A direct scatter to 65,536 buckets misses cache and TLB at each write, so each
 * part is sorted in two steps: rows to 256 groups by the key's high 8 bits (sequential streams), then each group, which
 * fits the cache, to its buckets. The groups wait in the memory that the later parts' lists will take, so the build needs
 * only `SCRATCH` beyond the index itself; the last parts, for which little is left, go in several rounds.
 */
const GROUPS: u32 = 256;
const SCRATCH_BYTES_PER_256_ROWS: u64 = 160;
const SCRATCH_LEAST: u64 = 65536;

const sizes: u32 = workArea(MAX_PARTS * GROUPS * 4);
const cursors: u32 = workArea(GROUPS * 4);
const lows: u32 = workArea(65536 * 4);

/** A part's block of extents, padded to the stripes of the snapshot. */
function blockBytes(count: u32): u64 {
  return (u64(count) * 5 + 31) & ~31;
}

/** Where the sizes of a part's buckets are handed over, one u32 each. */
export function sizesAt(): u32 {
  return lows;
}

/** Blocks for lists that come from a snapshot; false when memory is short. */
export function openBlocks(count: u32): bool {
  if (!reserve(u64(parts) * (blockBytes(count) + 16))) return false;
  for (let part: u32 = 0; part < parts; part++) setBlock(part, take(u32(blockBytes(count))));
  return true;
}

/** Makes a part's heads from the sizes handed over; false when they do not add up to `count`. */
export function adoptBlock(part: u32, count: u32): bool {
  let place = blockOf(part);
  let sum: u64 = 0;
  for (let bucket: u32 = 0; bucket < 1 << addressOf(part); bucket++) {
    const size = load<u32>(lows + (bucket << 2));
    sum += size;
    if (sum > u64(count)) return false;
    const head = headsOf(part) + (bucket << 3);
    store<u32>(head, place + size * 3);
    store<u32>(head, size, 4);
    place += size * 5;
  }
  return sum === u64(count);
}

/** Hands over the sizes of a part's buckets. */
export function handSizes(part: u32): void {
  for (let bucket: u32 = 0; bucket < 1 << addressOf(part); bucket++) {
    store<u32>(lows + (bucket << 2), load<u32>(headsOf(part) + (bucket << 3), 4));
  }
}

/** Lists for `count` sealed rows; false when memory is short. */
export function layLists(count: u32): bool {
  const list = blockBytes(count);
  const scratch = SCRATCH_LEAST + ((u64(count) * SCRATCH_BYTES_PER_256_ROWS) >> 8);
  if (!reserve(u64(parts) * (list + 16) + scratch + 16)) return false;
  memory.fill(sizes, 0, MAX_PARTS * GROUPS * 4);
  for (let page: u32 = 0; page << PAGE_BITS < count; page++) {
    for (let part: u32 = 0; part < parts; part++) measurePage(part, page, count);
  }
  for (let part: u32 = 0; part < parts; part++) {
    const at = take(u32(list));
    setBlock(part, at);
    const after = u64(at) + list + 16;
    layList(part, count, at, u32((after + 15) & ~15), u64(parts - 1 - part) * list + scratch);
  }
  return true;
}

function highShift(part: u32): u32 {
  return addressOf(part) - 8;
}

function keyMask(part: u32): u32 {
  return (1 << addressOf(part)) - 1;
}

/*
 * measurePage, gatherPage and layGroup are exported from the module only so that the compiler keeps them apart: engines
 * swap a function for its optimised form when it is called anew, never inside a running loop.
 */

/** Adds a page's rows to the sizes of a part's groups. */
export function measurePage(part: u32, page: u32, count: u32): void {
  const word = positionOf(part) >> 6;
  const shift = u64(positionOf(part) & 63);
  const mask = keyMask(part);
  const high = highShift(part);
  const own = sizes + part * GROUPS * 4;
  const start = pageAt(page);
  const end = start + (min(count - (page << PAGE_BITS), PAGE_SLOTS) << 5);
  for (let row = start; row < end; row += 32) {
    const size = own + (((u32(ring(row, word, shift)) & mask) >> high) << 2);
    store<u32>(size, load<u32>(size) + 1);
  }
}

/** Lays one part's list at `at`, taking as many groups per round as `room` bytes at `temp` hold. */
function layList(part: u32, count: u32, at: u32, temp: u32, room: u64): void {
  const own = sizes + part * GROUPS * 4;
  let from: u32 = 0;
  let place = at;
  while (from < GROUPS) {
    let to = from;
    let held: u64 = 0;
    while (to < GROUPS && (held + load<u32>(own + (to << 2))) * 8 <= room) {
      held += load<u32>(own + (to << 2));
      to++;
    }
    if (to === from) {
      place = layCrowded(part, count, from, place);
      from++;
      continue;
    }
    gather(part, count, from, to, temp);
    let source = temp;
    for (let group = from; group < to; group++) {
      place = layGroup(part, group, source, load<u32>(own + (group << 2)), place);
      source += load<u32>(own + (group << 2)) << 3;
    }
    from = to;
  }
}

/** Sorts the rows of groups `from`..`to` into `temp`, group by group. */
function gather(part: u32, count: u32, from: u32, to: u32, temp: u32): void {
  let at = temp;
  for (let group = from; group < to; group++) {
    store<u32>(cursors + (group << 2), at);
    at += load<u32>(sizes + ((part * GROUPS + group) << 2)) << 3;
  }
  for (let page: u32 = 0; page << PAGE_BITS < count; page++) gatherPage(part, page, count, from, to);
}

/** Appends (slot | low key << 24 | tag << 48) of a page's rows to their groups. */
export function gatherPage(part: u32, page: u32, count: u32, from: u32, to: u32): void {
  const word = positionOf(part) >> 6;
  const shift = u64(positionOf(part) & 63);
  const mask = keyMask(part);
  const high = highShift(part);
  const lowMask: u32 = (1 << high) - 1;
  const address = u64(addressOf(part));
  const start = pageAt(page);
  const end = start + (min(count - (page << PAGE_BITS), PAGE_SLOTS) << 5);
  let slot = u64(page << PAGE_BITS);
  for (let row = start; row < end; row += 32) {
    const value = ring(row, word, shift);
    const key = u32(value) & mask;
    const group = key >> high;
    if (group - from < to - from) {
      const cursor = load<u32>(cursors + (group << 2));
      store<u64>(cursor, slot | (u64(key & lowMask) << 24) | (((value >> address) & 0xffff) << 48));
      store<u32>(cursors + (group << 2), cursor + 8);
    }
    slot++;
  }
}

/** Spreads one gathered group over its buckets; returns where the next group's extents begin. */
export function layGroup(part: u32, group: u32, source: u32, count: u32, place: u32): u32 {
  const buckets: u32 = 1 << highShift(part);
  const end = source + (count << 3);
  memory.fill(lows, 0, buckets << 2);
  for (let at = source; at < end; at += 8) {
    const low = lows + ((u32(load<u64>(at) >> 24) & 0xffffff) << 2);
    store<u32>(low, load<u32>(low) + 1);
  }
  let head = headsOf(part) + ((group << highShift(part)) << 3);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    const size = load<u32>(lows + (bucket << 2));
    store<u32>(head, place + size * 3);
    store<u32>(head, 0, 4);
    place += size * 5;
    head += 8;
  }
  head = headsOf(part) + ((group << highShift(part)) << 3);
  for (let at = source; at < end; at += 8) {
    const value = load<u64>(at);
    enter(head + ((u32(value >> 24) & 0xffffff) << 3), u32(value) & 0xffffff, u32(value >> 48));
  }
  return place;
}

function enter(head: u32, slot: u32, tag: u32): void {
  const extent = load<u32>(head);
  const index = load<u32>(head, 4);
  store<u32>(head, index + 1, 4);
  store<u16>(tagAt(extent, index), tag);
  storeSlot(slotAt(extent, index), slot);
}

/** A group too large for the room, as skewed data makes them: two passes over the rows, without a stop between. */
function layCrowded(part: u32, count: u32, group: u32, place: u32): u32 {
  const buckets: u32 = 1 << highShift(part);
  const heads = headsOf(part) + ((group << highShift(part)) << 3);
  eachRow(part, count, group, heads, false);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    const head = heads + (bucket << 3);
    const size = load<u32>(head, 4);
    store<u32>(head, place + size * 3);
    store<u32>(head, 0, 4);
    place += size * 5;
  }
  eachRow(part, count, group, heads, true);
  return place;
}

function eachRow(part: u32, count: u32, group: u32, heads: u32, entering: bool): void {
  const word = positionOf(part) >> 6;
  const shift = u64(positionOf(part) & 63);
  const high = highShift(part);
  const lowMask: u32 = (1 << high) - 1;
  for (let slot: u32 = 0; slot < count; slot++) {
    const row = pageAt(slot >> PAGE_BITS) + ((slot & (PAGE_SLOTS - 1)) << 5);
    const value = ring(row, word, shift);
    const key = u32(value) & keyMask(part);
    if (key >> high !== group) continue;
    const head = heads + ((key & lowMask) << 3);
    if (entering) enter(head, slot, u32(value >> u64(addressOf(part))) & 0xffff);
    else store<u32>(head, load<u32>(head, 4) + 1, 4);
  }
}
