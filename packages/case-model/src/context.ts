import { type ClockId, type ClockStart, clockIds, clockRules } from '@accord/law';
import { type Capability, can } from './roles.ts';
import type { Actor, By, CaseEvent, CaseState, Law, Outcome, RefusalCode } from './types.ts';

type Unstamped<E> = E extends CaseEvent ? Omit<E, 'at' | 'by'> : never;
/** An event before it says who and when. */
export type Draft = Unstamped<CaseEvent>;

/** What a rule of `decide` is told. */
export interface Asked {
  readonly state: CaseState;
  readonly actor: Actor;
  readonly now: number;
  readonly law: Law;
}

/** Drafts, or why not. */
export type Answer = readonly Draft[] | RefusalCode;

export const byOf = (actor: Actor): By =>
  actor.kind === 'staff' || actor.kind === 'reporter'
    ? { kind: actor.kind, id: actor.id }
    : { kind: actor.kind };

const software: Actor = { kind: 'system' };

/** What nobody asked for and a rule drew from what was asked: evidence must not name a person for it. */
function drawnByRule(draft: Draft, actor: Actor): boolean {
  switch (draft.type) {
    case 'examined':
    case 'clock_started':
    case 'clock_met':
      return true;
    case 'protected':
      return draft.why !== 'staff';
    case 'child_safety_raised':
      return actor.kind !== 'staff';
    default:
      return false;
  }
}

export function stamped(answer: Answer, actor: Actor, now: number): Outcome {
  if (typeof answer === 'string') return { ok: false, refusal: answer };
  const events = answer.map((draft) => {
    const by = byOf(drawnByRule(draft, actor) ? software : actor);
    return { ...draft, at: now, by } as CaseEvent;
  });
  return { ok: true, events };
}

export const staffId = (actor: Actor): string | null => (actor.kind === 'staff' ? actor.id : null);

export const staffCan = (actor: Actor, capability: Capability): boolean =>
  actor.kind === 'staff' && can(actor.roles, capability);

/** Clocks that the operator answers to and that start so. */
export const clocksThatStart = (law: Law, start: ClockStart): ClockId[] =>
  clockIds.filter((id) => clockRules[id].starts === start && law.clocks.has(id));

export const startClocks = (law: Law, start: ClockStart, startedAt: number): Draft[] =>
  clocksThatStart(law, start).map((clock) => ({ type: 'clock_started', clock, startedAt }));

/** Meets those of these clocks that run. */
export const meetClocks = (state: CaseState, ids: readonly ClockId[]): Draft[] =>
  ids.flatMap((clock) => {
    const own = state.clocks[clock];
    return own !== undefined && own.metAt === null ? [{ type: 'clock_met' as const, clock }] : [];
  });

/** Clocks that end with the picture gone, or with the answer that it stays. */
export const removalClocks: readonly ClockId[] = ['us-tida', 'uk-osa', 'in-3-2-b', 'fr-6-1'];

/** Whether this phase still waits for a decision. */
export const isWaiting = ({ phase }: CaseState): boolean => phase === 'incomplete' || phase === 'valid';

export const openProposal = (state: CaseState, test: (action: string) => boolean): boolean =>
  Object.values(state.proposals).some(({ action, state: at }) => at === 'open' && test(action));
