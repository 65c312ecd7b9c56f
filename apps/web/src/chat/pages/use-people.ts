import type { Query, Reply } from '@accord/protocol';
import { type Dispatch, type SetStateAction, useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';

export type Person = Reply<'presence.people.read'>;
export type Filters = Omit<Query<'presence.people.list'>, 'after'>;

interface People {
  readonly state: 'loading' | 'ready' | 'failed';
  readonly people: readonly Person[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
  readonly error: unknown;
}

const nothing: People = { state: 'loading', people: [], next: null, error: null };

/** Who is here changes by itself: the first page is asked for again this often, in ms. */
const renewal = 60_000;

type Gone = (accountId: string) => void;
const listeners = new Set<Gone>();

/** Takes somebody out of every list on screen: they were just blocked. */
export function dropPerson(accountId: string): void {
  for (const listener of listeners) listener(accountId);
}

/** Typing rests this long before a search goes out, in ms. */
const rest = 300;

/** The people that match, page after page. A change of filters starts over and drops what is under way. */
export function usePeople(filters: Filters) {
  const [found, setFound] = useState(nothing);
  const running = useRef<AbortController | null>(null);
  const { words, language, seeking, online } = filters;
  const ask = useCallback(
    (after: string | null, signal: AbortSignal) => {
      const query = {
        ...(words ? { words } : {}),
        ...(language ? { language } : {}),
        ...(seeking ? { seeking } : {}),
        ...(online ? { online } : {}),
        ...(after === null ? {} : { after }),
      };
      return call('presence.people.list', { query, signal });
    },
    [words, language, seeking, online],
  );
  const load = useCallback(
    async (after: string | null) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const { signal } = controller;
      setFound((before) => (after === null ? nothing : { ...before, state: 'loading' }));
      try {
        const page = await ask(after, signal);
        setFound((before) => ({
          state: 'ready',
          people: after === null ? page.people : merged(before.people, page.people),
          next: page.next,
          error: null,
        }));
      } catch (error) {
        if (!signal.aborted) setFound((before) => ({ ...before, state: 'failed', error }));
      }
    },
    [ask],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(null), words ? rest : 0);
    return () => {
      clearTimeout(timer);
      running.current?.abort();
    };
  }, [load, words]);
  useEffect(() => {
    const drop: Gone = (accountId) =>
      setFound((before) => ({ ...before, people: before.people.filter(({ id }) => id !== accountId) }));
    listeners.add(drop);
    return () => {
      listeners.delete(drop);
    };
  }, []);
  useRenewal(ask, setFound);
  const more = useCallback(() => {
    if (found.state !== 'loading' && found.next !== null) void load(found.next);
  }, [found, load]);
  const again = useCallback(() => void load(found.people.length > 0 ? found.next : null), [found, load]);
  return { ...found, more, again };
}

/** Keeps the first page true while it is looked at. A failure takes nothing away. */
function useRenewal(
  ask: (after: null, signal: AbortSignal) => Promise<Reply<'presence.people.list'>>,
  setFound: Dispatch<SetStateAction<People>>,
): void {
  useEffect(() => {
    const controller = new AbortController();
    const renew = async () => {
      if (document.visibilityState !== 'visible') return;
      const page = await ask(null, controller.signal).catch(() => null);
      if (page === null || controller.signal.aborted) return;
      setFound((before) => {
        if (before.state !== 'ready') return before;
        if (before.next === null && page.next === null) return { ...before, people: page.people };
        return { ...before, people: merged(page.people, before.people) };
      });
    };
    const timer = setInterval(() => void renew(), renewal);
    return () => {
      clearInterval(timer);
      controller.abort();
    };
  }, [ask, setFound]);
}

/** Pages may overlap where somebody moved in the order between two calls. */
function merged(before: readonly Person[], page: readonly Person[]): readonly Person[] {
  const known = new Set(before.map(({ id }) => id));
  return [...before, ...page.filter(({ id }) => !known.has(id))];
}
