import { applyArrival, moveRead } from '../../../apps/web/src/chat/engine/core/apply.ts';
import { Book } from '../../../apps/web/src/chat/engine/core/book.ts';
import { Store } from '../../../apps/web/src/chat/engine/core/store.ts';
import { IdbBackend } from '../../../apps/web/src/chat/engine/idb-backend.ts';

/*
 * Runs in the browser, at the page's address and without the page: puts a past into the one conversation of this
 * device by the engine's own code, into its own store, sealed under the device's own key.
 */

export interface Past {
  /** This device's account. */
  readonly me: string;
  readonly messages: number;
  /** Text of the first message, by which search finds it. */
  readonly first: string;
  /** Milliseconds since 1970; everything lies before. */
  readonly now: number;
}

/** So many are stored in one transaction. */
const portion = 1000;
/** Between two messages: 20,000 of them are 55 days. */
const apartMs = 240_000;

const sentences = [
  'The light is low in autumn',
  'We walked along the ridge until the lake came into view, and then down through the larches.',
  'Yes',
  'Which path did you take? The one by the mill is closed since the storm, they say until spring.',
  'I drew it afterwards, in charcoal; the paper had the grain of slate.',
  '🌄',
];

/** Both sides speak, everything is read. Resolves to how many entries the conversation then has. */
export async function fill({ me, messages, first, now }: Past): Promise<number> {
  const store = new Store(new IdbBackend(), (length) => crypto.getRandomValues(new Uint8Array(length)));
  const book = new Book(store, { now: () => now, after: () => () => undefined });
  await book.load(me);
  const [record] = book.all();
  if (record === undefined) throw new Error('this device has no conversation');
  const { place, peer } = record;
  for (let from = 0; from < messages; from += portion) {
    const to = Math.min(messages, from + portion);
    await book.change(async (change) => {
      for (let index = from; index < to; index += 1) {
        const at = now - (messages - index) * apartMs;
        const text = index === 0 ? first : `${sentences[index % sentences.length]} (${index})`;
        const content = { kind: 'text' as const, id: crypto.randomUUID(), text, written: at };
        const author = index % 5 < 2 ? me : peer.accountId;
        await applyArrival(change, me, { place, author, at, content });
        if (index === messages - 1) await moveRead(change, me, place, { at, id: content.id });
      }
    });
  }
  return book.byPlace(place)?.count ?? 0;
}
