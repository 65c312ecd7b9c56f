import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from './attestation.ts';
import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts';
import { SealedMediaError } from './errors.ts';

const unhex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const cbor: fc.Arbitrary<Cbor> = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
  ),
})).value;

describe('deterministic CBOR', () => {
  // RFC 8949, appendix A.
  it.each<[Cbor, string]>([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [100, '1864'],
    [1000, '1903e8'],
    [1000000, '1a000f4240'],
    [1000000000000, '1b000000e8d4a51000'],
    [-1, '20'],
    [-1000, '3903e7'],
    [false, 'f4'],
    [true, 'f5'],
    [null, 'f6'],
    [unhex('01020304'), '4401020304'],
    ['', '60'],
    ['IETF', '6449455446'],
    ['\u6c34', '63e6b0b4'],
    [[1, [2, 3], [4, 5]], '8301820203820405'],
    [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
    [{ a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }, 'a56161614161626142616361436164614461656145'],
  ])('%j is %s', (value, bytes) => {
    expect(hex(encodeCbor(value))).toBe(bytes);
    expect(decodeCbor(unhex(bytes))).toEqual(value);
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(cbor, (value) => {
        expect(encodeCbor(decodeCbor(encodeCbor(value)))).toEqual(encodeCbor(value));
      }),
    );
  });

  it('has one encoding for one value: whatever is read is written alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let value: Cbor;
        try {
          value = decodeCbor(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SealedMediaError);
          return;
        }
        expect(encodeCbor(value)).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['a long form', '1817'],
    ['a long length', '580100'],
    ['an indefinite length', '5f42010243030405ff'],
    ['keys out of order', 'a2616201616101'],
    ['a key twice', 'a2616101616102'],
    ['a key that is no text', 'a10102'],
    ['a float', 'f93c00'],
    ['a tag', 'c11a514b67b0'],
    ['undefined', 'f7'],
    ['a number beyond 2^53', '1b0020000000000000'],
    ['text that is not UTF-8', '61ff'],
    ['trailing bytes', '0000'],
    ['truncation', '4401'],
    ['a giant length', '9b00000000ffffffff'],
    ['nesting without end', '81'.repeat(40)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeCbor(unhex(bytes))).toThrow(SealedMediaError);
  });

  it('refuses to write what it could not read', () => {
    expect(() => encodeCbor(1.5)).toThrow(SealedMediaError);
    expect(() => encodeCbor(2 ** 53)).toThrow(SealedMediaError);
  });
});
