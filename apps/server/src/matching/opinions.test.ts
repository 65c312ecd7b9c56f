import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, blocks, categories, later, type Opinion } from './opinions.ts';

const opinion = fc.record({
  category: fc.constantFrom(...categories),
  at: fc.integer({ min: 0, max: 5 }),
  withdrawn: fc.boolean(),
  ours: fc.boolean(),
});
/** What a source says: one voice, ours or not throughout. */
const words = fc.array(opinion, { minLength: 1, maxLength: 6 });
const fold = (said: readonly Opinion[]): Opinion => said.reduce(later);
const meaning = ({ category, at, withdrawn }: Opinion) => (withdrawn ? { at, withdrawn } : { at, category });

describe('what one source says', () => {
  it('does not depend on the order in which it arrives, nor on arriving twice', () => {
    fc.assert(
      fc.property(
        words.chain((said) =>
          fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length })),
        ),
        ([said, shuffled]) => {
          expect(meaning(fold(shuffled))).toEqual(meaning(fold(said)));
          expect(meaning(fold([...said, ...shuffled]))).toEqual(meaning(fold(said)));
        },
      ),
    );
  });

  it('is taken back by a withdrawal of the same moment, and said again by a later word', () => {
    fc.assert(
      fc.property(opinion, (one) => {
        const back = { ...one, withdrawn: true };
        expect(later(one, back).withdrawn).toBe(true);
        expect(later(back, one).withdrawn).toBe(true);
        expect(later(back, { ...one, withdrawn: false, at: one.at + 1 }).withdrawn).toBe(false);
      }),
    );
  });
});

describe('what all sources say', () => {
  it('does not depend on their order', () => {
    fc.assert(
      fc.property(
        words.chain((said) =>
          fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length })),
        ),
        ([said, shuffled]) => {
          expect(aggregate(shuffled)).toBe(aggregate(said));
        },
      ),
    );
  });

  it('is as if the withdrawn had never been said', () => {
    fc.assert(
      fc.property(words, (said) => {
        expect(aggregate(said)).toBe(aggregate(said.filter(({ withdrawn }) => !withdrawn)));
      }),
    );
  });

  it('blocks when somebody here says so, whatever partners say', () => {
    fc.assert(
      fc.property(words, (said) => {
        const own: Opinion = { category: 'positive', at: 0, withdrawn: false, ours: true };
        expect(blocks(aggregate([...said, own]))).toBe(true);
      }),
    );
  });

  const word = (category: Opinion['category'], ours = false): Opinion => ({
    category,
    at: 0,
    withdrawn: false,
    ours,
  });
  it.each([
    ['nobody', [], 'none'],
    ['a partner is sure', [word('positive')], 'positive'],
    ['a partner guesses', [word('seed')], 'seed'],
    ['a partner guesses, another knows', [word('seed'), word('positive')], 'positive'],
    ['a partner guesses, another denies', [word('seed'), word('negative')], 'negative'],
    ['partners differ', [word('positive'), word('negative')], 'disputed'],
    ['people here denied it', [word('positive'), word('negative', true)], 'negative'],
    ['people here confirmed it', [word('negative'), word('positive', true)], 'positive'],
    ['people here differ', [word('negative', true), word('positive', true)], 'disputed'],
    ['people here only guess', [word('negative'), word('seed', true)], 'negative'],
  ] as const)('%s', (_, said, standing) => {
    expect(aggregate(said)).toBe(standing);
  });
});
