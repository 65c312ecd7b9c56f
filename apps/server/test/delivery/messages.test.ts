import { randomUUID } from 'node:crypto';
import { limits } from '@accord/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { base64url, newMember } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { firstDevice, groupCrypto } from './device.ts';
import { type Pair, talking } from './talk.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await talking(server);
});
afterAll(() => server.close());

const waiting = async (deviceId: string) => {
  const { rows } = await server.database.pool.query(
    'select id, epoch, body from inbox where device_id = $1 order by id',
    [deviceId],
  );
  return rows as { id: string; epoch: string; body: Buffer }[];
};

const emptyAll = () => sql`delete from inbox`.execute(server.database.db);

describe('a message', () => {
  it('reaches the other device, which can read it, and is gone once acknowledged', async () => {
    const { ada, blaise, groupId } = pair;
    const [sender, receiver] = [await ada.arrive(), await blaise.arrive()];
    expect(await sender.send(await ada.message(groupId, 'hello'))).toMatchObject({ type: 'sent', n: 1 });
    await receiver.until((wire) => wire.items.length === 1);
    const [item] = receiver.items;
    if (item === undefined) throw new Error('no item');
    expect(await blaise.read(item)).toBe('hello');
    receiver.ack(item);
    await expect.poll(() => waiting(blaise.id), { timeout: 5000 }).toEqual([]);
    await Promise.all([sender.close(), receiver.close()]);
  });

  it('waits for a device that is away and comes in order, then the device is told that this was all', async () => {
    const { ada, blaise, groupId } = pair;
    const sender = await ada.arrive();
    const words = Array.from({ length: 450 }, (_, i) => `line ${i}`);
    for (const each of words) sender.write({ type: 'send', ...(await ada.message(groupId, each)) });
    await sender.until((wire) => wire.answers.length === words.length);
    expect(sender.answers.every((answer) => answer.type === 'sent')).toBe(true);
    const receiver = await blaise.arrive();
    expect(receiver.frames.at(-1)).toEqual({ type: 'caught-up' });
    expect(receiver.items.map((item) => item.id)).toEqual(
      [...receiver.items.map((item) => item.id)].sort((a, b) => Number(a - b)),
    );
    const read: string[] = [];
    for (const item of receiver.items) read.push(await blaise.read(item));
    expect(read).toEqual(words);
    receiver.ack(...receiver.items);
    await expect.poll(() => waiting(blaise.id), { timeout: 5000 }).toEqual([]);
    await Promise.all([sender.close(), receiver.close()]);
  });

  it('is stored once, however often it is sent', async () => {
    const { ada, blaise, groupId } = pair;
    const first = await ada.message(groupId);
    const wire = await ada.arrive();
    expect(await wire.send(first)).toMatchObject({ type: 'sent' });
    expect(await wire.send(first)).toMatchObject({ type: 'sent', n: first.n });
    for (let i = 0; i < 5; i += 1) wire.write({ type: 'send', ...first });
    const next = await ada.message(groupId);
    for (let i = 0; i < 5; i += 1) wire.write({ type: 'send', ...next });
    await wire.until((each) => each.answers.length === 12);
    expect(wire.answers.every((answer) => answer.type === 'sent')).toBe(true);
    await wire.close();
    const again = await ada.arrive();
    expect(await again.send(next)).toMatchObject({ type: 'sent' });
    expect(await ada.client.call('delivery.messages.send', { body: asHttp(first) })).toMatchObject({
      n: first.n,
    });
    expect((await waiting(blaise.id)).map((row) => new Uint8Array(row.body))).toEqual([
      first.body,
      next.body,
    ]);
    await again.close();
    await emptyAll();
  });

  it('has one instant for both ends, whichever of its answers is lost', async () => {
    const { ada, blaise, groupId } = await talking(server);
    const receiver = await blaise.arrive();
    const outbox: Awaited<ReturnType<typeof ada.message>>[] = [];
    const told = new Map<number, Set<number>>();
    let oldest = ada.n + 1;
    for (let round = 0; round < 8; round += 1) {
      // A socket whose answers the device never sees, however many batches they come from.
      const deaf = round % 2 === 0;
      const wire = await ada.arrive();
      for (const again of outbox.filter(({ n }) => n >= oldest))
        wire.write({ type: 'send', ...again, oldest });
      for (let i = 0; i < 3; i += 1) {
        const fresh = { ...(await ada.message(groupId, `${round}.${i}`)), oldest };
        outbox.push(fresh);
        expect(await wire.send(fresh)).toMatchObject({ type: 'sent' });
      }
      for (const answer of wire.answers) {
        if (answer.type !== 'sent') throw new Error(answer.code);
        told.set(answer.n, (told.get(answer.n) ?? new Set()).add(answer.at));
      }
      if (!deaf) oldest = ada.n + 1;
      await wire.close();
    }
    const arrived = () => receiver.items.filter(({ kind }) => kind === 'message').map(({ at }) => at);
    await receiver.until(() => arrived().length === outbox.length);
    expect(outbox.map(({ n }) => [...(told.get(n) ?? [])])).toEqual(arrived().map((at) => [at]));
    expect(new Set(arrived()).size).toBeGreaterThan(8);
    await receiver.close();
  });

  it('goes to no group that its sender is not in, and cannot tell it from one that is not there', async () => {
    const stranger = firstDevice(server, await newMember(server, `stranger${Date.now() % 1e6}`));
    const wire = await stranger.arrive();
    const foreign = await pair.ada.message(pair.groupId);
    const answers = [];
    for (const groupId of [pair.groupId, randomUUID()]) {
      const body = Uint8Array.from(foreign.body);
      body.set(Buffer.from(groupId.replaceAll('-', ''), 'hex'), 5);
      stranger.n += 1;
      answers.push(await wire.send({ ...foreign, n: stranger.n, oldest: stranger.n, groupId, body }));
    }
    expect(answers).toEqual([
      { type: 'refused', n: 1, code: 'not_found', epoch: 0 },
      { type: 'refused', n: 2, code: 'not_found', epoch: 0 },
    ]);
    expect(await waiting(pair.blaise.id)).toEqual([]);
    await wire.close();
  });

  it('is refused under a head that is not its own', async () => {
    const { ada, groupId } = pair;
    const good = await ada.message(groupId);
    const wire = await ada.arrive();
    const commit = await groupCrypto.updateOwnKeys(ada.group);
    const bent = [
      { ...good, epoch: good.epoch + 1 },
      { ...good, groupId: randomUUID() },
      { ...good, body: commit.commit },
      { ...good, body: Uint8Array.of(1) },
      { ...good, n: 0, oldest: 0 },
    ];
    for (const frame of bent) {
      expect(await wire.send(frame)).toMatchObject({ type: 'refused', code: 'invalid_input' });
    }
    const large = { ...good, body: new Uint8Array(limits.messageBytes + 1) };
    expect(await wire.send(large)).toMatchObject({ type: 'refused', code: 'too_large' });
    expect(await wire.send(good)).toMatchObject({ type: 'sent' });
    await wire.close();
    await emptyAll();
  });

  it('goes by HTTP where no socket gets through, and comes by HTTP', async () => {
    const { ada, blaise, groupId } = pair;
    const message = await ada.message(groupId);
    const sent = await ada.client.call('delivery.messages.send', { body: asHttp(message) });
    expect(sent.n).toBe(message.n);
    const { items, more } = await blaise.client.call('delivery.inbox.list', {});
    expect(more).toBe(false);
    expect(items.map((item) => item.body)).toEqual([base64url(message.body)]);
    const ids = items.map((item) => item.id);
    await ada.client.call('delivery.inbox.ack', { body: { ids } });
    expect((await waiting(blaise.id)).length).toBe(1);
    await blaise.client.call('delivery.inbox.ack', { body: { ids } });
    expect(await waiting(blaise.id)).toEqual([]);
    const wrong = { ...asHttp(message), n: message.n + 100, epoch: 900 };
    expect(await codeOf(ada.client.call('delivery.messages.send', { body: wrong }))).toBe('invalid_input');
  });

  it('stays when another device, or an id of nothing, is acknowledged', async () => {
    const { ada, blaise, groupId } = pair;
    const wire = await ada.arrive();
    await wire.send(await ada.message(groupId));
    const [row] = await waiting(blaise.id);
    wire.write({ type: 'ack', ids: [BigInt(row?.id ?? 0), 0n, 2n ** 64n - 1n, 2n ** 63n] });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await waiting(blaise.id)).length).toBe(1);
    await wire.close();
    await emptyAll();
  });

  it('of somebody who is blocked looks sent and goes nowhere', async () => {
    const { ada, blaise, groupId, members } = pair;
    await members[1].client.call('accounts.blocks.add', { body: { accountId: members[0].id } });
    const wire = await ada.arrive();
    expect(await wire.send(await ada.message(groupId))).toMatchObject({ type: 'sent' });
    expect(await waiting(blaise.id)).toEqual([]);
    await members[1].client.call('accounts.blocks.remove', { params: { accountId: members[0].id } });
    expect(await wire.send(await ada.message(groupId))).toMatchObject({ type: 'sent' });
    expect((await waiting(blaise.id)).length).toBe(1);
    await wire.close();
    await emptyAll();
  });

  it('is not sent in a conversation that one of the two has closed', async () => {
    const other = await talking(server);
    await other.blaise.client.call('delivery.conversations.close', {
      params: { conversationId: other.conversationId },
    });
    const wire = await other.ada.arrive();
    const answer = await wire.send(await other.ada.message(other.groupId));
    expect(answer).toMatchObject({ type: 'refused', code: 'not_found' });
    const { conversations } = await other.ada.client.call('delivery.conversations.list', {});
    expect(conversations).toMatchObject([{ id: other.conversationId, closed: true }]);
    await wire.close();
  });
});

const asHttp = (message: {
  n: number;
  oldest: number;
  groupId: string;
  epoch: number;
  body: Uint8Array;
}) => ({
  ...message,
  body: base64url(message.body),
});
