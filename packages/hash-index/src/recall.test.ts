import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { HashIndex } from './hash-index.ts';
import { loadModule } from './node.ts';
import { planFor } from './plan.ts';
import { type Entry, generator, near, randomHash, scan, toRows } from './testing.ts';

const RADII = [0, 1, 15, 16, 31, 46, 47, 63, 80, 256];

/** Kinds of data, each a way in which part keys are far from evenly spread. */
const SHAPES: Record<string, (next: () => number, made: Uint8Array[]) => Uint8Array> = {
  uniform: (next) => randomHash(next),
  clusters: (next, made) =>
    made.length > 0 && next() % 20 !== 0
      ? near(made[next() % made.length] as Uint8Array, next() % 24, next)
      : randomHash(next),
  'one shared half': (next) => Uint8Array.from(randomHash(next).fill(0x5a, 0, 16)),
  'one crowded bucket in every part but not near': (next) => {
    const hash = randomHash(next);
    for (let part = 0; part < 16; part++) if (next() % 3 === 0) hash.fill(0, 2 * part, 2 * part + 2);
    return hash;
  },
  'few bits set': (next) => near(new Uint8Array(32), next() % 12, next),
  'copies of few': (next, made) => (made[next() % 40] ?? randomHash(next)).slice(),
};

function entriesOf(shape: keyof typeof SHAPES, count: number, seed: number): Map<number, Entry> {
  const next = generator(seed);
  const made: Uint8Array[] = [];
  const entries = new Map<number, Entry>();
  while (made.length < count) {
    const hash = (SHAPES[shape] as (typeof SHAPES)[string])(next, made);
    made.push(hash);
    entries.set(next(), { hash, banks: 1 << (next() % 3) });
  }
  return entries;
}

describe.each([true, false])('recall is 1 against the linear scan, simd %s', (simd) => {
  let module: WebAssembly.Module;
  beforeAll(async () => {
    module = await loadModule({ simd });
  }, 120_000);

  it.each(Object.keys(SHAPES))('finds exactly what a scan finds: %s', (shape) => {
    const entries = entriesOf(shape, 6_000, 17);
    const stored = [...entries.values()];
    const index = HashIndex.create(module, { banks: ['A', 'B', 'C'] }, toRows(entries));
    expect(index.stats.parts).toHaveLength(16);
    const next = generator(99);
    for (const radius of RADII) {
      for (let turn = 0; turn < 6; turn++) {
        const flips = Math.min(256, turn % 2 === 0 ? radius : next() % (radius + 1));
        const query =
          turn === 5
            ? randomHash(next)
            : near(stored[next() % stored.length]?.hash as Uint8Array, flips, next);
        const banks = 1 + (next() % 7);
        expect(index.search(query, { radius, banks })).toEqual(scan(entries, query, radius, banks));
      }
    }
  });

  it.each(['uniform', 'one crowded bucket in every part but not near', 'copies of few'])(
    'answers many at once as a scan answers each: %s',
    (shape) => {
      const entries = entriesOf(shape, 3_000, 23);
      const stored = [...entries.values()];
      const index = HashIndex.create(module, { banks: ['A', 'B', 'C'] }, toRows(entries));
      const next = generator(7);
      // Neighbours of crowded buckets, whose rows are all read, among those for which the parts are enough.
      const queries = Array.from({ length: 70 }, (_, at) =>
        at % 3 === 0 ? randomHash(next) : near(stored[next() % stored.length]?.hash as Uint8Array, at, next),
      );
      for (const radius of [31, 46]) {
        const banks = 1 + (next() % 7);
        expect(index.searchMany(queries, { radius, banks })).toEqual(
          queries.map((query) => scan(entries, query, radius, banks)),
        );
      }
      expect(index.searchMany([], { radius: 31 })).toEqual([]);
    },
  );

  it('finds neighbours at every distance to 63 with each plan, put to the worst by even spreading', () => {
    for (const expected of [1_000, 10_000, 100_000, 1_000_000]) {
      const entries = entriesOf('uniform', 1_500, expected);
      const index = HashIndex.create(module, { banks: ['A', 'B', 'C'], expected });
      expect(index.stats.parts).toEqual(planFor(expected).map(({ address }) => address));
      for (const [id, { hash, banks }] of entries) index.add(id, hash, banks);
      const next = generator(5);
      const [id, target] = [...entries][7] as [number, Entry];
      for (let flips = 0; flips <= 63; flips++) {
        for (const query of [near(target.hash, flips, next), evenly(target.hash, flips, next() % 16)]) {
          expect(index.search(query, { radius: flips })).toContainEqual({ id, distance: flips });
          if (flips > 0)
            expect(index.search(query, { radius: flips - 1 })).toEqual(scan(entries, query, flips - 1));
        }
      }
    }
  });

  it('answers any query over any small set like the scan', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const property = fc.property(
      fc.array(fc.record({ id: fc.nat(40), hash, banks: fc.integer({ min: 1, max: 7 }) }), { maxLength: 30 }),
      hash,
      fc.integer({ min: 0, max: 256 }),
      fc.integer({ min: 0, max: 7 }),
      (list, query, radius, banks) => {
        const entries = new Map(list.map(({ id, ...entry }) => [id, entry]));
        const index = HashIndex.create(module, { banks: ['A', 'B', 'C'], expected: 100_000 });
        for (const [id, entry] of entries) index.add(id, entry.hash, entry.banks);
        expect(index.search(query, { radius, banks })).toEqual(scan(entries, query, radius, banks));
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
});

/** Flips spread over the 16 parts of 16 bits as evenly as can be: what a pigeonhole argument finds hardest. */
function evenly(hash: Uint8Array, flips: number, first: number): Uint8Array {
  const copy = hash.slice();
  for (let flip = 0; flip < flips; flip++) {
    const bit = ((first + flip) % 16) * 16 + (((flip >> 4) * 5 + first) % 16);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  }
  return copy;
}
