import { frankingTag } from '@accord/sealed-media';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tagOf } from './franking.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

it('makes the tag of the published protocol', async () => {
  const context = fc.record({
    c: bytes(32),
    deviceId: bytes(16),
    groupId: bytes(16),
    epoch: fc.maxSafeNat(),
    n: fc.maxSafeNat(),
    at: fc.maxSafeNat(),
  });
  await fc.assert(
    fc.asyncProperty(bytes(32), context, async (key, one) => {
      expect(new Uint8Array(tagOf(key, one))).toEqual(new Uint8Array(await frankingTag(key, one)));
    }),
  );
});
