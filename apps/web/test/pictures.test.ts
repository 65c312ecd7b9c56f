import { createHash, randomUUID } from 'node:crypto';
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
import { type Browser, type Tamper, until } from './browser.ts';
import { sealAnySize } from './large-seal.ts';
import { befriend, idOf, membersOnServer, withOf } from './members.ts';
import { arrives, jpegOf, look, prepared, see, stands } from './pictures.ts';

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
const { member, furtherDevice, pair } = membersOnServer(() => Date.now() + later);

const anyTerms: PictureTerms = { lasts: 3600, maxViews: null, depicts: 'me' };

/** Queues a picture to the other one and answers its message. */
async function send(
  from: Browser,
  to: Browser,
  picture: Prepared,
  terms: Partial<PictureTerms> = {},
  people: readonly Depicted[] = [],
): Promise<string> {
  const id = randomUUID();
  const conversationId = withOf(from, to)?.id ?? '';
  const all = { ...anyTerms, ...terms };
  await from.core.methods['pictures.send']({ conversationId, id, picture, terms: all, people });
  return id;
}

const decide = (browser: Browser, messageId: string, answer: 'once' | 'always' | 'never') =>
  browser.core.methods['pictures.decide']({ messageId, answer });

/** Sent, arrived and accepted. */
async function shown(from: Browser, to: Browser, picture: Prepared, terms: Partial<PictureTerms> = {}) {
  const id = await send(from, to, picture, terms);
  await stands(from, id, 'sent');
  await arrives(to, id);
  await decide(to, id, 'once');
  return id;
}

const asMember = (browser: Browser): Depicted => ({
  kind: 'member',
  accountId: idOf(browser),
  pseudonym: browser.status.me?.pseudonym ?? '',
});

describe('an honest picture', () => {
  it('is shown after a yes, as often as it may, and reported with proof when it can be seen no more', async () => {
    const [ada, blaise] = await pair();
    const id = await send(ada, blaise, await prepared(await jpegOf(0)), { maxViews: 1 });
    await stands(ada, id, 'sent');
    await arrives(blaise, id);
    // Nothing is fetched before this person said yes.
    await expect(see(blaise, id)).rejects.toMatchObject({ code: 'not_found' });
    await decide(blaise, id, 'once');
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown', viewsLeft: 0 });
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'gone' });
    const conversationId = withOf(blaise, ada)?.id ?? '';
    const reason = 'unwanted_pictures';
    const told = { conversationId, messageIds: [id], reason, words: '' } as const;
    expect(await blaise.core.methods['pictures.report'](told)).toEqual({ verified: true });
  });

  it('goes dark on every device when it is taken back, and is refused to whoever passes it on', async () => {
    const [ada, blaise] = await pair();
    const carol = await member('carol');
    await befriend(blaise, carol);
    const picture = await prepared(await jpegOf(6));
    const id = await shown(ada, blaise, picture);
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });
    const passedOn = await send(blaise, carol, picture);
    await stands(blaise, passedOn, 'refused');
    // The same person may send the same picture again.
    await stands(ada, await send(ada, blaise, picture), 'sent');
    const blobId = (await look(ada, id)).blobId;
    await ada.core.methods['pictures.takeBack']({ blobId });
    await until(async () => (await look(blaise, id)).ended);
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'gone' });
  });

  it('is known to the other devices of its sender, who may send it again from there', async () => {
    const [ada, blaise] = await pair();
    const laptop = await furtherDevice(ada);
    await until(() => withOf(laptop, blaise)?.state === 'open');
    const picture = await prepared(await jpegOf(2));
    const id = await send(ada, blaise, picture);
    await stands(ada, id, 'sent');
    await arrives(laptop, id);
    await stands(laptop, await send(laptop, blaise, picture), 'sent');
    await laptop.core.methods['pictures.takeBack']({ blobId: (await look(laptop, id)).blobId });
    const [again, first] = await laptop.core.methods['pictures.mine']();
    expect([again?.state, first?.state]).toEqual(['open', 'revoked']);
  });

  it('leaves whatever step the browser is killed at', async () => {
    const [ada, blaise] = await pair();
    const steps = ['matching.attest', 'media.blobs.append', 'media.pictures.create'] as const;
    for (const [index, step] of steps.entries()) {
      let reached = false;
      ada.cutAfter = (name) => {
        reached ||= name === step;
        return name === step;
      };
      const id = await send(ada, blaise, await prepared(await jpegOf(3 + index)));
      await until(() => reached);
      ada.cutAfter = null;
      await ada.crash();
      await ada.online();
      await stands(ada, id, 'sent');
      await arrives(blaise, id);
      await decide(blaise, id, 'once');
      expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });
    }
  });
});

describe('the yes of somebody in it', () => {
  it('is waited for, sends by itself, and darkens the picture when it is taken back', async () => {
    const [ada, blaise] = await pair();
    const carol = await member('carol');
    await befriend(ada, carol);
    const picture = await prepared(await jpegOf(7));
    const id = await send(ada, blaise, picture, { depicts: 'me_and_others' }, [asMember(carol)]);
    await stands(ada, id, 'waiting');
    const [question] = await carol.core.methods['pictures.questions']();
    const { consentId = '' } = question ?? {};
    expect(question).toMatchObject({ state: 'waiting', askedBy: { accountId: idOf(ada) } });
    expect(await carol.core.methods['pictures.openQuestion']({ consentId })).toMatchObject({
      outcome: 'open',
      bytes: picture.bytes,
    });
    await carol.core.methods['pictures.answer']({ consentId, yes: true, until: null });
    await stands(ada, id, 'sent');
    await arrives(blaise, id);
    await decide(blaise, id, 'always');
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });
    await carol.core.methods['pictures.withdrawYes']({ consentId });
    await until(async () => (await look(blaise, id)).ended);
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'gone' });
  });

  it('is a no where it was refused: nothing leaves', async () => {
    const [ada, blaise] = await pair();
    const picture = await prepared(await jpegOf(8));
    const id = await send(ada, blaise, picture, { depicts: 'others' }, [asMember(blaise)]);
    await stands(ada, id, 'waiting');
    const [question] = await blaise.core.methods['pictures.questions']();
    await blaise.core.methods['pictures.answer']({
      consentId: question?.consentId ?? '',
      yes: false,
      until: null,
    });
    await stands(ada, id, 'declined');
    expect(await blaise.core.methods['pictures.look']({ messageId: id })).toBeNull();
  });
});

describe('a permission of the owner', () => {
  it('lets one person share with the named, and nobody else, until it is taken back', async () => {
    const [ada, blaise] = await pair();
    const carol = await member('carol');
    const dora = await member('dora');
    for (const other of [carol, dora]) await befriend(blaise, other);
    await befriend(ada, carol);
    const picture = await prepared(await jpegOf(9));
    const id = await shown(ada, blaise, picture);
    const named = [{ accountId: idOf(carol), pseudonym: 'carol' }];
    const tomorrow = Date.now() + 86_400_000;
    await ada.core.methods['pictures.grant']({ messageId: id, receivers: named, until: tomorrow });
    await until(async () => (await look(blaise, id)).grant !== null);
    const shared = await shown(blaise, carol, picture);
    expect(await see(carol, shared)).toMatchObject({ outcome: 'shown' });
    await stands(blaise, await send(blaise, dora, picture), 'refused');
    const [mine] = await ada.core.methods['pictures.mine']();
    await ada.core.methods['pictures.withdrawGrant']({ id: mine?.grants[0]?.id ?? '' });
    await stands(blaise, await send(blaise, carol, picture), 'refused');
  });
});

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
    ['more pixels than allowed', 'too_large', { picture: await under(jpegOf(20, 2400, 300)) }],
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

describe('a picture whose message is late', () => {
  it('gets a fresh attestation by itself, and takes the place of what nobody could open', async () => {
    const [ada, blaise] = await pair();
    let held = true;
    ada.tamper = {
      reply: (name, reply) => {
        if (name === 'media.pictures.create' && held) later += 11 * 60_000;
        held &&= name !== 'media.pictures.create';
        return reply;
      },
    };
    const id = await send(ada, blaise, await prepared(await jpegOf(33)));
    await stands(ada, id, 'sent');
    await arrives(blaise, id);
    await until(async () => (await look(blaise, id)).refusal === null);
    await decide(blaise, id, 'once');
    await until(async () => (await see(blaise, id)).outcome === 'shown');
    const pictures = (await blaise.messages()).filter(({ kind }) => kind === 'picture');
    expect(pictures.map((entry) => entry.id)).toEqual([id]);
  });

  it('is attested anew before it leaves, where its conversation had to wait', async () => {
    const [ada, blaise] = await pair();
    ada.cutBefore = (name) => name === 'media.pictures.create';
    const id = await send(ada, blaise, await prepared(await jpegOf(34)));
    await stands(ada, id, 'sending');
    // The picture is taken by the server; its message is not: the way is gone for twenty minutes.
    const asked: string[] = [];
    ada.cutBefore = null;
    ada.tamper = {
      input: (name, input) => {
        asked.push(name);
        if (name === 'media.pictures.create') ada.socketsBlocked = true;
        return input;
      },
    };
    ada.cut();
    await until(() => asked.includes('media.pictures.create'));
    ada.skew += 1_200_000;
    later += 1_200_000;
    await ada.crash();
    ada.socketsBlocked = false;
    await ada.crash();
    await ada.online();
    await stands(ada, id, 'sent');
    expect(asked.filter((name) => name === 'matching.attest').length).toBeGreaterThan(0);
    await arrives(blaise, id);
    await decide(blaise, id, 'once');
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });
  });
});

describe('a receiver', () => {
  it('asks the matching service once, before the first view', async () => {
    const [ada, blaise] = await pair();
    const asked: string[] = [];
    blaise.tamper = {
      input: (name, input) => {
        if (name.startsWith('matching.re')) asked.push(name);
        return input;
      },
    };
    const id = await shown(ada, blaise, await prepared(await jpegOf(35)));
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });
    expect(asked).toEqual(['matching.recheck']);
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });
    expect(asked).toEqual(['matching.recheck']);
  });

  it('shows nothing of what its sender kept silent about', async () => {
    const [ada, blaise] = await pair();
    const carol = await member('carol');
    await befriend(ada, carol);
    const first = await jpegOf(36);
    await shown(carol, ada, await prepared(first));
    // The mirror image, of which a changed app names its own hash alone: no question says what it may be a copy of.
    const mirrored = await prepared(
      new Uint8Array(await sharp(first).flop().jpeg({ quality: 90 }).toBuffer()),
    );
    const none = { turned: new Uint8Array(), parts: new Uint8Array(), wholes: new Uint8Array() };
    const id = await shown(ada, blaise, { ...mirrored, asked: none });
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'no_longer_allowed' });
  });

  it('loses no view where the matching service does not answer', async () => {
    const [ada, blaise] = await pair();
    const id = await shown(ada, blaise, await prepared(await jpegOf(37)), { maxViews: 1 });
    blaise.cutBefore = (name) => name === 'matching.recheck';
    await expect(see(blaise, id)).rejects.toMatchObject({ code: 'offline' });
    blaise.cutBefore = null;
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown', viewsLeft: 0 });
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'gone' });
  });
});
