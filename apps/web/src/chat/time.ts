import { useEffect, useState } from 'react';
import type { Language, Messages } from '../messages/index.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How much time `ms` is, in words: the largest unit that says enough, rounded down; never a negative. */
export function spanInWords(ms: number, t: Messages['time']): string {
  if (ms < minute) return t.moments;
  if (ms < hour) return t.minutes(Math.floor(ms / minute));
  // A request lives 72 hours, and is told so: within four days, hours say more than days.
  if (ms < 4 * day) return t.hours(Math.floor(ms / hour));
  return t.days(Math.floor(ms / day));
}

// Making a formatter costs more than drawing the message that it dates.
const formats = new Map<string, Intl.DateTimeFormat>();

/** A language as it is written where this person lives, where the browser says so: 14:05 in Britain, 2:05 PM in America. */
function regional(language: Language): string {
  return globalThis.navigator?.languages?.find((tag) => tag.startsWith(`${language}-`)) ?? language;
}

/** The formatter of a language and a style, made once. */
export function dateFormat(language: Language, style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(style)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(regional(language), style);
  formats.set(key, known);
  return known;
}

/** A day, written out: "3 December 2026". */
export function dayInWords(instant: number, language: Language): string {
  return dateFormat(language, { dateStyle: 'long' }).format(instant);
}

/** A time of day: "14:05". */
export function timeInWords(instant: number, language: Language): string {
  return dateFormat(language, { timeStyle: 'short' }).format(instant);
}

/** Now in ms since 1970, renewed each `every` ms so that time left stays true on screen. */
export function useNow(every: number = minute): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
