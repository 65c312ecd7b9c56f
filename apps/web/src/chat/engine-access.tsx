import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import { type Engine, type EngineStatus, starting } from './engine/api.ts';

export const EngineContext = createContext<Engine | null>(null);

/** The engine, on every page behind the door. */
export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (engine === null) throw new Error('outside of EngineContext');
  return engine;
}

/** Where this browser stands, now and whenever it changes. Nothing is known where a page is drawn at the build. */
export function useStatus(): EngineStatus {
  const engine = useContext(EngineContext);
  const subscribe = useCallback(
    (onChange: () => void) =>
      engine?.subscribe((event) => event.type === 'status' && onChange()) ?? (() => undefined),
    [engine],
  );
  return useSyncExternalStore(
    subscribe,
    () => engine?.status() ?? starting,
    () => starting,
  );
}
