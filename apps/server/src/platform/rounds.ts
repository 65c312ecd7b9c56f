import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Platform } from './platform.ts';

/** Work that comes again and again, one round at a time. */
export interface Rounds<T> {
  /** One round now, or the one under way. */
  round(): Promise<T>;
  /** Ends after the round under way, or leaves that to whoever comes next: what it does it does at least once. */
  stop(): Promise<void>;
}

/** How long a stop waits for a round, in ms: somebody outside may take ten times as long to answer. */
const patienceMs = 4000;

/** Waits for `work`, but no longer than that. Whatever becomes of it then is nobody's matter. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const ended = work.catch(() => {}).finally(() => enough.abort());
  await Promise.race([ended, sleep(ms, undefined, { signal: enough.signal }).catch(() => {})]);
}

/** Runs a round every `everyMs` milliseconds. One that fails is logged with `putOff` and comes again next time. */
export function startRounds<T>(
  { log }: Platform,
  { everyMs, putOff, run }: { everyMs: number; putOff: string; run: (ending: AbortSignal) => Promise<T> },
): Rounds<T> {
  let running: Promise<T> | undefined;
  const ending = new AbortController();
  const round = (): Promise<T> => {
    running ??= run(ending.signal).finally(() => {
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
      ending.abort();
      if (running !== undefined) await atMost(patienceMs, running);
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
