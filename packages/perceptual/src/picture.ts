import { PictureRefused } from './refusal.ts';

/** How a picture's bytes are laid out, one byte a sample, rows without gaps. */
export type PixelFormat = 'luma' | 'rgb' | 'rgba';

/** Decoded pixels, upright. RGBA is laid over white, as the reference's own tool ends up doing. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly data: Uint8Array | Uint8ClampedArray;
}

const CHANNELS = { luma: 1, rgb: 3, rgba: 4 } as const;

/** The largest side accepted: the 32-bit vertical sums hold up to here, and no decoder gives more. */
export const MAX_SIDE = 262_144;

/** Samples a pixel. */
export function channelsOf(format: PixelFormat): 1 | 3 | 4 {
  return CHANNELS[format];
}

/** @throws PictureRefused `picture.wrong-size` unless both sides are whole numbers from 1 to `MAX_SIDE` */
export function checkSize(width: number, height: number): void {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > MAX_SIDE) {
      throw new PictureRefused('picture.wrong-size', `A side must be a whole number from 1 to ${MAX_SIDE}.`);
    }
  }
}

/** @throws PictureRefused `picture.wrong-size`, or `picture.wrong-length` when bytes and sides disagree */
export function checkPicture(picture: Picture): void {
  checkSize(picture.width, picture.height);
  if (picture.data.length !== picture.width * picture.height * channelsOf(picture.format)) {
    throw new PictureRefused(
      'picture.wrong-length',
      'The bytes do not fill the picture that the sides describe.',
    );
  }
}
