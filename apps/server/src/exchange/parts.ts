import type { ExchangeConfig } from '../platform/config-exchange.ts';
import type { Database } from '../platform/database.ts';
import type { Outside } from '../platform/outside.ts';
import type { ExchangeKind, SyncFault } from './types.ts';

/** What the parts of this feature share. The operator's commands have no index and no metrics. */
export interface Parts {
  readonly db: Database;
  readonly config: ExchangeConfig;
  readonly ways: Readonly<Record<ExchangeKind, Outside>>;
  readonly clock: () => number;
  /** From [0, 1): spreads those who wait. */
  readonly random: () => number;
  /** Waits, or ends early with the process. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Resolves when what was committed can be found. */
  readonly settled: () => Promise<void>;
  readonly count: (what: Counted) => void;
}

/** What happened, for the metrics: by kind and code, never by name. */
export type Counted =
  | { readonly what: 'page'; readonly kind: string; readonly records: number; readonly unread: number }
  | { readonly what: 'fault'; readonly kind: string; readonly fault: SyncFault }
  | { readonly what: 'told' | 'taken_back'; readonly kind: string };
