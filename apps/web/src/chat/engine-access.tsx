import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { Engine, EngineStatus } from './engine/api.ts';

let opening: Promise<Engine> | null = null;

/** The engine, loaded on first use: neither it nor MLS is part of what a visitor of the start page gets. */
export function openEngine(): Promise<Engine> {
  opening ??= import('./engine/index.ts').then(({ startEngine }) => startEngine());
  return opening;
}

export const EngineContext = createContext<Engine | null>(null);

/** The engine, on every page behind the door. */
export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (engine === null) throw new Error('outside of EngineContext');
  return engine;
}

/** Where this browser stands, now and whenever it changes. */
export function useStatus(): EngineStatus {
  const engine = useEngine();
  const subscribe = useCallback(
    (onChange: () => void) => engine.subscribe((event) => event.type === 'status' && onChange()),
    [engine],
  );
  return useSyncExternalStore(subscribe, () => engine.status());
}
