import type { Dihedral } from '../src/dihedral.ts';
import { channelsOf, type Picture } from '../src/picture.ts';

function remap(
  picture: Picture,
  swap: boolean,
  at: (x: number, y: number) => readonly [number, number],
): Picture {
  const channels = channelsOf(picture.format);
  const width = swap ? picture.height : picture.width;
  const height = swap ? picture.width : picture.height;
  const data = new Uint8Array(picture.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [sx, sy] = at(x, y);
      const from = (sy * picture.width + sx) * channels;
      data.set(picture.data.subarray(from, from + channels), (y * width + x) * channels);
    }
  }
  return { width, height, format: picture.format, data };
}

/** The picture itself turned or mirrored, pixel by pixel: what the dihedral hashes must agree with. */
export function turn(picture: Picture, dihedral: Dihedral): Picture {
  const right = picture.width - 1;
  const low = picture.height - 1;
  switch (dihedral) {
    case 'original':
      return picture;
    case 'rotate90':
      return remap(picture, true, (x, y) => [right - y, x]);
    case 'rotate180':
      return remap(picture, false, (x, y) => [right - x, low - y]);
    case 'rotate270':
      return remap(picture, true, (x, y) => [y, low - x]);
    case 'flipX':
      return remap(picture, false, (x, y) => [x, low - y]);
    case 'flipY':
      return remap(picture, false, (x, y) => [right - x, y]);
    case 'flipPlus1':
      return remap(picture, true, (x, y) => [y, x]);
    case 'flipMinus1':
      return remap(picture, true, (x, y) => [right - y, low - x]);
  }
}
