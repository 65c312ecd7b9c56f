import { HASH_BYTES, type PdqHash } from './hash.ts';
import type { KernelExports } from './kernel.ts';
import { FIRST_SIGMA, type Level, type ScaleSpace } from './scale-space.ts';

/** A parallelogram of a picture, in pixels of its raster: the centre, and the vectors of the sides along u and v. */
export interface Frame {
  readonly cx: number;
  readonly cy: number;
  readonly ux: number;
  readonly uy: number;
  readonly vx: number;
  readonly vy: number;
}

/** Samples and hashes frames of one scale space. */
export interface FrameHasher {
  /** Takes the frame's 64x64 samples; the array is valid, and hashed by `hashSampled`, until the next call. */
  sample(frame: Frame): Float32Array;
  /** Hashes what `sample` took, as the caller may have changed it. */
  hashSampled(): PdqHash;
  /** Both. */
  hash(frame: Frame): PdqHash;
}

const SIDE = 64;
// About PDQ's own blur: near 1/64 of the side, so that both sides of a comparison see one blur whatever their scale.
const BLUR_SHARE = 0.012;

function levelFor(space: ScaleSpace, frame: Frame): Level {
  const side = Math.sqrt(Math.abs(frame.ux * frame.vy - frame.uy * frame.vx));
  const wanted = Math.round(Math.log2((side * BLUR_SHARE) / FIRST_SIGMA) * 3);
  return space.levels[Math.max(0, Math.min(space.levels.length - 1, wanted))] as Level;
}

/** Reserves its buffers from the kernel's memory, above the scale space it reads. */
export function frameHasher(kernel: KernelExports, space: ScaleSpace): FrameHasher {
  const plane = kernel.alloc(SIDE * SIDE * 4);
  const out = kernel.alloc(HASH_BYTES);
  const sample = (f: Frame): Float32Array => {
    const level = levelFor(space, f);
    kernel.sample(level.pointer, space.width, space.height, f.cx, f.cy, f.ux, f.uy, f.vx, f.vy, plane);
    return new Float32Array(kernel.memory.buffer, plane, SIDE * SIDE);
  };
  const hashSampled = (): PdqHash => {
    const quality = kernel.hashF32(plane, out);
    return { hash: new Uint8Array(kernel.memory.buffer, out, HASH_BYTES).slice(), quality };
  };
  return {
    sample,
    hashSampled,
    hash: (frame) => {
      sample(frame);
      return hashSampled();
    },
  };
}
