import { useCallback, useEffect, useReducer, useRef } from 'react';
import type { Conversation, EngineErrorCode, Entry } from '../engine/api.ts';
import { useEngine } from '../engine-access.tsx';
import { type Entries, mergeEntries, noEntries, optimistic } from './entries.ts';

interface State {
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly entries: Entries;
  readonly earlier: boolean;
  readonly from: number | undefined;
  /** The last change put entries at the start: the view must stay where it is. */
  readonly shifted: boolean;
  readonly error: unknown;
}

type Action =
  | {
      readonly type: 'page';
      readonly entries: readonly Entry[];
      readonly earlier: boolean;
      readonly from: number;
    }
  | { readonly type: 'changed'; readonly entries: readonly Entry[]; readonly removed: readonly string[] }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'again' };

const empty: State = {
  phase: 'loading',
  entries: noEntries,
  earlier: false,
  from: undefined,
  shifted: false,
  error: null,
};

function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'page':
      return {
        phase: 'ready',
        entries: mergeEntries(state.entries, action.entries),
        earlier: action.earlier,
        from: action.from,
        shifted: state.phase === 'ready',
        error: null,
      };
    case 'changed':
      return {
        ...state,
        entries: mergeEntries(state.entries, action.entries, action.removed),
        shifted: false,
      };
    case 'failed':
      return state.phase === 'ready' ? state : { ...state, phase: 'failed', error: action.error };
    case 'again':
      return empty;
  }
}

export interface Timeline extends State {
  /** Loads what is before, or back to the message `until`. */
  readonly loadEarlier: (until?: string) => Promise<void>;
  readonly reload: () => void;
  /** Shows the message at once, then hands it to the engine. */
  readonly send: (text: string, replyTo: string | undefined) => void;
}

/** The entries of a conversation: the last ones first, more on demand, kept in step with the engine. */
export function useTimeline({ id: conversationId }: Pick<Conversation, 'id'>): Timeline {
  const engine = useEngine();
  const [state, dispatch] = useReducer(reduce, empty);
  const latest = useRef(state);
  latest.current = state;
  const loading = useRef(false);

  const load = useCallback(
    async (until?: string) => {
      if (loading.current) return;
      loading.current = true;
      const { from } = latest.current;
      try {
        const page = await engine.conversations.timeline({
          conversationId,
          limit: 80,
          ...(from === undefined ? {} : { before: from }),
          ...(until === undefined ? {} : { until }),
        });
        dispatch({ type: 'page', ...page });
      } catch (error) {
        dispatch({ type: 'failed', error });
      } finally {
        loading.current = false;
      }
    },
    [engine, conversationId],
  );

  useEffect(() => {
    const stop = engine.subscribe((event) => {
      if (event.type !== 'timeline' || event.conversationId !== conversationId) return;
      const { from } = latest.current;
      // What changed in pages that are not loaded shows when they are.
      const here = event.entries.filter(
        (entry) => from === undefined || entry.seq >= from || latest.current.entries.indexOf(entry.id) >= 0,
      );
      dispatch({ type: 'changed', entries: here, removed: event.removed });
    });
    void load();
    return stop;
  }, [engine, conversationId, load]);

  const send = useCallback(
    (text: string, replyTo: string | undefined) => {
      const id = crypto.randomUUID();
      const quoted = replyTo === undefined ? undefined : latest.current.entries.find(replyTo);
      const quote =
        quoted?.type === 'message' ? { id: quoted.id, mine: quoted.mine, text: quoted.text } : null;
      const bubble = optimistic(id, text, quote, Date.now());
      dispatch({ type: 'changed', entries: [bubble], removed: [] });
      engine.conversations
        .send({ conversationId, id, text, ...(replyTo === undefined ? {} : { replyTo }) })
        .catch((error: { code?: EngineErrorCode }) => {
          const failed = { ...bubble, state: 'failed' as const, failure: error.code ?? 'internal' };
          dispatch({ type: 'changed', entries: [failed], removed: [] });
        });
    },
    [engine, conversationId],
  );

  const reload = useCallback(() => {
    dispatch({ type: 'again' });
    latest.current = empty;
    void load();
  }, [load]);

  return { ...state, loadEarlier: load, reload, send };
}
