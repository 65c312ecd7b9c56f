import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

const HASH_BYTES = 32;

/** xoshiro128**: the same numbers for the same seed, on every machine. */
export function generator(seed: number): () => number {
  const state = Uint32Array.of(seed, seed ^ 0x9e3779b9, 0x243f6a88, 0xb7e15162);
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  return () => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}

/** `count` uniformly random hashes, 32 bytes each. */
export function randomHashes(count: number, seed: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(count * 8);
  const next = generator(seed);
  for (let at = 0; at < words.length; at++) words[at] = next();
  return new Uint8Array(words.buffer);
}

export interface Queries {
  readonly hashes: Uint8Array<ArrayBuffer>;
  /** Per query the row it was made from and how many bits were inverted; row -1 = made of nothing. */
  readonly planted: readonly { readonly row: number; readonly distance: number }[];
}

/** Queries of which every tenth is a stored hash with 0 to `radius` bits inverted, in turn; the others are random. */
export function makeQueries(stored: Uint8Array, count: number, radius: number, seed: number): Queries {
  const hashes = randomHashes(count, seed);
  const next = generator(seed + 1);
  const planted = Array.from({ length: count }, (_, query) => {
    if (query % 10 !== 0) return { row: -1, distance: 0 };
    const row = next() % (stored.length / HASH_BYTES);
    const distance = radius - ((query / 10) % (radius + 1));
    const hash = stored.slice(row * HASH_BYTES, (row + 1) * HASH_BYTES);
    const bits = new Set<number>();
    while (bits.size < distance) bits.add(next() % 256);
    for (const bit of bits) hash[bit >> 3] = (hash[bit >> 3] as number) ^ (1 << (bit & 7));
    hashes.set(hash, query * HASH_BYTES);
    return { row, distance };
  });
  return { hashes, planted };
}

/** Writes bytes for the peers, in pieces, as one write may not exceed 2 GiB. */
export async function writeBytes(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  const stream = createWriteStream(path);
  for (let at = 0; at < bytes.length; at += 2 ** 26) {
    if (!stream.write(bytes.subarray(at, at + 2 ** 26))) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
  return path;
}

export interface Timing {
  readonly median: number;
  readonly p99: number;
  /** Mean CPU time of the thread, which a busy machine distorts least; NaN where it was not taken. */
  readonly cpu: number;
}

/** Median and 99th percentile of milliseconds. */
export function timing(milliseconds: readonly number[]): Omit<Timing, 'cpu'> {
  const sorted = Float64Array.from(milliseconds).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
  return { median: at(0.5), p99: at(0.99) };
}
