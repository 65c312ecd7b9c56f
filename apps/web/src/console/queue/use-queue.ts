import type { Query, Reply } from '@accord/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';

export type Line = Reply<'cases.list'>['cases'][number];
export type Asked = NonNullable<Query<'cases.list'>>;

interface Queue {
  readonly lines: readonly Line[];
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: unknown;
  /** Whether there are more pages, and fetches the next one. */
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly reload: () => void;
}

/** How often the first page is asked for again while it is all that is shown, in ms. */
const againMs = 60_000;

/** The queue, page after page; `key` names what is asked for. */
export function useQueue(asked: Asked): Queue {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [state, setState] = useState<Queue['state']>('loading');
  const [error, setError] = useState<unknown>(null);
  const [next, setNext] = useState<string | null>(null);
  const busy = useRef<AbortController | null>(null);
  const key = JSON.stringify(asked);
  const fetchPage = useCallback(
    async (after: string | null) => {
      busy.current?.abort();
      const controller = new AbortController();
      busy.current = controller;
      const query = { ...(JSON.parse(key) as Asked), ...(after !== null && { after }) };
      try {
        const page = await call('cases.list', { query, signal: controller.signal });
        setLines((before) => (after === null ? page.cases : [...before, ...page.cases]));
        setNext(page.next);
        setState('ready');
      } catch (failure) {
        if (controller.signal.aborted) return;
        setError(failure);
        setState((before) => (before === 'ready' ? before : 'failed'));
      } finally {
        if (busy.current === controller) busy.current = null;
      }
    },
    [key],
  );
  useEffect(() => {
    setState('loading');
    setLines([]);
    void fetchPage(null);
    return () => busy.current?.abort();
  }, [fetchPage]);
  const paged = lines.length > 50;
  useEffect(() => {
    if (paged) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && busy.current === null) void fetchPage(null);
    }, againMs);
    return () => clearInterval(timer);
  }, [fetchPage, paged]);
  const more = useCallback(() => {
    if (next !== null && busy.current === null) void fetchPage(next);
  }, [next, fetchPage]);
  const reload = useCallback(() => void fetchPage(null), [fetchPage]);
  return { lines, state, error, hasMore: next !== null, more, reload };
}
