import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry } from '../engine/api.ts';
import { mergeEntries, noEntries, optimistic, rowsOf } from './entries.ts';

const entry = (id: string, rank: string, at = 0, mine = true): Entry => ({
  ...optimistic(id, id, null, at),
  rank,
  mine,
});
const change = fc.record({
  changed: fc.array(
    fc
      .tuple(fc.nat({ max: 9 }), fc.nat({ max: 20 }))
      .map(([id, rank]) => entry(`m${id}`, String(rank).padStart(3, '0'))),
    { maxLength: 4 },
  ),
  removed: fc.array(
    fc.nat({ max: 9 }).map((id) => `m${id}`),
    { maxLength: 2 },
  ),
});

it('keeps entries in order, each once, the last word of each, whichever shortcut was taken', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      let now = noEntries;
      const plain = new Map<string, Entry>();
      for (const { changed, removed } of changes) {
        now = mergeEntries(now, changed, removed);
        for (const id of removed) plain.delete(id);
        for (const each of changed) plain.set(each.id, each);
      }
      expect(now.list.map(({ rank }) => rank)).toEqual([...plain.values()].map(({ rank }) => rank).sort());
      expect(new Map(now.list.map((each) => [each.id, each]))).toEqual(plain);
      expect(new Map(now.byId)).toEqual(plain);
    }),
  );
});

it('shows a bubble last until the engine has placed it', () => {
  const first = optimistic('mine', 'a hill', null, 5);
  const now = mergeEntries(mergeEntries(noEntries, [entry('a', '001')]), [first]);
  expect(now.list.map(({ id }) => id)).toEqual(['a', 'mine']);
  const placed = mergeEntries(now, [{ ...first, rank: '000' }]);
  expect(placed.list.map(({ id }) => id)).toEqual(['mine', 'a']);
});

it('separates days, marks the first unread, draws close what belongs together', () => {
  const day = new Date(2026, 3, 4, 12).getTime();
  const rows = rowsOf(
    [
      entry('a', '1', day),
      entry('b', '2', day + 1000),
      entry('c', '3', day + 2000, false),
      entry('d', '4', day + 3000, false),
      entry('e', '5', day + 86_400_000, false),
    ],
    'd',
  );
  expect(
    rows.map((row) => (row.type === 'entry' ? `${row.key}${row.follows ? '+' : ''}` : row.type)),
  ).toEqual(['day', 'a', 'b+', 'c', 'new', 'd', 'day', 'e']);
});

it('appends to 20,000 entries without sorting them', () => {
  const many = Array.from({ length: 20_000 }, (_, index) =>
    entry(`m${index}`, String(index).padStart(6, '0')),
  );
  const now = mergeEntries(noEntries, many);
  const sort = Array.prototype.sort;
  let largest = 0;
  Array.prototype.sort = function (this: unknown[], ...rest: [never]) {
    largest = Math.max(largest, this.length);
    return sort.apply(this, rest);
  } as typeof sort;
  try {
    expect(mergeEntries(now, [entry('last', '999999')]).list).toHaveLength(20_001);
    expect(mergeEntries(now, [entry('m7', '000007', 3)]).list[7]).toMatchObject({ at: 3 });
  } finally {
    Array.prototype.sort = sort;
  }
  expect(largest).toBeLessThan(2);
});
