import { PictureRefused } from './refusal.ts';

/** Bits in a PDQ hash. */
export const HASH_BITS = 256;
/** Bytes in a PDQ hash: the canonical hexadecimal form, two digits a byte (row 15 of coefficients first). */
export const HASH_BYTES = 32;
/** Distance at or under which two hashes are said to show one picture (the operating point of PDQ's authors). */
export const MATCH_DISTANCE = 31;
/** Distance at or under which a person should look. */
export const REVIEW_DISTANCE = 46;
/** Hashes of lower quality match by accident and must be neither banked nor asked. */
export const MIN_QUALITY = 50;
/**
 * The same for parts and regions, which carry less contrast than the whole: 50 would cost recall on smooth pictures
 * without moving unlike ones apart (docs/perceptual.md).
 */
export const MIN_PART_QUALITY = 15;

/** A PDQ hash and its quality, 0 (flat) to 100. */
export interface PdqHash {
  readonly hash: Uint8Array;
  readonly quality: number;
}

/** 64 lowercase hexadecimal digits, as every PDQ implementation writes them. */
export function toHex(hash: Uint8Array): string {
  let text = '';
  for (const byte of hash) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Reads 64 hexadecimal digits. @throws PictureRefused `hash.malformed` */
export function fromHex(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) {
    throw new PictureRefused('hash.malformed', 'A PDQ hash is 64 hexadecimal digits.');
  }
  return Uint8Array.from({ length: HASH_BYTES }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** The hash of the negative picture: every coefficient changes sign, so every bit turns over. */
export function complement(hash: Uint8Array): Uint8Array {
  return hash.map((byte) => byte ^ 0xff);
}

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, n) => {
  let bits = 0;
  for (let rest = n; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
});

/** Hamming distance, 0 to 256. @throws PictureRefused `hash.malformed` when a length is not 32 */
export function distance(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== HASH_BYTES || b.length !== HASH_BYTES) {
    throw new PictureRefused('hash.malformed', 'A PDQ hash is 32 bytes.');
  }
  let bits = 0;
  for (let i = 0; i < HASH_BYTES; i++) bits += POPCOUNT[(a[i] ?? 0) ^ (b[i] ?? 0)] ?? 0;
  return bits;
}
