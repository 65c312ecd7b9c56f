import { sql } from 'kysely';
import type { Platform } from './platform.ts';

/** Work that comes again and again, one round at a time. */
export interface Rounds<T> {
  /** One round now, or the one under way. */
  round(): Promise<T>;
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

/** Runs a round every `everyMs` milliseconds. One that fails is logged with `putOff` and comes again next time. */
export function startRounds<T>(
  { log }: Platform,
  { everyMs, putOff, run }: { everyMs: number; putOff: string; run: () => Promise<T> },
): Rounds<T> {
  let running: Promise<T> | undefined;
  const round = (): Promise<T> => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => {
    round().catch((error: unknown) => log.warn({ err: error }, putOff));
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

/**
 * Does `work` in one process at a time; false when another is at it. The lock belongs to a connection, so that a
 * process that is killed leaves none behind.
 */
export function alone(
  { db }: Pick<Platform, 'db'>,
  lock: number,
  work: () => Promise<void>,
): Promise<boolean> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_lock(${lock}) as ours`.execute(
      connection,
    );
    if (rows[0]?.ours !== true) return false;
    try {
      await work();
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(connection);
    }
    return true;
  });
}
