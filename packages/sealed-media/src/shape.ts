import type { Cbor } from './cbor.ts';
import { SealedMediaError } from './errors.ts';

/* Readers of decoded CBOR: exact fields, exact lengths, nothing coerced. All throw `malformed`. */

const wrong = (detail: string) => new SealedMediaError('malformed', detail);

/** A map with exactly these keys. */
export function fieldsOf<K extends string>(value: Cbor | undefined, keys: readonly K[]): Record<K, Cbor> {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) {
    throw wrong('not a map');
  }
  const map = value as { readonly [key: string]: Cbor };
  if (Object.keys(map).length !== keys.length || keys.some((key) => map[key] === undefined))
    throw wrong('fields');
  return map as Record<K, Cbor>;
}

/** Exactly `length` bytes; any number up to `most` where no length is given. */
export function bytesOf(value: Cbor, length: number | { readonly most: number }): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrong('not bytes');
  if (typeof length === 'number' ? value.length !== length : value.length > length.most)
    throw wrong('length');
  return value;
}

/** A whole number from 0 to `most`. */
export function countOf(value: Cbor, most: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || value < 0 || value > most) throw wrong('not a count in range');
  return value;
}

/** The same, or null. */
export const countOrNull = (value: Cbor): number | null => (value === null ? null : countOf(value));

export function listOf<T>(value: Cbor, most: number, read: (item: Cbor) => T): T[] {
  if (!Array.isArray(value) || value.length > most) throw wrong('not a list');
  return (value as readonly Cbor[]).map(read);
}

export function oneOf<T extends string>(value: Cbor, words: readonly T[]): T {
  if (typeof value !== 'string' || !words.includes(value as T)) throw wrong('unknown word');
  return value as T;
}
