import type { SealedMediaCode } from './errors.ts';

/*
 * Bytes outside the canonical profile are refused whatever is in them. This only names what they try, where that would show
 * another bitmap to another decoder: a turn written beside the pixels, transparency, further frames.
 */

type Deviation = Extract<SealedMediaCode, 'not_canonical' | 'not_still' | 'not_upright' | 'not_opaque'>;

/** What bytes that are not canonical deviate in; `not_canonical` where it is none of the three. Never throws. */
export function deviationOf(bytes: Uint8Array): Deviation {
  const traits =
    bytes[0] === 0xff ? jpegTraits(bytes) : bytes[0] === 0x89 ? pngTraits(bytes) : webpTraits(bytes);
  if (traits.frames) return 'not_still';
  if (traits.turned) return 'not_upright';
  return traits.transparent ? 'not_opaque' : 'not_canonical';
}

interface Traits {
  frames: boolean;
  turned: boolean;
  transparent: boolean;
}

const none = (): Traits => ({ frames: false, turned: false, transparent: false });
const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const text = (bytes: Uint8Array, at: number, length = 4): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** Segments before the scan: Exif in APP1, several pictures (CIPA DC-007) in APP2. */
function jpegTraits(bytes: Uint8Array): Traits {
  const traits = none();
  const view = viewOf(bytes);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const end = at + 2 + view.getUint16(at + 2);
    const name = text(bytes, at + 4);
    if (bytes[at + 1] === 0xe1 && name === 'Exif') traits.turned ||= isTurned(bytes.subarray(at + 10, end));
    if (bytes[at + 1] === 0xe2 && name === 'MPF\0') traits.frames = true;
    at = Math.max(end, at + 4);
  }
  return traits;
}

/** Chunks of a PNG (W3C PNG, third edition): `acTL` moves, `eXIf` turns, `tRNS` and the colour types 4 and 6 have alpha. */
function pngTraits(bytes: Uint8Array): Traits {
  const traits = none();
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    const name = text(bytes, at + 4);
    if (name === 'acTL') traits.frames = true;
    if (name === 'eXIf') traits.turned ||= isTurned(bytes.subarray(at + 8, end));
    if (name === 'tRNS' || (name === 'IHDR' && ((bytes[at + 17] ?? 0) & 4) !== 0)) traits.transparent = true;
    at = end + 4;
  }
  return traits;
}

/** Chunks of a WebP (RFC 9649 §2.7): `ANIM` moves, `EXIF` turns, `ALPH` and a lossless frame that says so have alpha. */
function webpTraits(bytes: Uint8Array): Traits {
  const traits = none();
  const view = viewOf(bytes);
  if (text(bytes, 0) !== 'RIFF' || text(bytes, 8) !== 'WEBP') return traits;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const name = text(bytes, at);
    const flags = bytes[at + 8] ?? 0;
    if (name === 'ANIM' || name === 'ANMF' || (name === 'VP8X' && (flags & 0x02) !== 0)) traits.frames = true;
    if (name === 'EXIF') traits.turned ||= isTurned(bytes.subarray(at + 8, at + 8 + size));
    if (name === 'ALPH' || (name === 'VP8X' && (flags & 0x10) !== 0)) traits.transparent = true;
    // The bit after the two sizes of 14 bits (RFC 9649 §3.4).
    if (name === 'VP8L' && ((bytes[at + 12] ?? 0) & 0x10) !== 0) traits.transparent = true;
    at += 8 + size + (size & 1);
  }
  return traits;
}

const orientationTag = 0x0112;

/** Whether Exif (a TIFF structure, with or without the name before it) asks for another orientation than upright. */
function isTurned(exif: Uint8Array): boolean {
  const tiff = text(exif, 0) === 'Exif' ? exif.subarray(6) : exif;
  const little = text(tiff, 0, 2) === 'II';
  if (tiff.length < 10 || (!little && text(tiff, 0, 2) !== 'MM')) return false;
  const view = viewOf(tiff);
  const first = view.getUint32(4, little);
  if (first + 2 > tiff.length) return false;
  const entries = view.getUint16(first, little);
  for (let at = first + 2; at < first + 2 + 12 * entries && at + 12 <= tiff.length; at += 12) {
    if (view.getUint16(at, little) === orientationTag) return view.getUint16(at + 8, little) !== 1;
  }
  return false;
}
