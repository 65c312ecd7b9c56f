import { describe, expect, it } from 'vitest';
import { createAccount, refusal } from '../test/people.ts';
import { safetyCode } from './index.ts';

const party = async () => {
  const { accountId, identity } = await createAccount();
  return { accountId, identityPublicKey: identity.publicKey };
};

describe('the safety code', () => {
  it('is 60 digits in groups of five, the same for both', async () => {
    const [a, b] = [await party(), await party()];
    const code = await safetyCode(a, b);
    expect(code).toMatch(/^\d{5}( \d{5}){11}$/);
    expect(await safetyCode(b, a)).toBe(code);
  });

  it('changes with either identity key and with either account', async () => {
    const [a, b, c] = [await party(), await party(), await party()];
    const code = await safetyCode(a, b);
    expect(await safetyCode({ ...a, identityPublicKey: c.identityPublicKey }, b)).not.toBe(code);
    expect(await safetyCode(a, { ...b, accountId: c.accountId })).not.toBe(code);
  });

  it('is what an implementation in another language computes', async () => {
    const of = (accountId: string, fill: number) => ({
      accountId,
      identityPublicKey: new Uint8Array(32).fill(fill),
    });
    const code = await safetyCode(
      of('00000000-0000-4000-8000-000000000001', 1),
      of('00000000-0000-4000-8000-000000000002', 2),
    );
    expect(code).toBe('93544 14990 82704 17559 68558 64720 44776 35811 32908 91636 04118 32908');
  });

  it('refuses a key that is none', async () => {
    const a = await party();
    expect(await refusal(() => safetyCode(a, { ...a, identityPublicKey: new Uint8Array(31) }))).toBe(
      'bad_argument',
    );
    expect(await refusal(() => safetyCode(a, { ...a, accountId: 'x' }))).toBe('bad_argument');
  });
});
