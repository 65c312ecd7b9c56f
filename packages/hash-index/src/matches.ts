/** A hash within the radius: its id and how many of the 256 bits differ. */
export interface Match {
  readonly id: number;
  readonly distance: number;
}

/** Matches of many hashes as (n-th hash, distance, id), in this order. */
export type Triples = Uint32Array<ArrayBuffer>;

/** Sorts the engine's pairs (n-th hash * 2^10 + distance, id: together less than 2^53), the first of which is hash number `first` of all. */
export function triplesOf(pairs: Uint32Array, first: number): Triples {
  const count = pairs.length / 2;
  const triples = new Uint32Array(3 * count);
  const keys = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    keys[at] = (pairs[2 * at] as number) * 2 ** 32 + (pairs[2 * at + 1] as number);
  }
  keys.sort();
  for (const [at, key] of keys.entries()) {
    const high = Math.floor(key / 2 ** 32);
    triples[3 * at] = first + (high >>> 10);
    triples[3 * at + 1] = high & 0x3ff;
    triples[3 * at + 2] = key % 2 ** 32;
  }
  return triples;
}

export function joined(pieces: readonly Triples[]): Triples {
  const whole = new Uint32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What several shards say of `count` hashes, by hash, nearest first, equals by ascending id. */
export function matchesOf(count: number, answers: readonly Triples[]): Match[][] {
  const matches: Match[][] = Array.from({ length: count }, () => []);
  for (const triples of answers) {
    for (let at = 0; at < triples.length; at += 3) {
      matches[triples[at] as number]?.push({
        distance: triples[at + 1] as number,
        id: triples[at + 2] as number,
      });
    }
  }
  if (answers.length > 1)
    for (const some of matches) some.sort((a, b) => a.distance - b.distance || a.id - b.id);
  return matches;
}
