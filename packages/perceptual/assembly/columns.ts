// The horizontal half: 64 weighted sums of a row of 32-bit sums, exact in 64-bit integers, then luma.
// Integers make the order of additions irrelevant: a mirrored or transposed picture gives the very same plane.

// The reference's coefficients are single-precision floats.
const LUMA_R: f64 = <f64>(<f32>0.299);
const LUMA_G: f64 = <f64>(<f32>0.587);
const LUMA_B: f64 = <f64>(<f32>0.114);

// A term: i32 output, i32 first column, i32 columns (padded to 4), usize weights (i32 each), f64 factor.
const TERM: usize = 24;

function greyTerm(sums: usize, count: i32, weights: usize): f64 {
  if (ASC_FEATURE_SIMD) {
    let total = i64x2.splat(0);
    for (let k = 0; k < count; k += 4) {
      const s = v128.load(sums);
      const w = v128.load(weights);
      total = i64x2.add(total, i64x2.add(i64x2.extmul_low_i32x4_s(s, w), i64x2.extmul_high_i32x4_s(s, w)));
      sums += 16;
      weights += 16;
    }
    return <f64>(i64x2.extract_lane(total, 0) + i64x2.extract_lane(total, 1));
  }
  let total: i64 = 0;
  for (let k = 0; k < count; k++) {
    total += <i64>load<i32>(sums) * <i64>load<i32>(weights);
    sums += 4;
    weights += 4;
  }
  return <f64>total;
}

function colourTerm(sums: usize, channels: usize, count: i32, weights: usize): f64 {
  let r: i64 = 0;
  let g: i64 = 0;
  let b: i64 = 0;
  const step = channels << 2;
  if (ASC_FEATURE_SIMD) {
    let rg = i64x2.splat(0);
    let bx = i64x2.splat(0);
    for (let k = 0; k < count; k++) {
      const s = v128.load(sums);
      const w = v128.load32_splat(weights);
      rg = i64x2.add(rg, i64x2.extmul_low_i32x4_s(s, w));
      bx = i64x2.add(bx, i64x2.extmul_high_i32x4_s(s, w));
      sums += step;
      weights += 4;
    }
    r = i64x2.extract_lane(rg, 0);
    g = i64x2.extract_lane(rg, 1);
    b = i64x2.extract_lane(bx, 0);
  } else {
    for (let k = 0; k < count; k++) {
      const w = <i64>load<i32>(weights);
      r += <i64>load<i32>(sums) * w;
      g += <i64>load<i32>(sums, 4) * w;
      b += <i64>load<i32>(sums, 8) * w;
      sums += step;
      weights += 4;
    }
  }
  return LUMA_R * <f64>r + LUMA_G * <f64>g + LUMA_B * <f64>b;
}

/**
 * Adds one finished row of sums to row `out` of a 64x64 plane of f64: for each of `terms`, factor x rowFactor x
 * weighted luma. `channels` is 1 (luma), 3 (RGB) or 4 (RGBA, alpha ignored).
 */
export function reduce(
  sums: usize,
  channels: usize,
  terms: usize,
  termCount: i32,
  rowFactor: f64,
  out: usize,
): void {
  for (let t = 0; t < termCount; t++) {
    const start = <usize>load<i32>(terms, 4);
    const count = load<i32>(terms, 8);
    const weights = <usize>load<i32>(terms, 12);
    const from = sums + ((start * channels) << 2);
    const value =
      channels === 1 ? greyTerm(from, count, weights) : colourTerm(from, channels, count, weights);
    const at = out + ((<usize>load<i32>(terms)) << 3);
    store<f64>(at, load<f64>(at) + value * (load<f64>(terms, 16) * rowFactor));
    terms += TERM;
  }
}
