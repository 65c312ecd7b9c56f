import { sql } from 'kysely';
import { databaseLocks } from './locks.ts';
import type { Platform } from './platform.ts';

/** Deletes what a feature no longer keeps. */
export interface Purge {
  /** Names it in the log. */
  readonly name: string;
  /** Deletes what is over at `now` (milliseconds since 1970 UTC); returns how many rows went. */
  run(now: number): Promise<number>;
}

export interface Housekeeping {
  /** One round now; false when another process is at it. */
  round(): Promise<boolean>;
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

/**
 * Runs the purges every `everyMs` milliseconds, in one process at a time: the lock belongs to a connection, so
 * that a process that is killed leaves none behind. A purge that fails is logged and tried again next time.
 */
export function startHousekeeping(
  platform: Platform,
  purges: readonly Purge[],
  everyMs = 60_000,
): Housekeeping {
  let running: Promise<boolean> | undefined;
  const round = (): Promise<boolean> => {
    running ??= runAlone(platform, purges).finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => {
    round().catch((error: unknown) => platform.log.warn({ err: error }, 'housekeeping put off'));
  }, everyMs);
  timer.unref();
  return {
    round,
    async stop() {
      clearInterval(timer);
      await running?.catch(() => {});
    },
  };
}

async function runAlone(platform: Platform, purges: readonly Purge[]): Promise<boolean> {
  return platform.db.connection().execute(async (connection) => {
    const lock = databaseLocks.housekeeping;
    const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_lock(${lock}) as ours`.execute(
      connection,
    );
    if (rows[0]?.ours !== true) return false;
    try {
      for (const purge of purges) await runPurge(platform, purge);
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(connection);
    }
    return true;
  });
}

async function runPurge(platform: Platform, purge: Purge): Promise<void> {
  try {
    const rows = await purge.run(platform.clock());
    if (rows > 0) platform.log.info({ purge: purge.name, rows }, 'purged');
  } catch (error) {
    platform.log.warn({ err: error, purge: purge.name }, 'purge failed');
  }
}
