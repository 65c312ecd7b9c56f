import { COUNT, headAt, IS_CHUNK, loadSlot, nextOf } from './lists';
import { workArea } from './memory';
import {
  addressOf,
  allowanceOf,
  bits,
  keyOf,
  pairAllowanceOf,
  parts,
  positionOf,
  restOf,
  setRadius,
  tagOf,
  widthOf,
} from './parts';
import { clearResults, report } from './results';
import { hashAt, idAt, live, maskAt, slots } from './rows';
import { emptyQueue, QUEUE, queue, queued, scanExtent, touch } from './scan';

export const query: u32 = workArea(32);

/** Flips of at most 3 bits of a 16- to 24-bit address, in groups by number of flips. */
const MOST_FLIPS: i32 = 3;
const BATCH: u32 = 64;
const batch: u32 = workArea(BATCH * 16);
let batched: u32 = 0;

/** Costs in quarters of a nanosecond, measured; they only choose the cheaper of two exact ways. */
const COST_PROBE: u64 = 48;
const COST_ENTRY: u64 = 1;
const COST_KEPT: u64 = 100;
const COST_ROW: u64 = 7;

let radius: u32 = 0;
let banks: u32 = 0;
let budget: u64 = 0;
let spent: u64 = 0;
let _sink: u32 = 0;
/** 1 when the last search read every row, 0 when it used the parts. */
export let scanned: u32 = 0;

function choose(n: u64, k: i32): u64 {
  let ways: u64 = 1;
  for (let i = 0; i < k; i++) ways = (ways * (n - u64(i))) / u64(i + 1);
  return ways;
}

/** What the parts are expected to cost for keys spread evenly. */
function expectedCost(): u64 {
  let cost: u64 = 0;
  for (let part: u32 = 0; part < parts; part++) {
    const flips = allowanceOf(part);
    let probes: u64 = 0;
    for (let k = 0; k <= flips; k++) probes += choose(addressOf(part), k);
    cost += probes * (COST_PROBE + ((u64(live) * COST_ENTRY) >> addressOf(part)));
  }
  return cost;
}

/**
 * All live rows within `within` bits of the hash at `query` that share a bank with `wanted`, into `results`.
 * Exact by either way: parts (cycle lemma, see setRadius) or every row when that is cheaper or buckets turn out crowded.
 */
export function searchAll(within: u32, wanted: u32): void {
  radius = within;
  banks = wanted;
  clearResults();
  emptyQueue();
  batched = 0;
  spent = 0;
  budget = u64(live) * COST_ROW;
  scanned = 1;
  if (parts !== 0 && setRadius(within) <= MOST_FLIPS && expectedCost() <= budget) {
    scanned = 0;
    for (let part: u32 = 0; part < parts && spent <= budget; part++) probePart(part);
    if (spent <= budget) drainBatch();
    if (spent <= budget) drainQueue();
    if (spent > budget) scanned = 1;
  }
  if (scanned) searchRows();
}

function probePart(part: u32): void {
  const most = allowanceOf(part);
  if (most < 0) return;
  const key = keyOf(query, part);
  const width = addressOf(part);
  probe(part, key, 0);
  if (most < 1) return;
  for (let a: u32 = 0; a < width; a++) {
    const one = key ^ (1 << a);
    probe(part, one, 1);
    if (most < 2) continue;
    for (let b: u32 = 0; b < a; b++) {
      const two = one ^ (1 << b);
      probe(part, two, 2);
      if (most < 3) continue;
      for (let c: u32 = 0; c < b; c++) probe(part, two ^ (1 << c), 3);
    }
  }
}

function probe(part: u32, key: u32, flips: u32): void {
  const head = headAt(part, key);
  const count = load<u32>(head, 4);
  if (count === 0) return;
  const at = batch + (batched << 4);
  store<u32>(at, load<u32>(head));
  store<u32>(at, count, 4);
  store<u32>(at, part, 8);
  store<u32>(at, flips, 12);
  if (++batched === BATCH) drainBatch();
}

/** Touches all buckets of the batch first, then reads them. */
function drainBatch(): void {
  const size = batched;
  batched = 0;
  let sum: u32 = 0;
  for (let item: u32 = 0; item < size; item++) {
    const count = load<u32>(batch + (item << 4), 4);
    if ((count & COUNT) <= 4096) sum += touch(load<u32>(batch + (item << 4)), count);
  }
  _sink = sum;
  for (let item: u32 = 0; item < size && spent <= budget; item++) {
    const at = batch + (item << 4);
    scanBucket(load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<i32>(at, 12));
  }
}

function scanBucket(extent: u32, count: u32, part: u32, flips: i32): void {
  const tag = tagOf(query, part);
  const limit = pairAllowanceOf(part) - flips;
  const restMask: u32 = (1 << restOf(part)) - 1;
  const restLimit = allowanceOf(part) - flips;
  while (true) {
    const size = count & COUNT;
    let from: u32 = 0;
    while (from < size) {
      const to = size - from > 2048 ? from + 2048 : size;
      scanExtent(extent, from, to, tag, limit, restMask, restLimit, part);
      spent += u64(to - from) * COST_ENTRY;
      from = to;
      if (queued >= QUEUE - 2048) drainQueue();
      if (spent > budget) return;
    }
    if (!(count & IS_CHUNK)) return;
    spent += 16;
    count = load<u32>(nextOf(extent), 4);
    extent = load<u32>(nextOf(extent));
  }
}

/** Slots of all kept entries, then their rows: two rounds of independent reads instead of one chain each. */
function drainQueue(): void {
  const size = queued;
  emptyQueue();
  spent += u64(size) * COST_KEPT;
  for (let item: u32 = 0; item < size; item++) {
    const at = queue + (item << 3);
    store<u32>(at, loadSlot(load<u32>(at)));
  }
  for (let item: u32 = 0; item < size; item++) {
    const slot = load<u32>(queue + (item << 3));
    if (slot >= slots) continue; // Only lists from a forged snapshot say so; an answer, not a trap.
    const row = hashAt(slot);
    const half = halfDistance(row, 0);
    if (half > radius) continue;
    const distance = half + halfDistance(row, 16);
    if (distance > radius) continue;
    if (keptBefore(row, load<u32>(queue + (item << 3), 4))) continue;
    if ((load<u32>(maskAt(slot)) & banks) !== 0) report(distance, load<u32>(idAt(slot)));
  }
}

/** Whether an earlier part keeps this row too, by the very conditions of the scan: each match is reported once. */
function keptBefore(row: u32, part: u32): bool {
  for (let earlier: u32 = 0; earlier < part; earlier++) {
    const own = apartIn(row, positionOf(earlier), widthOf(earlier));
    if (own > allowanceOf(earlier)) continue;
    const next = apartIn(row, positionOf(earlier) + widthOf(earlier), 16 - restOf(earlier));
    if (own + next <= pairAllowanceOf(earlier)) return true;
  }
  return false;
}

function apartIn(row: u32, position: u32, count: u32): i32 {
  return popcnt(bits(row, position, count) ^ bits(query, position, count));
}

function searchRows(): void {
  clearResults();
  for (let slot: u32 = 0; slot < slots; slot++) {
    const row = hashAt(slot);
    const half = halfDistance(row, 0);
    if (half > radius) continue;
    const distance = half + halfDistance(row, 16);
    if (distance <= radius && (load<u32>(maskAt(slot)) & banks) !== 0)
      report(distance, load<u32>(idAt(slot)));
  }
}

function halfDistance(row: u32, from: u32): u32 {
  return u32(
    popcnt(load<u64>(row + from) ^ load<u64>(query + from)) +
      popcnt(load<u64>(row + from, 8) ^ load<u64>(query + from, 8)),
  );
}
