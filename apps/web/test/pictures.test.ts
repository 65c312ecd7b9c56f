import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { type OwnPicture, ownKey } from '../src/chat/engine/core/pictures/records.ts';
import { Batch, Store } from '../src/chat/engine/core/store.ts';
import type { Depicted } from '../src/chat/engine/pictures-api.ts';
import { type Browser, until } from './browser.ts';
import { befriend, idOf, membersOnServer, withOf } from './members.ts';
import { arrives, decide, jpegOf, look, prepared, see, send, shown, slowEye, stands } from './pictures.ts';

/** How far the server's clock is ahead, in ms. */
let later = 0;
afterEach(() => {
  later = 0;
});
const { member, furtherDevice, pair } = membersOnServer(() => Date.now() + later);

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
    await until(async () => (await look(ada, id)).sent?.views === 0);
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown', viewsLeft: 0 });
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'gone' });
    // Its sender learns that it was seen, at once and from then on, and no more.
    const seen = { sent: { state: 'used_up', views: 1, lastView: expect.any(Number) }, ended: true };
    await until(async () => (await look(ada, id)).sent?.views === 1);
    expect(await look(ada, id)).toMatchObject(seen);
    const conversationId = withOf(blaise, ada)?.id ?? '';
    const reason = 'unwanted_pictures';
    const told = { conversationId, messageIds: [id], reason, words: '' } as const;
    expect(await blaise.core.methods['pictures.report'](told)).toEqual({ verified: true });
    ada.network(false);
    await ada.crash();
    expect(await look(ada, id)).toMatchObject(seen);
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

  it('that an earlier version of the app had prepared leaves, is known again, and is refused to whoever passes on a crop', async () => {
    const [ada, blaise] = await pair();
    const carol = await member('carol');
    await befriend(blaise, carol);
    const bytes = await jpegOf(11);
    ada.network(false);
    const id = await send(ada, blaise, await prepared(bytes));
    const store = new Store(ada.backend, (length) => new Uint8Array(randomBytes(length)));
    const kept = await store.get<OwnPicture>('pictures', ownKey(id));
    if (kept === undefined) throw new Error('not kept');
    const { against, anchors, wholes, ...earlier } = kept;
    expect([against?.length, anchors?.length, wholes.length].includes(0)).toBe(false);
    await store.commit(new Batch().put('pictures', ownKey(id), earlier));
    await ada.crash();
    ada.network(true);
    await stands(ada, id, 'sent');
    await arrives(blaise, id);
    await decide(blaise, id, 'once');
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });

    const centre = sharp(bytes).extract({ left: 25, top: 19, width: 350, height: 262 });
    const crop = await prepared(new Uint8Array(await centre.jpeg({ quality: 90 }).toBuffer()));
    await stands(blaise, await send(blaise, carol, crop), 'refused');
    // Their own device knows the crop for theirs, too.
    await stands(ada, await send(ada, blaise, crop), 'sent');
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
    const nothing = new Uint8Array();
    const none = { turned: nothing, parts: nothing, against: nothing, wholes: nothing };
    const id = await shown(ada, blaise, { ...mirrored, asked: none });
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'no_longer_allowed' });
  });

  it('loses no view where reading takes too long, or the matching service does not answer', async () => {
    const [ada, blaise] = await pair();
    const id = await shown(ada, blaise, await prepared(await jpegOf(37)), { maxViews: 1 });
    await expect(see(blaise, id, slowEye)).rejects.toMatchObject({ code: 'picture_timeout' });
    expect((await look(blaise, id)).refusal).toBeNull();
    blaise.cutBefore = (name) => name === 'matching.recheck';
    await expect(see(blaise, id)).rejects.toMatchObject({ code: 'offline' });
    blaise.cutBefore = null;
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown', viewsLeft: 0 });
    expect(await see(blaise, id)).toEqual({ outcome: 'refused', code: 'gone' });
  });
});
