import type { Engine } from './engine/api.ts';
import { startEngine } from './engine/client.ts';

let engine: Engine | null = null;

/** The engine, started on first use. Its worker loads keys and MLS by itself: the page is drawn meanwhile. */
export function openEngine(): Engine {
  engine ??= startEngine();
  return engine;
}
