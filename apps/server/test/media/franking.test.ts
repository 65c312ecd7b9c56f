import { checkReport, frankingCommitment, type TagContext } from '@accord/sealed-media';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyRing } from '../../src/platform/key-ring.ts';
import { groupCrypto, type Item, uuidBytes } from '../delivery/device.ts';
import { type Pair, talking } from '../delivery/talk.ts';
import { random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await talking(server);
});
afterAll(() => server.close());

const words = (text: string) => new TextEncoder().encode(text);

/** A message of Ada's that commits to what it says. */
async function committed(text: string) {
  const kf = random(32);
  const c = await frankingCommitment(kf, words(text));
  const { ada, groupId } = pair;
  const data = new Uint8Array([1, ...c]);
  const { state, ciphertext } = await groupCrypto.encrypt(ada.group, words(text), data);
  ada.state = state;
  ada.n += 1;
  const { n } = ada;
  return { kf, c, message: { n, oldest: n, groupId, epoch: ada.group.epoch, body: ciphertext } };
}

const contextOf = (c: Uint8Array, item: Item): TagContext => ({
  c,
  deviceId: uuidBytes(pair.ada.id),
  groupId: uuidBytes(pair.groupId),
  epoch: item.epoch,
  n: item.franking?.n ?? -1,
  at: item.at,
});

async function secretOf(kid: Uint8Array): Promise<Uint8Array> {
  const ring = await openKeyRing(server.platform.folder, 'franking', 0);
  const key = await ring.find(kid);
  if (key === undefined) throw new Error('a tag of an unknown key');
  return key.secret;
}

describe('a message that commits to its content', () => {
  it('comes with the service’s tag, straight or from the table, and proves what was sent', async () => {
    const live = await pair.blaise.arrive();
    const wire = await pair.ada.arrive();
    const { kf, c, message } = await committed('the tide is out');
    expect((await wire.send(message)).type).toBe('sent');
    await live.until(({ items }) => items.some((item) => item.franking !== undefined));
    const [straight] = live.items.filter((item) => item.franking !== undefined) as [Item];
    await live.close();
    const again = await pair.blaise.arrive();
    const [stored] = again.items.filter((item) => item.id === straight.id) as [Item];
    expect(stored).toEqual(straight);
    const { items } = await pair.blaise.client.call('delivery.inbox.list', {});
    const listed = items.find(({ id }) => id === String(straight.id));
    expect(listed?.kind).toBe('message');
    expect(listed?.body).toBe(Buffer.from(straight.body).toString('base64url'));
    expect(listed?.franking?.tag).toBe(Buffer.from(straight.franking?.tag ?? []).toString('base64url'));

    const { kid = random(8), tag = random(32) } = straight.franking ?? {};
    const secret = await secretOf(kid);
    const context = contextOf(c, straight);
    await checkReport(secret, context, tag, { kf, content: words('the tide is out') });
    await expect(
      checkReport(secret, context, tag, { kf, content: words('something else') }),
    ).rejects.toMatchObject({ code: 'franking_mismatch' });
    for (const change of [
      { n: context.n + 1 },
      { at: context.at + 1 },
      { deviceId: uuidBytes(pair.blaise.id) },
    ]) {
      const other = { ...context, ...change };
      await expect(
        checkReport(secret, other, tag, { kf, content: words('the tide is out') }),
      ).rejects.toMatchObject({ code: 'tag_not_authentic' });
    }
    expect(await pair.blaise.read(straight)).toBe('the tide is out');
    again.ack(straight);
    await again.close();
    await wire.close();
  });

  it('is no different from others that do not, which come without a tag', async () => {
    const live = await pair.blaise.arrive();
    const wire = await pair.ada.arrive();
    await wire.send(await pair.ada.message(pair.groupId, 'plain'));
    // What was acknowledged a moment ago may come once more.
    const plain = (wire: { readonly items: readonly Item[] }) =>
      wire.items.find(({ franking }) => franking === undefined);
    await live.until((each) => plain(each) !== undefined);
    const item = plain(live) as Item;
    expect(await pair.blaise.read(item)).toBe('plain');
    live.ack(item);
    await live.close();
    await wire.close();
  });
});
