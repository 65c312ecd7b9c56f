import { createHash } from 'node:crypto';
import { mediaLimits } from '@accord/protocol/limits';
import {
  type Attestation,
  attest,
  decodeAnswer,
  encodeAnswer,
  maxPictureBytes,
  seal,
} from '@accord/sealed-media';
import sharp, { type Sharp } from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Depicted, PictureRefusal, PictureTerms, Prepared } from '../src/chat/engine/pictures-api.ts';
import type { Tamper } from './browser.ts';
import { sealAnySize } from './large-seal.ts';
import { membersOnServer } from './members.ts';
import { arrives, decide, jpegOf, look, prepared, see, send, shown, stands } from './pictures.ts';

/** What a changed app does below its way to the server; an honest one does none of it. */
const changed = vi.hoisted(() => ({
  uncommitted: false,
  /** Given what it seals, of any size. */
  sealed: null as ((ciphertext: Uint8Array<ArrayBuffer>) => void) | null,
}));

vi.mock('../src/chat/engine/core/franking.ts', async (original) => {
  const honest = await original<typeof import('../src/chat/engine/core/franking.ts')>();
  const commitmentData: typeof honest.commitmentData = (content) =>
    changed.uncommitted ? Promise.resolve(undefined) : honest.commitmentData(content);
  return { ...honest, commitmentData };
});

vi.mock('@accord/sealed-media', async (original) => {
  const honest = await original<typeof import('@accord/sealed-media')>();
  const seal: typeof honest.seal = async (plaintext, halves, blobId) => {
    if (plaintext.length <= honest.maxPictureBytes) return honest.seal(plaintext, halves, blobId);
    const ciphertext = await sealAnySize(plaintext, halves, blobId);
    changed.sealed?.(ciphertext);
    return ciphertext;
  };
  return { ...honest, seal };
});

/** How far the server's clock is ahead, in ms. */
let later = 0;
afterEach(() => {
  later = 0;
});
const { pair } = membersOnServer(() => Date.now() + later);

/** The answer of the matching service, changed. */
const answering = (change: (attested: Attestation) => Promise<Attestation> | Attestation): Tamper => ({
  reply: async (name, reply) => {
    if (name !== 'matching.attest') return reply;
    const answer = decodeAnswer(
      new Uint8Array(Buffer.from((reply as { answer: string }).answer, 'base64url')),
    );
    if (answer.outcome === 'refused') return reply;
    const encoded = encodeAnswer({ outcome: 'attested', attestation: await change(answer.attestation) });
    return { answer: Buffer.from(encoded).toString('base64url') };
  },
});

/** Signed by whoever has this key instead of the service's. */
const ownSeed = new Uint8Array(32).fill(7);

/** A picture whose bytes are others than those that were hashed. */
const under = async (bytes: Promise<Uint8Array>): Promise<Prepared> => ({
  ...(await prepared(await jpegOf(20))),
  bytes: await bytes,
});

const made = async (image: Sharp): Promise<Uint8Array> => new Uint8Array(await image.toBuffer());

const oriented = async () =>
  made(
    sharp(await jpegOf(20))
      .withMetadata({ orientation: 6 })
      .jpeg(),
  );
const withAlpha = async () =>
  made(
    sharp(await jpegOf(20))
      .ensureAlpha(0.5)
      .webp(),
  );
const animated = async () =>
  made(sharp([await jpegOf(20), await jpegOf(21)], { join: { animated: true } }).webp());

const withComment = async () => {
  const bytes = await jpegOf(20);
  const comment = Uint8Array.of(0xff, 0xfe, 0, 6, 104, 105, 33, 33);
  return Uint8Array.of(...bytes.subarray(0, 20), ...comment, ...bytes.subarray(20));
};

interface Deceit {
  readonly picture: Prepared;
  /** The message leaves without its authenticated data. */
  readonly uncommitted?: boolean;
  readonly tamper?: Tamper;
  readonly terms?: Partial<PictureTerms>;
  readonly people?: readonly Depicted[];
}

/** Each way in which a changed app could try to show something else than what was checked. */
async function deceits(former: Attestation): Promise<readonly (readonly [string, PictureRefusal, Deceit])[]> {
  const plain = async (index: number) => prepared(await jpegOf(index));
  const forged = (kid?: Uint8Array) =>
    answering((attested) => attest(ownSeed, { ...attested, ...(kid === undefined ? {} : { kid }) }));
  return [
    ['a false hash', 'hash_differs', { picture: { ...(await plain(22)), bytes: await jpegOf(23) } }],
    ['its own attestation', 'attestation_not_authentic', { picture: await plain(24), tamper: forged() }],
    [
      'an unknown service',
      'attestation_unknown_key',
      { picture: await plain(25), tamper: forged(new Uint8Array(8)) },
    ],
    [
      'the attestation of another picture',
      'attestation_other_picture',
      { picture: await plain(26), tamper: answering(() => former) },
    ],
    ['an orientation', 'not_upright', { picture: await under(oriented()) }],
    ['transparency', 'not_opaque', { picture: await under(withAlpha()) }],
    ['an animation', 'not_still', { picture: await under(animated()) }],
    ['metadata', 'not_canonical', { picture: await under(withComment()) }],
    ['more pixels than allowed', 'too_many_pixels', { picture: await under(jpegOf(20, 2400, 300)) }],
    ['no commitment to what it sends', 'tag_missing', { picture: await plain(31), uncommitted: true }],
    [
      'another half of the key',
      'key_swapped',
      {
        picture: await plain(27),
        tamper: {
          input: (name, input) =>
            name === 'media.pictures.create'
              ? { ...input, body: { ...(input as { body: object }).body, ks: 'A'.repeat(43) } }
              : input,
        },
      },
    ],
    [
      'others in it without a yes',
      'yes_missing',
      {
        picture: await plain(28),
        terms: { depicts: 'others' },
        people: [{ kind: 'link', name: 'nobody' }],
        tamper: {
          input: (name, input) =>
            name === 'media.pictures.create'
              ? { body: { ...(input as { body: object }).body, depicts: 'me', consents: [], ph: null } }
              : input,
          reply: (name, reply) =>
            name === 'media.consents.read' ? { ...(reply as object), state: 'yes', record: null } : reply,
        },
      },
    ],
  ];
}

describe('a changed sender', () => {
  it('shows an unchanged receiver nothing, whatever it tries, and each try has its own reason', async () => {
    const [ada, blaise] = await pair();
    let former: Attestation | null = null;
    ada.tamper = answering((attested) => {
      former = attested;
      return attested;
    });
    await shown(ada, blaise, await prepared(await jpegOf(19)));
    if (former === null) throw new Error('no attestation was given');
    const tries = await deceits(former);
    const outcomes: [string, unknown][] = [];
    for (const [name, , { picture, tamper = {}, terms = {}, people = [], uncommitted = false }] of tries) {
      ada.tamper = tamper;
      changed.uncommitted = uncommitted;
      const id = await send(ada, blaise, picture, terms, people);
      await stands(ada, id, 'sent');
      changed.uncommitted = false;
      await arrives(blaise, id);
      await decide(blaise, id, 'once');
      const revealed = await see(blaise, id);
      outcomes.push([name, revealed.outcome === 'refused' ? revealed.code : 'shown']);
      expect((await look(blaise, id)).refusal).toBe(revealed.outcome === 'refused' ? revealed.code : null);
    }
    expect(outcomes).toEqual(tries.map(([name, code]) => [name, code]));
  });

  it('seals what it should as an unchanged one does, to the byte', async () => {
    const halves = { km: new Uint8Array(32).fill(1), ks: new Uint8Array(32).fill(2) };
    const [picture, blobId] = [await jpegOf(30), new Uint8Array(16).fill(3)];
    expect(await sealAnySize(picture, halves, blobId)).toEqual(await seal(picture, halves, blobId));
  });

  it('shows nothing of more bytes than allowed, should the server ever let them through', async () => {
    const [ada, blaise] = await pair();
    const bytes = new Uint8Array(maxPictureBytes + 1);
    bytes.set(await jpegOf(30));
    const [stored, whole] = [Buffer.alloc(64, 1), { ciphertext: new Uint8Array() }];
    changed.sealed = (ciphertext) => {
      whole.ciphertext = ciphertext;
    };
    // The server takes no such ciphertext: it gets another one, and the receiver hears the one that was announced.
    const cth = createHash('sha256').update(stored).digest('base64url');
    ada.tamper = {
      input: (name, input) => {
        if (name === 'media.blobs.append') return { ...input, body: new Uint8Array(stored) };
        const { body } = input as { body: object };
        return name === 'media.blobs.begin' ? { body: { ...body, size: stored.length, cth } } : input;
      },
      reply: (name, reply) =>
        name === 'media.blobs.append'
          ? { ...(reply as object), offset: whole.ciphertext.length, complete: false }
          : reply,
    };
    blaise.tamper = {
      reply: (name, reply) => (name === 'media.blobs.read' ? whole.ciphertext : reply),
    };
    const id = await shown(ada, blaise, { ...(await prepared(await jpegOf(30))), bytes });
    changed.sealed = null;
    expect(whole.ciphertext.length).toBeGreaterThan(mediaLimits.ciphertextBytes);
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'too_large' });
  });

  it('gains nothing from an old attestation, however often it sends it', async () => {
    const [ada, blaise] = await pair();
    let old: unknown = null;
    ada.tamper = {
      reply: (name, reply) => {
        if (name === 'matching.attest') old ??= reply;
        if (name === 'media.pictures.create') later += 11 * 60_000;
        return name === 'matching.attest' ? old : reply;
      },
    };
    const id = await send(ada, blaise, await prepared(await jpegOf(29)));
    await arrives(blaise, id);
    await decide(blaise, id, 'once');
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'attestation_expired' });
    // Its own app says so too, instead of "sent".
    await stands(ada, id, 'failed');
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'attestation_expired' });
  });
});
