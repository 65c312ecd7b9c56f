import type pg from 'pg';
import type { Blobs } from './blobs.ts';
import type { Bus } from './bus.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What every feature stands on. Tests pass their own clock and a database of their own. */
export interface Platform {
  readonly config: Config;
  /** Where Accord keeps what is not in the database; absolute. */
  readonly folder: string;
  readonly blobs: Blobs;
  readonly db: Database;
  /** The pool under `db`, for the few statements that must be prepared once and run thousands of times. */
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Under which households and accounts are counted; of the data folder, not of the database. */
  readonly limitKey: Uint8Array;
  /** Now, in milliseconds since 1970 UTC. */
  readonly clock: () => number;
}
