import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { call } from '../../api/client.ts';
import type { Conversation } from '../engine/api.ts';
import { useEngine } from '../engine-access.tsx';

/** All conversations, as they change. */
export function useConversations(): readonly Conversation[] {
  const engine = useEngine();
  const subscribe = useCallback(
    (onChange: () => void) => engine.subscribe((event) => event.type === 'conversations' && onChange()),
    [engine],
  );
  return useSyncExternalStore(subscribe, () => engine.known());
}

const renewEvery = 60_000;
const mostAsked = 24;
const known = new Map<string, boolean | null>();

/** Who of them is here; null where they do not show it. Asked while the page is seen. */
export function useOnline(accountIds: readonly string[]): ReadonlyMap<string, boolean | null> {
  const [online, setOnline] = useState<ReadonlyMap<string, boolean | null>>(known);
  const names = accountIds.slice(0, mostAsked).join(' ');
  useEffect(() => {
    const controller = new AbortController();
    // Without a network nothing is known of anybody.
    if (names === '') setOnline(new Map());
    const ask = async () => {
      if (names === '' || document.visibilityState !== 'visible') return;
      await Promise.all(
        names.split(' ').map(async (accountId) => {
          try {
            const person = await call('presence.people.read', {
              params: { accountId },
              signal: controller.signal,
            });
            known.set(accountId, person.online);
          } catch {
            // Hidden, gone or no network: nothing is shown.
            known.delete(accountId);
          }
        }),
      );
      if (!controller.signal.aborted) setOnline(new Map(known));
    };
    void ask();
    const timer = setInterval(() => void ask(), renewEvery);
    document.addEventListener('visibilitychange', ask);
    return () => {
      controller.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [names]);
  return online;
}
