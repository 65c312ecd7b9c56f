import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry } from '../engine/api.ts';
import { type Entries, mergeEntries, noEntries, noRows, optimistic, rowsOf } from './entries.ts';

const entry = (id: string, rank: string, at = 0, mine = true): Entry => ({
  ...optimistic(id, id, null, at),
  rank,
  mine,
});
const listOf = (entries: readonly Entry[]): Entries => noEntries.splice(0, 0, entries);
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
      expect([...now].map(({ rank }) => rank)).toEqual([...plain.values()].map(({ rank }) => rank).sort());
      expect(new Map([...now].map((each) => [each.id, each]))).toEqual(plain);
      for (const [id, each] of plain) expect(now.find(id)).toBe(each);
    }),
  );
});

it('shows a bubble last until the engine has placed it', () => {
  const first = optimistic('mine', 'a hill', null, 5);
  const now = mergeEntries(mergeEntries(noEntries, [entry('a', '001')]), [first]);
  expect([...now].map(({ id }) => id)).toEqual(['a', 'mine']);
  const placed = mergeEntries(now, [{ ...first, rank: '000' }]);
  expect([...placed].map(({ id }) => id)).toEqual(['mine', 'a']);
});

it('separates days, marks the first unread, draws close what belongs together', () => {
  const day = new Date(2026, 3, 4, 12).getTime();
  const { rows } = rowsOf(
    listOf([
      entry('a', '1', day),
      entry('b', '2', day + 1000),
      entry('c', '3', day + 2000, false),
      entry('d', '4', day + 3000, false),
      entry('e', '5', day + 86_400_000, false),
    ]),
    'd',
  );
  expect(
    [...rows].map((row) => (row.type === 'entry' ? `${row.key}${row.follows ? '+' : ''}` : row.type)),
  ).toEqual(['day', 'a', 'b+', 'c', 'new', 'd', 'day', 'e']);
});

it('draws a list that changed as it draws it anew, and draws again only what changed', () => {
  const at = fc.integer({ min: 0, max: 4 * 86_400_000 });
  const one = fc
    .tuple(fc.nat({ max: 9 }), at, fc.boolean())
    .map(([id, when, mine]) => entry(`m${id}`, String(id).padStart(3, '0'), when, mine));
  const changes = fc.array(
    fc.record({
      changed: fc.array(one, { maxLength: 4 }),
      removed: fc.array(
        fc.nat({ max: 9 }).map((id) => `m${id}`),
        { maxLength: 2 },
      ),
      unread: fc.option(fc.nat({ max: 9 }).map((id) => `m${id}`)),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(changes, (all) => {
      let now = noEntries;
      let drawn = noRows;
      for (const { changed, removed, unread } of all) {
        const before = drawn;
        now = mergeEntries(now, changed, removed);
        drawn = rowsOf(now, unread, before);
        const anew = [...rowsOf(now, unread).rows];
        expect([...drawn.rows]).toEqual(anew);
        for (const [place, row] of anew.entries()) {
          const last = before.rows.at(place);
          if (row.type === 'entry' && last?.type === 'entry' && last.entry === row.entry)
            expect(drawn.rows.at(place) === last).toBe(
              last.follows === row.follows && last.index === row.index,
            );
        }
      }
    }),
  );
});

it('places what is new among 20,000 without sorting or drawing them again', () => {
  const all = Array.from({ length: 20_000 }, (_, index) =>
    entry(`m${index}`, String(index).padStart(6, '0')),
  );
  const now = mergeEntries(noEntries, all);
  const before = rowsOf(now, null);
  const next = mergeEntries(now, [entry('last', '999999')]);
  expect(next.length).toBe(20_001);
  expect(next.at(7)).toBe(now.at(7));
  const after = rowsOf(next, null, before);
  expect(after.rows.at(9_000)).toBe(before.rows.at(9_000));
  expect(after.rows.sharedWith(before.rows)).toBe(before.rows.length);
  expect(mergeEntries(next, [entry('m7', '000007', 3)]).at(7)).toMatchObject({ at: 3 });
});
