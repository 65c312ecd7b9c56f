import { type ClockId, clockIds, dueAt, nextMark } from '@accord/law';
import type { CaseState } from './types.ts';

/** A clock of a case that still runs. Instants in ms. */
export interface RunningClock {
  readonly clock: ClockId;
  readonly dueAt: number;
  /** When it next has something to tell; null where it has told all. */
  readonly nextAt: number | null;
}

/** The clocks of a case that still run. One that stands has no due instant and is left out. */
export function runningClocks(state: CaseState): RunningClock[] {
  return clockIds.flatMap((clock) => {
    const own = state.clocks[clock];
    if (own === undefined || own.metAt !== null || own.pausedSince !== null) return [];
    return [{ clock, dueAt: dueAt(clock, own), nextAt: nextMark(clock, own) }];
  });
}

/** When the next of the case's deadlines ends; null when none runs. The year's preservation is no deadline. */
export function nextDue(state: CaseState): number | null {
  const due = runningClocks(state)
    .filter(({ clock }) => clock !== 'us-preserve')
    .map((running) => running.dueAt);
  return due.length === 0 ? null : Math.min(...due);
}
