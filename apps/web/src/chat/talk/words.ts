import type { Language, Messages } from '../../messages/index.ts';
import type { Note } from '../engine/api.ts';
import { dateFormat, timeInWords } from '../time.ts';

const dayMs = 86_400_000;

const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0);

/** "Today", "Yesterday", else the day written out. */
export function dayName(at: number, now: number, language: Language, t: Messages['talk']): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / dayMs);
  if (days === 0) return t.today;
  if (days === 1) return t.yesterday;
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return dateFormat(language, {
    weekday: days < 7 ? 'long' : undefined,
    day: 'numeric',
    month: 'long',
    year: sameYear ? undefined : 'numeric',
  }).format(at);
}

/** As short as a list needs: the time today, the weekday this week, else the date. */
export function shortWhen(at: number, now: number, language: Language): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / dayMs);
  if (days <= 0) return timeInWords(at, language);
  const format: Intl.DateTimeFormatOptions = days < 7 ? { weekday: 'short' } : { dateStyle: 'short' };
  return dateFormat(language, format).format(at);
}

/** "in 3 hours". */
export function inWords(at: number, now: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const minutes = Math.max(1, Math.round((at - now) / 60_000));
  if (minutes < 90) return format.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 48 ? format.format(hours, 'hour') : format.format(Math.round(hours / 24), 'day');
}

/** A line of the system. */
export function noteInWords(note: Note, name: string, t: Messages['talk']): string {
  const { notes } = t;
  switch (note.kind) {
    case 'device-added':
      return note.mine ? notes.deviceAddedMine : notes.deviceAdded(name);
    case 'device-removed':
      return note.mine ? notes.deviceRemovedMine : notes.deviceRemoved(name);
    case 'joined-here':
      return notes.joinedHere;
    case 'rejoined':
      return notes.rejoined;
    case 'identity-changed':
      return notes.identityChanged;
    case 'verified':
      return notes.verified;
    case 'timer': {
      if (note.seconds === 0) return note.mine ? notes.timerOffMine : notes.timerOff(name);
      const span = spanOf(note.seconds, t);
      return note.mine ? notes.timerOnMine(span) : notes.timerOn(name, span);
    }
  }
}

/** A timer in words. */
export function spanOf(seconds: number, t: Messages['talk']): string {
  const choices: Readonly<Record<number, string>> = t.timer.choices;
  return choices[seconds] ?? `${Math.round(seconds / 3600)} h`;
}
