import type { KernelExports } from './kernel.ts';
import type { Raster } from './raster.ts';
import { PictureRefused } from './refusal.ts';

/** One blurred plane in the kernel's memory. */
export interface Level {
  readonly sigma: number;
  readonly pointer: number;
}

/** A picture at growing blur. Its planes live in the kernel's memory until the caller releases its mark. */
export interface ScaleSpace {
  readonly width: number;
  readonly height: number;
  readonly levels: readonly Level[];
}

export const FIRST_SIGMA = 1.3;
export const SIGMA_STEP = 2 ** (1 / 3);
const LEVELS = 12;

function gaussian(sigma: number): Float32Array {
  const reach = Math.max(1, Math.ceil(2.5 * sigma));
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-((k - reach) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

function reserve(kernel: KernelExports, bytes: number): number {
  const pointer = kernel.alloc(bytes);
  if (pointer === 0) throw new PictureRefused('picture.memory', 'There is no memory left for this picture.');
  return pointer >>> 0;
}

/** Blurs a raster step by step: sigma of level k is FIRST_SIGMA * SIGMA_STEP^k pixels. */
export function buildScaleSpace(kernel: KernelExports, raster: Raster): ScaleSpace {
  const { width, height } = raster;
  const bytes = width * height * 4;
  const source = reserve(kernel, bytes);
  const between = reserve(kernel, bytes);
  const padded = reserve(kernel, (width + 2 * 64) * 4);
  const taps = reserve(kernel, 129 * 4);
  const levels = Array.from({ length: LEVELS }, (_, k) => ({
    sigma: FIRST_SIGMA * SIGMA_STEP ** k,
    pointer: reserve(kernel, bytes),
  }));
  new Float32Array(kernel.memory.buffer, source, raster.data.length).set(raster.data);
  let from = { sigma: 0, pointer: source };
  for (const level of levels) {
    const weights = gaussian(Math.sqrt(level.sigma ** 2 - from.sigma ** 2));
    new Float32Array(kernel.memory.buffer, taps, weights.length).set(weights);
    const reach = (weights.length - 1) / 2;
    kernel.convolve(from.pointer, width, height, taps, reach, between, padded, level.pointer);
    from = level;
  }
  return { width, height, levels };
}

/** The plane's values; valid until the kernel's memory grows. */
export function planeOf(kernel: KernelExports, space: ScaleSpace, level: Level): Float32Array {
  return new Float32Array(kernel.memory.buffer, level.pointer, space.width * space.height);
}
