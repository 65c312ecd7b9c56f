import type { Language } from '@accord/law';
import { en } from './words-en.ts';
import { fr } from './words-fr.ts';

/** Every text of the desk. English is the type: the compiler finds a missing French one. */
export type Words = typeof en;

export const words: Readonly<Record<Language, Words>> = { en, fr };

/** Where the desk is, by language. The same pages under both. */
export const bases: Readonly<Record<Language, string>> = { en: '/desk', fr: '/signaler' };

const hourMs = 3_600_000;

/** How much time is left, in words a person would use. */
export function leftInWords(t: Words, ms: number): string {
  if (ms <= 0) return t.clock.over;
  const hours = Math.floor(ms / hourMs);
  if (hours < 1) return t.clock.soon;
  return hours === 1 ? t.clock.oneHour : t.clock.hours(hours);
}

/** Day and hour, in universal time, which the law counts in and no summer changes. */
export const instantIn = (language: Language, ms: number): string =>
  `${new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(ms)} UTC`;
