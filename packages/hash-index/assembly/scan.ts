import { COUNT, IS_CHUNK, nextOf, slotAt } from './lists';
import { workArea } from './memory';

/**
 * Reads the tags of one bucket and keeps the entries that may still be neighbours. Kept entries wait in a queue as
 * (address of the slot number, part) because the reads that follow are independent cache misses, which overlap when
 * they are issued together.
 */
export const QUEUE: u32 = 4096;
export const queue: u32 = workArea(QUEUE * 8);
export let queued: u32 = 0;

export function emptyQueue(): void {
  queued = 0;
}

function keep(at: u32, part: u32): void {
  store<u32>(queue + (queued << 3), at);
  store<u32>(queue + (queued << 3), part, 4);
  queued++;
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
  part: u32,
): void {
  if (ASC_FEATURE_SIMD) {
    if (restMask === 0) scanWide(extent, from, to, tag, limit, part);
    else scanWideRest(extent, from, to, tag, limit, restMask, restLimit, part);
  } else {
    scanNarrow(extent, from, to, tag, limit, restMask, restLimit, part);
  }
}

function keepAll(bits: u32, extent: u32, index: u32, to: u32, part: u32): void {
  if (to - index < 16) bits &= (1 << (to - index)) - 1;
  while (bits !== 0) {
    keep(slotAt(extent, index + ctz(bits)), part);
    bits &= bits - 1;
  }
}

function scanWide(extent: u32, from: u32, to: u32, tag: u32, limit: i32, part: u32): void {
  const wanted = i16x8.splat(i16(tag));
  const most = i16x8.splat(i16(limit));
  for (let index = from; index < to; index += 16) {
    const at = extent + (index << 1);
    const low = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.xor(v128.load(at), wanted)));
    const high = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.xor(v128.load(at, 16), wanted)));
    const near = i8x16.narrow_i16x8_s(i16x8.le_s(low, most), i16x8.le_s(high, most));
    const bits = i8x16.bitmask(near);
    if (bits !== 0) keepAll(bits, extent, index, to, part);
  }
}

function scanWideRest(
  extent: u32,
  from: u32,
  to: u32,
  tag: u32,
  limit: i32,
  restMask: u32,
  restLimit: i32,
  part: u32,
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
    if (bits !== 0) keepAll(bits, extent, index, to, part);
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
  part: u32,
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
      if (at < to) keep(slotAt(extent, at), part);
      near &= near - 1;
    }
  }
}

/** Asks for every cache line of the extent at once; the sum only keeps the loads alive. */
export function touch(extent: u32, count: u32): u32 {
  let sum = u32(load<u8>(extent));
  const bytes = (count & COUNT) << 1;
  for (let at: u32 = 64; at < bytes; at += 64) sum += u32(load<u8>(extent + at));
  if (count & IS_CHUNK) sum += load<u32>(nextOf(extent));
  return sum;
}
