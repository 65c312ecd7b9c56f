import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, encodeText, fromBase64Url, join, toBase64Url } from './bytes.ts';
import { CborFloat, decodeCbor, encodeCbor, type Writable } from './cbor.ts';
import { integerOf, oidOf, positiveOf, readDer, timeOf } from './der.ts';
import { Refusal } from './refusals.ts';
import { integer, sequence, oid as writeOid } from './test-support/certificates.ts';

const hex = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'hex'));

const codeOf = (read: () => unknown): string => {
  try {
    read();
    return 'ok';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};

describe('CBOR', () => {
  it('reads what it writes', () => {
    const { value } = fc.letrec<{ value: Writable }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer({ min: -(2 ** 32), max: 2 ** 32 - 1 }),
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array().map((bytes) => Uint8Array.from(bytes)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }).map((one) => new Map(Object.entries(one))),
      ),
    }));
    fc.assert(
      fc.property(value, (one) => {
        expect(decodeCbor(encodeCbor(one))).toEqual(one);
      }),
    );
  });

  it('never throws but a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        codeOf(() => decodeCbor(Uint8Array.from(bytes)));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['1b0020000000000000', 2n ** 53n],
    ['1b001fffffffffffff', 2 ** 53 - 1],
    ['3bffffffffffffffff', -(2n ** 64n)],
    ['f93c00', new CborFloat(1)],
    ['f90001', new CborFloat(2 ** -24)],
    ['fb3ff8000000000000', new CborFloat(1.5)],
    ['f7', undefined],
  ])('reads %s', (bytes, value) => {
    expect(decodeCbor(hex(bytes))).toEqual(value);
  });

  it.each([
    ['', 'cbor_truncated'],
    ['0000', 'cbor_trailing'],
    ['1c', 'cbor_malformed'],
    ['f8ff', 'cbor_malformed'],
    ['f6f6', 'cbor_trailing'],
    ['5f4100ff', 'cbor_indefinite'],
    ['9fff', 'cbor_indefinite'],
    ['ff', 'cbor_indefinite'],
    ['9bffffffffffffffff', 'cbor_truncated'],
    ['bb7fffffffffffffff', 'cbor_truncated'],
    ['5affffffff', 'cbor_truncated'],
    ['61ff', 'cbor_utf8'],
    ['63eda080', 'cbor_utf8'],
    ['a200000000', 'cbor_duplicate_key'],
    ['a2000018000000', 'cbor_duplicate_key'],
    ['a1f500', 'cbor_malformed'],
    ['a14000', 'cbor_malformed'],
  ])('refuses %s as %s', (bytes, code) => {
    expect(codeOf(() => decodeCbor(hex(bytes)))).toBe(code);
  });

  it('reads maps of 256 keys, so that keys whose hashes fall together cost little', () => {
    const keys = (size: number) => new Map(Array.from({ length: size }, (_, i) => [i, i] as const));
    expect(decodeCbor(encodeCbor(keys(256)))).toEqual(keys(256));
    expect(codeOf(() => decodeCbor(encodeCbor(keys(257))))).toBe('cbor_malformed');
  });
});

describe('DER', () => {
  it('reads the numbers and identifiers it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), (bytes) => {
        const value = Buffer.from(positiveOf(readDer(integer(bytes)))).toString('hex');
        expect(BigInt(`0x${value}`)).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
      }),
    );
    for (const id of [
      '1.3.130.2.0.0.1.2',
      '1.0.18013.5.1.2',
      '2.5.29.37',
      '2.999.3',
      '1.2.840.10045.4.3.2',
    ]) {
      expect(oidOf(readDer(writeOid(id)))).toBe(id);
    }
  });

  it.each([
    ['a long form where the short one does', '308100'],
    ['a length that begins with zero', '3082000100'],
    ['an indefinite length', '30800000'],
    ['a length beyond the end', '300500'],
    ['bytes behind', '300000'],
    ['a tag of several bytes', '1f0100'],
    ['nothing', ''],
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(() => readDer(hex(bytes)))).toBe('certificate_malformed');
  });

  it.each(['020100ff', '0200', '0201ff', '02020001'])('refuses the number %s', (bytes) => {
    expect(codeOf(() => positiveOf(readDer(hex(bytes))))).toBe('certificate_malformed');
  });

  it.each(['0200', '02020001', '0202ff80'])('refuses the number %s of any sign', (bytes) => {
    expect(codeOf(() => integerOf(readDer(hex(bytes))))).toBe('certificate_malformed');
  });

  it('reads numbers of either sign', () => {
    for (const bytes of ['020100', '0201ff', '02020080', '0202ff7f']) {
      expect(integerOf(readDer(hex(bytes)))).toEqual(hex(bytes.slice(4)));
    }
  });

  it.each([12, 14, 16, 1_000_000])('refuses a time of %i digits', (size) => {
    const content = new Uint8Array(size).fill(0x31);
    for (const tag of [0x17, 0x18]) {
      expect(codeOf(() => timeOf({ tag, content, raw: content }))).toBe('certificate_malformed');
    }
  });

  it('takes lengths of one, two and three bytes', () => {
    for (const size of [1, 127, 128, 255, 256, 65_000]) {
      const bytes = sequence(new Uint8Array(size));
      expect(readDer(bytes).content).toHaveLength(size);
    }
  });
});

describe('base64url', () => {
  it('has one text for each sequence of bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(Uint8Array.from(bytes));
      }),
    );
    for (const text of ['A', 'AB', 'AA=', 'AA==', 'A+AA', 'A/AA', 'AA A', 'é']) {
      expect(codeOf(() => fromBase64Url(text))).toBe('encoding');
    }
    expect(join(encodeText('a'), encodeText('b'))).toEqual(encodeText('ab'));
  });
});
