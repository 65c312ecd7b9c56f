import { readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';
import type { Picture } from '../src/picture.ts';
import { PictureRefused } from '../src/refusal.ts';

export { PictureRefused } from '../src/refusal.ts';

/** What a decoder may spend on one picture. */
export interface DecodeLimits {
  /** Most pixels, counted before anything is decoded: a bomb is refused by its header. */
  readonly pixels?: number;
  /** Most bytes of the file. */
  readonly bytes?: number;
  /** Most seconds of decoding. */
  readonly seconds?: number;
  /**
   * `upright` (the default) applies the EXIF orientation, as a viewer does; `stored` ignores it, as the PDQ reference
   * does. The dihedral hashes of one contain the hash of the other.
   */
  readonly orientation?: 'upright' | 'stored';
}

const DEFAULTS = {
  pixels: 100_000_000,
  bytes: 64 * 1024 * 1024,
  seconds: 20,
  orientation: 'upright',
} as const;

// What people send each other. Vector, document and scientific formats are left out: their readers are large, seldom
// exercised, and not what a camera or a phone makes.
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'avif']);

function refusalOf(error: unknown): PictureRefused {
  if (error instanceof PictureRefused) return error;
  const text = error instanceof Error ? error.message : '';
  const options = { cause: error };
  if (/timeout/i.test(text)) return new PictureRefused('picture.timeout', 'Decoding took too long.', options);
  if (/pixel limit/i.test(text))
    return new PictureRefused('picture.too-many-pixels', 'The picture has too many pixels.', options);
  if (/unsupported image format/i.test(text)) {
    return new PictureRefused(
      'picture.unsupported-format',
      'This is not a picture in a known format.',
      options,
    );
  }
  if (
    /premature end|truncat|unexpected end|not enough data|end of (file|stream|input)|EOF|out of order read/i.test(
      text,
    )
  ) {
    return new PictureRefused('picture.truncated', 'The picture ends too early.', options);
  }
  return new PictureRefused('picture.unreadable', 'The picture cannot be decoded.', options);
}

function checkHeader(header: Metadata, limit: number): void {
  if (!FORMATS.has(header.format)) {
    throw new PictureRefused('picture.unsupported-format', 'This format is not accepted.');
  }
  const height = header.pageHeight ?? header.height;
  if (header.width * height > limit) {
    throw new PictureRefused('picture.too-many-pixels', 'The picture has too many pixels.');
  }
}

// Palette, 1-bit, 16-bit, grey and wide-gamut pictures all come out as 8-bit sRGB; alpha goes over white.
async function toPixels(input: Sharp, header: Metadata, seconds: number): Promise<Picture> {
  const inks = header.space === 'cmyk' && !header.hasProfile;
  const colour = inks ? input.pipelineColourspace('cmyk').toColourspace('cmyk') : input.toColourspace('srgb');
  const flat = header.hasAlpha && !inks ? colour.flatten({ background: '#ffffff' }) : colour;
  const opaque = inks ? flat : flat.removeAlpha();
  const { data, info } = await opaque
    .raw({ depth: 'uchar' })
    .timeout({ seconds })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (inks && channels >= 4) return { width, height, format: 'rgb', data: fromInks(data, channels) };
  if (channels === 1) return { width, height, format: 'luma', data };
  if (channels !== 3) throw new PictureRefused('picture.unreadable', 'The picture has an unknown layout.');
  return { width, height, format: 'rgb', data };
}

// Inks that name no profile: by the plain product, as browsers and the reference's decoder do. Through the profile that
// libvips would assume, the hash lands 6 to 10 bits away from theirs.
function fromInks(inks: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((inks.length / channels) * 3);
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    const light = 255 - (inks[from + 3] ?? 0);
    for (let c = 0; c < 3; c++) rgb[to + c] = Math.round(((255 - (inks[from + c] ?? 0)) * light) / 255);
  }
  return rgb;
}

/**
 * Decodes the first frame of a picture file to upright 8-bit RGB over white.
 * @throws PictureRefused, and nothing else: `picture.empty`, `picture.too-many-bytes`, `picture.unsupported-format`,
 * `picture.too-many-pixels`, `picture.truncated`, `picture.timeout`, `picture.unreadable`
 */
export async function decodePicture(file: Uint8Array, limits: DecodeLimits = {}): Promise<Picture> {
  const { pixels, bytes, seconds, orientation } = { ...DEFAULTS, ...limits };
  if (file.length === 0) throw new PictureRefused('picture.empty', 'The file is empty.');
  if (file.length > bytes) throw new PictureRefused('picture.too-many-bytes', 'The file is too large.');
  try {
    const options = {
      failOn: 'truncated',
      limitInputPixels: pixels,
      pages: 1,
      sequentialRead: true,
    } as const;
    const input = sharp(file, options);
    const header = await input.metadata();
    checkHeader(header, pixels);
    const oriented = orientation === 'upright' ? input.autoOrient() : input;
    return await toPixels(oriented, header, seconds);
  } catch (error) {
    throw refusalOf(error);
  }
}

/**
 * The same from a path.
 * @throws PictureRefused as `decodePicture`; `picture.unreadable` where the file cannot be read
 */
export async function decodeFile(path: string, limits: DecodeLimits = {}): Promise<Picture> {
  const most = limits.bytes ?? DEFAULTS.bytes;
  let file: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > most) throw new PictureRefused('picture.too-many-bytes', 'The file is too large.');
    file = await readFile(path);
  } catch (error) {
    if (error instanceof PictureRefused) throw error;
    throw new PictureRefused('picture.unreadable', 'The file cannot be read.', { cause: error });
  }
  return decodePicture(file, limits);
}
