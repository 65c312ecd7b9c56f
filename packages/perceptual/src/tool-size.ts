import { channelsOf, type Picture } from './picture.ts';

const TOOL_SIDE = 512;

/**
 * What the reference's command-line tool hashes: when either side is over 512 pixels, the picture is first brought to
 * 512 x 512 by nearest neighbour, whatever its shape.
 */
export function toToolSize(picture: Picture): Picture {
  const { width, height, format, data } = picture;
  if (width <= TOOL_SIDE && height <= TOOL_SIDE) return picture;
  const channels = channelsOf(format);
  const small = new Uint8Array(TOOL_SIDE * TOOL_SIDE * channels);
  for (let y = 0, to = 0; y < TOOL_SIDE; y++) {
    const row = Math.floor((y * height) / TOOL_SIDE) * width;
    for (let x = 0; x < TOOL_SIDE; x++, to += channels) {
      const from = (row + Math.floor((x * width) / TOOL_SIDE)) * channels;
      for (let c = 0; c < channels; c++) small[to + c] = data[from + c] ?? 0;
    }
  }
  return { width: TOOL_SIDE, height: TOOL_SIDE, format, data: small };
}
