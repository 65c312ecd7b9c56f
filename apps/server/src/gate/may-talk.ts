import type { Selectable } from 'kysely';
import type { Tables } from '../platform/tables.ts';

/** What is kept of a proof: the last day it is good for, and by which method and rules it was judged. */
export type Proof = Pick<Selectable<Tables['adult']>, 'until' | 'method' | 'policy'>;

/** The methods that are taken now: policy by method id. */
export type TakenMethods = ReadonlyMap<string, string>;

const dayMs = 86_400_000;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** The day (UTC) of an instant in milliseconds, as `YYYY-MM-DD`. */
export const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

/** The first instant (ms) after a day, or NaN where that is no day. */
export const endOfDay = (day: string): number =>
  dayPattern.test(day) ? Date.parse(`${day}T00:00:00Z`) + dayMs : Number.NaN;

/**
 * The one function that decides who may talk. No by default: without a proof, with one that ran out or can't be
 * read, or by a method or rules that are not taken now (an operator who turns a method off takes back what it let in).
 * @param now milliseconds since 1970 UTC
 */
export function mayTalk(proof: Proof | null | undefined, now: number, taken: TakenMethods): boolean {
  if (proof == null) return false;
  if (taken.get(proof.method) !== proof.policy) return false;
  return now < endOfDay(proof.until);
}
