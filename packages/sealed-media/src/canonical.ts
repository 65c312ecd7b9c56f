import { maxSide, type PictureType } from './descriptor.ts';
import { deviationOf } from './deviation.ts';
import { SealedMediaError } from './errors.ts';

/*
 * The one profile that a receiver decodes: baseline or progressive JPEG with a JFIF head, or lossy WebP in its simple
 * form. No metadata segment of any kind, one frame, no alpha, nothing after the end: such bytes have one reading, whatever
 * the decoder, and carry nothing but the picture.
 */

export interface CanonicalPicture {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
}

const refuse = (detail: string) => new SealedMediaError('not_canonical', detail);

/**
 * Type and size of canonical bytes.
 * @throws {SealedMediaError} `too_many_pixels`, `not_still`, `not_upright`, `not_opaque`, `not_canonical` (anything else)
 */
export function readCanonical(bytes: Uint8Array): CanonicalPicture {
  const picture = read(bytes);
  if (picture.width < 1 || picture.height < 1) throw refuse('size');
  if (Math.max(picture.width, picture.height) > maxSide) throw new SealedMediaError('too_many_pixels');
  return picture;
}

function read(bytes: Uint8Array): CanonicalPicture {
  try {
    return bytes[0] === 0xff ? readJpeg(bytes) : readWebp(bytes);
  } catch (error) {
    throw error instanceof SealedMediaError ? new SealedMediaError(deviationOf(bytes), error.message) : error;
  }
}

const marker = {
  soi: 0xd8,
  app0: 0xe0,
  dqt: 0xdb,
  sof0: 0xc0,
  sof2: 0xc2,
  dht: 0xc4,
  dri: 0xdd,
  sos: 0xda,
  eoi: 0xd9,
} as const;
const allowed: ReadonlySet<number> = new Set([
  marker.app0,
  marker.dqt,
  marker.sof0,
  marker.sof2,
  marker.dht,
  marker.dri,
  marker.sos,
]);

function readJpeg(bytes: Uint8Array): CanonicalPicture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) throw refuse('JPEG start');
  let size: { width: number; height: number } | null = null;
  let at = 2;
  for (;;) {
    if (at + 2 > bytes.length || bytes[at] !== 0xff) throw refuse('JPEG marker');
    const kind = bytes[at + 1] as number;
    if (kind === marker.eoi) break;
    if (!allowed.has(kind) || at + 4 > bytes.length) throw refuse(`JPEG segment ${kind.toString(16)}`);
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > bytes.length) throw refuse('JPEG segment length');
    if (kind === marker.app0 && !isPlainJfif(bytes, at, length)) throw refuse('JPEG head');
    if (kind === marker.sof0 || kind === marker.sof2) {
      if (size !== null || length < 8 || bytes[at + 4] !== 8) throw refuse('JPEG frame');
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    at += 2 + length;
    if (kind === marker.sos) at = endOfScan(bytes, at);
  }
  if (size === null || at + 2 !== bytes.length) throw refuse('JPEG end');
  return { type: 'image/jpeg', ...size };
}

/** JFIF without a thumbnail: 14 bytes of payload, `JFIF\0`, thumbnail 0×0, right behind the start. */
function isPlainJfif(bytes: Uint8Array, at: number, length: number): boolean {
  const name = String.fromCharCode(...bytes.subarray(at + 4, at + 9));
  return at === 2 && length === 16 && name === 'JFIF\0' && bytes[at + 16] === 0 && bytes[at + 17] === 0;
}

/** Skips entropy-coded data: until a marker that is neither stuffing nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    const next = bytes[at + 1] as number;
    if (bytes[at] === 0xff && next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw refuse('JPEG scan without end');
}

const fourCc = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/** RIFF with a single `VP8 ` chunk and a key frame (RFC 9649 §2.5, RFC 6386 §9.1). */
function readWebp(bytes: Uint8Array): CanonicalPicture {
  if (bytes.length < 30 || fourCc(bytes, 0) !== 'RIFF' || fourCc(bytes, 8) !== 'WEBP')
    throw refuse('neither JPEG nor WebP');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunk = view.getUint32(16, true);
  const padded = chunk + (chunk & 1);
  if (fourCc(bytes, 12) !== 'VP8 ') throw refuse('WebP that is not simple and lossy');
  if (view.getUint32(4, true) + 8 !== bytes.length || 20 + padded !== bytes.length)
    throw refuse('WebP length');
  const isKeyFrame = ((bytes[20] as number) & 1) === 0;
  const startCode = bytes[23] === 0x9d && bytes[24] === 0x01 && bytes[25] === 0x2a;
  if (!isKeyFrame || !startCode) throw refuse('WebP frame');
  return {
    type: 'image/webp',
    width: view.getUint16(26, true) & 0x3fff,
    height: view.getUint16(28, true) & 0x3fff,
  };
}
