import { channelsOf, type Picture } from './picture.ts';

/** A plane of brightness, 0 to 255, row-major. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Brightness of a picture, averaged down so that its longer side is at most `longest` pixels (never enlarged).
 * Transparency is laid over white.
 */
export function toRaster(picture: Picture, longest: number): Raster {
  const { width: sw, height: sh, data } = picture;
  const channels = channelsOf(picture.format);
  const ratio = Math.min(1, longest / Math.max(sw, sh));
  const width = Math.max(1, Math.round(sw * ratio));
  const height = Math.max(1, Math.round(sh * ratio));
  const sums = new Float32Array(width * height);
  const counts = new Float32Array(width * height);
  const columns = Int32Array.from({ length: sw }, (_, x) => Math.floor((x * width) / sw));
  for (let y = 0, p = 0; y < sh; y++) {
    const row = Math.floor((y * height) / sh) * width;
    for (let x = 0; x < sw; x++, p += channels) {
      const at = row + (columns[x] ?? 0);
      sums[at] = (sums[at] ?? 0) + brightness(data, p, channels);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) / Math.max(1, counts[i] ?? 1);
  return { width, height, data: sums };
}

function brightness(data: Uint8Array | Uint8ClampedArray, p: number, channels: number): number {
  const first = data[p] ?? 0;
  if (channels === 1) return first;
  const luma = 0.299 * first + 0.587 * (data[p + 1] ?? 0) + 0.114 * (data[p + 2] ?? 0);
  if (channels === 3) return luma;
  const alpha = (data[p + 3] ?? 255) / 255;
  return luma * alpha + 255 * (1 - alpha);
}
