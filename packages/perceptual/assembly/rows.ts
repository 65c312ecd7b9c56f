// The vertical half of the filter: weighted sums of whole rows, exact in 32-bit integers.
// Bytes are treated alike whatever channel they belong to; the channels are told apart in `columns.ts`.

// @ts-expect-error: decorator
function addPair(acc: v128, low: v128, high: v128, shift: i32, weights: v128): v128 {
  // Two rows interleaved byte by byte become pairs of 16-bit lanes, so that one dot product weighs both.
  if (shift === 0) return i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), weights));
  if (shift === 1) return i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), weights));
  if (shift === 2) return i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), weights));
  return i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), weights));
}

// @ts-expect-error: decorator
function weave(a: v128, b: v128, upper: bool): v128 {
  return upper
    ? i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    : i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// Eight rows at once: enough streams to keep the accumulator traffic small, few enough for the prefetcher.
function eightRows(rows: usize, stride: usize, weights: usize, acc: usize, n: usize): void {
  const w01 = v128.load32_splat(weights);
  const w23 = v128.load32_splat(weights, 4);
  const w45 = v128.load32_splat(weights, 8);
  const w67 = v128.load32_splat(weights, 12);
  const far = rows + 4 * stride;
  for (let x: usize = 0; x < n; x += 16) {
    let p = rows + x;
    let q = far + x;
    const out = acc + (x << 2);
    let a0 = v128.load(out);
    let a1 = v128.load(out, 16);
    let a2 = v128.load(out, 32);
    let a3 = v128.load(out, 48);
    let r0 = v128.load(p);
    let r1 = v128.load(p + stride);
    let low = weave(r0, r1, false);
    let high = weave(r0, r1, true);
    a0 = addPair(a0, low, high, 0, w01);
    a1 = addPair(a1, low, high, 1, w01);
    a2 = addPair(a2, low, high, 2, w01);
    a3 = addPair(a3, low, high, 3, w01);
    p += stride << 1;
    r0 = v128.load(p);
    r1 = v128.load(p + stride);
    low = weave(r0, r1, false);
    high = weave(r0, r1, true);
    a0 = addPair(a0, low, high, 0, w23);
    a1 = addPair(a1, low, high, 1, w23);
    a2 = addPair(a2, low, high, 2, w23);
    a3 = addPair(a3, low, high, 3, w23);
    r0 = v128.load(q);
    r1 = v128.load(q + stride);
    low = weave(r0, r1, false);
    high = weave(r0, r1, true);
    a0 = addPair(a0, low, high, 0, w45);
    a1 = addPair(a1, low, high, 1, w45);
    a2 = addPair(a2, low, high, 2, w45);
    a3 = addPair(a3, low, high, 3, w45);
    q += stride << 1;
    r0 = v128.load(q);
    r1 = v128.load(q + stride);
    low = weave(r0, r1, false);
    high = weave(r0, r1, true);
    v128.store(out, addPair(a0, low, high, 0, w67));
    v128.store(out, addPair(a1, low, high, 1, w67), 16);
    v128.store(out, addPair(a2, low, high, 2, w67), 32);
    v128.store(out, addPair(a3, low, high, 3, w67), 48);
  }
}

function twoRows(first: usize, second: usize, weights: v128, acc: usize, n: usize): void {
  for (let x: usize = 0; x < n; x += 16) {
    const r0 = v128.load(first + x);
    const r1 = v128.load(second + x);
    const low = weave(r0, r1, false);
    const high = weave(r0, r1, true);
    const out = acc + (x << 2);
    v128.store(out, addPair(v128.load(out), low, high, 0, weights));
    v128.store(out, addPair(v128.load(out, 16), low, high, 1, weights), 16);
    v128.store(out, addPair(v128.load(out, 32), low, high, 2, weights), 32);
    v128.store(out, addPair(v128.load(out, 48), low, high, 3, weights), 48);
  }
}

function scalarRow(row: usize, weight: i32, acc: usize, n: usize): void {
  for (let x: usize = 0; x < n; x++) {
    const out = acc + (x << 2);
    store<i32>(out, load<i32>(out) + weight * <i32>load<u8>(row + x));
  }
}

/**
 * Adds `count` weighted rows of `n` bytes to the 32-bit sums at `acc`. `weights` are 16-bit, not negative;
 * the sum of weights times 255 must stay under 2^31 (the plan sees to it).
 */
export function accumulate(
  rows: usize,
  stride: usize,
  count: i32,
  weights: usize,
  acc: usize,
  n: usize,
): void {
  if (ASC_FEATURE_SIMD) {
    while (count >= 8) {
      eightRows(rows, stride, weights, acc, n);
      rows += stride << 3;
      weights += 16;
      count -= 8;
    }
    while (count >= 2) {
      twoRows(rows, rows + stride, v128.load32_splat(weights), acc, n);
      rows += stride << 1;
      weights += 4;
      count -= 2;
    }
    if (count === 1) twoRows(rows, rows, i32x4.splat(<i32>load<u16>(weights)), acc, n);
  } else {
    for (let i = 0; i < count; i++) {
      scalarRow(rows, <i32>load<u16>(weights), acc, n);
      rows += stride;
      weights += 2;
    }
  }
}

/** True when every fourth byte (the alpha of RGBA) of `pixels` pixels is 255. */
export function opaque(rgba: usize, pixels: usize): bool {
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    let all = i32x4.splat(-1);
    for (; i + 4 <= pixels; i += 4) all = v128.and(all, v128.load(rgba + (i << 2)));
    if (!i32x4.all_true(i32x4.eq(v128.or(all, i32x4.splat(0xffffff)), i32x4.splat(-1)))) return false;
  }
  for (; i < pixels; i++) if (load<u8>(rgba + (i << 2), 3) !== 255) return false;
  return true;
}

/** Lays `pixels` RGBA pixels over white, in place, rounding to the nearest level. */
export function composite(rgba: usize, pixels: usize): void {
  for (let i: usize = 0; i < pixels; i++) {
    const p = rgba + (i << 2);
    const a = <i32>load<u8>(p, 3);
    if (a === 255) continue;
    const white = 255 * (255 - a) + 127;
    store<u8>(p, (<i32>load<u8>(p) * a + white) / 255);
    store<u8>(p, (<i32>load<u8>(p, 1) * a + white) / 255, 1);
    store<u8>(p, (<i32>load<u8>(p, 2) * a + white) / 255, 2);
    store<u8>(p, 255, 3);
  }
}
