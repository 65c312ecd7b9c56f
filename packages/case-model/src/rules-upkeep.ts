import { type ClockId, clockIds, clockRules, dueMarks, noticeTries } from '@accord/law';
import { type Answer, type Asked, type Draft, isWaiting, meetClocks, startClocks } from './context.ts';
import type { CommandOf, NoticeState } from './types.ts';

/** What has become due: alarms, breaches, and the block of a picture that nobody decided on in time. */
export function tick({ state, now }: Asked): Answer {
  if (state.phase === 'new') return 'wrong_phase';
  const drafts: Draft[] = [];
  let blocked = state.protected || !isWaiting(state);
  for (const clock of clockIds) {
    const own = state.clocks[clock];
    if (own === undefined) continue;
    const rule: { readonly hours: number; readonly protectAt?: number } = clockRules[clock];
    for (const hours of dueMarks(clock, own, now)) {
      const breach = hours === rule.hours && clock !== 'us-preserve';
      drafts.push({ type: 'clock_told', clock, hours, breach });
      if (!blocked && rule.protectAt !== undefined && hours >= rule.protectAt) {
        drafts.push({ type: 'protected', why: 'clock' });
        blocked = true;
      }
    }
  }
  return drafts.length === 0 ? 'nothing_to_do' : drafts;
}

export function queueNotice({ state }: Asked, command: CommandOf<'queue_notice'>): Answer {
  const { noticeId, platform, law } = command;
  if (state.phase === 'new' || state.phase === 'merged') return 'wrong_phase';
  if (noticeId in state.notices) return 'exists';
  if (!state.items.some(({ kind }) => kind === 'place')) return 'absent';
  return [{ type: 'notice_queued', noticeId, platform, law }];
}

/** From where a notice may go on. What is over stays over. */
const moves: Readonly<Record<NoticeState, readonly NoticeState[]>> = {
  queued: ['sent', 'given_up'],
  sent: ['sent', 'acknowledged', 'removed', 'refused', 'given_up'],
  acknowledged: ['sent', 'removed', 'refused', 'given_up'],
  removed: [],
  refused: [],
  given_up: [],
};

export function moveNotice(
  { state }: Asked,
  { noticeId, state: to, detail }: CommandOf<'move_notice'>,
): Answer {
  const notice = state.notices[noticeId];
  if (notice === undefined) return 'absent';
  if (!moves[notice.state].includes(to)) return 'wrong_phase';
  if (to === 'sent' && notice.tries >= noticeTries) return 'too_late';
  return [{ type: 'notice_moved', noticeId, state: to, detail }];
}

export function raiseChildSafety(
  { state, law, now }: Asked,
  { why }: CommandOf<'raise_child_safety'>,
): Answer {
  if (state.phase === 'new' || state.phase === 'merged') return 'wrong_phase';
  if (state.childSafety !== null) return 'nothing_to_do';
  return [{ type: 'child_safety_raised', why }, ...startClocks(law, 'knowledge', now)];
}

/** By one person of child safety: filing never waits for a second. */
export function fileChildSafety({ state }: Asked, command: CommandOf<'file_child_safety'>): Answer {
  if (state.childSafety === null) return 'wrong_phase';
  if (state.childSafety.filed !== null) return 'exists';
  return [{ type: 'child_safety_filing', incident: command.incident, words: command.words }];
}

/** "Filed" is said on a receipt, never on a hope. */
export function filedChildSafety(
  { state, law, now }: Asked,
  command: CommandOf<'filed_child_safety'>,
): Answer {
  if (state.childSafety === null) return 'wrong_phase';
  if (command.receiptId === '') return 'absent';
  if (state.childSafety.filed !== null) return 'exists';
  const { receiptId, recipient, earlier } = command;
  return [
    { type: 'child_safety_filed', receiptId, recipient, earlier },
    ...meetClocks(state, ['us-2258a']),
    ...startClocks(law, 'filed', now),
  ];
}

const orderClock: ClockId = 'fr-6-1';

export function receiveOrder({ state, law, now }: Asked, command: CommandOf<'receive_order'>): Answer {
  if (state.phase === 'new' || state.phase === 'merged') return 'wrong_phase';
  const { orderId, authority } = command;
  return [{ type: 'order_received', orderId, authority }, ...startClocks(law, 'order', now)];
}

export function pauseOrder({ state }: Asked, { why }: CommandOf<'pause_order' | 'resume_order'>): Answer {
  const clock = state.clocks[orderClock];
  if (clock === undefined || clock.metAt !== null) return 'absent';
  if (clock.pausedSince !== null) return 'nothing_to_do';
  return [{ type: 'clock_paused', clock: orderClock, why }];
}

export function resumeOrder({ state }: Asked, { why }: CommandOf<'pause_order' | 'resume_order'>): Answer {
  const clock = state.clocks[orderClock];
  if (clock === undefined || clock.metAt !== null) return 'absent';
  if (clock.pausedSince === null) return 'nothing_to_do';
  return [{ type: 'clock_resumed', clock: orderClock, why }];
}

export function hold({ state }: Asked, { why }: CommandOf<'hold' | 'lift_hold'>): Answer {
  return state.hold ? 'nothing_to_do' : [{ type: 'held', why }];
}

export function liftHold({ state }: Asked, { why }: CommandOf<'hold' | 'lift_hold'>): Answer {
  return state.hold ? [{ type: 'hold_lifted', why }] : 'nothing_to_do';
}

export function reveal({ state }: Asked, { itemId }: CommandOf<'reveal'>): Answer {
  const item = state.items.find(({ id }) => id === itemId);
  return item?.kind === 'message' ? [{ type: 'revealed', itemId }] : 'absent';
}
