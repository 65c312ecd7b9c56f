import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwner, isOwnerAct, ownerActWindow, proveOwner, signOwnerAct } from './owner.ts';
import { publicKeyOf } from './primitives.ts';

const seed = new Uint8Array(32).fill(7);
const other = new Uint8Array(32).fill(8);
const cm = new Uint8Array(32).fill(9);
const at = 1_790_000_000_000;
const about = new Uint8Array();

describe('the owner of a picture', () => {
  it('is who holds its key, for this sending alone', async () => {
    const key = await publicKeyOf(seed);
    const proof = await proveOwner(seed, cm);
    expect(await isOwner(key, cm, proof)).toBe(true);
    expect(await isOwner(key, other, proof)).toBe(false);
    expect(await isOwner(await publicKeyOf(other), cm, proof)).toBe(false);
    expect(await isOwner(key, cm, new Uint8Array(64))).toBe(false);
    expect(await isOwner(new Uint8Array(3), cm, proof)).toBe(false);
  });

  it('says each thing once, about one thing, now', async () => {
    const key = await publicKeyOf(seed);
    const statement = { act: 'refuse', at, about } as const;
    const proof = await signOwnerAct(seed, key, statement);
    expect(await isOwnerAct(key, statement, { proof, now: at + ownerActWindow })).toBe(true);
    expect(await isOwnerAct(key, statement, { proof, now: at + ownerActWindow + 1 })).toBe(false);
    expect(await isOwnerAct(key, statement, { proof, now: at - ownerActWindow - 1 })).toBe(false);
    expect(await isOwnerAct(key, { ...statement, act: 'forget' }, { proof, now: at })).toBe(false);
    expect(await isOwnerAct(key, { ...statement, at: at + 1 }, { proof, now: at })).toBe(false);
    expect(await isOwnerAct(key, { ...statement, about: cm }, { proof, now: at })).toBe(false);
  });

  it('is nobody who signed anything else', async () => {
    const key = await publicKeyOf(seed);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 64, maxLength: 64 }), async (proof) => {
        expect(await isOwnerAct(key, { act: 'forget', at, about }, { proof, now: at })).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});
