import { HashIndexError } from './errors.ts';
import { HASH_BYTES, type Rows } from './rows.ts';

export const MAX_RADIUS = 256;
export const MAX_ID = 0xffff_ffff;

/** Throws `hash.length` unless `hash` is 32 bytes. */
export function checkHash(hash: Uint8Array): void {
  if (!(hash instanceof Uint8Array) || hash.length !== HASH_BYTES) throw new HashIndexError('hash.length');
}

/** Hashes laid one after another. Throws `hash.length` unless each is 32 bytes. */
export function flatten(hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const flat = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [at, hash] of hashes.entries()) {
    checkHash(hash);
    flat.set(hash, at * HASH_BYTES);
  }
  return flat;
}

/** Throws `radius.range` unless `radius` is a whole number of bits from 0 to 256. */
export function checkRadius(radius: number): void {
  if (!Number.isInteger(radius) || radius < 0 || radius > MAX_RADIUS)
    throw new HashIndexError('radius.range');
}

/** Throws `id.range` unless `id` is a whole number of 32 bits. */
export function checkId(id: number): void {
  if (!Number.isInteger(id) || id < 0 || id > MAX_ID) throw new HashIndexError('id.range');
}

/**
 * The 32 bytes of a hash written as 64 hexadecimal digits, as PDQ tools print it. Throws `hash.text`.
 */
export function parseHash(text: string): Uint8Array {
  if (typeof text !== 'string' || !/^[0-9a-fA-F]{64}$/.test(text)) throw new HashIndexError('hash.text');
  return Uint8Array.from({ length: HASH_BYTES }, (_, at) =>
    Number.parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
}

/** Throws `batch.length`, `bank.none` or `bank.unknown`; `known` has the bits of all banks. */
export function checkRows(rows: Rows, known: number): void {
  const count = rows.ids.length;
  if (rows.hashes.length !== count * HASH_BYTES || rows.banks.length !== count) {
    throw new HashIndexError('batch.length');
  }
  for (const mask of rows.banks) checkOwnBanks(mask, known);
}

/** Throws unless `mask` has one bank or more, all of them known. */
export function checkOwnBanks(mask: number, known: number): void {
  if (mask === 0) throw new HashIndexError('bank.none');
  checkBanks(mask, known);
}

/** Throws `bank.unknown` unless all bits of `mask` are known banks. */
export function checkBanks(mask: number, known: number): void {
  if (!Number.isInteger(mask) || mask < 0 || mask > MAX_ID || (mask & ~known) !== 0) {
    throw new HashIndexError('bank.unknown');
  }
}
