import { budget, isOver, openAccounts, queryAt, spend } from './asked';
import { COUNT, headAt, IS_CHUNK, nextOf } from './lists';
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
import { clearResults, dropResults, report } from './results';
import { hashAt, idAt, live, maskAt, slots } from './rows';
import { emptyQueue, QUEUE, queue, queued, resolve, scanExtent, touch } from './scan';

/** Flips of at most 3 bits of a 16- to 24-bit address, in groups by number of flips. */
const MOST_FLIPS: i32 = 3;
/** Probes that go through the memory together: their tags fit the second cache. */
const ROUND: u32 = 128;
const probes: u32 = workArea(ROUND * 16);
let probed: u32 = 0;

/** Costs in quarters of a nanosecond, measured; they only choose the cheaper of two exact ways. */
const COST_PROBE: u64 = 48;
const COST_ENTRY: u64 = 1;
const COST_KEPT: u64 = 100;
const COST_ROW: u64 = 7;

let radius: u32 = 0;
let banks: u32 = 0;
let _sink: u32 = 0;

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
 * For each of the first `asked` queries all live rows within `within` bits that share a bank with `wanted`, into `results`.
 * Exact by either way: parts (cycle lemma, see setRadius) or every row when that is cheaper or buckets turn out crowded.
 *
 * The time is that of memory, so every reading is done for many at once: the heads of a round, then all their tags, then
 * the slots of what was kept, and the rows of many rounds. One part is asked for all queries before the next is, as its
 * heads, and the page tables of its lists, fit the cache and those of all parts do not.
 */
export function searchAll(asked: u32, within: u32, wanted: u32): void {
  radius = within;
  banks = wanted;
  clearResults(asked > 1);
  emptyQueue();
  probed = 0;
  openAccounts(u64(live) * COST_ROW);
  const byParts = parts !== 0 && setRadius(within) <= MOST_FLIPS && expectedCost() <= budget;
  if (byParts) {
    for (let part: u32 = 0; part < parts; part++) {
      for (let query: u32 = 0; query < asked; query++) if (!isOver(query)) probePart(part, query);
    }
    drainProbes();
    drainQueue();
  }
  for (let query: u32 = 0; query < asked; query++) if (!byParts || isOver(query)) searchRows(query);
}

function probePart(part: u32, query: u32): void {
  const most = allowanceOf(part);
  if (most < 0) return;
  const key = keyOf(queryAt(query), part);
  const tag = tagOf(queryAt(query), part);
  const width = addressOf(part);
  const what = query | (part << 8);
  probe(part, key, tag, what);
  if (most < 1) return;
  for (let a: u32 = 0; a < width; a++) {
    const one = key ^ (1 << a);
    probe(part, one, tag, what | (1 << 16));
    if (most < 2) continue;
    for (let b: u32 = 0; b < a; b++) {
      const two = one ^ (1 << b);
      probe(part, two, tag, what | (2 << 16));
      if (most < 3) continue;
      for (let c: u32 = 0; c < b; c++) probe(part, two ^ (1 << c), tag, what | (3 << 16));
    }
  }
}

/** `what` is the query, the part (from bit 8) and the flips (from bit 16). */
function probe(part: u32, key: u32, tag: u32, what: u32): void {
  const at = probes + (probed << 4);
  store<u32>(at, headAt(part, key));
  store<u32>(at, what, 8);
  store<u32>(at, tag, 12);
  if (++probed === ROUND) drainProbes();
}

/** Reads all heads of the round, touches all buckets, then reads them, then finds the slots of what was kept. */
function drainProbes(): void {
  const end = probes + (probed << 4);
  probed = 0;
  for (let at = probes; at < end; at += 16) store<u64>(at, load<u64>(load<u32>(at)));
  let sum: u32 = 0;
  for (let at = probes; at < end; at += 16) sum += touch(load<u32>(at), load<u32>(at, 4));
  _sink = sum;
  for (let at = probes; at < end; at += 16) {
    const what = load<u32>(at, 8);
    if (!isOver(what & 0xff))
      scanBucket(load<u32>(at), load<u32>(at, 4), load<u32>(at, 12), what & 0xffff, i32(what >> 16));
  }
  resolve();
}

/** `who` is the query and the part (from bit 8). */
function scanBucket(extent: u32, count: u32, tag: u32, who: u32, flips: i32): void {
  const query = who & 0xff;
  const part = who >> 8;
  const limit = pairAllowanceOf(part) - flips;
  const restMask: u32 = (1 << restOf(part)) - 1;
  const restLimit = allowanceOf(part) - flips;
  while (true) {
    const size = count & COUNT;
    let from: u32 = 0;
    while (from < size) {
      const to = size - from > 2048 ? from + 2048 : size;
      const before = queued;
      scanExtent(extent, from, to, tag, limit, restMask, restLimit, who);
      spend(query, u64(to - from) * COST_ENTRY + u64(queued - before) * COST_KEPT);
      from = to;
      if (queued >= QUEUE - 2048) {
        resolve();
        drainQueue();
      }
      if (isOver(query)) return;
    }
    if (!(count & IS_CHUNK)) return;
    spend(query, 16);
    count = load<u32>(nextOf(extent), 4);
    extent = load<u32>(nextOf(extent));
  }
}

/** Reads the rows of all kept entries: touched first, then compared. */
function drainQueue(): void {
  const end = queue + (queued << 3);
  emptyQueue();
  let sum: u32 = 0;
  for (let at = queue; at < end; at += 8) sum += load<u32>(hashAt(load<u32>(at)));
  _sink = sum;
  for (let at = queue; at < end; at += 8) {
    const slot = load<u32>(at);
    if (slot >= slots) continue; // Only lists from a forged snapshot say so; an answer, not a trap.
    const who = load<u32>(at, 4);
    const query = queryAt(who & 0xff);
    const distance = distanceWithin(hashAt(slot), query);
    if (distance > radius || keptBefore(hashAt(slot), query, who >> 8)) continue;
    if ((load<u32>(maskAt(slot)) & banks) !== 0) report(who & 0xff, distance, load<u32>(idAt(slot)));
  }
}

/** Whether an earlier part keeps this row too, by the very conditions of the scan: each match is reported once. */
function keptBefore(row: u32, query: u32, part: u32): bool {
  for (let earlier: u32 = 0; earlier < part; earlier++) {
    const own = apart(row, query, positionOf(earlier), widthOf(earlier));
    if (own > allowanceOf(earlier)) continue;
    const next = apart(row, query, positionOf(earlier) + widthOf(earlier), 16 - restOf(earlier));
    if (own + next <= pairAllowanceOf(earlier)) return true;
  }
  return false;
}

function apart(row: u32, query: u32, position: u32, count: u32): i32 {
  return popcnt(bits(row, position, count) ^ bits(query, position, count));
}

function searchRows(query: u32): void {
  dropResults(query);
  const hash = queryAt(query);
  for (let slot: u32 = 0; slot < slots; slot++) {
    const distance = distanceWithin(hashAt(slot), hash);
    if (distance <= radius && (load<u32>(maskAt(slot)) & banks) !== 0)
      report(query, distance, load<u32>(idAt(slot)));
  }
}

/** The distance, or that of the first half when it is beyond the radius already. */
function distanceWithin(row: u32, query: u32): u32 {
  const half = halfDistance(row, query, 0);
  return half > radius ? half : half + halfDistance(row, query, 16);
}

function halfDistance(row: u32, query: u32, from: u32): u32 {
  return u32(
    popcnt(load<u64>(row + from) ^ load<u64>(query + from)) +
      popcnt(load<u64>(row + from, 8) ^ load<u64>(query + from, 8)),
  );
}
