import { dateFormat } from '../chat/time.ts';
import type { Language } from '../messages/index.ts';
import type { ConsoleMessages } from './messages/index.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A span in hours and minutes; from four days on in days. Never negative. */
function span(ms: number, t: ConsoleMessages['time']): string {
  const whole = Math.max(0, ms);
  if (whole < hour) return t.minutes(Math.floor(whole / minute));
  if (whole >= 96 * hour) return t.days(Math.floor(whole / (24 * hour)));
  return t.hoursMinutes(Math.floor(whole / hour), Math.floor((whole % hour) / minute));
}

/** What is left of a deadline, in words. */
export function leftInWords(dueAt: number | null, now: number, t: ConsoleMessages['time']): string {
  if (dueAt === null) return t.none;
  return dueAt > now ? t.left(span(dueAt - now, t)) : t.over(span(now - dueAt, t));
}

export type Urgency = 'none' | 'calm' | 'soon' | 'over';

/** How near a deadline is: within four hours it is urgent. */
export function urgencyOf(dueAt: number | null, now: number): Urgency {
  if (dueAt === null) return 'none';
  if (dueAt <= now) return 'over';
  return dueAt - now <= 4 * hour ? 'soon' : 'calm';
}

/** An instant in the time of whoever reads: "28 Nov 2026, 14:05". */
export const whenInWords = (at: number, language: Language): string =>
  dateFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
