import { pseudonym } from '@accord/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPseudonym, pseudonymRules } from './pseudonym.ts';

describe('the rules of a pseudonym, shown while one types', () => {
  it('say together exactly what the protocol says', () => {
    const near = fc.string({
      unit: fc.constantFrom(
        'a',
        'Z',
        'é',
        'e\u0301',
        '9',
        '.',
        '-',
        '_',
        ' ',
        '字',
        '😀',
        '\u0301',
        'ß',
        '\n',
      ),
      maxLength: 27,
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'grapheme', maxLength: 30 })), (typed) => {
        expect(isPseudonym(typed)).toBe(pseudonym.safeParse(typed).success);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['', { length: false, characters: false, ends: false }],
    ['ab', { length: false, characters: true, ends: true }],
    ['-lea-', { length: true, characters: true, ends: false }],
    ['lea b', { length: true, characters: false, ends: true }],
    ['léa.b', { length: true, characters: true, ends: true }],
    ['a'.repeat(25), { length: false, characters: true, ends: true }],
  ])('name what is wrong with %j', (typed, rules) => {
    expect(pseudonymRules(typed)).toEqual(rules);
  });
});
