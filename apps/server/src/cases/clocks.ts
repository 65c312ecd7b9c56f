import { Counter } from 'prom-client';
import { databaseLocks } from '../platform/locks.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { alone, type Rounds, startRounds } from '../platform/rounds.ts';
import { sendStatements } from '../transparency/index.ts';
import { change } from './ledger.ts';
import { takeMemberReports } from './member-reports.ts';
import { type Parts, system } from './parts.ts';
import { askForStamps } from './stamps.ts';
import { doWorks } from './works.ts';

const everyMs = 2_000;
/** Cases that one round looks at; what is left comes with the next. */
const casesAtOnce = 200;

/** Clocks are rows; a round asks which are due, in one process at a time, then does what is to be done elsewhere. */
export function startClocks(parts: Parts): Rounds<void> {
  const { platform } = parts;
  const alarms = alarmCounter(platform);
  return startRounds(platform, {
    everyMs,
    putOff: 'the desk’s round put off',
    async run() {
      await alone(platform, databaseLocks.deskClocks, () => tickDue(parts, alarms));
      // A report that can't be opened must not hold up what others wait for.
      await takeMemberReports(parts).catch((error: unknown) =>
        platform.log.warn({ err: error }, 'members’ reports put off'),
      );
      await doWorks(parts);
      await sendStatements(platform);
      await askForStamps(parts);
    },
  });
}

const alarmCounter = ({ metrics }: Platform) =>
  new Counter({
    name: 'accord_case_alarms_total',
    help: 'Alarms of the legal clocks, and their breaches.',
    labelNames: ['clock', 'hours', 'breach'],
    registers: [metrics],
  });

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
