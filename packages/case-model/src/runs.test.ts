import { clockIds, clockRules, declineGrounds, dueAt, removeGrounds } from '@accord/law';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { emptyCase, fold, foldAll } from './fold.ts';
import { approvalRoles, type CaseAction, staffRoles } from './roles.ts';
import { hasOpenWork } from './rules-intake.ts';
import { anyFacts, everyClock, filedCase, staff } from './test-support.ts';
import type { Actor, CaseEvent, CaseState, Command } from './types.ts';

const hour = 3_600_000;

const anyActor: fc.Arbitrary<Actor> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('ann', 'bea', 'cyd', 'dot'), fc.constantFrom(...staffRoles))
      .map(([id, role]) => staff(id, role)),
  },
  { weight: 2, arbitrary: fc.constant<Actor>({ kind: 'system' }) },
  { weight: 1, arbitrary: fc.constant<Actor>({ kind: 'reporter', id: 'r1' }) },
  { weight: 1, arbitrary: fc.constant<Actor>({ kind: 'uploader' }) },
);

const few = fc.constantFrom('1', '2', '3');
const words = fc.constant('words');
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    mayProtect: fc.boolean(),
    reporterId: fc.constant('r1'),
    facts: anyFacts,
    items: fc.constant([]),
    identityDigest: words,
  }),
  fc.record({
    kind: fc.constant('complete' as const),
    reporterId: fc.constant('r1'),
    facts: anyFacts,
    items: fc.constant([{ id: 'i9', kind: 'hash' as const, digest: 'd' }]),
    identityDigest: words,
    words,
  }),
  fc.constantFrom<Command>({ kind: 'protect' }, { kind: 'release' }, { kind: 'tick' }, { kind: 'close' }),
  fc.record({
    kind: fc.constant('remove' as const),
    decisionId: few,
    ground: fc.constantFrom(...removeGrounds),
    words,
  }),
  fc.record({
    kind: fc.constant('decline' as const),
    decisionId: few,
    ground: fc.constantFrom(...declineGrounds),
    words,
  }),
  fc.record({ kind: fc.constant('start_sweep' as const), sweepId: few }),
  fc.record({
    kind: fc.constant('finish_sweep' as const),
    sweepId: few,
    coverage: fc.boolean().map((complete) => ({
      registered: 5,
      matched: 1,
      destroyed: 1,
      unreached: complete ? 0 : 1,
      complete,
    })),
  }),
  fc.record({
    kind: fc.constant('queue_notice' as const),
    noticeId: few,
    platform: words,
    law: fc.constant('eu-dsa' as const),
  }),
  fc.record({
    kind: fc.constant('move_notice' as const),
    noticeId: few,
    state: fc.constantFrom('sent' as const, 'acknowledged' as const, 'removed' as const, 'refused' as const),
    detail: words,
  }),
  fc.record({
    kind: fc.constant('appeal' as const),
    appealId: few,
    side: fc.constantFrom('reporter' as const, 'uploader' as const),
    words,
  }),
  fc.record({
    kind: fc.constant('decide_appeal' as const),
    appealId: few,
    outcome: fc.constantFrom('upheld' as const, 'reversed' as const),
    ground: fc.constant(null),
    words,
    decisionId: few,
    proposalId: few,
  }),
  fc.record({
    kind: fc.constant('ask_approval' as const),
    proposalId: few,
    action: fc.constantFrom<CaseAction>(
      'restore',
      'decline_likely_valid',
      'export_hash',
      'reveal_reporter',
      'delete_evidence',
      'clear_child_safety',
    ),
    words,
    ground: fc.constantFrom(null, 'not_intimate' as const),
    itemId: fc.constantFrom('i1', 'i2'),
  }),
  fc.record({
    kind: fc.constant('answer_approval' as const),
    proposalId: few,
    yes: fc.boolean(),
    decisionId: few,
  }),
  fc.record({ kind: fc.constant('withdraw' as const), reporterId: fc.constant('r1') }),
  fc.record({
    kind: fc.constant('show_consent' as const),
    records: fc.constant(2),
    genuine: fc.nat({ max: 2 }),
    givers: fc.constant(1),
    inForce: fc.constant(1),
    samePicture: fc.constantFrom(null, 1),
    words,
  }),
  fc.record({ kind: fc.constant('raise_child_safety' as const), why: words }),
  fc.record({
    kind: fc.constant('filed_child_safety' as const),
    receiptId: fc.constantFrom('', 'c1'),
    recipient: words,
    earlier: fc.constant([]),
  }),
  fc.record({ kind: fc.constantFrom('pause_order' as const, 'resume_order' as const), why: words }),
  fc.record({ kind: fc.constant('receive_order' as const), orderId: few, authority: words }),
  fc.record({ kind: fc.constantFrom('hold' as const, 'lift_hold' as const), why: words }),
);

interface Step {
  readonly before: CaseState;
  readonly after: CaseState;
  readonly events: readonly CaseEvent[];
  readonly actor: Actor;
  readonly command: Command;
  readonly now: number;
}

/** A whole life of a case, of what random people ask of it. */
const lives = fc.tuple(
  anyFacts,
  fc.array(fc.tuple(anyActor, anyCommand, fc.nat(30 * hour)), { minLength: 5, maxLength: 60 }),
);

function* live([facts, asked]: typeof lives extends fc.Arbitrary<infer T> ? T : never): Generator<Step> {
  let now = Date.UTC(2026, 9, 24, 10);
  let state = filedCase(facts, now);
  for (const [actor, command, later] of asked) {
    now += later;
    const outcome = decide(state, command, { actor, now, law: everyClock });
    const events = outcome.ok ? outcome.events : [];
    const after = foldAll(events, state);
    yield { before: state, after, events, actor, command, now };
    state = after;
  }
}

const holds = (check: (step: Step) => void): void => {
  fc.assert(
    fc.property(lives, (life) => {
      for (const step of live(life)) check(step);
    }),
    { numRuns: 400 },
  );
};

const restoring = new Set<CaseEvent['type']>(['restored', 'released', 'declined']);

describe('any life of a case', () => {
  it('never shows a picture again by itself: a person lets go of it, or two', () => {
    holds(({ before, after, events }) => {
      const lets = events.filter(({ type }) => restoring.has(type));
      if (before.protected && !after.protected) expect(lets.length).toBeGreaterThan(0);
      for (const event of lets) expect(event.by.kind).toBe('staff');
    });
  });

  it('takes two people, with the right roles, for whatever takes two', () => {
    const double: Partial<Record<CaseEvent['type'], CaseAction>> = {
      restored: 'restore',
      hash_released: 'export_hash',
      reporter_revealed: 'reveal_reporter',
      evidence_deletion_approved: 'delete_evidence',
      child_safety_cleared: 'clear_child_safety',
    };
    holds(({ before, events, actor }) => {
      for (const event of events) {
        const action =
          event.type === 'declined' && before.validUnder.length > 0
            ? 'decline_likely_valid'
            : double[event.type];
        if (action === undefined) continue;
        const { askedBy } = event as { askedBy: string | null };
        expect(typeof askedBy).toBe('string');
        expect(event.by.id).not.toBe(askedBy);
        expect(
          actor.kind === 'staff' && actor.roles.some((role) => approvalRoles[action].approve.includes(role)),
        ).toBe(true);
      }
    });
  });

  it('puts child safety above everything: nobody else of the staff acts, nothing is declined, restored or let go', () => {
    holds(({ before, events, actor, after }) => {
      if (before.childSafety === null) return;
      if (actor.kind === 'staff' && events.length > 0) expect(actor.roles).toContain('child_safety');
      for (const { type } of events) expect(['restored', 'declined', 'released']).not.toContain(type);
      if (after.closedAt !== null && before.closedAt === null)
        expect(after.childSafety?.filed).not.toBeNull();
    });
  });

  it('does not close while a sweep, a notice, an appeal or a proposal is open, nor before a sweep was complete', () => {
    holds(({ before, events }) => {
      if (!events.some(({ type }) => type === 'closed')) return;
      expect(hasOpenWork(before)).toBe(false);
      expect(before.sweepOwed).toBe(false);
      if (before.phase === 'removed') {
        expect(Object.values(before.sweeps).some((sweep) => sweep?.complete)).toBe(true);
      }
    });
  });

  it('has appeals decided by somebody who had no part in the decision', () => {
    holds(({ before, events }) => {
      for (const event of events) {
        if (event.type !== 'appeal_decided') continue;
        expect(before.decision?.by).not.toContain(event.by.id);
        const asked = Object.values(before.proposals).find(
          ({ appealId, state }) => appealId === event.appealId && state === 'open',
        );
        if (asked !== undefined) expect(before.decision?.by).not.toContain(asked.by);
      }
    });
  });

  it('never moves a deadline away: clocks start once, and only an order that stood still ends later', () => {
    holds(({ before, after }) => {
      for (const id of clockIds) {
        const [was, is] = [before.clocks[id], after.clocks[id]];
        if (was === undefined || is === undefined || was.metAt !== null) continue;
        if (clockRules[id].pausable) continue;
        expect(dueAt(id, is)).toBeLessThanOrEqual(dueAt(id, was));
      }
    });
  });

  it('tells each mark once, and blocks by 36 hours what nobody decided on', () => {
    holds(({ before, after, command, now, events }) => {
      if (command.kind !== 'tick' || events.length === 0) return;
      for (const event of events) {
        if (event.type === 'clock_told') expect(before.clocks[event.clock]?.told).not.toContain(event.hours);
      }
      const waits = after.phase === 'incomplete' || after.phase === 'valid';
      const late = after.clocks['uk-osa'];
      if (waits && late !== undefined && now >= late.startedAt + 36 * hour)
        expect(after.protected).toBe(true);
    });
  });

  it('keeps a reporter’s words and withdrawals to the reporter, and sweeps to the system', () => {
    holds(({ events }) => {
      for (const { type, by } of events) {
        if (type === 'withdrawn' || type === 'filed' || type === 'completed')
          expect(by.kind).toBe('reporter');
        if (type === 'sweep_started' || type === 'sweep_finished' || type === 'clock_told')
          expect(by.kind).toBe('system');
      }
    });
  });

  it('names nobody for what a rule drew from what was asked', () => {
    holds(({ events }) => {
      for (const event of events) {
        const { type, by } = event;
        if (type === 'examined' || type === 'clock_started' || type === 'clock_met')
          expect(by).toEqual({ kind: 'system' });
        if (type === 'protected') expect(by.kind === 'staff').toBe(event.why === 'staff');
        if (type === 'protected' || type === 'child_safety_raised') expect(by.kind).not.toBe('reporter');
      }
    });
  });

  it('is what its events fold to, whenever and however often they are folded', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const start = filedCase(life[0], Date.UTC(2026, 9, 24, 10));
        const events: CaseEvent[] = [];
        let last = start;
        for (const step of live(life)) {
          events.push(...step.events);
          last = step.after;
        }
        const again = JSON.parse(JSON.stringify(start)) as CaseState;
        expect(
          events.map((event) => JSON.parse(JSON.stringify(event)) as CaseEvent).reduce(fold, again),
        ).toEqual(last);
        expect(last.version).toBe(start.version + events.length);
      }),
      { numRuns: 100 },
    );
  });

  it('begins with a request and nothing else', () => {
    fc.assert(
      fc.property(anyActor, anyCommand, (actor, command) => {
        const outcome = decide(emptyCase, command, { actor, now: 0, law: everyClock });
        if (outcome.ok) expect([command.kind, actor.kind]).toEqual(['file', 'reporter']);
      }),
    );
  });
});
