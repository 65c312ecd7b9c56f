import {
  type ClockId,
  earliest,
  meetClock,
  pauseClock,
  resumeClock,
  retention,
  startClock,
} from '@accord/law';
import type { CaseEvent, CaseState, EventOf, Reporter } from './types.ts';

/** A case before its first event. */
export const emptyCase: CaseState = {
  version: 0,
  phase: 'new',
  openedAt: 0,
  closedAt: null,
  validUnder: [],
  missing: [],
  picture: null,
  protected: false,
  items: [],
  reporters: {},
  clocks: {},
  decision: null,
  sweeps: {},
  sweepOwed: false,
  notices: {},
  appeals: {},
  proposals: {},
  childSafety: null,
  hold: false,
  mergedInto: null,
  absorbed: [],
  reveals: 0,
};

type Fold<T extends CaseEvent['type']> = (state: CaseState, event: EventOf<T>) => Partial<CaseState>;

const dayMs = 86_400_000;

/** One clock changed; nothing where it never started. */
function onClock(
  state: CaseState,
  id: ClockId,
  change: (clock: NonNullable<CaseState['clocks'][ClockId]>) => NonNullable<CaseState['clocks'][ClockId]>,
): Partial<CaseState> {
  const clock = state.clocks[id];
  return clock === undefined ? {} : { clocks: { ...state.clocks, [id]: change(clock) } };
}

const merged = <T>(map: Readonly<Record<string, T>>, id: string, change: Partial<T>) => {
  const found = map[id];
  return found === undefined ? map : { ...map, [id]: { ...found, ...change } };
};

function filed(state: CaseState, event: EventOf<'filed'>): Partial<CaseState> {
  const reporter: Reporter = { capacity: event.capacity, at: event.at, withdrawn: false };
  return {
    phase: 'incomplete',
    openedAt: event.at,
    picture: event.picture,
    items: event.items,
    reporters: { ...state.reporters, [event.reporterId]: reporter },
  };
}

/** What became invalid again by a change of heart stays valid: a person who asked well once has asked. */
function examined(state: CaseState, event: EventOf<'examined'>): Partial<CaseState> {
  const validUnder = [...new Set([...state.validUnder, ...event.validUnder])];
  const waiting = state.phase === 'incomplete' || state.phase === 'valid';
  return {
    validUnder,
    missing: validUnder.length > 0 ? [] : event.missing,
    ...(waiting && { phase: validUnder.length > 0 ? 'valid' : 'incomplete' }),
  };
}

function removed(_state: CaseState, event: EventOf<'removed'>): Partial<CaseState> {
  return {
    phase: 'removed',
    protected: true,
    sweepOwed: true,
    decision: {
      id: event.decisionId,
      kind: 'remove',
      ground: event.ground,
      by: event.by.id === undefined ? [] : [event.by.id],
      at: event.at,
      words: event.words,
    },
  };
}

function declined(_state: CaseState, event: EventOf<'declined'>): Partial<CaseState> {
  return {
    phase: 'declined',
    decision: {
      id: event.decisionId,
      kind: 'decline',
      ground: event.ground,
      by: [event.by.id, event.askedBy].filter((id) => typeof id === 'string'),
      at: event.at,
      words: event.words,
    },
  };
}

function absorbed(state: CaseState, event: EventOf<'absorbed'>): Partial<CaseState> {
  const clocks = { ...state.clocks };
  for (const [id, clock] of event.clocks) {
    const own = clocks[id];
    clocks[id] = own === undefined ? clock : earliest(own, clock);
  }
  const known = new Set(state.items.map(({ id }) => id));
  return {
    absorbed: [...state.absorbed, event.from],
    items: [...state.items, ...event.items.filter(({ id }) => !known.has(id))],
    reporters: { ...Object.fromEntries(event.reporters), ...state.reporters },
    protected: state.protected || event.protected,
    clocks,
  };
}

function noticeMoved(state: CaseState, event: EventOf<'notice_moved'>): Partial<CaseState> {
  const notice = state.notices[event.noticeId];
  if (notice === undefined) return {};
  const sent = event.state === 'sent';
  return {
    notices: merged(state.notices, event.noticeId, {
      state: event.state,
      tries: notice.tries + (sent ? 1 : 0),
      ...(sent && { firstSentAt: notice.firstSentAt ?? event.at, lastSentAt: event.at }),
    }),
  };
}

const nothing = (): Partial<CaseState> => ({});

const folds: { readonly [T in CaseEvent['type']]: Fold<T> } = {
  filed,
  examined,
  completed: (state, { items }) => ({
    items: [...state.items, ...items.filter(({ id }) => !state.items.some((item) => item.id === id))],
  }),
  clock_started: (state, { clock, startedAt }) => {
    const own = state.clocks[clock];
    const fresh = startClock(startedAt);
    // One that ended starts anew (a second appeal); one that runs keeps its earlier start.
    const next = own === undefined || own.metAt !== null ? fresh : earliest(own, fresh);
    return { clocks: { ...state.clocks, [clock]: next } };
  },
  clock_met: (state, { clock, at }) => onClock(state, clock, (own) => meetClock(own, at)),
  clock_paused: (state, { clock, at }) => onClock(state, clock, (own) => pauseClock(clock, own, at)),
  clock_resumed: (state, { clock, at }) => onClock(state, clock, (own) => resumeClock(own, at)),
  clock_told: (state, { clock, hours }) =>
    onClock(state, clock, (own) => ({
      ...own,
      told: [...new Set([...own.told, hours])].sort((a, b) => a - b),
    })),
  protected: () => ({ protected: true }),
  released: () => ({ protected: false }),
  removed,
  declined,
  restored: (state, { by, askedBy, at }) => ({
    phase: 'restored',
    protected: false,
    sweepOwed: false,
    decision: state.decision && {
      ...state.decision,
      at,
      by: [...new Set([...state.decision.by, by.id, askedBy].filter((id) => typeof id === 'string'))],
    },
  }),
  sweep_started: (state, { sweepId }) => ({ sweeps: { ...state.sweeps, [sweepId]: null } }),
  sweep_finished: (state, { sweepId, coverage }) => ({
    sweeps: { ...state.sweeps, [sweepId]: coverage },
    ...(coverage.complete && { sweepOwed: false }),
  }),
  notice_queued: (state, { noticeId, platform, law }) => ({
    notices: {
      ...state.notices,
      [noticeId]: { platform, law, state: 'queued', tries: 0, firstSentAt: null, lastSentAt: null },
    },
  }),
  notice_moved: noticeMoved,
  appealed: (state, { appealId, side, at, words }) => ({
    closedAt: null,
    appeals: { ...state.appeals, [appealId]: { side, at, words, outcome: null } },
  }),
  appeal_decided: (state, { appealId, outcome, words }) => ({
    appeals: merged(state.appeals, appealId, { outcome, answer: words }),
  }),
  asked_approval: (state, event) => ({
    proposals: {
      ...state.proposals,
      [event.proposalId]: {
        action: event.action,
        by: event.by.id ?? '',
        at: event.at,
        words: event.words,
        ground: event.ground,
        itemId: event.itemId,
        appealId: event.appealId,
        state: 'open',
      },
    },
  }),
  approval_given: (state, { proposalId }) => ({
    proposals: merged(state.proposals, proposalId, { state: 'given' }),
  }),
  approval_refused: (state, { proposalId }) => ({
    proposals: merged(state.proposals, proposalId, { state: 'refused' }),
  }),
  message: nothing,
  consent_shown: nothing,
  withdrawn: (state, { reporterId }) => ({
    reporters: merged(state.reporters, reporterId, { withdrawn: true }),
  }),
  absorbed,
  merged: (_state, { into, at }) => ({ phase: 'merged', mergedInto: into, closedAt: at }),
  child_safety_raised: (state, { at }) => ({
    protected: true,
    childSafety: state.childSafety ?? { since: at, filed: null, preservedUntil: null },
  }),
  child_safety_filing: nothing,
  child_safety_cleared: () => ({ childSafety: null }),
  child_safety_filed: (state, { receiptId, at }) => ({
    childSafety: state.childSafety && {
      ...state.childSafety,
      filed: { receiptId, at },
      preservedUntil: at + retention.preserve.days * dayMs,
    },
  }),
  order_received: nothing,
  held: () => ({ hold: true }),
  hold_lifted: () => ({ hold: false }),
  revealed: (state) => ({ reveals: state.reveals + 1 }),
  evidence_read: nothing,
  evidence_exported: nothing,
  hash_released: nothing,
  reporter_revealed: nothing,
  evidence_deletion_approved: nothing,
  closed: (_state, { at }) => ({ closedAt: at }),
};

/** The state after one more event. Never fails: what was appended has been decided. */
export function fold(state: CaseState, event: CaseEvent): CaseState {
  const apply = folds[event.type] as Fold<CaseEvent['type']>;
  return { ...state, ...apply(state, event as never), version: state.version + 1 };
}

export const foldAll = (events: Iterable<CaseEvent>, from: CaseState = emptyCase): CaseState => {
  let state = from;
  for (const event of events) state = fold(state, event);
  return state;
};
