// Work on planes of f32 brightness: blur, and sampling of a turned square. Sums are taken in the same order by both
// builds, so that they agree to the bit.

function acrossRow(padded: usize, width: i32, kernel: usize, taps: i32, out: usize): void {
  let x = 0;
  if (ASC_FEATURE_SIMD) {
    for (; x + 8 <= width; x += 8) {
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let p = padded + (x << 2);
      for (let k = 0; k < taps; k++) {
        const w = v128.load32_splat(kernel + (k << 2));
        s0 = f32x4.add(s0, f32x4.mul(w, v128.load(p)));
        s1 = f32x4.add(s1, f32x4.mul(w, v128.load(p, 16)));
        p += 4;
      }
      v128.store(out + (x << 2), s0);
      v128.store(out + (x << 2), s1, 16);
    }
  }
  for (; x < width; x++) {
    let sum: f32 = 0;
    for (let k = 0; k < taps; k++) sum += load<f32>(kernel + (k << 2)) * load<f32>(padded + ((x + k) << 2));
    store<f32>(out + (x << 2), sum);
  }
}

function addRow(from: usize, weight: f32, width: i32, out: usize): void {
  let x = 0;
  if (ASC_FEATURE_SIMD) {
    const w = f32x4.splat(weight);
    for (; x + 4 <= width; x += 4) {
      const at = out + (x << 2);
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(w, v128.load(from + (x << 2)))));
    }
  }
  for (; x < width; x++) {
    const at = out + (x << 2);
    store<f32>(at, load<f32>(at) + weight * load<f32>(from + (x << 2)));
  }
}

/**
 * Convolves a plane with `kernel` (2 * reach + 1 weights) along both axes, the edge repeated, into `out`.
 * `between` holds width x height floats and `padded` a row of width + 2 * reach.
 */
export function convolve(
  source: usize,
  width: i32,
  height: i32,
  kernel: usize,
  reach: i32,
  between: usize,
  padded: usize,
  out: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let y = 0; y < height; y++) {
    const row = source + <usize>y * stride;
    const first = load<f32>(row);
    const last = load<f32>(row + stride - 4);
    for (let k = 0; k < reach; k++) {
      store<f32>(padded + (k << 2), first);
      store<f32>(padded + ((reach + width + k) << 2), last);
    }
    memory.copy(padded + (reach << 2), row, stride);
    acrossRow(padded, width, kernel, 2 * reach + 1, between + <usize>y * stride);
  }
  memory.fill(out, 0, stride * <usize>height);
  for (let y = 0; y < height; y++) {
    for (let k = -reach; k <= reach; k++) {
      const from = y + k < 0 ? 0 : y + k >= height ? height - 1 : y + k;
      addRow(
        between + <usize>from * stride,
        load<f32>(kernel + ((k + reach) << 2)),
        width,
        out + <usize>y * stride,
      );
    }
  }
}

/**
 * Samples a 64x64 plane by linear interpolation over the square centred at (cx, cy) with sides (ux, uy) and (vx, vy);
 * outside the picture the nearest edge is repeated.
 */
export function sample(
  source: usize,
  width: i32,
  height: i32,
  cx: f64,
  cy: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  out: usize,
): void {
  const right = <f64>width - 1.001;
  const bottom = <f64>height - 1.001;
  for (let i = 0; i < 64; i++) {
    const v = (<f64>i + 0.5) / 64 - 0.5;
    for (let j = 0; j < 64; j++) {
      const u = (<f64>j + 0.5) / 64 - 0.5;
      const x = min(right, max(0, cx + u * ux + v * vx));
      const y = min(bottom, max(0, cy + u * uy + v * vy));
      const xi = <i32>x;
      const yi = <i32>y;
      const at = source + ((yi * width + xi) << 2);
      const below = at + ((<usize>width) << 2);
      const fx = <f32>(x - <f64>xi);
      const top = load<f32>(at) * (1 - fx) + load<f32>(at, 4) * fx;
      const low = load<f32>(below) * (1 - fx) + load<f32>(below, 4) * fx;
      store<f32>(out, top + (low - top) * <f32>(y - <f64>yi));
      out += 4;
    }
  }
}
