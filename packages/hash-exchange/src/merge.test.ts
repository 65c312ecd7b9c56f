import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heard, type Known, merge, type Order, stands, unheard, voicesOf } from './merge.ts';
import type { Update } from './types.ts';

const update = fc.record({
  key: fc.constant('k'),
  at: fc.integer({ min: 0, max: 5 }),
  withdrawn: fc.boolean(),
  signals: fc.constant([{ type: 'pdq', value: 'aa' }]),
  opinions: fc
    .constantFrom('positive', 'seed', 'negative')
    .map((category) => [{ source: 's', category, tags: [], said: category }]),
}) satisfies fc.Arbitrary<Update>;
/** Each with the place at which the peer told it. A place is one update's. */
const telling = fc
  .array(update, { minLength: 1, maxLength: 8 })
  .map((updates) => updates.map((one, place) => heard(one, place)));
const order = fc.constantFrom<Order>('clock', 'told');
const all = (told: readonly Known[], by: Order) =>
  told.reduce((known, next) => merge(known, next, by), unheard);

describe('the merge', () => {
  it('is the same in every order and however often something is told again', () => {
    fc.assert(
      fc.property(
        telling.chain((told) =>
          fc.tuple(
            fc.constant(told),
            fc.shuffledSubarray(told, { minLength: told.length }),
            fc.array(fc.constantFrom(...told), { maxLength: 5 }),
          ),
        ),
        order,
        ([told, shuffled, again], by) => {
          expect(all([...shuffled, ...again], by)).toEqual(all(told, by));
        },
      ),
    );
  });

  it('is associative', () => {
    fc.assert(
      fc.property(telling, telling, telling, order, (one, two, three, by) => {
        const [a, b, c] = [all(one, by), all(two, by), all(three, by)];
        expect(merge(merge(a, b, by), c, by)).toEqual(merge(a, merge(b, c, by), by));
      }),
    );
  });

  it('lets a withdrawal win over all that was said before it, by either measure', () => {
    fc.assert(
      fc.property(telling, order, (told, by) => {
        const known = all(told, by);
        const { stated, gone } = known;
        if (!stands(known) || gone === null || stated === null) return;
        expect(stated.place).toBeGreaterThan(gone.place);
        expect(stated.update.at).toBeGreaterThan(gone.at);
      }),
    );
  });

  it('of a record that was taken back says nothing', () => {
    fc.assert(
      fc.property(telling, order, (told, by) => {
        const known = all(told, by);
        const last = known.gone === null ? 0 : known.gone.place + 1;
        const gone = { stated: null, gone: { place: last + 100, at: 100 } };
        expect(voicesOf(merge(known, gone, by))).toEqual([]);
      }),
    );
  });
});
