import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Engine } from './engine.ts';
import { HashIndexError } from './errors.ts';
import { HashIndex } from './hash-index.ts';
import { loadModule } from './node.ts';
import { type Entry, generator, near, randomHash, scan, toRows } from './testing.ts';

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await loadModule();
}, 120_000);

const OPTIONS = { banks: ['A', 'Réserve'] };

function entriesOf(count: number, seed = 4): Map<number, Entry> {
  const next = generator(seed);
  return new Map(
    Array.from({ length: count }, () => [next(), { hash: randomHash(next), banks: 1 + (next() % 3) }]),
  );
}

function expectSame(restored: HashIndex, entries: ReadonlyMap<number, Entry>): void {
  const next = generator(12);
  expect(restored.size).toBe(entries.size);
  expect(restored.banks.names).toEqual(OPTIONS.banks);
  for (const [id, entry] of [...entries].slice(0, 40)) {
    expect(restored.get(id)).toEqual(entry);
    const query = near(entry.hash, next() % 60, next);
    expect(restored.search(query, { radius: 46, banks: 2 })).toEqual(scan(entries, query, 46, 2));
  }
}

describe('snapshot', () => {
  it.each([0, 1, 2_048, 2_049, 40_000])(
    'of %i hashes comes back the same, with lists and without',
    (count) => {
      const entries = entriesOf(count);
      const index = HashIndex.create(module, OPTIONS, toRows(entries));
      const [full, lean] = [index.snapshot(), index.snapshot({ lists: false })];
      expect(full.length).toBeGreaterThanOrEqual(lean.length);
      for (const bytes of [full, lean]) {
        const restored = HashIndex.restore(module, bytes);
        expectSame(restored, entries);
        expect(Buffer.compare(restored.snapshot(), full)).toBe(0);
        restored.add(3, new Uint8Array(32), 1);
        expect(restored.search(new Uint8Array(32), { radius: 0 })).toEqual([{ id: 3, distance: 0 }]);
      }
    },
  );

  it('of a changed index comes back the same', () => {
    const entries = entriesOf(5_000);
    const index = HashIndex.create(module, OPTIONS, toRows(entries));
    const next = generator(7);
    for (const id of [...entries.keys()].slice(0, 900)) {
      index.remove(id);
      entries.delete(id);
    }
    for (let id = 0; id < 1_200; id++) {
      const entry = { hash: randomHash(next), banks: 2 };
      index.add(id, entry.hash, entry.banks);
      entries.set(id, entry);
    }
    const bytes = index.snapshot();
    expectSame(HashIndex.restore(module, bytes), entries);
    index.compact();
    expect(Buffer.compare(index.snapshot({ lists: false }), bytes)).toBe(0);
    expectSame(HashIndex.restore(module, index.snapshot()), entries);
  });

  it('reads from the middle of a larger buffer', () => {
    const entries = entriesOf(3_000);
    const bytes = HashIndex.create(module, OPTIONS, toRows(entries)).snapshot();
    const shifted = new Uint8Array(bytes.length + 7);
    shifted.set(bytes, 3);
    expectSame(HashIndex.restore(module, shifted.subarray(3, 3 + bytes.length)), entries);
  });
});

/** XXH64 as its specification words it, for stripes of 32 bytes; slow, and so obviously right. */
function xxh64(bytes: Uint8Array): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ];
  const low = (value: bigint) => BigInt.asUintN(64, value);
  const rotate = (value: bigint, by: bigint) => low((value << by) | (low(value) >> (64n - by)));
  const round = (sum: bigint, lane: bigint) => low(rotate(low(sum + lane * p2), 31n) * p1);
  const sums = [low(p1 + p2), p2, 0n, low(-p1)];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length; at += 8) {
    const lane = (at / 8) % 4;
    sums[lane] = round(sums[lane] as bigint, view.getBigUint64(at, true));
  }
  let sum = p5;
  if (bytes.length > 0) {
    const turns = [1n, 7n, 12n, 18n];
    sum = low(sums.reduce((all, one, lane) => all + rotate(one, turns[lane] as bigint), 0n));
    for (const one of sums) sum = low((sum ^ round(0n, one)) * p1 + p4);
  }
  sum = low(sum + BigInt(bytes.length));
  sum = low((sum ^ (sum >> 33n)) * p2);
  sum = low((sum ^ (sum >> 29n)) * p3);
  return sum ^ (sum >> 32n);
}

describe('checksum', () => {
  it('is XXH64', () => {
    const engine = new Engine(module, []);
    expect(engine.checksum(new Uint8Array(0))).toBe(0xef46db3751d8e999n);
    const next = generator(2);
    for (const stripes of [1, 2, 5, 8_192, 8_193]) {
      const bytes = Uint8Array.from({ length: 32 * stripes }, () => next());
      expect(engine.checksum(bytes)).toBe(xxh64(bytes));
    }
  });
});

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof HashIndexError) return error.code;
    throw error;
  }
  return 'none';
}

describe('damage', () => {
  const bytesOf = (count: number, lists: boolean) =>
    HashIndex.create(module, OPTIONS, toRows(entriesOf(count))).snapshot({ lists });

  it.each([
    ['snapshot.magic', (bytes: Uint8Array) => bytes.fill(66, 0, 1)],
    ['snapshot.magic', () => new Uint8Array(0)],
    ['snapshot.version', (bytes: Uint8Array) => bytes.fill(2, 8, 9)],
    ['snapshot.length', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['snapshot.length', (bytes: Uint8Array) => bytes.subarray(0, 40)],
    ['snapshot.length', (bytes: Uint8Array) => Uint8Array.from([...bytes, 0])],
    ['snapshot.length', (bytes: Uint8Array) => bytes.fill(0xff, 16, 20)],
    ['snapshot.checksum', (bytes: Uint8Array) => bytes.fill((bytes.at(-1) as number) ^ 1, -1)],
  ])('%s', (code, damage) => {
    expect(refusal(() => HashIndex.restore(module, damage(bytesOf(50, true))))).toBe(code);
  });

  it('of any kind is refused by a code of the family', () => {
    const originals = [bytesOf(0, true), bytesOf(30, true), bytesOf(2_100, true), bytesOf(2_100, false)];
    const property = fc.property(
      fc.constantFrom(...originals),
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
          fc.integer({ min: 1, max: 255 }),
        ),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      fc.option(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
      (original, changes, cut) => {
        const bytes = original.slice(0, cut === null ? undefined : Math.floor(cut * original.length));
        for (const [place, mask] of changes) {
          const at = Math.floor(place * bytes.length);
          if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ mask;
        }
        if (bytes.length === original.length && Buffer.compare(bytes, original) === 0) return;
        expect(refusal(() => HashIndex.restore(module, bytes))).toMatch(/^snapshot\./);
      },
    );
    fc.assert(property, { numRuns: 250 });
  });

  it('with its checksum forged is refused, or gives an index that answers and refuses by codes only', () => {
    const originals = [bytesOf(30, true), bytesOf(2_100, true), bytesOf(2_100, false)];
    const engine = new Engine(module, []);
    const next = generator(6);
    const property = fc.property(
      fc.constantFrom(...originals),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 }),
      (original, changes) => {
        const bytes = original.slice();
        for (const [place, value] of changes) bytes[8 + (place % (bytes.length - 16))] = value;
        const body = bytes.subarray(0, bytes.length - 8);
        new DataView(bytes.buffer).setBigUint64(body.length, engine.checksum(body), true);
        const code = refusal(() => {
          const index = HashIndex.restore(module, bytes);
          const { ids, hashes } = index.rows();
          const hash = hashes.slice(0, 32);
          index.search(hash.length === 32 ? hash : randomHash(next), { radius: 63 });
          for (const id of ids.subarray(0, 20)) index.remove(id);
          if (!index.has(9)) index.add(9, randomHash(next), 1);
          index.compact();
        });
        expect(code).toMatch(/^(none|snapshot\..*)$/);
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('in the order of ids, in a mask or in the names is refused though the checksum is right', () => {
    const engine = new Engine(module, []);
    const forge = (at: number, value: number[]) => {
      const bytes = bytesOf(50, false);
      bytes.set(value, at);
      const body = bytes.subarray(0, bytes.length - 8);
      new DataView(bytes.buffer).setBigUint64(body.length, engine.checksum(body), true);
      return refusal(() => HashIndex.restore(module, bytes));
    };
    const ids = 96;
    expect(forge(ids, [255, 255, 255, 255])).toBe('snapshot.content');
    expect(forge(ids + 224, [0, 0, 0, 0])).toBe('snapshot.content');
    expect(forge(ids + 224, [4, 0, 0, 0])).toBe('snapshot.content');
    expect(forge(64, [200])).toBe('snapshot.content');
    expect(forge(28, [33])).toBe('snapshot.content');
    expect(forge(32, [1])).toBe('snapshot.content');
    expect(forge(66, [0xff])).toBe('snapshot.content');
  });
});
