import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { mediaLimits } from '@accord/protocol';
import { open } from '@accord/sealed-media';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { anotherDevice, firstDevice } from '../delivery/device.ts';
import { base64url, freshName, type Member, newMember, random } from '../people.ts';
import {
  accept,
  acquaint,
  friends,
  mediaStage,
  policy,
  type Sealed,
  sealed,
  sent,
  upload,
  uuidBytes,
  view,
} from './studio.ts';

let now = Date.now();
const hour = 3_600_000;
const { server, ada, blaise, stranger, housekeep: round, hasHalfKey } = await mediaStage(() => now);
afterAll(() => server.close());
const refusal = async (who: Member, blobId: string) => {
  const answer = await who.client.answer('media.pictures.view', {
    params: { blobId },
    body: { viewId: randomUUID() },
  });
  return `${answer.status} ${answer.text} ${[...answer.headers.keys()].join(' ')}`;
};
const absent = () => refusal(blaise, randomUUID());
const listed = async (who: Member, blobId: string) =>
  (await who.client.call('media.pictures.list', { query: {} })).pictures.find((one) => one.blobId === blobId);

describe('a picture', () => {
  it('is seen after a yes, by its receiver alone, and opens with both halves', async () => {
    const one = await sent(ada, [blaise]);
    const params = { blobId: one.blobId };
    expect(await refusal(blaise, one.blobId)).toBe(await absent());
    expect(await codeOf(blaise.client.call('media.blobs.read', { params }))).toBe('not_found');
    await accept(blaise, one);
    const ciphertext = await blaise.client.octets('media.blobs.read', { params });
    const { ks, viewsLeft } = await view(blaise.client, one);
    expect(viewsLeft).toBeNull();
    const halves = { km: one.km, ks: new Uint8Array(Buffer.from(ks, 'base64url')) };
    expect(await open(ciphertext, halves, uuidBytes(one.blobId))).toEqual(one.picture);
    for (const who of [stranger, ada]) expect(await refusal(who, one.blobId)).toBe(await absent());
    expect(await codeOf(stranger.client.call('media.blobs.read', { params }))).toBe('not_found');
    expect(await codeOf(accept(stranger, one))).toBe('not_found');
  });

  it('goes only to people one talks with', async () => {
    const one = await sealed();
    await upload(ada.client, one);
    for (const receivers of [[stranger], [blaise, stranger], [ada]]) {
      const body = policy(one, receivers);
      expect(await codeOf(ada.client.call('media.pictures.create', { body }))).toBe('not_found');
    }
    expect(await hasHalfKey(one.blobId)).toBe(false);
  });

  it('is taken only after the matching service was asked, and is named to it when it ends', async () => {
    const one = await sent(ada, [blaise]);
    const tagged = async () => {
      const { features } = server.running;
      const tag = Buffer.from(features.matching.registry.tagOf(one.blobId), 'hex');
      const { rows } = await server.database.pool.query<{ state: string }>(
        'select state from registered_picture where blob_tag = $1',
        [tag],
      );
      return rows.map(({ state }) => state);
    };
    expect(await tagged()).toEqual(['open']);
    await ada.client.call('media.pictures.revoke', { params: { blobId: one.blobId } });
    expect(await tagged()).toEqual([]);
    const other = await sealed();
    await upload(ada.client, other);
    await server.database.pool.query("delete from registered_picture where state = 'asked'");
    const body = policy(other, [blaise]);
    expect(await codeOf(ada.client.call('media.pictures.create', { body }))).toBe('not_attested');
    expect(await codeOf(accept(blaise, other))).toBe('not_found');
  });

  it('can be created again alike, and then not changed', async () => {
    const one = await sent(ada, [blaise], { maxViews: 2 });
    const body = policy(one, [blaise], { maxViews: 9, ks: base64url(random(32)) });
    const again = await ada.client.call('media.pictures.create', { body });
    expect(again).toMatchObject({ state: 'open', maxViews: 2 });
    await accept(blaise, one);
    expect((await view(blaise.client, one)).ks).toBe(base64url(one.ks));
  });

  it('goes dark before the answer when it is taken back, and the receiver’s devices are told its id', async () => {
    const one = await sent(ada, [blaise]);
    await accept(blaise, one);
    const wire = await firstDevice(server, blaise).arrive();
    await view(blaise.client, one);
    expect(await codeOf(stranger.client.call('media.pictures.revoke', { params: one }))).toBe('not_found');
    await ada.client.call('media.pictures.revoke', { params: { blobId: one.blobId } });
    expect(await hasHalfKey(one.blobId)).toBe(false);
    expect(await refusal(blaise, one.blobId)).toBe(await absent());
    expect(
      (await blaise.client.call('media.pictures.check', { body: { blobIds: [one.blobId] } })).open,
    ).toEqual([]);
    await wire.until(({ notices }) => notices.some((notice) => notice.kind === 'pictures'));
    expect(wire.notices.find((notice) => notice.kind === 'pictures')).toEqual({
      kind: 'pictures',
      ended: [one.blobId],
    });
    await ada.client.call('media.pictures.revoke', { params: { blobId: one.blobId } });
    expect(await listed(ada, one.blobId)).toMatchObject({ state: 'revoked', receivers: [{ viewCount: 1 }] });
    await wire.close();
  });

  it('expires to the millisecond, whenever the housekeeping comes', async () => {
    const one = await sent(ada, [blaise], { expiresAt: now + hour });
    await accept(blaise, one);
    now += hour - 1;
    await view(blaise.client, one);
    now += 1;
    expect(await refusal(blaise, one.blobId)).toBe(await absent());
    expect(await listed(ada, one.blobId)).toMatchObject({ state: 'expired' });
    expect(await hasHalfKey(one.blobId)).toBe(true);
    await round();
    expect(await hasHalfKey(one.blobId)).toBe(false);
    now = Date.now();
  });

  it('is seen as often as agreed, one view being one person’s on any device', async () => {
    const one = await sent(ada, [blaise], { maxViews: 1 });
    await accept(blaise, one);
    const tablet = await anotherDevice(server, blaise);
    const tries = await Promise.all(
      [blaise.client, tablet.client, blaise.client, tablet.client, tablet.client].map((client) =>
        codeOf(view(client, one)),
      ),
    );
    expect(tries.filter((code) => code === 'no refusal')).toHaveLength(1);
    expect(tries.filter((code) => code === 'not_found')).toHaveLength(4);
    expect(await listed(ada, one.blobId)).toMatchObject({ state: 'used_up', receivers: [{ viewCount: 1 }] });
  });

  it('gives the same view again for a minute, to the device that began it, and holds the half-key for a report', async () => {
    const one = await sent(ada, [blaise], { maxViews: 1 });
    await accept(blaise, one);
    const viewId = randomUUID();
    const first = await view(blaise.client, one, viewId);
    expect(await view(blaise.client, one, viewId)).toEqual(first);
    const params = { blobId: one.blobId };
    expect(await blaise.client.octets('media.blobs.read', { params })).toEqual(one.ciphertext);
    const tablet = await anotherDevice(server, blaise);
    expect(await codeOf(view(tablet.client, one, viewId))).toBe('not_found');
    expect(await codeOf(view(blaise.client, one))).toBe('not_found');
    expect(await codeOf(tablet.client.octets('media.blobs.read', { params }))).toBe('not_found');
    now += 61_000;
    expect(await codeOf(view(blaise.client, one, viewId))).toBe('not_found');
    expect(await codeOf(blaise.client.octets('media.blobs.read', { params }))).toBe('not_found');
    expect(await hasHalfKey(one.blobId)).toBe(true);
    now += mediaLimits.reportHours * hour;
    await round();
    expect(await hasHalfKey(one.blobId)).toBe(false);
    expect(await listed(ada, one.blobId)).toMatchObject({ state: 'used_up' });
    now = Date.now();
  });

  it('is destroyed at once by its owner even while it is held', async () => {
    const one = await sent(ada, [blaise], { maxViews: 1 });
    await accept(blaise, one);
    await view(blaise.client, one);
    await ada.client.call('media.pictures.revoke', { params: { blobId: one.blobId } });
    expect(await hasHalfKey(one.blobId)).toBe(false);
  });

  it('ends with the conversation, both ways', async () => {
    const [carla, dino] = await friends(server);
    const [to, fro] = [await sent(carla, [dino]), await sent(dino, [carla])];
    await accept(dino, to);
    const [talk] = (await carla.client.call('delivery.conversations.list', {})).conversations;
    await carla.client.call('delivery.conversations.close', { params: { conversationId: talk?.id ?? '' } });
    for (const { blobId } of [to, fro]) expect(await hasHalfKey(blobId)).toBe(false);
    expect(await listed(carla, to.blobId)).toMatchObject({ state: 'closed' });
  });

  it('ends with the account of either', async () => {
    const [carla, dino] = await friends(server);
    const [to, fro] = [await sent(carla, [dino]), await sent(dino, [carla])];
    await carla.client.call('accounts.delete', {});
    for (const { blobId } of [to, fro]) expect(await hasHalfKey(blobId)).toBe(false);
  });

  it('of many receivers goes on for the others when one leaves', async () => {
    const [carla, dino] = await friends(server);
    const eve = await newMember(server, freshName());
    await acquaint(carla, eve);
    const one = await sent(carla, [dino, eve], { maxViews: 1 });
    await accept(dino, one);
    await accept(eve, one);
    await dino.client.call('accounts.delete', {});
    expect((await view(eve.client, one)).viewsLeft).toBe(0);
    expect(await listed(carla, one.blobId)).toMatchObject({
      state: 'used_up',
      receivers: [{ accountId: eve.id }],
    });
  });
});

describe('a receiver’s yes', () => {
  it('is always, or never, or asked for each; the sender sees no difference', async () => {
    const [carla, dino] = await friends(server);
    const decide = (mode: 'ask' | 'always' | 'never') =>
      dino.client.call('media.senders.write', { params: { accountId: carla.id }, body: { mode } });
    const first = await sent(carla, [dino]);
    await decide('always');
    await view(dino.client, first);
    await decide('ask');
    expect(await codeOf(view(dino.client, first))).toBe('not_found');
    await accept(dino, first);
    await view(dino.client, first);
    expect((await dino.client.call('media.senders.list', {})).senders).toEqual([]);
    const second = await sent(carla, [dino]);
    await decide('never');
    expect((await dino.client.call('media.senders.list', {})).senders).toEqual([
      { accountId: carla.id, mode: 'never' },
    ]);
    for (const { blobId } of [first, second]) expect(await hasHalfKey(blobId)).toBe(false);
    const third = await sent(carla, [dino]);
    expect(await codeOf(accept(dino, third))).toBe('not_found');
    expect(await refusal(dino, third.blobId)).toBe(await absent());
    for (const { blobId } of [first, second, third]) {
      expect(await listed(carla, blobId)).toMatchObject({
        state: 'open',
        endedAt: null,
        receivers: [{ state: 'open' }],
      });
    }
  });

  it('is blocked in silence, and the blocker’s own pictures go dark', async () => {
    const [carla, dino] = await friends(server);
    const [to, fro] = [await sent(carla, [dino]), await sent(dino, [carla])];
    await dino.client.call('accounts.blocks.add', { body: { accountId: carla.id } });
    for (const { blobId } of [to, fro]) expect(await hasHalfKey(blobId)).toBe(false);
    expect(await listed(carla, to.blobId)).toMatchObject({ state: 'open', receivers: [{ state: 'open' }] });
    expect(await listed(dino, fro.blobId)).toMatchObject({ state: 'revoked' });
    const later = await sent(carla, [dino]);
    expect(await listed(carla, later.blobId)).toMatchObject({
      state: 'open',
      receivers: [{ state: 'open' }],
    });
    expect(await codeOf(accept(dino, later))).toBe('not_found');
    await dino.client.call('accounts.blocks.remove', { params: { accountId: carla.id } });
    expect(await codeOf(view(dino.client, to))).toBe('not_found');
    await carla.client.call('media.pictures.revoke', { params: { blobId: to.blobId } });
    expect(await listed(carla, to.blobId)).toMatchObject({ state: 'revoked' });
  });
});

describe('my pictures', () => {
  it('say who saw which when, a page at a time, and end all at once', async () => {
    const [carla, dino] = await friends(server);
    const made: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      made.unshift((await sent(carla, [dino])).blobId);
      await sleep(2);
      now = Date.now();
    }
    const blobId = made[0] ?? '';
    await accept(dino, { blobId });
    const wire = await firstDevice(server, carla).arrive();
    const times = [now];
    await view(dino.client, { blobId });
    // Its sender is told that one of theirs was seen, and asks which.
    await wire.until(({ notices }) => notices.length > 0);
    expect(wire.notices).toEqual([{ kind: 'pictures', ended: [] }]);
    await wire.close();
    now += 5000;
    times.push(now);
    await view(dino.client, { blobId });
    const { pictures, next } = await carla.client.call('media.pictures.list', { query: {} });
    expect(next).toBeNull();
    expect(pictures.map((one) => one.blobId)).toEqual(made);
    expect(pictures[0]?.receivers).toEqual([
      { accountId: dino.id, pseudonym: dino.pseudonym, state: 'open', views: times, viewCount: 2 },
    ]);
    const before = `${pictures[0]?.createdAt}.${blobId}`;
    const rest = await carla.client.call('media.pictures.list', { query: { before } });
    expect(rest.pictures.map((one) => one.blobId)).toEqual(made.slice(1));
    const alone = { query: { blobId } };
    expect(await carla.client.call('media.pictures.list', alone)).toEqual({
      pictures: pictures.slice(0, 1),
      next: null,
    });
    expect((await dino.client.call('media.pictures.list', alone)).pictures).toEqual([]);
    expect((await carla.client.call('media.pictures.revokeAll', {})).revoked).toBe(3);
    for (const id of made) expect(await hasHalfKey(id)).toBe(false);
    now = Date.now();
  });
});

describe('everything at once', () => {
  const seen = async (who: Member, one: Sealed) => {
    const { open } = await who.client.call('media.pictures.check', { body: { blobIds: [one.blobId] } });
    const fetched = await codeOf(who.client.octets('media.blobs.read', { params: { blobId: one.blobId } }));
    return [await refusal(who, one.blobId), open, fetched];
  };
  const noted = (who: Member) =>
    server.database.pool.query('insert into picture_take_back (owner_id, at) values ($1, $2)', [
      who.id,
      new Date(now),
    ]);

  it('is dark from the moment it is noted, whatever is still to be done, and for nothing that comes later', async () => {
    const [carla, dino] = await friends(server);
    const [one, lookedAt] = [await sent(carla, [dino]), await sent(carla, [dino], { maxViews: 1 })];
    for (const picture of [one, lookedAt]) await accept(dino, picture);
    const viewId = randomUUID();
    await view(dino.client, lookedAt, viewId);
    await noted(carla);
    for (const picture of [one, lookedAt])
      expect(await seen(dino, picture)).toEqual([await absent(), [], 'not_found']);
    expect(await codeOf(view(dino.client, lookedAt, viewId))).toBe('not_found');
    expect(await listed(carla, one.blobId)).toMatchObject({ state: 'revoked', endedAt: now });
    expect((await server.running.features.media.lookUp(one.blobId))?.state).toBe('revoked');
    now += 1;
    const later = await sent(carla, [dino]);
    await accept(dino, later);
    await round();
    for (const picture of [one, lookedAt]) expect(await hasHalfKey(picture.blobId)).toBe(false);
    expect((await view(dino.client, later)).ks).toBe(base64url(later.ks));
    expect((await server.database.pool.query('select from picture_take_back')).rowCount).toBe(0);
    now = Date.now();
  });

  it('waits for a view under way, and tells nobody of a receiver who blocked', async () => {
    const [carla, dino] = await friends(server);
    const [one, quiet] = [await sent(carla, [dino]), await sent(carla, [dino])];
    await server.database.pool.query(
      'update picture set ended_at = now(), ended_why = $2, quiet = true where blob_id = $1',
      [quiet.blobId, 'closed'],
    );
    const viewing = await server.database.pool.connect();
    await viewing.query('begin');
    await viewing.query('select from half_key where blob_id = $1 for key share', [one.blobId]);
    const answered = carla.client.call('media.pictures.revokeAll', {});
    const first = await Promise.race([answered, sleep(300, 'still viewing')]);
    await viewing.query('commit');
    viewing.release();
    expect(first).toBe('still viewing');
    expect((await answered).revoked).toBe(2);
    for (const { blobId } of [one, quiet])
      expect(await listed(carla, blobId)).toMatchObject({ state: 'revoked' });
  });
});
