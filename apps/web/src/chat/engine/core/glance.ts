import { type EngineEvent, starting } from '../api.ts';
import { Book } from './book.ts';
import type { StoredKeys } from './keys.ts';
import type { Ports } from './ports.ts';
import { Store } from './store.ts';

/**
 * Tells the conversations as they are kept, without MLS and without the server: a person sees them while the rest of
 * the engine loads. What the engine then tells replaces it.
 */
export async function glance(
  { backend, clock, random }: Pick<Ports, 'backend' | 'clock' | 'random'>,
  tell: (event: EngineEvent) => void,
): Promise<void> {
  const store = new Store(backend, random);
  const keys = await store.get<StoredKeys>('vault', 'keys');
  if (keys?.accountId === undefined) return;
  const book = new Book(store, clock);
  await book.load(keys.accountId);
  const conversations = book.summaries(() => false);
  tell({ type: 'conversations', conversations });
  const unread = conversations.reduce((sum, each) => sum + (each.closed ? 0 : each.unread), 0);
  tell({ type: 'status', status: { ...starting, hasKeys: true, unread } });
}
