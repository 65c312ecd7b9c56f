import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCanonical } from './canonical.ts';
import { deviationOf } from './deviation.ts';
import { SealedMediaError, sealedMediaCodes } from './errors.ts';
import { profileSamples } from './profile-samples.ts';

describe('the canonical profile', () => {
  it.each(profileSamples())('reads or refuses %s', (_, bytes, code) => {
    if (code === null) expect(readCanonical(bytes)).toMatchObject({ width: 64, height: 48 });
    else expect(() => readCanonical(bytes)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses by code whatever the bytes, and names a deviation without a fault', () => {
    const some = profileSamples().map(([, bytes]) => bytes);
    fc.assert(
      fc.property(
        fc.constantFrom(...some),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(),
        (sample, changes, cut) => {
          const bytes = sample.slice(0, sample.length - (cut % 3 === 0 ? cut % sample.length : 0));
          for (const [at, value] of changes) bytes[at % Math.max(1, bytes.length)] = value;
          expect(sealedMediaCodes).toContain(deviationOf(bytes));
          try {
            expect(readCanonical(bytes).width).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(SealedMediaError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
