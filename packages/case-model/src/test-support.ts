import { clockIds, consentAnswers, minorAnswers, type RequestFacts } from '@accord/law';
import fc from 'fast-check';
import { decide } from './decide.ts';
import { emptyCase, foldAll } from './fold.ts';
import type { StaffRole } from './roles.ts';
import type { Actor, CaseState, Command, Item, Law } from './types.ts';

export const everyClock: Law = { clocks: new Set(clockIds) };

export const staff = (id: string, ...roles: StaffRole[]): Actor => ({ kind: 'staff', id, roles });
export const system: Actor = { kind: 'system' };
export const reporter: Actor = { kind: 'reporter', id: 'r1' };

/** A request that stands under every law. */
export const wholeFacts: RequestFacts = {
  capacity: 'self',
  kind: 'fake',
  minor: 'no',
  consent: 'never',
  intimate: true,
  places: ['https://example.org/1'],
  hashes: 1,
  messages: 0,
  words: 'It is not me.',
  signature: 'A. B.',
  contact: 'a@example.org',
  byPage: false,
  goodFaith: true,
};

export const anyFacts: fc.Arbitrary<RequestFacts> = fc.record({
  capacity: fc.constantFrom(null, 'self', 'representative', 'guardian'),
  kind: fc.constantFrom(null, 'real', 'fake', 'threat', 'unsure'),
  minor: fc.oneof(
    { weight: 4, arbitrary: fc.constant('no' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...minorAnswers) },
  ),
  consent: fc.constantFrom(null, ...consentAnswers),
  intimate: fc.boolean(),
  places: fc.constantFrom([], ['https://example.org/1']),
  hashes: fc.constantFrom(0, 1),
  messages: fc.constant(0),
  words: fc.constantFrom('', 'because'),
  signature: fc.constantFrom('', 'A. B.'),
  contact: fc.constantFrom('', 'a@example.org'),
  byPage: fc.boolean(),
  goodFaith: fc.boolean(),
});

export const someItems: readonly Item[] = [
  { id: 'i1', kind: 'hash', digest: 'a'.repeat(64) },
  { id: 'i2', kind: 'place', digest: 'b'.repeat(64) },
];

/** A case that was just filed. */
export function filedCase(facts: RequestFacts = wholeFacts, now = 0, reporterId = 'r1'): CaseState {
  const command: Command = {
    kind: 'file',
    mayProtect: true,
    reporterId,
    facts,
    items: someItems,
    identityDigest: 'c'.repeat(64),
  };
  return after(emptyCase, command, { kind: 'reporter', id: reporterId }, now);
}

/** The state after a command that must pass. */
export function after(state: CaseState, command: Command, actor: Actor, now = 0): CaseState {
  const outcome = decide(state, command, { actor, now, law: everyClock });
  if (!outcome.ok) throw new Error(`${command.kind}: ${outcome.refusal}`);
  return foldAll(outcome.events, state);
}

/** The refusal of a command that must not pass. */
export function refusalOf(state: CaseState, command: Command, actor: Actor, now = 0): string {
  const outcome = decide(state, command, { actor, now, law: everyClock });
  return outcome.ok ? 'done' : outcome.refusal;
}
