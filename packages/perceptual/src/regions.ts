import type { Frame, FrameHasher } from './frames.ts';
import { MIN_PART_QUALITY, type PdqHash } from './hash.ts';
import type { KernelExports } from './kernel.ts';
import { findKeypoints, type Keypoint, spread } from './keypoints.ts';
import type { ScaleSpace } from './scale-space.ts';

const SIDE = 64;

/** How regions are chosen; a banked picture keeps few of the best, a query tries many. */
export interface RegionLimits {
  readonly points: number;
  readonly hashes: number;
  readonly perPoint: number;
  /** Least distance between two points, in pixels of the raster. */
  readonly shortest: number;
  /** Ask for both readings where order or handedness is in doubt. */
  readonly bothWays: boolean;
}

// Side of a square, in distances between its two points: a little beyond both, so that errors of place stay small.
const SPAN = 1.25;

interface Pair {
  readonly a: Keypoint;
  readonly b: Keypoint;
  readonly length: number;
  readonly score: number;
}

function frameOf(pair: Pair): Frame {
  const ux = (pair.b.x - pair.a.x) * SPAN;
  const uy = (pair.b.y - pair.a.y) * SPAN;
  return { cx: (pair.a.x + pair.b.x) / 2, cy: (pair.a.y + pair.b.y) / 2, ux, uy, vx: -uy, vy: ux };
}

function mirrorRows(samples: Float32Array): void {
  for (let top = 0, low = SIDE - 1; top < low; top++, low--) {
    const row = samples.slice(top * SIDE, (top + 1) * SIDE);
    samples.copyWithin(top * SIDE, low * SIDE, (low + 1) * SIDE);
    samples.set(row, low * SIDE);
  }
}

function inside(pair: Pair, space: ScaleSpace): boolean {
  const f = frameOf(pair);
  const reachX = (Math.abs(f.ux) + Math.abs(f.vx)) / 2;
  const reachY = (Math.abs(f.uy) + Math.abs(f.vy)) / 2;
  const slack = 0.01 * pair.length;
  return (
    f.cx - reachX >= -slack &&
    f.cy - reachY >= -slack &&
    f.cx + reachX <= space.width - 1 + slack &&
    f.cy + reachY <= space.height - 1 + slack
  );
}

function choosePairs(points: readonly Keypoint[], space: ScaleSpace, limits: RegionLimits): Pair[] {
  const pairs: Pair[] = [];
  points.forEach((p, i) => {
    for (const q of points.slice(0, i)) {
      const length = Math.hypot(p.x - q.x, p.y - q.y);
      if (length < limits.shortest || length < 4 * Math.max(p.sigma, q.sigma)) continue;
      const [a, b] = p.response >= q.response ? [p, q] : [q, p];
      // Localisation error shrinks with the length it is measured against.
      const score =
        Math.min(Math.abs(a.response), Math.abs(b.response)) * Math.sqrt(length / (a.sigma + b.sigma));
      const pair = { a, b, length, score };
      if (inside(pair, space)) pairs.push(pair);
    }
  });
  pairs.sort((x, y) => y.score - x.score);
  const used = new Map<Keypoint, number>();
  return pairs.filter(({ a, b }) => {
    const most = Math.max(used.get(a) ?? 0, used.get(b) ?? 0);
    if (most >= limits.perPoint) return false;
    used.set(a, (used.get(a) ?? 0) + 1);
    used.set(b, (used.get(b) ?? 0) + 1);
    return true;
  });
}

// First moment across the axis: mirrored pictures give its opposite, so its sign fixes the handedness.
function moment(plane: Float32Array): number {
  let sum = 0;
  let norm = 0;
  let mean = 0;
  for (const value of plane) mean += value;
  mean /= plane.length;
  for (let i = 0; i < SIDE; i++) {
    const v = (i - 31.5) / 31.5;
    for (let j = 0; j < SIDE; j++) {
      const value = (plane[i * SIDE + j] as number) - mean;
      sum += v * value;
      norm += Math.abs(value);
    }
  }
  return norm === 0 ? 0 : sum / norm;
}

/**
 * Hashes squares of a picture that are anchored to pairs of salient points, so that each is found again in place, scale
 * and turn after a crop, a rotation, a frame or a collage. Order and handedness are fixed by the content itself, so one
 * hash serves all eight symmetries. Squares under `MIN_PART_QUALITY` are left out.
 */
export function hashRegions(
  kernel: KernelExports,
  space: ScaleSpace,
  hasher: FrameHasher,
  limits: RegionLimits,
): PdqHash[] {
  const points = spread(findKeypoints(kernel, space), limits.points);
  return hashPairs(hasher, choosePairs(points, space, limits), limits);
}

function hashPairs(hasher: FrameHasher, pairs: readonly Pair[], limits: RegionLimits): PdqHash[] {
  const regions: PdqHash[] = [];
  for (const pair of pairs) {
    const doubt = Math.abs(pair.a.response - pair.b.response) < 0.2 * Math.abs(pair.a.response);
    const orders = limits.bothWays && doubt ? [pair, { ...pair, a: pair.b, b: pair.a }] : [pair];
    for (const order of orders) {
      const samples = hasher.sample(frameOf(order));
      const m = moment(samples);
      const flips = limits.bothWays && Math.abs(m) < 0.04 ? [false, true] : [m < 0];
      for (const flip of flips) {
        if (regions.length >= limits.hashes) return regions;
        if (flip) mirrorRows(samples);
        const found = hasher.hashSampled();
        if (found.quality >= MIN_PART_QUALITY) regions.push(found);
      }
    }
  }
  return regions;
}
