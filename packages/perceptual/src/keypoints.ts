import type { KernelExports } from './kernel.ts';
import { FIRST_SIGMA, planeOf, type ScaleSpace, SIGMA_STEP } from './scale-space.ts';

/** A spot that stands out from its surroundings: where, how large, and how much brighter (+) or darker (-). */
export interface Keypoint {
  readonly x: number;
  readonly y: number;
  readonly sigma: number;
  readonly response: number;
}

const MIN_RESPONSE = 0.4;
// Ratio of principal curvatures above which a spot is an edge, free to slide along itself (Lowe 2004 uses 10).
const EDGE_RATIO = 8;

function differences(kernel: KernelExports, space: ScaleSpace): Float32Array[] {
  const planes = space.levels.map((level) => planeOf(kernel, space, level));
  return planes.slice(1).map((next, k) => {
    const base = planes[k] ?? next;
    const out = new Float32Array(next.length);
    for (let i = 0; i < out.length; i++) out[i] = (base[i] as number) - (next[i] as number);
    return out;
  });
}

function isExtremum(planes: readonly Float32Array[], k: number, at: number, width: number): boolean {
  const value = planes[k]?.[at] as number;
  for (let dk = -1; dk <= 1; dk++) {
    const plane = planes[k + dk] as Float32Array;
    for (let dy = -width; dy <= width; dy += width) {
      for (let dx = -1; dx <= 1; dx++) {
        if (dk === 0 && dy === 0 && dx === 0) continue;
        const other = plane[at + dy + dx] as number;
        if (value > 0 ? other >= value : other <= value) return false;
      }
    }
  }
  return true;
}

// A parabola through three neighbours puts the extremum between samples.
function vertex(before: number, here: number, after: number): number {
  const curvature = before - 2 * here + after;
  if (curvature === 0) return 0;
  return Math.max(-0.5, Math.min(0.5, (0.5 * (before - after)) / curvature));
}

function refine(planes: readonly Float32Array[], k: number, at: number, width: number): Keypoint | undefined {
  const d = planes[k] as Float32Array;
  const here = d[at] as number;
  const [l, r] = [d[at - 1] as number, d[at + 1] as number];
  const [u, b] = [d[at - width] as number, d[at + width] as number];
  const dxx = l + r - 2 * here;
  const dyy = u + b - 2 * here;
  const cross = (d[at + width + 1] as number) + (d[at - width - 1] as number);
  const dxy = (cross - (d[at + width - 1] as number) - (d[at - width + 1] as number)) / 4;
  const determinant = dxx * dyy - dxy * dxy;
  const trace = dxx + dyy;
  if (determinant <= 0 || trace * trace * EDGE_RATIO >= (EDGE_RATIO + 1) ** 2 * determinant) return undefined;
  const gx = (r - l) / 2;
  const gy = (b - u) / 2;
  const ox = -(dyy * gx - dxy * gy) / determinant;
  const oy = -(dxx * gy - dxy * gx) / determinant;
  if (Math.abs(ox) > 1 || Math.abs(oy) > 1) return undefined;
  const level = vertex(planes[k - 1]?.[at] as number, here, planes[k + 1]?.[at] as number);
  return {
    x: (at % width) + ox,
    y: Math.floor(at / width) + oy,
    sigma: FIRST_SIGMA * SIGMA_STEP ** (k + level),
    response: here,
  };
}

/** Extrema of the difference of Gaussians over place and scale (Lindeberg, Lowe). */
export function findKeypoints(kernel: KernelExports, space: ScaleSpace): Keypoint[] {
  const planes = differences(kernel, space);
  const { width, height } = space;
  const found: Keypoint[] = [];
  for (let k = 1; k + 1 < planes.length; k++) {
    const plane = planes[k] as Float32Array;
    for (let y = 1; y < height - 1; y++) {
      for (let at = y * width + 1; at < y * width + width - 1; at++) {
        if (Math.abs(plane[at] as number) < MIN_RESPONSE || !isExtremum(planes, k, at, width)) continue;
        const point = refine(planes, k, at, width);
        if (point) found.push(point);
      }
    }
  }
  return found;
}

// Large spots survive resizing and re-encoding better than small ones of the same contrast.
function strength(point: Keypoint): number {
  return Math.abs(point.response) * Math.sqrt(point.sigma);
}

/**
 * The `count` points that are strong and far from stronger ones (adaptive non-maximal suppression, Brown 2005):
 * a crop keeps most of them, where the plain strongest may all lie in the part cut away.
 */
export function spread(points: readonly Keypoint[], count: number): Keypoint[] {
  const pool = points.toSorted((a, b) => strength(b) - strength(a)).slice(0, 600);
  const isolated = pool.map((point, i) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (const other of pool.slice(0, i)) {
      if (strength(other) * 0.9 < strength(point)) continue;
      nearest = Math.min(nearest, Math.hypot(other.x - point.x, other.y - point.y));
    }
    return { point, nearest };
  });
  return isolated
    .sort((a, b) => b.nearest - a.nearest)
    .slice(0, count)
    .map(({ point }) => point);
}
