import { join } from './cbor.ts';
import type { SealedMediaCode } from './errors.ts';
import { blankWebp } from './fixtures.ts';
import type { Bytes } from './primitives.ts';

/* Bytes inside and outside the canonical profile, for tests and for the published vectors. Heads with little in them. */

const ascii = (text: string): Bytes => new TextEncoder().encode(text);
const u16 = (value: number): Bytes => Uint8Array.of(value >> 8, value & 255);
const u32 = (value: number): Bytes => join(u16(value >>> 16), u16(value & 0xffff));
const little = (bytes: Bytes): Bytes => bytes.toReversed();

/** A TIFF structure with one entry: the orientation (Exif 3.0 §4.6.5.1.5), 1 to 8. */
export const orientation = (value: number): Bytes =>
  join(ascii('MM\0*'), u32(8), u16(1), u16(0x0112), u16(3), u32(1), u16(value), u16(0), u32(0));

const chunk = (name: string, payload: Bytes): Bytes =>
  join(ascii(name), little(u32(payload.length)), payload, new Uint8Array(payload.length & 1));

function webp(...chunks: readonly Bytes[]): Bytes {
  const all = join(ascii('WEBP'), ...chunks);
  return join(ascii('RIFF'), little(u32(all.length)), all);
}

/** The head of an extended WebP of 64×48: flags, reserved, both sides less one in 24 bits. */
const extended = (flags: number): Bytes => chunk('VP8X', Uint8Array.of(flags, 0, 0, 0, 63, 0, 0, 47, 0, 0));
const frame = (): Bytes => blankWebp(64, 48).subarray(12) as Bytes;

const segment = (kind: number, payload: Bytes): Bytes =>
  join(Uint8Array.of(0xff, kind), u16(payload.length + 2), payload);

/** A JPEG of one empty scan, with `segments` behind its JFIF head. */
export function blankJpeg(width: number, height: number, ...segments: readonly Bytes[]): Bytes {
  const head = segment(0xe0, join(ascii('JFIF\0'), Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 0, 0)));
  const sof = segment(0xc0, join(Uint8Array.of(8), u16(height), u16(width), Uint8Array.of(1, 1, 0x11, 0)));
  const sos = segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0));
  const scan = Uint8Array.of(0x12, 0x34);
  return join(Uint8Array.of(0xff, 0xd8), head, ...segments, sof, sos, scan, Uint8Array.of(0xff, 0xd9));
}

const exif = (value: number): Bytes => segment(0xe1, join(ascii('Exif\0\0'), orientation(value)));

function png(...chunks: readonly (readonly [name: string, payload: Bytes])[]): Bytes {
  const written = chunks.map(([name, payload]) => join(u32(payload.length), ascii(name), payload, u32(0)));
  return join(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...written);
}
const ihdr = (colour: number): readonly [string, Bytes] => [
  'IHDR',
  join(u32(64), u32(48), Uint8Array.of(8, colour, 0, 0, 0)),
];

/** What it is, its bytes, and how it is refused; null: canonical. */
export const profileSamples = (): readonly (readonly [what: string, Bytes, SealedMediaCode | null])[] => [
  ['a WebP in its simple form', blankWebp(64, 48), null],
  ['a JPEG with a JFIF head', blankJpeg(64, 48), null],
  ['a side of 2049', blankWebp(2049, 48), 'too_many_pixels'],
  ['a JPEG side of 65535', blankJpeg(48, 65_535), 'too_many_pixels'],
  ['a JPEG that is to be turned', blankJpeg(64, 48, exif(6)), 'not_upright'],
  [
    'a WebP that is to be turned',
    webp(extended(0x08), frame(), chunk('EXIF', orientation(3))),
    'not_upright',
  ],
  ['a PNG that is to be turned', png(ihdr(2), ['eXIf', orientation(8)]), 'not_upright'],
  ['a JPEG with Exif, upright', blankJpeg(64, 48, exif(1)), 'not_canonical'],
  ['a WebP with alpha', webp(extended(0x10), chunk('ALPH', Uint8Array.of(0, 0)), frame()), 'not_opaque'],
  [
    'a lossless WebP with alpha',
    webp(chunk('VP8L', Uint8Array.of(0x2f, 63, 0xc0, 0x0b, 0x10))),
    'not_opaque',
  ],
  ['a lossless WebP', webp(chunk('VP8L', Uint8Array.of(0x2f, 63, 0xc0, 0x0b, 0))), 'not_canonical'],
  ['a PNG with alpha', png(ihdr(6)), 'not_opaque'],
  ['a PNG with a transparent colour', png(ihdr(2), ['tRNS', new Uint8Array(6)]), 'not_opaque'],
  ['a PNG', png(ihdr(2)), 'not_canonical'],
  ['a WebP of several frames', webp(extended(0x02), chunk('ANIM', new Uint8Array(6))), 'not_still'],
  ['a PNG of several frames', png(ihdr(2), ['acTL', join(u32(2), u32(0))]), 'not_still'],
  ['a JPEG of several pictures', blankJpeg(64, 48, segment(0xe2, ascii('MPF\0'))), 'not_still'],
  ['a JPEG with a comment', blankJpeg(64, 48, segment(0xfe, ascii('hello'))), 'not_canonical'],
  ['bytes behind the end', join(blankJpeg(64, 48), Uint8Array.of(0)), 'not_canonical'],
  ['no picture', ascii('<svg onload=alert(1)>............'), 'not_canonical'],
];
