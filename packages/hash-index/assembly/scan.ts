import { COUNT, IS_CHUNK, loadSlot, nextOf, slotAt } from './lists';
import { workArea } from './memory';

/**
 * Reads the tags of one bucket and keeps the entries that may still be neighbours. Kept entries wait in a queue as
 * (slot, who asks in which part) because the reads that follow are independent cache misses, which overlap when they are
 * issued together. Until `resolve`, the address of the slot number stands for the slot.
 */
export const QUEUE: u32 = 4096;
export const queue: u32 = workArea(QUEUE * 8);
export let queued: u32 = 0;
let resolved: u32 = 0;

export function emptyQueue(): void {
  queued = 0;
  resolved = 0;
}

function keep(at: u32, who: u32): void {
  store<u32>(queue + (queued << 3), at);
  store<u32>(queue + (queued << 3), who, 4);
  queued++;
}

/** Reads the slots of what was kept since the last time, whose pages the processor still knows. */
export function resolve(): void {
  const end = queue + (queued << 3);
  for (let at = queue + (resolved << 3); at < end; at += 8) store<u32>(at, loadSlot(load<u32>(at)));
  resolved = queued;
}

/** Room for the entries of one step of 16 is left by the caller, who drains between steps. */
export function scanExtent(
  extent: u32,
  from: u32,
  to: u32,
  tag: u32,
  limit: i32,
  restMask: u32,
  restLimit: i32,
  who: u32,
): void {
  if (ASC_FEATURE_SIMD) {
    if (restMask !== 0) scanWideRest(extent, from, to, tag, limit, restMask, restLimit, who);
    else if (limit === 2) scanWideTwo(extent, from, to, tag, who);
    else scanWide(extent, from, to, tag, limit, who);
  } else {
    scanNarrow(extent, from, to, tag, limit, restMask, restLimit, who);
  }
}

function keepAll(bits: u32, extent: u32, index: u32, to: u32, who: u32): void {
  if (to - index < 16) bits &= (1 << (to - index)) - 1;
  while (bits !== 0) {
    keep(slotAt(extent, index + ctz(bits)), who);
    bits &= bits - 1;
  }
}

function scanWide(extent: u32, from: u32, to: u32, tag: u32, limit: i32, who: u32): void {
  const wanted = i16x8.splat(i16(tag));
  const most = i16x8.splat(i16(limit));
  for (let index = from; index < to; index += 16) {
    const at = extent + (index << 1);
    const low = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.xor(v128.load(at), wanted)));
    const high = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.xor(v128.load(at, 16), wanted)));
    const near = i8x16.narrow_i16x8_s(i16x8.le_s(low, most), i16x8.le_s(high, most));
    const bits = i8x16.bitmask(near);
    if (bits !== 0) keepAll(bits, extent, index, to, who);
  }
}

/** Clears the lowest one of each 16 bits. */
function less(lanes: v128): v128 {
  return v128.and(lanes, i16x8.add(lanes, i16x8.splat(-1)));
}

/** `scanWide` for two flips, which is what nearly all probes of the customary radius ask: clearing two ones leaves none. */
function scanWideTwo(extent: u32, from: u32, to: u32, tag: u32, who: u32): void {
  const wanted = i16x8.splat(i16(tag));
  const whole = from + ((to - from) & ~15);
  let index = from;
  for (; index < whole; index += 16) {
    const at = extent + (index << 1);
    const bits = i8x16.bitmask(i8x16.narrow_i16x8_s(nearTwo(at, wanted), nearTwo(at + 16, wanted)));
    if (bits !== 0) keepAll(bits, extent, index, to, who);
  }
  if (index === to) return;
  // What is left is read again with what is before it, rather than with a line that nobody asked for.
  if (to - from >= 16) index = to - 16;
  const at = extent + (index << 1);
  let bits = i8x16.bitmask(i8x16.narrow_i16x8_s(nearTwo(at, wanted), nearTwo(at + 16, wanted)));
  bits &= 0xffff << (whole - index);
  if (bits !== 0) keepAll(bits, extent, index, to, who);
}

function nearTwo(at: u32, wanted: v128): v128 {
  return i16x8.eq(less(less(v128.xor(v128.load(at), wanted))), i16x8.splat(0));
}

function scanWideRest(
  extent: u32,
  from: u32,
  to: u32,
  tag: u32,
  limit: i32,
  restMask: u32,
  restLimit: i32,
  who: u32,
): void {
  const wanted = i16x8.splat(i16(tag));
  const most = i16x8.splat(i16(limit));
  const rest = i16x8.splat(i16(restMask));
  const restMost = i16x8.splat(i16(restLimit));
  for (let index = from; index < to; index += 16) {
    const at = extent + (index << 1);
    const low = v128.xor(v128.load(at), wanted);
    const high = v128.xor(v128.load(at, 16), wanted);
    const nearLow = v128.and(
      i16x8.le_s(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(low)), most),
      i16x8.le_s(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.and(low, rest))), restMost),
    );
    const nearHigh = v128.and(
      i16x8.le_s(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(high)), most),
      i16x8.le_s(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.and(high, rest))), restMost),
    );
    const bits = i8x16.bitmask(i8x16.narrow_i16x8_s(nearLow, nearHigh));
    if (bits !== 0) keepAll(bits, extent, index, to, who);
  }
}

/** Twice the same 32 bits. */
const FIVES: u64 = u64(0x55555555) * 0x100000001;
const THREES: u64 = u64(0x33333333) * 0x100000001;
const FIFTEENS: u64 = u64(0x0f0f0f0f) * 0x100000001;
const BYTES: u64 = u64(0x00ff00ff) * 0x100000001;

/** Ones in each 16-bit lane. */
function lanePopcount(word: u64): u64 {
  word -= (word >> 1) & FIVES;
  word = (word & THREES) + ((word >> 2) & THREES);
  word = (word + (word >> 4)) & FIFTEENS;
  return (word + (word >> 8)) & BYTES;
}

/** Four tags at a time in a 64-bit word, for engines without SIMD. */
function scanNarrow(
  extent: u32,
  from: u32,
  to: u32,
  tag: u32,
  limit: i32,
  restMask: u32,
  restLimit: i32,
  who: u32,
): void {
  const ones: u64 = u64(0x00010001) * 0x100000001;
  const signs: u64 = u64(0x80008000) * 0x100000001;
  const wanted = u64(tag) * ones;
  const rest = u64(restMask) * ones;
  const room = u64(0x7fff - limit) * ones;
  const restRoom = u64(0x7fff - restLimit) * ones;
  for (let index = from; index < to; index += 4) {
    const apart = load<u64>(extent + (index << 1)) ^ wanted;
    let near = ~(lanePopcount(apart) + room) & signs;
    if (near === 0) continue;
    near &= ~(lanePopcount(apart & rest) + restRoom);
    while (near !== 0) {
      const at = index + u32(ctz(near) >> 4);
      if (at < to) keep(slotAt(extent, at), who);
      near &= near - 1;
    }
  }
}

/** Longer extents are read as they come: the processor sees by itself what is next. */
const TOUCHED: u32 = 4096;

/** Asks for every cache line of the extent at once; the sum only keeps the loads alive. */
export function touch(extent: u32, count: u32): u32 {
  const size = count & COUNT;
  if (size > TOUCHED) return 0;
  const end = extent + (size << 1);
  let sum: u32 = 0;
  for (let at = extent & ~63; at < end; at += 64) sum += load<u8>(at);
  if (count & IS_CHUNK) sum += load<u32>(nextOf(extent));
  return sum;
}
