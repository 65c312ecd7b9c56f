import {
  type Clock,
  type ClockId,
  clockRules,
  examineRequest,
  isPlausible,
  type RequestFacts,
} from '@accord/law';
import { type Answer, type Asked, type Draft, isWaiting, meetClocks, startClocks } from './context.ts';
import type { CaseState, CommandOf } from './types.ts';

/** What was asked is looked at: where it stands, whether it is protected, which clocks start. */
function examine({ state, law, now }: Asked, facts: RequestFacts, mayProtect = true): Draft[] {
  const { validUnder, missing } = examineRequest(facts);
  const plausible = isPlausible(facts);
  const drafts: Draft[] = [{ type: 'examined', validUnder, missing, plausible }];
  drafts.push(
    ...startClocks(law, 'valid_request', now).filter(
      (draft) =>
        draft.type === 'clock_started' &&
        state.clocks[draft.clock] === undefined &&
        validUnder.some((id) => id === clockRules[draft.clock].law),
    ),
  );
  const protects = mayProtect && plausible && !state.protected && (isWaiting(state) || state.phase === 'new');
  if (protects) drafts.push({ type: 'protected', why: 'plausible' });
  if (facts.minor === 'yes' && state.childSafety === null) {
    drafts.push({ type: 'child_safety_raised', why: 'the reporter says: under 18' });
    drafts.push(...startClocks(law, 'knowledge', now));
  }
  return drafts;
}

export function file(asked: Asked, command: CommandOf<'file'>): Answer {
  if (asked.state.phase !== 'new') return 'exists';
  const { facts, reporterId, items, identityDigest } = command;
  const filed: Draft = {
    type: 'filed',
    reporterId,
    capacity: facts.capacity,
    picture: facts.kind,
    minor: facts.minor === 'yes',
    items,
    identityDigest,
    words: facts.words,
  };
  const receipt = startClocks(asked.law, 'receipt', asked.now);
  // The number that the person is given in the same moment is the acknowledgement.
  const acknowledged = receipt.some((draft) => draft.type === 'clock_started' && draft.clock === 'eu-16-ack');
  return [
    filed,
    ...receipt,
    ...(acknowledged ? [{ type: 'clock_met' as const, clock: 'eu-16-ack' as const }] : []),
    ...examine(asked, facts, command.mayProtect),
  ];
}

export function complete(asked: Asked, command: CommandOf<'complete'>): Answer {
  const { state } = asked;
  if (!isWaiting(state)) return 'wrong_phase';
  const { reporterId, items, words, identityDigest, facts } = command;
  return [{ type: 'completed', reporterId, items, words, identityDigest }, ...examine(asked, facts)];
}

export function withdraw({ state }: Asked, { reporterId }: CommandOf<'withdraw'>): Answer {
  const reporter = state.reporters[reporterId];
  if (reporter === undefined) return 'absent';
  if (reporter.withdrawn) return 'nothing_to_do';
  return [{ type: 'withdrawn', reporterId }];
}

export function message({ state, actor }: Asked, { to, words }: CommandOf<'message'>): Answer {
  const fromDesk = actor.kind === 'staff';
  if (fromDesk === (to === 'desk')) return 'forbidden';
  const reporterId = actor.kind === 'reporter' ? actor.id : null;
  if (reporterId !== null && state.reporters[reporterId] === undefined) return 'absent';
  return [{ type: 'message', to, reporterId, words }];
}

/** Changes nothing by itself: a person weighs it. Once it is decided, an appeal is the way. */
export function showConsent({ state }: Asked, { kind: _, ...shown }: CommandOf<'show_consent'>): Answer {
  return isWaiting(state) ? [{ type: 'consent_shown', ...shown }] : 'wrong_phase';
}

/** The case that stays takes over what the other has: every reporter, every item, the earlier of each clock. */
export function absorb({ state, law, now }: Asked, { from, other }: CommandOf<'absorb'>): Answer {
  if (state.phase === 'new' || state.phase === 'merged' || other.phase === 'merged') return 'wrong_phase';
  if (state.absorbed.includes(from)) return 'nothing_to_do';
  if (!isWaiting(other) || hasOpenWork(other)) return 'open_work';
  const drafts: Draft[] = [
    {
      type: 'absorbed',
      from,
      items: other.items,
      reporters: Object.entries(other.reporters),
      clocks: Object.entries(other.clocks) as [ClockId, Clock][],
      protected: other.protected,
    },
  ];
  const fresh = other.validUnder.filter((id) => !state.validUnder.includes(id));
  if (fresh.length > 0) {
    drafts.push({ type: 'examined', validUnder: fresh, missing: [], plausible: other.protected });
  }
  if (other.childSafety !== null && state.childSafety === null) {
    drafts.push({ type: 'child_safety_raised', why: 'a merged case' });
    drafts.push(...startClocks(law, 'knowledge', Math.min(now, other.childSafety.since)));
  }
  return drafts;
}

export function merge({ state }: Asked, { into }: CommandOf<'merge'>): Answer {
  if (!isWaiting(state)) return 'wrong_phase';
  if (hasOpenWork(state)) return 'open_work';
  // Its clocks run on where it went.
  return [{ type: 'merged', into }, ...meetClocks(state, Object.keys(state.clocks) as ClockId[])];
}

/** What must end before a case can close or go into another. */
export function hasOpenWork(state: CaseState): boolean {
  const openNotice = new Set(['queued', 'sent', 'acknowledged']);
  return (
    Object.values(state.sweeps).includes(null) ||
    Object.values(state.notices).some((notice) => openNotice.has(notice.state)) ||
    Object.values(state.appeals).some(({ outcome }) => outcome === null) ||
    Object.values(state.proposals).some((proposal) => proposal.state === 'open')
  );
}
