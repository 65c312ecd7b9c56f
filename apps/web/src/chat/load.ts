import { type DependencyList, useCallback, useEffect, useRef, useState } from 'react';

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly error: unknown };

/**
 * Runs `load` now and whenever `deps` change; the latest run wins. `reload` keeps what is shown until the
 * new value is there. `set` puts in a value that is already known.
 */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  deps: DependencyList,
): Loaded<T> & { readonly reload: () => void; readonly set: (value: T) => void } {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const running = useRef<AbortController | null>(null);
  const run = useCallback(() => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    load(controller.signal).then(
      (value) => controller.signal.aborted || setLoaded({ state: 'ready', value }),
      (error: unknown) =>
        controller.signal.aborted ||
        // What is on the screen stays: a failed refresh takes nothing away.
        setLoaded((before) => (before.state === 'ready' ? before : { state: 'failed', error })),
    );
    // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what `load` depends on
  }, deps);
  useEffect(() => {
    setLoaded({ state: 'loading' });
    run();
    return () => running.current?.abort();
  }, [run]);
  const reload = useCallback(() => {
    setLoaded((before) => (before.state === 'failed' ? { state: 'loading' } : before));
    run();
  }, [run]);
  const set = useCallback((value: T) => setLoaded({ state: 'ready', value }), []);
  return { ...loaded, reload, set };
}

/**
 * An action of the person: `busy` while it runs, `error` when it failed. `run` resolves to whether it
 * succeeded, and does nothing while another run is under way.
 */
export function useAction(): {
  readonly busy: boolean;
  readonly error: unknown;
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
  readonly clear: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const running = useRef(false);
  const run = useCallback(async (work: () => Promise<void>) => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(null), []);
  return { busy, error, run, clear };
}
