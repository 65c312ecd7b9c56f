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
  // The first source column of each column, and the end: a run is summed without touching the arrays.
  const starts = Int32Array.from({ length: width + 1 }, (_, x) => Math.ceil((x * sw) / width));
  for (let y = 0; y < sh; y++) {
    const row = Math.floor((y * height) / sh) * width;
    for (let column = 0; column < width; column++) {
      const from = starts[column] as number;
      const to = starts[column + 1] as number;
      let sum = 0;
      for (let x = from, p = (y * sw + from) * channels; x < to; x++, p += channels)
        sum += brightness(data, p, channels);
      sums[row + column] = (sums[row + column] as number) + sum;
      counts[row + column] = (counts[row + column] as number) + to - from;
    }
  }
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) / Math.max(1, counts[i] ?? 1);
  return { width, height, data: sums };
}

function brightness(data: Uint8Array | Uint8ClampedArray, p: number, channels: number): number {
  const first = data[p] as number;
  if (channels === 1) return first;
  const luma = 0.299 * first + 0.587 * (data[p + 1] as number) + 0.114 * (data[p + 2] as number);
  if (channels === 3 || data[p + 3] === 255) return luma;
  const alpha = (data[p + 3] as number) / 255;
  return luma * alpha + 255 * (1 - alpha);
}
