import type { Selectable } from 'kysely';
import type { Tables } from '../platform/tables.ts';
import type { AgePolicy } from './policy.ts';

/** What is kept of a proof: the last day it is good for, and by which kind of method and rules it was judged. */
export type Proof = Pick<Selectable<Tables['adult']>, 'until' | 'method' | 'policy'>;

/** The methods that are taken now: rules by kind of method. */
export type TakenMethods = ReadonlyMap<string, string>;

/** One session, as far as talk is concerned. Milliseconds since 1970 UTC. */
export interface Visit {
  /** When its passkey was last shown. */
  readonly checkedAt: number;
  /** When a proof was last given in it. */
  readonly provedAt: number | null;
  /** When the person was last seen to do something. */
  readonly seenAt: number | null;
}

/** What decides beside the proof and the session. */
export interface Rules {
  readonly taken: TakenMethods;
  readonly policy: Pick<AgePolicy, 'reopen' | 'idleMinutes' | 'openHours'>;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** The day (UTC) of an instant in milliseconds, as `YYYY-MM-DD`. */
export const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

/** The first instant (ms) after a day, or NaN where that is no day. */
export const endOfDay = (day: string): number =>
  dayPattern.test(day) ? Date.parse(`${day}T00:00:00Z`) + dayMs : Number.NaN;

/** Whether a proof is good: there, not run out, and by a method and rules that are taken now. */
export function isGood(proof: Proof | null | undefined, now: number, taken: TakenMethods): boolean {
  if (proof == null) return false;
  if (taken.get(proof.method) !== proof.policy) return false;
  return now < endOfDay(proof.until);
}

/** Whether talk is open to a session: opened by what the policy takes, not too long ago, and not left alone. */
export function isOpen(visit: Visit, now: number, policy: Rules['policy']): boolean {
  const never = Number.NEGATIVE_INFINITY;
  const checked = policy.reopen === 'passkey' ? visit.checkedAt : never;
  const opened = Math.max(visit.provedAt ?? never, checked);
  const seen = Math.max(opened, visit.seenAt ?? never);
  return (
    opened > never &&
    now - opened < (policy.openHours ?? Number.POSITIVE_INFINITY) * hourMs &&
    now - seen < (policy.idleMinutes ?? Number.POSITIVE_INFINITY) * minuteMs
  );
}

/**
 * The one function that decides who may talk. No by default: without a proof, with one that ran out or can't be
 * read, by a method or rules that are not taken now (an operator who turns a method off takes back what it let in),
 * or in a session that talk is not open to.
 * @param now milliseconds since 1970 UTC
 */
export function mayTalk(proof: Proof | null | undefined, visit: Visit, now: number, rules: Rules): boolean {
  return isGood(proof, now, rules.taken) && isOpen(visit, now, rules.policy);
}
