import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoxError, boxPublicKey, openBox, sealToBox } from './account-box.ts';

const seed = new Uint8Array(32).fill(7);
const other = new Uint8Array(32).fill(8);
const context = new TextEncoder().encode('ada to blaise');

describe('the account box', () => {
  it('opens what was sealed to it, whatever was sealed', async () => {
    const publicKey = await boxPublicKey(seed);
    expect(publicKey.length).toBe(1216);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 800 }), async (words) => {
        expect(await openBox(seed, await sealToBox(publicKey, words, context), context)).toEqual(words);
      }),
      { numRuns: 20 },
    );
  });

  it('opens what comes in a window on a larger buffer', async () => {
    const window = (bytes: Uint8Array) => new Uint8Array([9, ...bytes, 9]).subarray(1, 1 + bytes.length);
    const sealed = await sealToBox(
      window(await boxPublicKey(window(seed))),
      window(Uint8Array.of(5, 6)),
      window(context),
    );
    expect(await openBox(Buffer.from(seed), Buffer.from(sealed), Buffer.from(context))).toEqual(
      Uint8Array.of(5, 6),
    );
  });

  it('is the same on every device of the account', async () => {
    expect(await boxPublicKey(seed)).toEqual(await boxPublicKey(seed.slice()));
  });

  it('refuses another key, another context, a changed byte and a short box', async () => {
    const sealed = await sealToBox(await boxPublicKey(seed), Uint8Array.of(1, 2, 3), context);
    await expect(openBox(other, sealed, context)).rejects.toThrow(BoxError);
    await expect(openBox(seed, sealed, Uint8Array.of(0))).rejects.toThrow(BoxError);
    const changed = sealed.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expect(openBox(seed, changed, context)).rejects.toThrow(BoxError);
    await expect(openBox(seed, sealed.slice(0, 100), context)).rejects.toThrow(BoxError);
  });
});
