import { beforeAll, describe, expect, it } from 'vitest';
import { HashIndex } from './hash-index.ts';
import { loadModule } from './node.ts';
import { type Entry, generator, near, randomHash, scan, toRows } from './testing.ts';

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await loadModule();
}, 120_000);

const OPTIONS = { banks: ['A', 'B', 'C'] };

describe('changes while it runs', () => {
  it.each([100, 50_000, 1_000_000])(
    'agrees with a model over thousands of changes, plan for %i',
    (expected) => {
      const next = generator(expected);
      const index = HashIndex.create(module, { ...OPTIONS, expected });
      const model = new Map<number, Entry>();
      for (let step = 0; step < 4_000; step++) {
        const ids = [...model.keys()];
        const id = step % 3 === 0 ? next() % 2_000 : 10_000 + step;
        const similar = model.get(ids[next() % Math.max(1, ids.length)] ?? -1)?.hash;
        const hash = similar && next() % 2 === 0 ? near(similar, next() % 40, next) : randomHash(next);
        const entry = { hash, banks: 1 + (next() % 7) };
        const known = model.has(id) ? id : ids[next() % Math.max(1, ids.length)];
        if (next() % 3 === 0 && known !== undefined) {
          if (next() % 2 === 0) {
            index.remove(known);
            model.delete(known);
          } else {
            index.replace(known, entry.hash, entry.banks);
            model.set(known, entry);
          }
        } else if (!model.has(id)) {
          index.add(id, entry.hash, entry.banks);
          model.set(id, entry);
        }
        if (step % 40 === 0) {
          const radius = next() % 64;
          expect(index.search(entry.hash, { radius })).toEqual(scan(model, entry.hash, radius));
          expect(index.size).toBe(model.size);
        }
      }
      for (const [id, entry] of model) expect(index.get(id)).toEqual(entry);
      index.compact();
      expect(index.stats.loose).toBe(0);
      for (const [id, entry] of model) expect(index.get(id)).toEqual(entry);
      for (const { hash } of [...model.values()].slice(0, 50)) {
        expect(index.search(hash, { radius: 31 })).toEqual(scan(model, hash, 31));
      }
    },
  );

  it('changes its plan as it grows, and the answers stay', () => {
    const next = generator(3);
    const index = HashIndex.create(module, OPTIONS);
    const model = new Map<number, Entry>();
    const plans = new Set<number>();
    for (let id = 0; id < 34_000; id++) {
      const entry = { hash: randomHash(next), banks: 1 };
      index.add(id, entry.hash, 1);
      model.set(id, entry);
      plans.add(index.stats.parts[0] ?? 0);
      if (id % 997 === 0) expect(index.search(entry.hash, { radius: 0 })).toEqual([{ id, distance: 0 }]);
    }
    expect([...plans]).toEqual([0, 10, 12]);
    const query = near((model.get(5) as Entry).hash, 31, next);
    expect(index.search(query, { radius: 46 })).toEqual(scan(model, query, 46));
  });

  it('adds batches to what is there, all or none', () => {
    const next = generator(8);
    const all = new Map<number, Entry>();
    for (let id = 0; id < 6_000; id++) all.set(id * 7, { hash: randomHash(next), banks: 2 });
    const pieces = [...all];
    const index = HashIndex.create(module, OPTIONS, toRows(new Map(pieces.slice(0, 100))));
    index.addMany(toRows(new Map(pieces.slice(100, 200).reverse())));
    index.addMany(toRows(new Map(pieces.slice(200, 5_000).reverse())));
    index.addMany(toRows(new Map(pieces.slice(5_000))));
    expect(index.size).toBe(6_000);
    expect(() =>
      index.addMany(toRows(new Map([...pieces.slice(9, 10), [4_294_967_295, pieces[0]?.[1] as Entry]]))),
    ).toThrow(expect.objectContaining({ code: 'id.taken' }));
    expect(index.has(4_294_967_295)).toBe(false);
    for (const [id, { hash }] of pieces.slice(0, 300)) {
      expect(index.search(hash, { radius: 31 })).toEqual([{ id, distance: 0 }]);
    }
  });

  it('reports each of very many matches once, in order', () => {
    const next = generator(21);
    const centre = randomHash(next);
    const model = new Map<number, Entry>();
    for (let id = 0; id < 20_000; id++) model.set(next(), { hash: near(centre, id % 16, next), banks: 1 });
    const index = HashIndex.create(module, OPTIONS, toRows(model));
    const found = scan(model, centre, 31);
    expect(index.search(centre, { radius: 31 })).toEqual(found);

    // More than there is room for at once.
    const many = index.searchFlat(new Uint8Array(Array.from({ length: 60 }, () => [...centre]).flat()), {
      radius: 31,
    });
    expect(many).toHaveLength(60 * found.length * 3);
    const triples = found.flatMap(({ distance, id }) => [59, distance, id]);
    expect(many.subarray(-3 * found.length)).toEqual(Uint32Array.from(triples));
    expect(many.subarray(0, 3)).toEqual(Uint32Array.of(0, found[0]?.distance ?? -1, found[0]?.id ?? -1));
  });
});

const HASH = new Uint8Array(32);
const code = (code: string) => expect.objectContaining({ name: 'HashIndexError', code });

describe('refusals', () => {
  const filled = () => {
    const index = HashIndex.create(module, OPTIONS);
    index.add(1, HASH, 1);
    return index;
  };
  it.each<[string, (index: HashIndex) => unknown]>([
    ['hash.length', (index) => index.search(new Uint8Array(31), { radius: 31 })],
    ['hash.length', (index) => index.add(2, new Uint8Array(33), 1)],
    ['hash.length', (index) => index.replace(1, [] as unknown as Uint8Array, 1)],
    ['radius.range', (index) => index.search(HASH, { radius: 257 })],
    ['radius.range', (index) => index.search(HASH, { radius: -1 })],
    ['radius.range', (index) => index.search(HASH, { radius: 1.5 })],
    ['radius.range', (index) => index.search(HASH, { radius: Number.NaN })],
    ['id.range', (index) => index.add(2 ** 32, HASH, 1)],
    ['id.range', (index) => index.remove(-1)],
    ['id.range', (index) => index.get(0.5)],
    ['id.taken', (index) => index.add(1, HASH, 1)],
    ['id.absent', (index) => index.remove(2)],
    ['id.absent', (index) => index.replace(2, HASH, 1)],
    ['bank.none', (index) => index.add(2, HASH, 0)],
    ['bank.unknown', (index) => index.add(2, HASH, 8)],
    ['bank.unknown', (index) => index.search(HASH, { radius: 31, banks: 8 })],
    ['bank.unknown', (index) => index.search(HASH, { radius: 31, banks: -1 })],
    ['bank.unknown', (index) => index.banks.mask('A', 'Z')],
    [
      'batch.length',
      (index) => index.addMany({ ids: new Uint32Array(2), hashes: HASH, banks: new Uint32Array(2) }),
    ],
    [
      'id.taken',
      (index) =>
        index.addMany({ ids: Uint32Array.of(5, 5), hashes: new Uint8Array(64), banks: Uint32Array.of(1, 1) }),
    ],
    ['bank.names', () => HashIndex.create(module, { banks: [] })],
    ['bank.names', () => HashIndex.create(module, { banks: ['A', 'A'] })],
    ['bank.names', () => HashIndex.create(module, { banks: ['\ud800'] })],
    [
      'bank.names',
      () => HashIndex.create(module, { banks: Array.from({ length: 33 }, (_, bank) => `B${bank}`) }),
    ],
    ['engine.invalid', () => HashIndex.create(new WebAssembly.Module(EMPTY_MODULE), OPTIONS)],
  ])('%s, and nothing changes', (expected, act) => {
    const index = filled();
    expect(() => act(index)).toThrow(code(expected));
    expect(index.size).toBe(1);
    expect(index.search(HASH, { radius: 256 })).toEqual([{ id: 1, distance: 0 }]);
  });

  it('takes 32 banks, the highest bit included', () => {
    const index = HashIndex.create(module, { banks: Array.from({ length: 32 }, (_, bank) => `B${bank}`) });
    index.add(1, HASH, index.banks.mask('B31'));
    expect(index.search(HASH, { radius: 0, banks: index.banks.mask('B31') })).toHaveLength(1);
    expect(index.search(HASH, { radius: 0, banks: index.banks.mask('B30') })).toHaveLength(0);
  });
});

const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
