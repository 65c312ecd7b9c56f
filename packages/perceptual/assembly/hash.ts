// From the 64x64 plane to 256 bits: quality, cosine transform, median. Single precision and in the
// reference's order of additions, because its bits are decided by comparisons of such sums.

const SIDE = 64;
const KEPT = 16;

const basis: usize = memory.data(KEPT * SIDE * 4, 16); // 16 x 64, row-major
const basisT: usize = memory.data(KEPT * SIDE * 4, 16); // 64 x 16
const plane: usize = memory.data(SIDE * SIDE * 4, 16);
const half: usize = memory.data(KEPT * SIDE * 4, 16);
const coefficients: usize = memory.data(KEPT * KEPT * 4, 16);
const scratch: usize = memory.data(KEPT * KEPT * 4, 16);

function prepare(): void {
  const scale = <f64>(<f32>Math.sqrt(2.0 / 64.0));
  for (let i = 0; i < KEPT; i++) {
    for (let j = 0; j < SIDE; j++) {
      const angle = (Math.PI / 2.0 / 64.0) * <f64>(i + 1) * <f64>(2 * j + 1);
      const value = <f32>(scale * Math.cos(angle));
      store<f32>(basis + ((i * SIDE + j) << 2), value);
      store<f32>(basisT + ((j * KEPT + i) << 2), value);
    }
  }
}
prepare();

// @ts-expect-error: decorator
function gradient(p: usize, step: usize): i32 {
  const d = <i32>(((load<f32>(p) - load<f32>(p + step)) * 100) / 255);
  return d < 0 ? -d : d;
}

function quality(): i32 {
  let sum = 0;
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      const p = plane + ((i * SIDE + j) << 2);
      if (i < SIDE - 1) sum += gradient(p, SIDE << 2);
      if (j < SIDE - 1) sum += gradient(p, 4);
    }
  }
  const scaled = sum / 90;
  return scaled > 100 ? 100 : scaled;
}

// out (rows x width) = left (rows x 64) * right (64 x width), each sum taken from k = 0 upwards.
function multiply(left: usize, right: usize, rows: i32, width: i32, out: usize): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j += 16) {
      let l = left + ((i * SIDE) << 2);
      let r = right + (j << 2);
      if (ASC_FEATURE_SIMD) {
        let s0 = f32x4.splat(0);
        let s1 = f32x4.splat(0);
        let s2 = f32x4.splat(0);
        let s3 = f32x4.splat(0);
        for (let k = 0; k < SIDE; k++) {
          const w = v128.load32_splat(l);
          s0 = f32x4.add(s0, f32x4.mul(w, v128.load(r)));
          s1 = f32x4.add(s1, f32x4.mul(w, v128.load(r, 16)));
          s2 = f32x4.add(s2, f32x4.mul(w, v128.load(r, 32)));
          s3 = f32x4.add(s3, f32x4.mul(w, v128.load(r, 48)));
          l += 4;
          r += width << 2;
        }
        const to = out + ((i * width + j) << 2);
        v128.store(to, s0);
        v128.store(to, s1, 16);
        v128.store(to, s2, 32);
        v128.store(to, s3, 48);
      } else {
        for (let c = 0; c < 16; c++) {
          let sum: f32 = 0;
          for (let k = 0; k < SIDE; k++) {
            sum += load<f32>(l + (k << 2)) * load<f32>(r + ((k * width + c) << 2));
          }
          store<f32>(out + ((i * width + j + c) << 2), sum);
        }
      }
    }
  }
}

// The 128th smallest of the 256 coefficients, by Hoare's selection on a copy.
function lowerMedian(): f32 {
  memory.copy(scratch, coefficients, KEPT * KEPT * 4);
  let lo = 0;
  let hi = 255;
  while (lo < hi) {
    const pivot = load<f32>(scratch + (127 << 2));
    let i = lo;
    let j = hi;
    do {
      while (load<f32>(scratch + (i << 2)) < pivot) i++;
      while (pivot < load<f32>(scratch + (j << 2))) j--;
      if (i <= j) {
        const a = load<f32>(scratch + (i << 2));
        store<f32>(scratch + (i << 2), load<f32>(scratch + (j << 2)));
        store<f32>(scratch + (j << 2), a);
        i++;
        j--;
      }
    } while (i <= j);
    if (j < 127) lo = i;
    if (127 < i) hi = j;
  }
  return load<f32>(scratch + (127 << 2));
}

function writeBits(out: usize): void {
  const median = lowerMedian();
  for (let row = 0; row < KEPT; row++) {
    let word: u32 = 0;
    for (let col = 0; col < KEPT; col++) {
      if (load<f32>(coefficients + ((row * KEPT + col) << 2)) > median) word |= 1 << col;
    }
    const at = out + ((15 - row) << 1);
    store<u8>(at, word >> 8);
    store<u8>(at, word, 1);
  }
}

/** Hashes the f32 plane left by `loadPlane` or `loadSamples` into 32 bytes (row 15 first). */
function hashPlane(out: usize): void {
  multiply(basis, plane, KEPT, SIDE, half);
  multiply(half, basisT, KEPT, KEPT, coefficients);
  writeBits(out);
}

/**
 * Hashes a 64x64 plane of f64 at `source` into 32 bytes at `out`, after transposing it when asked, and answers the
 * quality 0-100.
 */
export function hashF64(source: usize, transpose: bool, out: usize): i32 {
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      const from = transpose ? j * SIDE + i : i * SIDE + j;
      store<f32>(plane + ((i * SIDE + j) << 2), <f32>load<f64>(source + (from << 3)));
    }
  }
  hashPlane(out);
  return quality();
}

/** The same for a plane of f32. */
export function hashF32(source: usize, out: usize): i32 {
  memory.copy(plane, source, SIDE * SIDE * 4);
  hashPlane(out);
  return quality();
}
