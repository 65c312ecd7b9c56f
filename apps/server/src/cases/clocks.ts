import { sql } from 'kysely';
import { Counter } from 'prom-client';
import { databaseLocks } from '../platform/locks.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { sendStatements } from '../transparency/index.ts';
import { change } from './ledger.ts';
import { takeMemberReports } from './member-reports.ts';
import { type Parts, system } from './parts.ts';
import { doWorks } from './works.ts';

export interface Rounds {
  /** One round now: what is due of the clocks, then what is to be done elsewhere. */
  round(): Promise<void>;
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

const everyMs = 2_000;
/** Cases that one round looks at; what is left comes with the next. */
const casesAtOnce = 200;

/** Clocks are rows; this asks which are due. One process at a time, by a lock that dies with its connection. */
export function startRounds(parts: Parts): Rounds {
  const { platform } = parts;
  const alarms = alarmCounter(platform);
  let running: Promise<void> | undefined;
  const round = (): Promise<void> => {
    running ??= tickAlone(parts, alarms)
      .then(async () => {
        // A report that can't be opened must not hold up what others wait for.
        await takeMemberReports(parts).catch((error: unknown) =>
          platform.log.warn({ err: error }, 'members’ reports put off'),
        );
        await doWorks(parts);
        await sendStatements(platform);
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const timer = setInterval(() => {
    round().catch((error: unknown) => platform.log.warn({ err: error }, 'the desk’s round put off'));
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

const alarmCounter = ({ metrics }: Platform) =>
  new Counter({
    name: 'accord_case_alarms_total',
    help: 'Alarms of the legal clocks, and their breaches.',
    labelNames: ['clock', 'hours', 'breach'],
    registers: [metrics],
  });

async function tickAlone(parts: Parts, alarms: Counter): Promise<void> {
  const lock = databaseLocks.deskClocks;
  await parts.platform.db.connection().execute(async (connection) => {
    const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_lock(${lock}) as ours`.execute(
      connection,
    );
    if (rows[0]?.ours !== true) return;
    try {
      await tickDue(parts, alarms);
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(connection);
    }
  });
}

async function tickDue(parts: Parts, alarms: Counter): Promise<void> {
  const { db, clock, log } = parts.platform;
  const due = await db
    .selectFrom('case_clock')
    .select('case_id')
    .distinct()
    .where('next_at', '<=', new Date(clock()))
    .limit(casesAtOnce)
    .execute();
  for (const { case_id: caseId } of due) {
    const events = await db
      .transaction()
      .execute((tx) => change(parts, tx, { caseId, actor: system, command: { kind: 'tick' } }))
      .then(
        (changed) => changed.events,
        (error: unknown) => {
          // Met in the meantime: there is nothing to tell.
          if (error instanceof Refusal) return [];
          log.error({ err: error }, 'a clock can’t be told');
          return [];
        },
      );
    for (const event of events) {
      if (event.type !== 'clock_told') continue;
      const { clock: which, hours, breach } = event;
      alarms.inc({ clock: which, hours: String(hours), breach: String(breach) });
      if (breach) log.error({ clock: which, hours }, 'a legal clock ran out');
      else log.warn({ clock: which, hours }, 'a legal clock is running out');
    }
  }
}
