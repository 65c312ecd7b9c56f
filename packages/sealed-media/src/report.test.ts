import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealedMediaError } from './errors.ts';
import { decodeReport, encodeReport, maxReportedMessages, type Report } from './report.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const count = fc.maxSafeNat();
const message = fc.record({
  kind: fc.constantFrom('picture' as const, 'text' as const),
  content: fc.uint8Array({ maxLength: 200 }),
  kf: bytes(32),
  context: fc.record({
    c: bytes(32),
    deviceId: bytes(16),
    groupId: bytes(16),
    epoch: count,
    n: count,
    at: count,
  }),
  kid: bytes(8),
  tag: bytes(32),
  ks: fc.option(bytes(32)),
});
const report: fc.Arbitrary<Report> = fc.record({
  reason: fc.constantFrom('ncii', 'other'),
  words: fc.string({ unit: 'grapheme' }),
  messages: fc.array(message, { maxLength: maxReportedMessages }),
});

describe('a report', () => {
  it('comes out as it went in, and has one encoding', () => {
    fc.assert(
      fc.property(report, (one) => {
        const encoded = encodeReport(one);
        expect(decodeReport(encoded)).toEqual(one);
        expect(encodeReport(decodeReport(encoded))).toEqual(encoded);
      }),
    );
  });

  it('is refused with any byte changed that leaves it malformed, never half read', () => {
    fc.assert(
      fc.property(report, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, by) => {
        const encoded = encodeReport(one);
        const place = at % encoded.length;
        encoded[place] = (encoded[place] as number) ^ by;
        try {
          expect(encodeReport(decodeReport(encoded))).toEqual(encoded);
        } catch (error) {
          expect(error).toBeInstanceOf(SealedMediaError);
        }
      }),
    );
  });
});
