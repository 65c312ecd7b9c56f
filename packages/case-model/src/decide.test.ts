import { complaintMs, dueAt } from '@accord/law';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDue } from './clocks.ts';
import { decide, doors, maySee } from './decide.ts';
import { emptyCase, foldAll } from './fold.ts';
import {
  approvalActions,
  approvalRoles,
  type CaseAction,
  can,
  capabilities,
  capabilitiesOf,
  staffRoles,
} from './roles.ts';
import {
  after,
  everyClock,
  filedCase,
  refusalOf,
  reporter,
  staff,
  system,
  wholeFacts,
} from './test-support.ts';
import type { CaseState, Command, CommandKind } from './types.ts';

const hour = 3_600_000;
const mod = staff('mod', 'moderator');
const other = staff('other', 'moderator');
const second = staff('second', 'second_reviewer');
const lead = staff('lead', 'child_safety');

const remove: Command = { kind: 'remove', decisionId: 'd1', ground: 'ncii_synthetic', words: 'w' };
const decline: Command = { kind: 'decline', decisionId: 'd1', ground: 'not_intimate', words: 'w' };
const complete = { registered: 9, matched: 2, destroyed: 2, unreached: 0, complete: true };
const sweep = (state: CaseState, at: number, coverage = complete): CaseState =>
  after(
    after(state, { kind: 'start_sweep', sweepId: `s${at}` }, system, at),
    { kind: 'finish_sweep', sweepId: `s${at}`, coverage },
    system,
    at,
  );
const ask = (action: (typeof approvalActions)[number], proposalId = 'p1'): Command =>
  ({ kind: 'ask_approval', proposalId, action, words: 'w', ground: 'not_intimate', itemId: 'i1' }) as Command;
const yes: Command = { kind: 'answer_approval', proposalId: 'p1', yes: true, decisionId: 'd2' };

describe('a request', () => {
  it('is protected at once when it is plausible, valid when it is whole, acknowledged as it is filed', () => {
    const state = filedCase();
    expect(state).toMatchObject({ phase: 'valid', protected: true, closedAt: null });
    expect(state.clocks['eu-16-ack']?.metAt).toBe(0);
    expect(nextDue(state)).toBe(2 * hour);
    expect(dueAt('us-tida', state.clocks['us-tida'] ?? fail())).toBe(48 * hour);
  });

  it('is kept when it is incomplete, and starts the clock of a valid request when it has become one', () => {
    const bare = { ...wholeFacts, signature: '', contact: '', goodFaith: false, capacity: null };
    const state = filedCase(bare, 0);
    expect(state).toMatchObject({ phase: 'incomplete', protected: true });
    expect(state.missing.length).toBeGreaterThan(0);
    expect(state.clocks['us-tida']).toBeUndefined();
    expect(state.clocks['uk-osa']?.startedAt).toBe(0);
    const more: Command = {
      kind: 'complete',
      reporterId: 'r1',
      facts: wholeFacts,
      items: [],
      identityDigest: 'x',
      words: '',
    };
    const whole = after(state, more, reporter, 5 * hour);
    expect(whole).toMatchObject({ phase: 'valid', missing: [] });
    expect(whole.clocks['us-tida']?.startedAt).toBe(5 * hour);
  });

  it('of somebody under 18 freezes the case for everybody but the child-safety lead', () => {
    const state = filedCase({ ...wholeFacts, minor: 'yes' });
    expect(state.childSafety).not.toBeNull();
    for (const actor of [mod, second, staff('a', 'admin'), staff('l', 'legal'), staff('u', 'auditor')]) {
      expect(maySee(state, actor)).toBe(false);
      expect(refusalOf(state, remove, actor)).toBe('forbidden');
    }
    expect(maySee(state, lead)).toBe(true);
    expect(refusalOf(state, decline, lead)).toBe('child_safety');
    expect(after(state, remove, lead).phase).toBe('removed');
  });
});

describe('abuse', () => {
  it('of a household that asked for too much is taken in, and not protected unseen', () => {
    const outcome = decide(
      emptyCase,
      {
        kind: 'file',
        mayProtect: false,
        reporterId: 'r1',
        facts: wholeFacts,
        items: [],
        identityDigest: 'x',
      },
      { actor: reporter, now: 0, law: everyClock },
    );
    const state = foldAll(outcome.ok ? outcome.events : []);
    expect(state).toMatchObject({ phase: 'valid', protected: false });
    expect(after(state, { kind: 'tick' }, system, 36 * hour).protected).toBe(true);
  });
});

describe('removing', () => {
  it('takes one person, and is done when a sweep was complete', () => {
    let state = after(filedCase(), remove, mod, 3 * hour);
    expect(state).toMatchObject({ phase: 'removed', sweepOwed: true });
    expect(state.clocks['us-tida']?.metAt).toBeNull();
    expect(refusalOf(state, { kind: 'close' }, mod)).toBe('open_work');
    state = sweep(state, 4 * hour, { ...complete, unreached: 1, complete: false });
    expect(refusalOf(state, { kind: 'close' }, mod)).toBe('open_work');
    state = sweep(state, 5 * hour);
    expect(state.clocks['us-tida']?.metAt).toBe(5 * hour);
    expect(state.clocks['uk-osa']?.metAt).toBe(5 * hour);
    expect(after(state, { kind: 'close' }, mod, 6 * hour).closedAt).toBe(6 * hour);
  });

  it('waits for notices before it closes', () => {
    let state = sweep(after(filedCase(), remove, mod), hour);
    state = after(state, { kind: 'queue_notice', noticeId: 'n1', platform: 'x', law: 'eu-dsa' }, mod);
    expect(refusalOf(state, { kind: 'close' }, mod)).toBe('open_work');
    for (let i = 0; i < 7; i += 1)
      state = after(state, { kind: 'move_notice', noticeId: 'n1', state: 'sent', detail: '' }, system);
    expect(refusalOf(state, { kind: 'move_notice', noticeId: 'n1', state: 'sent', detail: '' }, system)).toBe(
      'too_late',
    );
    state = after(state, { kind: 'move_notice', noticeId: 'n1', state: 'removed', detail: '' }, mod);
    expect(refusalOf(state, { kind: 'close' }, mod)).toBe('done');
  });
});

describe('declining', () => {
  it('takes one person where no law is met, and lets go of the picture', () => {
    const weak = filedCase({ ...wholeFacts, signature: '', contact: '', goodFaith: false });
    expect(weak.protected).toBe(true);
    expect(after(weak, decline, mod)).toMatchObject({ phase: 'declined', protected: false });
  });

  it('takes two where the law would have it removed', () => {
    const state = filedCase();
    expect(refusalOf(state, decline, mod)).toBe('two_people');
    const asked = after(state, ask('decline_likely_valid'), mod);
    expect(refusalOf(asked, yes, staff('mod', 'second_reviewer'))).toBe('same_person');
    expect(refusalOf(asked, yes, other)).toBe('forbidden');
    expect(asked.phase).toBe('valid');
    const done = after(asked, yes, second, hour);
    expect(done).toMatchObject({ phase: 'declined', protected: false });
    expect(done.decision?.by).toEqual(['second', 'mod']);
  });
});

describe('appeals', () => {
  const removed = sweep(after(filedCase(), remove, mod), hour);
  const appealed = after(
    removed,
    { kind: 'appeal', appealId: 'a1', side: 'uploader', words: 'w' },
    { kind: 'uploader' },
    2 * hour,
  );
  const judge = (outcome: 'upheld' | 'reversed'): Command => ({
    kind: 'decide_appeal',
    appealId: 'a1',
    outcome,
    ground: null,
    words: 'w',
    decisionId: 'd3',
    proposalId: 'p1',
  });

  it('go to somebody else, and stay open until two agree to show the picture again', () => {
    expect(refusalOf(appealed, judge('upheld'), mod)).toBe('same_person');
    const asked = after(appealed, judge('reversed'), other);
    expect(asked.phase).toBe('removed');
    expect(refusalOf(asked, yes, other)).toBe('same_person');
    expect(refusalOf(asked, yes, mod)).toBe('same_person');
    const done = after(asked, yes, second, 3 * hour);
    expect(done).toMatchObject({ phase: 'restored', protected: false });
    expect(done.appeals.a1?.outcome).toBe('reversed');
    expect(done.clocks['eu-20']?.metAt).toBe(3 * hour);
  });

  it('reopen a closed case within six months, and not after', () => {
    const closed = after(removed, { kind: 'close' }, mod, 2 * hour);
    const appeal: Command = { kind: 'appeal', appealId: 'a1', side: 'uploader', words: 'w' };
    expect(after(closed, appeal, { kind: 'uploader' }, 3 * hour).closedAt).toBeNull();
    expect(refusalOf(closed, appeal, { kind: 'uploader' }, complaintMs + hour)).toBe('too_late');
  });

  it('of the reporter turn a decline into a removal by one person who had no part in it', () => {
    const weak = filedCase({ ...wholeFacts, signature: '', contact: '', goodFaith: false });
    const declined = after(weak, decline, mod);
    const open = after(declined, { kind: 'appeal', appealId: 'a1', side: 'reporter', words: 'w' }, reporter);
    expect(refusalOf(open, judge('reversed'), mod)).toBe('same_person');
    expect(after(open, judge('reversed'), other)).toMatchObject({ phase: 'removed', sweepOwed: true });
  });
});

describe('merging', () => {
  it('keeps the earliest of each clock, every reporter and every item, in whichever order they came', () => {
    fc.assert(
      fc.property(fc.nat(100 * hour), fc.nat(100 * hour), (a, b) => {
        const kept = filedCase(wholeFacts, a);
        const gone = filedCase(wholeFacts, b, 'r2');
        const state = after(kept, { kind: 'absorb', from: 'other', other: gone }, mod, a + b);
        expect(state.clocks['uk-osa']?.startedAt).toBe(Math.min(a, b));
        expect(state.clocks['us-tida']?.startedAt).toBe(Math.min(a, b));
        expect(Object.keys(state.reporters).sort()).toEqual(['r1', 'r2']);
        expect(after(gone, { kind: 'merge', into: 'kept' }, mod, a + b)).toMatchObject({ phase: 'merged' });
      }),
    );
  });

  it('carries child safety over', () => {
    const kept = filedCase();
    const gone = filedCase({ ...wholeFacts, minor: 'yes' }, hour, 'r2');
    expect(after(kept, { kind: 'absorb', from: 'x', other: gone }, mod, 2 * hour).childSafety).not.toBeNull();
  });
});

describe('child safety', () => {
  const raised = filedCase({ ...wholeFacts, minor: 'yes' });

  it('is filed on a receipt alone, and then kept for a year', () => {
    const filed = (receiptId: string): Command => ({
      kind: 'filed_child_safety',
      receiptId,
      recipient: 'NCMEC',
      earlier: [],
    });
    expect(refusalOf(raised, filed(''), system)).toBe('absent');
    expect(refusalOf(raised, filed('1'), mod)).toBe('forbidden');
    // Sent by hand, its receipt is whoever sent it's to enter.
    expect(refusalOf(raised, filed('1'), lead)).toBe('done');
    const done = after(raised, filed('4711'), system, hour);
    expect(done.childSafety).toMatchObject({
      filed: { receiptId: '4711' },
      preservedUntil: hour + 365 * 24 * hour,
    });
    expect(done.clocks['us-2258a']?.metAt).toBe(hour);
    expect(refusalOf(after(done, remove, lead, hour), { kind: 'close' }, lead)).toBe('open_work');
  });

  it('is not closed before it is filed', () => {
    const swept = sweep(after(raised, remove, lead), hour);
    expect(refusalOf(swept, { kind: 'close' }, lead)).toBe('child_safety');
  });

  it('is cleared by two of its own', () => {
    const asked = after(raised, ask('clear_child_safety'), lead);
    expect(refusalOf(asked, yes, lead)).toBe('same_person');
    expect(refusalOf(asked, yes, second)).toBe('forbidden');
    expect(after(asked, yes, staff('lead2', 'child_safety')).childSafety).toBeNull();
  });
});

describe('orders', () => {
  it('stand still while a question to the authority is open, and no other clock does', () => {
    const legal = staff('l', 'legal');
    let state = after(filedCase(), { kind: 'receive_order', orderId: 'o', authority: 'OFAC' }, legal, 0);
    state = after(state, { kind: 'pause_order', why: 'manifest error' }, legal, 2 * hour);
    expect(dueAt('fr-6-1', state.clocks['fr-6-1'] ?? fail())).toBe(Number.POSITIVE_INFINITY);
    expect(dueAt('uk-osa', state.clocks['uk-osa'] ?? fail())).toBe(48 * hour);
    state = after(state, { kind: 'resume_order', why: 'answered' }, legal, 5 * hour);
    expect(dueAt('fr-6-1', state.clocks['fr-6-1'] ?? fail())).toBe(27 * hour);
  });
});

describe('roles', () => {
  const closed = after(sweep(after(filedCase(), remove, mod), hour), { kind: 'close' }, mod);
  /** Where each action can be asked for. */
  const actionable: Readonly<Record<CaseAction, CaseState>> = {
    restore: closed,
    decline_likely_valid: filedCase(),
    export_hash: closed,
    reveal_reporter: closed,
    delete_evidence: closed,
    clear_child_safety: filedCase({ ...wholeFacts, minor: 'yes' }),
  };

  it('are data, and nothing is anybody’s that is not listed', () => {
    for (const role of staffRoles) {
      for (const capability of capabilities) {
        expect(can([role], capability)).toBe(capabilitiesOf[role].includes(capability));
      }
    }
    expect(can([], 'console.open')).toBe(false);
    expect(can(['unknown' as never], 'console.open')).toBe(false);
  });

  it('show no media and no case to an admin, no media to an auditor or a lawyer', () => {
    for (const role of ['admin', 'transparency'] as const) {
      expect(can([role], 'media.reveal')).toBe(false);
      expect(can([role], 'case.read')).toBe(false);
    }
    for (const role of ['auditor', 'legal', 'triage'] as const)
      expect(can([role], 'media.reveal')).toBe(false);
  });

  const askable = approvalActions.filter(
    (action): action is CaseAction => !['roles', 'bulk', 'threshold'].includes(action),
  );

  it('walk every command: each role does what its capabilities say and nothing else', () => {
    const state = filedCase();
    const whole: Partial<Record<CommandKind, Command>> = {
      absorb: { kind: 'absorb', from: 'other', other: filedCase(wholeFacts, hour, 'r2') },
      message: { kind: 'message', to: 'note', words: 'w' },
    };
    for (const kind of Object.keys(doors) as CommandKind[]) {
      // Who may do these two depends on the action, which the next walk goes through.
      if (kind === 'ask_approval' || kind === 'answer_approval') continue;
      for (const role of staffRoles) {
        const command = whole[kind] ?? ({ kind } as Command);
        const refused = refusalOf(state, command, staff('x', role)) === 'forbidden';
        const capability = doors[kind].staff;
        const may = capability !== undefined && can([role], capability) && can([role], 'case.read');
        expect(refused, `${role} ${kind}`).toBe(!may);
      }
    }
  });

  it('walk every action that takes two: who is listed asks and approves, nobody else does either', () => {
    const asker = staff('asker', ...staffRoles);
    for (const action of askable) {
      const state = actionable[action];
      const asked = after(state, ask(action), asker);
      for (const role of staffRoles) {
        const one = staff('x', role);
        const { ask: mayAsk, approve } = approvalRoles[action];
        expect(refusalOf(state, ask(action), one) !== 'forbidden', `${role} asks ${action}`).toBe(
          mayAsk.includes(role),
        );
        for (const answer of [yes, { ...yes, yes: false } as Command]) {
          expect(refusalOf(asked, answer, one) !== 'forbidden', `${role} answers ${action}`).toBe(
            approve.includes(role),
          );
        }
      }
    }
  });

  it('keep out of child safety whoever is not of it, from asking and answering too', () => {
    const safety = filedCase({ ...wholeFacts, minor: 'yes' });
    const asked = after(safety, ask('clear_child_safety'), lead);
    for (const role of staffRoles.filter((one) => one !== 'child_safety')) {
      for (const action of askable)
        expect(refusalOf(safety, ask(action), staff('x', role)), `${role} ${action}`).toBe('forbidden');
      expect(refusalOf(asked, yes, staff('x', role)), role).toBe('forbidden');
    }
  });

  it('let for every dangerous action at least one role ask and one approve', () => {
    for (const action of approvalActions) {
      expect(approvalRoles[action].ask.length).toBeGreaterThan(0);
      expect(approvalRoles[action].approve.length).toBeGreaterThan(0);
    }
  });

  it('refuse each action to whoever approves their own', () => {
    const all = staff('all', ...staffRoles);
    for (const action of askable) {
      const asked = after(actionable[action], ask(action), all);
      expect(refusalOf(asked, yes, all), action).toBe('same_person');
    }
  });
});

describe('the law', () => {
  it('has only the clocks that the operator answers to', () => {
    expect(filedCase().clocks['in-3-2-b']).toBeDefined();
    expect(everyClock.clocks.size).toBeGreaterThan(5);
  });
});

function fail(): never {
  throw new Error('no clock');
}
