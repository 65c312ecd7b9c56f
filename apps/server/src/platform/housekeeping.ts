import { databaseLocks } from './locks.ts';
import type { Platform } from './platform.ts';
import { alone, type Rounds, startRounds } from './rounds.ts';

/** Deletes what a feature no longer keeps. */
export interface Purge {
  /** Names it in the log. */
  readonly name: string;
  /** Deletes what is over at `now` (milliseconds since 1970 UTC); returns how many rows went. */
  run(now: number): Promise<number>;
}

/** A round is false when another process is at it. */
export type Housekeeping = Rounds<boolean>;

/**
 * Runs the purges every `everyMs` milliseconds, in one process at a time. A purge that fails is logged and tried
 * again next time.
 */
export const startHousekeeping = (
  platform: Platform,
  purges: readonly Purge[],
  everyMs = 60_000,
): Housekeeping =>
  startRounds(platform, {
    everyMs,
    putOff: 'housekeeping put off',
    run: () =>
      alone(platform, databaseLocks.housekeeping, async () => {
        for (const purge of purges) await runPurge(platform, purge);
      }),
  });

async function runPurge(platform: Platform, purge: Purge): Promise<void> {
  try {
    const rows = await purge.run(platform.clock());
    if (rows > 0) platform.log.info({ purge: purge.name, rows }, 'purged');
  } catch (error) {
    platform.log.warn({ err: error, purge: purge.name }, 'purge failed');
  }
}
