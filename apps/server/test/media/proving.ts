import { frankingCommitment, type ReportedMessage } from '@accord/sealed-media';
import { groupCrypto, type Item, uuidBytes, type Wire } from '../delivery/device.ts';
import { type Pair, talking } from '../delivery/talk.ts';
import { random, type Site } from '../people.ts';
import { accept, described, type Sealed, sent, view } from './studio.ts';

type Said = Omit<ReportedMessage, 'kind' | 'ks'>;

/** Two who talk, and what the second one's device could prove of it. */
export interface Proving {
  readonly pair: Pair;
  /** Ada says something that she commits to; Blaise's device gets it with the tag. */
  said(content: Uint8Array, kf: Uint8Array): Promise<Said>;
  /** A view-once picture of Ada's that Blaise looked at once, as his device can report it. */
  seen(): Promise<{ readonly one: Sealed; readonly message: ReportedMessage; readonly ks: Uint8Array }>;
  close(): Promise<void>;
}

export async function proving(site: Site): Promise<Proving> {
  const pair = await talking(site);
  const [ada, blaise] = pair.members;
  const wire: Wire = await pair.ada.arrive();
  const live: Wire = await pair.blaise.arrive();

  async function said(content: Uint8Array, kf: Uint8Array): Promise<Said> {
    const c = await frankingCommitment(kf, content);
    const data = new Uint8Array([1, ...c]);
    const { state, ciphertext } = await groupCrypto.encrypt(pair.ada.group, content, data);
    pair.ada.state = state;
    pair.ada.n += 1;
    const n = pair.ada.n;
    const before = live.items.length;
    await wire.send({ n, oldest: n, groupId: pair.groupId, epoch: pair.ada.group.epoch, body: ciphertext });
    await live.until(({ items }) => items.length > before);
    const item = live.items.at(-1) as Item;
    live.ack(item);
    const { kid = random(8), tag = random(32) } = item.franking ?? {};
    const context = {
      c,
      deviceId: uuidBytes(pair.ada.id),
      groupId: uuidBytes(pair.groupId),
      epoch: item.epoch,
      n,
      at: item.at,
    };
    return { content, kf, context, kid, tag };
  }

  async function seen() {
    const one = await sent(ada, [blaise], { maxViews: 1 });
    const { content, kf } = await described(one);
    const message = await said(content, kf);
    await accept(blaise, one);
    const { ks } = await view(blaise.client, one);
    return {
      one,
      message: { kind: 'picture', ks: null, ...message } as const,
      ks: new Uint8Array(Buffer.from(ks, 'base64url')),
    };
  }

  return {
    pair,
    said,
    seen,
    async close() {
      await wire.close();
      await live.close();
    },
  };
}
