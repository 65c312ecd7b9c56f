import type { Selectable } from 'kysely';
import type { Tables } from '../platform/tables.ts';
import type { AgePolicy } from './policy.ts';

/** What is kept of a proof: the last day it is good for, by which kind of method and rules it was judged, and on which day. */
export type Proof = Pick<Selectable<Tables['adult']>, 'until' | 'method' | 'policy' | 'verified_on'>;

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
  readonly policy: Pick<AgePolicy, 'reopen' | 'idleMinutes' | 'openHours' | 'days'>;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
/** Milliseconds by which clocks may differ: what is of a later time was noted by one that went wrong, and is not believed. */
export const skewMs = 5 * minuteMs;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** The day (UTC) of an instant in milliseconds, as `YYYY-MM-DD`. */
export const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

/** The first instant (ms) after a day, or NaN where that is no day. */
export const endOfDay = (day: string): number =>
  dayPattern.test(day) ? Date.parse(`${day}T00:00:00Z`) + dayMs : Number.NaN;

/** The first instant (ms) at which a proof is good no longer: sooner than it says where the operator has become stricter. */
export const endOf = ({ until, verified_on }: Proof, days: number): number =>
  Math.min(endOfDay(until), endOfDay(verified_on) + days * dayMs);

/** Whether a proof is good: there, not run out, not of a day to come, and by a method and rules that are taken now. */
export function isGood(proof: Proof | null | undefined, now: number, { taken, policy }: Rules): boolean {
  if (proof == null) return false;
  if (taken.get(proof.method) !== proof.policy) return false;
  return now < endOf(proof, policy.days) && endOfDay(proof.verified_on) - dayMs <= now + skewMs;
}

/** Whether talk is open to a session: opened by what the policy takes, not too long ago, and not left alone. */
export function isOpen(visit: Visit, now: number, policy: Rules['policy']): boolean {
  const never = Number.NEGATIVE_INFINITY;
  const believed = (at: number | null) => (at !== null && at <= now + skewMs ? at : never);
  const checked = policy.reopen === 'passkey' ? visit.checkedAt : null;
  const opened = Math.max(believed(visit.provedAt), believed(checked));
  const seen = Math.max(opened, believed(visit.seenAt));
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
  return isGood(proof, now, rules) && isOpen(visit, now, rules.policy);
}
