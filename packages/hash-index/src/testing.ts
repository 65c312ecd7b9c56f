/** What the tests share: a seeded generator, hashes near others, and the linear scan that is the judge. */
import type { Match } from './matches.ts';
import { HASH_BYTES, type Rows } from './rows.ts';

/** sfc32: the same numbers for the same seed, everywhere. */
export function generator(seed: number): () => number {
  let [a, b, c, count] = [0, seed, seed ^ 0x9e3779b9, 1];
  const next = () => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}

export function randomHash(next: () => number): Uint8Array {
  return Uint8Array.from({ length: HASH_BYTES }, () => next() & 0xff);
}

/** A copy with exactly `flips` bits inverted. */
export function near(hash: Uint8Array, flips: number, next: () => number): Uint8Array {
  const copy = hash.slice();
  const bits = new Set<number>();
  while (bits.size < flips) bits.add(next() % 256);
  for (const bit of bits) copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

export function distance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < HASH_BYTES; at++) {
    for (let apart = (a[at] as number) ^ (b[at] as number); apart !== 0; apart &= apart - 1) sum++;
  }
  return sum;
}

export interface Entry {
  readonly hash: Uint8Array;
  readonly banks: number;
}

export function toRows(entries: ReadonlyMap<number, Entry>): Rows {
  const rows = {
    ids: Uint32Array.from(entries.keys()),
    hashes: new Uint8Array(entries.size * HASH_BYTES),
    banks: Uint32Array.from([...entries.values()].map(({ banks }) => banks)),
  };
  let at = 0;
  for (const { hash } of entries.values()) rows.hashes.set(hash, HASH_BYTES * at++);
  return rows;
}

/** Every entry within the radius by looking at every entry: what the index must answer. */
export function scan(
  entries: ReadonlyMap<number, Entry>,
  query: Uint8Array,
  radius: number,
  banks = ~0,
): Match[] {
  const matches: Match[] = [];
  for (const [id, entry] of entries) {
    const apart = distance(entry.hash, query);
    if (apart <= radius && (entry.banks & banks) !== 0) matches.push({ id, distance: apart });
  }
  return matches.sort((a, b) => a.distance - b.distance || a.id - b.id);
}
