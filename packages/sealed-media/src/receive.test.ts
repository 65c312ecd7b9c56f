import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { attest } from './attestation.ts';
import { consent, isWithdrawal, withdrawConsent } from './consent.ts';
import { type Descriptor, decodeDescriptor, encodeDescriptor } from './descriptor.ts';
import { type SealedMediaCode, SealedMediaError } from './errors.ts';
import { blankWebp, countingRandom, frank, honestSending, type Sending, sentAt } from './fixtures.ts';
import { checkReport, frankingCommitment, frankingTag } from './franking.ts';
import { publicKeyOf, sha256 } from './primitives.ts';
import { admit, compareHash, isStale, openPicture } from './receive.ts';
import { commitmentOf, open, seal } from './seal.ts';

let honest: Sending;
beforeAll(async () => {
  honest = await honestSending();
});

const refusedWith = (code: SealedMediaCode) => expect.objectContaining({ name: 'SealedMediaError', code });
const trust = () => ({ keys: honest.keys, receiver: honest.receiver, now: sentAt + 1000 });
const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);
const kf = new Uint8Array(32).fill(77);

/** A sender whose app was changed: the descriptor forged, everything else consistent. */
async function forged(change: Partial<Descriptor>) {
  return frank({ ...honest.descriptor, ...change }, kf, sentAt);
}

describe('an honest sending', () => {
  it('is admitted, opened and drawn', async () => {
    const descriptor = await admit(honest.arrived, trust());
    expect(descriptor).toEqual(honest.descriptor);
    expect(await openPicture(descriptor, honest.ciphertext, honest.ks)).toEqual(honest.picture);
    expect(compareHash(descriptor, flip(flip(descriptor.h, 3), 9))).toBe('same');
  });

  it('opens whatever its size, across chunk borders', async () => {
    const blobId = new Uint8Array(16);
    const halves = { km: new Uint8Array(32).fill(1), ks: new Uint8Array(32).fill(2) };
    for (const size of [1, 65_535, 65_536, 65_537, 131_072, 200_001]) {
      const picture = new Uint8Array(size).fill(size & 255);
      expect(await open(await seal(picture, halves, blobId), halves, blobId)).toEqual(picture);
    }
  });
});

describe('a changed sender', () => {
  it.each<[string, SealedMediaCode, () => Promise<Partial<Descriptor>>]>([
    [
      'a false hash',
      'attestation_not_authentic',
      async () => ({ attestation: { ...honest.descriptor.attestation, h: flip(honest.descriptor.h, 0) } }),
    ],
    [
      'another hash in the descriptor',
      'attestation_other_picture',
      async () => ({ h: flip(honest.descriptor.h, 0) }),
    ],
    ['a better quality', 'attestation_other_picture', async () => ({ q: 100 })],
    ['another picture', 'attestation_other_picture', async () => ({ ph: flip(honest.descriptor.ph, 0) })],
    [
      'a key that nobody knows',
      'attestation_unknown_key',
      async () => ({ attestation: { ...honest.descriptor.attestation, kid: new Uint8Array(8) } }),
    ],
    [
      'an own attestation',
      'attestation_not_authentic',
      async () => ({ attestation: await attest(new Uint8Array(32).fill(9), honest.descriptor.attestation) }),
    ],
    [
      "somebody else's yes",
      'consent_not_authentic',
      async () => {
        const [yes] = honest.descriptor.consents;
        if (yes === undefined) throw new Error('no consent in the fixture');
        return { consents: [await consent(new Uint8Array(32).fill(5), yes)] };
      },
    ],
    [
      'a yes to another picture',
      'consent_not_authentic',
      async () => {
        const seed = new Uint8Array(32).fill(5);
        const giver = await publicKeyOf(seed);
        const id = new Uint8Array(16);
        return {
          consents: [
            await consent(seed, {
              id,
              giver,
              ph: new Uint8Array(32),
              receivers: [honest.receiver],
              until: null,
              givenAt: 0,
            }),
          ],
        };
      },
    ],
  ])('with %s is refused: %s', async (_, code, change) => {
    await expect(admit(await forged(await change()), trust())).rejects.toEqual(refusedWith(code));
  });

  it('with an old attestation, or one from the future, is refused', async () => {
    const late = { ...honest.arrived, takenAt: honest.descriptor.attestation.exp + 1 };
    await expect(admit(late, trust())).rejects.toEqual(refusedWith('attestation_expired'));
    const early = { ...honest.arrived, takenAt: honest.descriptor.attestation.iat - 1 };
    await expect(admit(early, trust())).rejects.toEqual(refusedWith('attestation_not_yet'));
  });

  it('with a commitment to something else is refused', async () => {
    const c = await frankingCommitment(kf, new Uint8Array(3));
    await expect(admit({ ...honest.arrived, c }, trust())).rejects.toEqual(refusedWith('franking_mismatch'));
  });

  it('with bytes that are no descriptor is refused', async () => {
    const content = Uint8Array.of(0xa0);
    const arrived = { content, kf, c: await frankingCommitment(kf, content), takenAt: sentAt };
    await expect(admit(arrived, trust())).rejects.toEqual(refusedWith('malformed'));
  });

  it('that swaps the key (invisible salamander) is refused by the key commitment', async () => {
    const swapped = { ...honest.descriptor, km: flip(honest.descriptor.km, 5) };
    await expect(openPicture(swapped, honest.ciphertext, honest.ks)).rejects.toEqual(
      refusedWith('key_swapped'),
    );
  });

  it('that stores another ciphertext is refused before opening', async () => {
    await expect(openPicture(honest.descriptor, flip(honest.ciphertext, 99), honest.ks)).rejects.toEqual(
      refusedWith('ciphertext_changed'),
    );
  });

  it.each<[string, (picture: Uint8Array) => Uint8Array]>([
    ['metadata behind the picture', (p) => new Uint8Array([...p, 0, 0])],
    ['a frame of another kind', (p) => p.with(15, 'Q'.charCodeAt(0))],
    ['another size than described', () => blankWebp(641, 480)],
    ['no picture at all', () => new TextEncoder().encode('<svg onload=alert(1)>............')],
  ])('with %s is refused: not canonical', async (_, change) => {
    const { km, blobId } = honest.descriptor;
    const picture = change(honest.picture);
    const ciphertext = await seal(picture, { km, ks: honest.ks }, blobId);
    const descriptor = { ...honest.descriptor, cth: await sha256(ciphertext), ph: await sha256(picture) };
    await expect(openPicture(descriptor, ciphertext, honest.ks)).rejects.toEqual(
      refusedWith('not_canonical'),
    );
  });

  it('whose picture draws another hash is refused, a close one is asked about', () => {
    const far = honest.descriptor.h.map((byte, i) => (i < 2 ? byte ^ 0xff : byte));
    expect(() => compareHash(honest.descriptor, far)).toThrow(SealedMediaError);
    const near = honest.descriptor.h.with(0, (honest.descriptor.h[0] ?? 0) ^ 0x3f);
    expect(compareHash(honest.descriptor, near)).toBe('ask');
  });
});

describe('bytes on the way', () => {
  it('of a ciphertext can not be changed, cut, or put in another order', async () => {
    const blobId = new Uint8Array(16).fill(3);
    const halves = { km: new Uint8Array(32).fill(1), ks: new Uint8Array(32).fill(2) };
    const sealed = await seal(new Uint8Array(150_000).fill(4), halves, blobId);
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), async (at) => {
        await expect(open(flip(sealed, at), halves, blobId)).rejects.toBeInstanceOf(SealedMediaError);
      }),
      { numRuns: 60 },
    );
    const chunk = 65_552;
    const second = new Uint8Array([...sealed.subarray(0, 33), ...sealed.subarray(33 + chunk)]);
    const cut = sealed.subarray(0, 33 + 2 * chunk);
    for (const changed of [second, cut, sealed.subarray(0, sealed.length - 1)]) {
      await expect(open(changed, halves, blobId)).rejects.toBeInstanceOf(SealedMediaError);
    }
    await expect(open(sealed, halves, new Uint8Array(16))).rejects.toEqual(refusedWith('key_swapped'));
  });

  it('of a descriptor have one reading', () => {
    const bytes = encodeDescriptor(honest.descriptor);
    expect(decodeDescriptor(bytes)).toEqual(honest.descriptor);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        try {
          const read = decodeDescriptor(bytes.with(at, (bytes[at] ?? 0) ^ change));
          expect(encodeDescriptor(read)).not.toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SealedMediaError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a report', () => {
  const serverKey = new Uint8Array(32).fill(42);
  const context = async () => ({
    c: honest.arrived.c,
    deviceId: new Uint8Array(16).fill(1),
    groupId: new Uint8Array(16).fill(2),
    epoch: 3,
    n: 4,
    at: sentAt,
  });

  it('opens what was sent, and nothing else', async () => {
    const said = await context();
    const tag = await frankingTag(serverKey, said);
    await checkReport(serverKey, said, tag, honest.arrived);
    const other = { kf: honest.arrived.kf, content: flip(honest.arrived.content, 40) };
    await expect(checkReport(serverKey, said, tag, other)).rejects.toEqual(refusedWith('franking_mismatch'));
    const invented = { ...said, deviceId: new Uint8Array(16).fill(9) };
    await expect(checkReport(serverKey, invented, tag, honest.arrived)).rejects.toEqual(
      refusedWith('tag_not_authentic'),
    );
    await expect(checkReport(new Uint8Array(32), said, tag, honest.arrived)).rejects.toEqual(
      refusedWith('tag_not_authentic'),
    );
  });
});

describe('a yes', () => {
  it('is taken back by its giver alone', async () => {
    const seed = countingRandom(50)(32);
    const record = await consent(seed, {
      id: new Uint8Array(16).fill(6),
      giver: await publicKeyOf(seed),
      ph: honest.descriptor.ph,
      receivers: [honest.receiver],
      until: null,
      givenAt: sentAt,
    });
    expect(await isWithdrawal(record, await withdrawConsent(seed, record.id))).toBe(true);
    expect(await isWithdrawal(record, await withdrawConsent(new Uint8Array(32).fill(1), record.id))).toBe(
      false,
    );
    expect(await isWithdrawal(record, await withdrawConsent(seed, new Uint8Array(16)))).toBe(false);
  });
});

describe('an attestation', () => {
  it('is asked for again when the banks moved and a day passed', () => {
    const { attestation } = honest.descriptor;
    expect(isStale(attestation, attestation.iat + 86_400_001, 8)).toBe(true);
    expect(isStale(attestation, attestation.iat + 86_400_001, 7)).toBe(false);
    expect(isStale(attestation, attestation.iat + 1000, 8)).toBe(false);
  });

  it('binds every part of the commitment', async () => {
    const { cth, ph, h, q, r } = honest.descriptor;
    const cm = await commitmentOf({ cth, ph, h, q, r });
    for (const other of [
      { cth: flip(cth, 0), ph, h, q, r },
      { cth, ph: flip(ph, 0), h, q, r },
      { cth, ph, h: flip(h, 0), q, r },
      { cth, ph, h, q: q - 1, r },
      { cth, ph, h, q, r: flip(r, 0) },
    ]) {
      expect(await commitmentOf(other)).not.toEqual(cm);
    }
  });
});
