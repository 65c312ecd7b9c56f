import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../platform/refusal.ts';
import { pseudonymKey } from './pseudonym.ts';

describe('pseudonymKey', () => {
  it.each([
    ['Marie', 'mARIE'],
    ['Straße', 'STRASSE'],
    ['Ｍarie', 'Marie'],
    ['ﬁona', 'fiona'],
    ['Οδυσσεύς', 'ΟΔΥΣΣΕΎΣ'],
    ['paypal', 'раураӏ'],
    ['coco', 'СОСО'],
    ['Bob', 'ВОВ'],
    ['leo', 'le0'],
    ['Lina', '1ina'],
    ['anna-lena', 'anna_lena'],
    ['anna.lena', 'AnnaLena'],
    ['Rene\u0301', 'René'],
  ])('takes %s and %s for one name', (one, other) => {
    expect(pseudonymKey(one)).toBe(pseudonymKey(other));
  });

  it.each([
    ['rené', 'rene'],
    ['marie', 'maria'],
    ['月光', '月亮'],
    ['вадим', 'вадик'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(pseudonymKey(one)).not.toBe(pseudonymKey(other));
  });

  it.each(['ma\u00adrie', 'mar\u200bie', 'ㅤㅤㅤ', 'marie\ufe0f'])('refuses what can not be seen: %j', (name) => {
    expect(() => pseudonymKey(name)).toThrow(Refusal);
  });

  it('is blind to case, and a key is its own key', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 24 });
    fc.assert(
      fc.property(name, (text) => {
        fc.pre(!/\p{Default_Ignorable_Code_Point}/u.test(text));
        const key = pseudonymKey(text);
        expect(pseudonymKey(key)).toBe(key);
        expect(pseudonymKey(text.toUpperCase())).toBe(key);
        expect(pseudonymKey(text.toLowerCase())).toBe(key);
      }),
      { numRuns: 500 },
    );
  });
});
