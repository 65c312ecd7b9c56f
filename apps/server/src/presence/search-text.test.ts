import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likePatterns, searchText } from './search-text.ts';

describe('searchText', () => {
  it.each([
    ['Élan', 'elan'],
    ['ŒUVRE', 'œuvre'],
    ['Straße', 'STRASSE'],
    ['ﬁn', 'FIN'],
    ['Ὀδυσσεύς', 'ΟΔΥΣΣΕΥΣ'],
    ['İzmir', 'izmir'],
  ])('takes %s and %s for one', (one, other) => {
    expect(searchText(one)).toBe(searchText(other));
  });

  it('is blind to case and to its own doing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(searchText(searchText(text))).toBe(searchText(text));
        expect(searchText(text.toUpperCase())).toBe(searchText(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('likePatterns', () => {
  it('makes one pattern of each word', () => {
    expect(likePatterns('  Café   du Nord ')).toEqual(['%cafe%', '%du%', '%nord%']);
    expect(likePatterns('')).toEqual([]);
  });

  it('takes signs of patterns for themselves', () => {
    expect(likePatterns('100% a_b c\\d')).toEqual(['%100\\%%', '%a\\_b%', '%c\\\\d%']);
  });

  it('has an end', () => {
    expect(likePatterns('a b c d e f g h i j')).toHaveLength(8);
  });
});
