import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry } from '../engine/api.ts';
import { entryOf, mergeEntries, optimistic, rowsOf } from './entries.ts';

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
      let now: readonly Entry[] = [];
      const plain = new Map<string, Entry>();
      for (const { changed, removed } of changes) {
        now = mergeEntries(now, changed, removed);
        for (const id of removed) plain.delete(id);
        for (const each of changed) plain.set(each.id, each);
      }
      expect(now.map(({ rank }) => rank)).toEqual([...plain.values()].map(({ rank }) => rank).sort());
      expect(new Map(now.map((each) => [each.id, each]))).toEqual(plain);
      for (const [id, each] of plain) expect(entryOf(now, id)).toBe(each);
    }),
  );
});

it('shows a bubble last until the engine has placed it', () => {
  const first = optimistic('mine', 'a hill', null, 5);
  const now = mergeEntries(mergeEntries([], [entry('a', '001')]), [first]);
  expect(now.map(({ id }) => id)).toEqual(['a', 'mine']);
  const placed = mergeEntries(now, [{ ...first, rank: '000' }]);
  expect(placed.map(({ id }) => id)).toEqual(['mine', 'a']);
});

it('separates days, marks the first unread, draws close what belongs together', () => {
  const day = new Date(2026, 3, 4, 12).getTime();
  const { rows } = rowsOf(
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

it('draws a list that grew as it draws it anew', () => {
  const at = fc.integer({ min: 0, max: 4 * 86_400_000 });
  const list = fc
    .array(fc.tuple(at, fc.boolean()), { minLength: 1, maxLength: 20 })
    .map((all) =>
      all.map(([when, mine], index) => entry(`m${index}`, String(index).padStart(3, '0'), when, mine)),
    );
  fc.assert(
    fc.property(list, fc.nat({ max: 20 }), fc.nat({ max: 20 }), (entries, cut, unread) => {
      const before = rowsOf(entries.slice(0, cut), `m${unread}`);
      expect(rowsOf(entries, `m${unread}`, before)).toEqual(rowsOf(entries, `m${unread}`));
    }),
  );
});

it('places what is new among 20,000 without sorting or drawing them again', () => {
  const all = Array.from({ length: 20_000 }, (_, index) =>
    entry(`m${index}`, String(index).padStart(6, '0')),
  );
  const now = mergeEntries([], all);
  const before = rowsOf(now, null);
  const next = mergeEntries(now, [entry('last', '999999')]);
  expect(next).toHaveLength(20_001);
  expect(next[7]).toBe(now[7]);
  const after = rowsOf(next, null, before);
  expect(after.rows[9_000]).toBe(before.rows[9_000]);
  expect(mergeEntries(next, [entry('m7', '000007', 3)])[7]).toMatchObject({ at: 3 });
});
