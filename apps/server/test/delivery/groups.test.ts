import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { base64url, newMember } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { anotherDevice, commitBody, firstDevice, groupCrypto, type Talker } from './device.ts';
import { acquainted, found, joinByWelcome, type Pair, talking } from './talk.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));

async function joinExternally(pair: Pair, newcomer: Talker) {
  const { groupInfo } = await newcomer.client.call('delivery.groups.info', {
    params: { conversationId: pair.conversationId },
  });
  const pending = await groupCrypto.joinByExternalCommit({
    groupInfo: bytesOf(groupInfo),
    device: newcomer.device,
    now: Date.now(),
  });
  const reply = await newcomer.commit(pair.conversationId, pair.groupId, pending);
  newcomer.state = pending.next;
  return reply;
}

describe('key packages', () => {
  it('are handed out once each, then the last resort, and only in a conversation', async () => {
    const { ada, blaise, conversationId } = await acquainted(server);
    await blaise.publish(2);
    const [last] = await groupCrypto.createKeyPackages(blaise.device, 1, {
      now: Date.now(),
      lastResort: true,
    });
    const lastResort = base64url(last?.publicBytes ?? new Uint8Array());
    const stock = await blaise.client.call('delivery.keyPackages.publish', {
      body: { oneTime: [], lastResort },
    });
    expect(stock).toEqual({ oneTime: 2, lastResort: true });
    const input = { params: { conversationId }, body: {} };
    const claims = await Promise.all(
      Array.from({ length: 5 }, () => ada.client.call('delivery.keyPackages.claim', input)),
    );
    const handed = claims.map(({ packages }) => packages[0]?.keyPackage);
    expect(handed.filter((each) => each === lastResort).length).toBe(3);
    expect(new Set(handed).size).toBe(3);
    expect(await blaise.client.call('delivery.keyPackages.count', {})).toEqual({
      oneTime: 0,
      lastResort: true,
    });
    const stranger = await newMember(server, `passer${Date.now() % 1e6}`);
    expect(await codeOf(stranger.client.call('delivery.keyPackages.claim', input))).toBe('not_found');
  });

  it("of another device, of the wrong kind, or of nobody's making are refused", async () => {
    const { ada, blaise } = await acquainted(server);
    const now = Date.now();
    const [own] = await groupCrypto.createKeyPackages(ada.device, 1, { now });
    const [foreign] = await groupCrypto.createKeyPackages(blaise.device, 1, { now });
    const [stale] = await groupCrypto.createKeyPackages(ada.device, 1, { now: now - 40 * 86_400_000 });
    if (own === undefined || foreign === undefined || stale === undefined) throw new Error('no packages');
    const bodies = [
      { oneTime: [base64url(foreign.publicBytes)] },
      { oneTime: [base64url(stale.publicBytes)] },
      { oneTime: [], lastResort: base64url(own.publicBytes) },
      { oneTime: [base64url(new Uint8Array(40))] },
    ];
    for (const body of bodies) {
      expect(await codeOf(ada.client.call('delivery.keyPackages.publish', { body }))).toBe(
        'bad_key_material',
      );
    }
  });
});

describe('a group', () => {
  it('is founded by whoever comes first', async () => {
    const { ada, blaise, conversationId } = await acquainted(server);
    await Promise.all([ada.publish(), blaise.publish()]);
    const tries = await Promise.all([
      codeOf(found(ada, conversationId)),
      codeOf(found(blaise, conversationId)),
    ]);
    expect(tries.sort()).toEqual(['group_exists', 'no refusal']);
  });

  it('of two commits for one epoch takes one; the other meets the winner', async () => {
    const pair = await talking(server);
    const talkers = [pair.ada, pair.blaise];
    const pending = await Promise.all(talkers.map((talker) => groupCrypto.updateOwnKeys(talker.group)));
    const tries = await Promise.all(
      talkers.map((talker, i) =>
        codeOf(talker.commit(pair.conversationId, pair.groupId, pending[i] as (typeof pending)[0])),
      ),
    );
    expect([...tries].sort()).toEqual(['no refusal', 'wrong_epoch']);
    const loser = talkers[tries.indexOf('wrong_epoch')] as Talker;
    const wire = await loser.arrive();
    expect(wire.items.map((item) => item.kind)).toEqual(['commit']);
    await loser.read(wire.items[0] as (typeof wire.items)[0]);
    expect(loser.group.epoch).toBe(2);
    await wire.close();
  });

  it('answers a commit that is repeated as it answered the first, and applies it once', async () => {
    const pair = await talking(server);
    const pending = await groupCrypto.updateOwnKeys(pair.ada.group);
    const idem = crypto.randomUUID();
    const replies = [];
    for (let i = 0; i < 2; i += 1) {
      replies.push(await pair.ada.commit(pair.conversationId, pair.groupId, pending, idem));
    }
    expect(replies[0]).toEqual(replies[1]);
    const wire = await pair.blaise.arrive();
    expect(wire.items.length).toBe(1);
    await wire.close();
  });

  it('takes messages of its epoch and the one before, and names its epoch otherwise', async () => {
    const pair = await talking(server);
    const { ada, blaise, groupId } = pair;
    const old = await ada.message(groupId, 'old');
    const older = await ada.message(groupId, 'older');
    const wire = await ada.arrive();
    for (let i = 0; i < 2; i += 1) {
      const pending = await groupCrypto.updateOwnKeys(blaise.group);
      await blaise.commit(pair.conversationId, groupId, pending);
      blaise.state = pending.next;
      if (i === 0) expect(await wire.send(old)).toMatchObject({ type: 'sent' });
    }
    expect(await wire.send(older)).toEqual({ type: 'refused', n: older.n, code: 'wrong_epoch', epoch: 3 });
    await wire.until((each) => each.items.length === 2);
    for (const item of wire.items) expect(await ada.read(item)).toBe('commit');
    expect(await wire.send(await ada.message(groupId, 'new'))).toMatchObject({ type: 'sent' });
    const receiver = await blaise.arrive();
    expect(await Promise.all(receiver.items.map((item) => blaise.read(item)))).toContain('old');
    await Promise.all([wire.close(), receiver.close()]);
  });

  it('lets a second device in by its own commit, which gets only what comes after', async () => {
    const pair = await talking(server);
    const { ada, blaise, groupId } = pair;
    const [wire, receiver] = [await ada.arrive(), await blaise.arrive()];
    await wire.send(await ada.message(groupId, 'before'));
    const tablet = await anotherDevice(server, pair.members[1]);
    const late = await ada.message(groupId, 'of the old epoch');
    expect((await joinExternally(pair, tablet)).members).toContain(tablet.id);
    await wire.send(late);
    await wire.until((each) => each.items.length === 1);
    expect(await ada.read(wire.items[0] as (typeof wire.items)[0])).toBe('commit');
    await wire.send(await ada.message(groupId, 'after'));
    await receiver.until((each) => each.items.length === 4);
    expect(receiver.items.map((item) => item.kind)).toEqual(['message', 'commit', 'message', 'message']);
    const read = [];
    for (const item of receiver.items) read.push(await blaise.read(item));
    expect(read).toEqual(['before', 'commit', 'of the old epoch', 'after']);
    const third = await tablet.arrive();
    expect(third.items.length).toBe(1);
    expect(await tablet.read(third.items[0] as (typeof third.items)[0])).toBe('after');
    await Promise.all([wire, receiver, third].map((each) => each.close()));
  });

  it('takes another device in by Welcome, which goes to that device alone', async () => {
    const pair = await talking(server);
    const tablet = await anotherDevice(server, pair.members[1]);
    const bundles = await tablet.publish();
    const { packages } = await pair.ada.client.call('delivery.keyPackages.claim', {
      params: { conversationId: pair.conversationId },
      body: {},
    });
    expect(packages.map((each) => each.deviceId)).toEqual([tablet.id]);
    const keyPackages = packages.map((each) => bytesOf(each.keyPackage));
    const pending = await groupCrypto.addDevices(pair.ada.group, keyPackages, { now: Date.now() });
    const { welcome: _, ...withoutWelcome } = commitBody(pair.groupId, pending);
    const lacking = pair.ada.client.call('delivery.groups.commit', {
      params: { conversationId: pair.conversationId },
      body: { idem: crypto.randomUUID(), ...withoutWelcome },
    });
    expect(await codeOf(lacking)).toBe('bad_key_material');
    await pair.ada.commit(pair.conversationId, pair.groupId, pending);
    const wire = await pair.blaise.arrive();
    expect(wire.items.map((item) => item.kind)).toEqual(['commit']);
    await joinByWelcome(tablet, bundles);
    expect(tablet.group.epoch).toBe(2);
    await wire.close();
  });

  it("keeps out whoever belongs to neither, and whoever would throw out another's device", async () => {
    const pair = await talking(server);
    const stranger = firstDevice(server, await newMember(server, `ghost${Date.now() % 1e6}`));
    const bundles = await groupCrypto.createKeyPackages(stranger.device, 1, { now: Date.now() });
    const ghost = await groupCrypto.addDevices(
      pair.ada.group,
      bundles.map((bundle) => bundle.publicBytes),
      { now: Date.now() },
    );
    expect(await codeOf(pair.ada.commit(pair.conversationId, pair.groupId, ghost))).toBe('bad_key_material');
    const eviction = await groupCrypto.removeDevices(pair.ada.group, [
      { accountId: pair.members[1].id, deviceId: pair.blaise.id },
    ]);
    expect(await codeOf(pair.ada.commit(pair.conversationId, pair.groupId, eviction))).toBe(
      'bad_key_material',
    );
    const own = await groupCrypto.updateOwnKeys(pair.ada.group);
    expect(await codeOf(stranger.commit(pair.conversationId, pair.groupId, own))).toBe('not_found');
    expect(await codeOf(pair.blaise.commit(pair.conversationId, pair.groupId, own))).toBe('bad_key_material');
  });

  it('sends nothing more to a device that was removed, and nothing at all until it is evicted', async () => {
    const pair = await talking(server);
    const { ada, blaise, groupId, conversationId } = pair;
    const tablet = await anotherDevice(server, pair.members[1]);
    await joinExternally(pair, tablet);
    const wire = await ada.arrive();
    for (const item of wire.items) await ada.read(item);
    const lost = await tablet.arrive();
    await blaise.client.call('accounts.devices.remove', { params: { deviceId: tablet.id } });
    expect(await lost.ended).toMatchObject({ code: 4401 });
    await wire.until((each) => each.notices.some((notice) => notice.kind === 'removal'));
    const early = await ada.message(groupId, 'too early');
    expect(await wire.send(early)).toMatchObject({ type: 'refused', code: 'removal_pending' });
    const renewal = await groupCrypto.updateOwnKeys(ada.group);
    expect(await codeOf(ada.commit(conversationId, groupId, renewal))).toBe('removal_pending');
    const eviction = await groupCrypto.removeDevices(ada.group, [
      { accountId: pair.members[1].id, deviceId: tablet.id },
    ]);
    const state = await ada.commit(conversationId, groupId, eviction);
    expect(state).toMatchObject({ members: [ada.id, blaise.id], leaving: [] });
    ada.state = eviction.next;
    expect(await wire.send(await ada.message(groupId, 'go on'))).toMatchObject({ type: 'sent' });
    const { rows } = await server.database.pool.query('select from inbox where device_id = $1', [tablet.id]);
    expect(rows).toEqual([]);
    await wire.close();
  });

  it('ends with the account of one of the two; the other keeps what came', async () => {
    const pair = await talking(server);
    const wire = await pair.ada.arrive();
    const [message] = [await pair.blaise.message(pair.groupId, 'farewell')];
    await pair.blaise.client.call('delivery.messages.send', {
      body: { ...message, body: base64url(message.body) },
    });
    await pair.members[1].client.call('accounts.delete', {});
    await wire.until((each) => each.notices.some((notice) => notice.kind === 'conversations'));
    await wire.until((each) => each.items.length === 1);
    expect(await pair.ada.read(wire.items[0] as (typeof wire.items)[0])).toBe('farewell');
    const { conversations } = await pair.ada.client.call('delivery.conversations.list', {});
    expect(conversations).toMatchObject([{ with: null, closed: true }]);
    await wire.close();
  });
});
