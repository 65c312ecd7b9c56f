import { beforeAll, describe, expect, it } from 'vitest';
import { answerBytes, decodeAnswer, encodeAnswer } from './answer.ts';
import { attest } from './attestation.ts';
import type { SealedMediaCode } from './errors.ts';
import { SealedMediaError } from './errors.ts';
import {
  checkGrant,
  decodeGrant,
  encodeGrant,
  type Grant,
  type GrantCheck,
  giveGrant,
  useGrant,
} from './grant.ts';
import { publicKeyOf } from './primitives.ts';

const ownerSeed = new Uint8Array(32).fill(1);
const sharerSeed = new Uint8Array(32).fill(2);
const cm = new Uint8Array(32).fill(3);
const receiver = new Uint8Array(32).fill(4);
const now = Date.UTC(2026, 10, 23);
const refusedWith = (code: SealedMediaCode) => expect.objectContaining({ code });

let grant: Grant;
let check: GrantCheck;
beforeAll(async () => {
  grant = await giveGrant(ownerSeed, {
    ownerKey: await publicKeyOf(ownerSeed),
    h: new Uint8Array(32).fill(8),
    sharer: await publicKeyOf(sharerSeed),
    receivers: [receiver],
    salt: new Uint8Array(16),
    until: now + 1000,
  });
  check = { ownerKey: grant.ownerKey, cm, use: await useGrant(sharerSeed, cm), receivers: [receiver], now };
});

describe('a grant', () => {
  it('lets its sharer share with these people until then', async () => {
    await checkGrant(grant, check);
    await checkGrant(decodeGrant(encodeGrant(grant)), check);
  });

  it.each<[string, SealedMediaCode, () => Promise<[Grant, GrantCheck]>]>([
    ['for another picture', 'grant_other_picture', async () => [grant, { ...check, ownerKey: receiver }]],
    [
      'used by somebody else',
      'grant_not_authentic',
      async () => [grant, { ...check, use: await useGrant(ownerSeed, cm) }],
    ],
    ['used for another sending', 'grant_not_authentic', async () => [grant, { ...check, cm: receiver }]],
    ['made longer', 'grant_not_authentic', async () => [{ ...grant, until: now + 9999 }, check]],
    ['that ran out', 'grant_expired', async () => [grant, { ...check, now: now + 1000 }]],
    [
      'for other people',
      'grant_other_receiver',
      async () => [grant, { ...check, receivers: [receiver, cm] }],
    ],
    ['for nobody', 'grant_other_receiver', async () => [grant, { ...check, receivers: [] }]],
  ])('%s is refused: %s', async (_, code, make) => {
    await expect(checkGrant(...(await make()))).rejects.toEqual(refusedWith(code));
  });
});

describe('the matching service', () => {
  it('answers in one length, whatever it says', async () => {
    const attestation = await attest(ownerSeed, {
      h: cm,
      q: 60,
      cm,
      bankEpoch: 1,
      iat: now,
      kid: new Uint8Array(8),
    });
    const yes = encodeAnswer({ outcome: 'attested', attestation });
    const no = encodeAnswer({ outcome: 'refused', appeal: new Uint8Array(16).fill(5) });
    expect([yes.length, no.length]).toEqual([answerBytes, answerBytes]);
    expect(decodeAnswer(yes)).toEqual({ outcome: 'attested', attestation });
    expect(decodeAnswer(no)).toEqual({ outcome: 'refused', appeal: new Uint8Array(16).fill(5) });
  });

  it.each([0, 1, 2, 300])('is not believed when an answer is changed in length by %i', (cut) => {
    const no = encodeAnswer({ outcome: 'refused', appeal: new Uint8Array(16) });
    const changed = cut === 0 ? new Uint8Array([...no, 0]) : no.subarray(0, no.length - cut);
    expect(() => decodeAnswer(changed)).toThrow(SealedMediaError);
  });

  it('is not believed when the padding says something', () => {
    const no = encodeAnswer({ outcome: 'refused', appeal: new Uint8Array(16) });
    expect(() => decodeAnswer(no.with(answerBytes - 1, 1))).toThrow(SealedMediaError);
  });
});
