import type { Query, Reply } from '@accord/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
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

/** Typing rests this long before a search goes out, in ms. */
const rest = 300;

/** The people that match, page after page. A change of filters starts over and drops what is under way. */
export function usePeople(filters: Filters) {
  const [found, setFound] = useState(nothing);
  const running = useRef<AbortController | null>(null);
  const { words, language, seeking, online } = filters;
  const load = useCallback(
    async (after: string | null) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const { signal } = controller;
      setFound((before) => (after === null ? { ...nothing } : { ...before, state: 'loading' }));
      try {
        const query = {
          ...(words ? { words } : {}),
          ...(language ? { language } : {}),
          ...(seeking ? { seeking } : {}),
          ...(online ? { online } : {}),
          ...(after === null ? {} : { after }),
        };
        const page = await call('presence.people.list', { query, signal });
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
    [words, language, seeking, online],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(null), words ? rest : 0);
    return () => {
      clearTimeout(timer);
      running.current?.abort();
    };
  }, [load, words]);
  const more = useCallback(() => {
    if (found.state !== 'loading' && found.next !== null) void load(found.next);
  }, [found, load]);
  const again = useCallback(() => void load(found.people.length > 0 ? found.next : null), [found, load]);
  return { ...found, more, again };
}

/** Pages may overlap where somebody moved in the order between two calls. */
function merged(before: readonly Person[], page: readonly Person[]): readonly Person[] {
  const known = new Set(before.map(({ id }) => id));
  return [...before, ...page.filter(({ id }) => !known.has(id))];
}
