import { complaintMs } from '@accord/law';
import {
  type Answer,
  type Asked,
  type Draft,
  isWaiting,
  meetClocks,
  openProposal,
  removalClocks,
  staffId,
  startClocks,
} from './context.ts';
import { mayApprove, mayAsk } from './roles.ts';
import { hasOpenWork } from './rules-intake.ts';
import type { CaseState, CommandOf, Proposal } from './types.ts';

export function protect({ state, actor }: Asked): Answer {
  if (state.protected) return 'nothing_to_do';
  if (!isWaiting(state)) return 'wrong_phase';
  return [{ type: 'protected', why: actor.kind === 'system' ? 'clock' : 'staff' }];
}

/** Lets go of a picture that every reporter has withdrawn. By a person, who looks at why. */
export function release({ state }: Asked): Answer {
  const withdrawn = Object.values(state.reporters).every((reporter) => reporter.withdrawn);
  if (!state.protected) return 'nothing_to_do';
  if (!isWaiting(state) || !withdrawn) return 'wrong_phase';
  if (state.childSafety !== null) return 'child_safety';
  return [{ type: 'released', why: 'withdrawn' }];
}

/** From any phase in which it still stands, declined and restored ones too: removing never waits. */
export function remove({ state }: Asked, { decisionId, ground, words }: CommandOf<'remove'>): Answer {
  if (state.phase === 'new' || state.phase === 'merged') return 'wrong_phase';
  if (state.phase === 'removed') return 'nothing_to_do';
  return [{ type: 'removed', decisionId, ground, words }, ...meetClocks(state, ['eu-16'])];
}

/** What the law would have us take down is declined by two. */
export const isLikelyValid = (state: CaseState): boolean => state.validUnder.length > 0;

export function decline({ state }: Asked, command: CommandOf<'decline'>): Answer {
  if (!isWaiting(state)) return 'wrong_phase';
  if (state.childSafety !== null) return 'child_safety';
  if (isLikelyValid(state)) return 'two_people';
  return declineDrafts(state, { ...command, askedBy: null });
}

function declineDrafts(
  state: CaseState,
  {
    decisionId,
    ground,
    words,
    askedBy,
  }: Omit<CommandOf<'decline'>, 'kind'> & { readonly askedBy: string | null },
): Draft[] {
  return [
    { type: 'declined', decisionId, ground, words, askedBy },
    ...(state.protected ? [{ type: 'released' as const, why: 'declined' as const }] : []),
    ...meetClocks(state, ['eu-16', ...removalClocks]),
  ];
}

export function startSweep({ state }: Asked, { sweepId }: CommandOf<'start_sweep'>): Answer {
  if (state.phase !== 'removed') return 'wrong_phase';
  if (sweepId in state.sweeps) return 'exists';
  return [{ type: 'sweep_started', sweepId }];
}

export function finishSweep({ state }: Asked, { sweepId, coverage }: CommandOf<'finish_sweep'>): Answer {
  if (state.sweeps[sweepId] === undefined) return 'absent';
  if (state.sweeps[sweepId] !== null) return 'nothing_to_do';
  const done = coverage.complete && state.phase === 'removed';
  return [{ type: 'sweep_finished', sweepId, coverage }, ...(done ? meetClocks(state, removalClocks) : [])];
}

export function appeal({ state, actor, now, law }: Asked, command: CommandOf<'appeal'>): Answer {
  const { appealId, side, words } = command;
  if (side !== actor.kind) return 'forbidden';
  if (actor.kind === 'reporter' && state.reporters[actor.id] === undefined) return 'absent';
  const { decision } = state;
  if (decision === null || state.phase === 'merged') return 'wrong_phase';
  // Each side objects to what went against it.
  const against =
    side === 'uploader'
      ? state.phase === 'removed'
      : state.phase === 'declined' || state.phase === 'restored';
  if (!against) return 'wrong_phase';
  if (now - decision.at > complaintMs) return 'too_late';
  if (Object.values(state.appeals).some((other) => other.side === side && other.outcome === null))
    return 'exists';
  return [{ type: 'appealed', appealId, side, words }, ...startClocks(law, 'complaint', now)];
}

export function decideAppeal(asked: Asked, command: CommandOf<'decide_appeal'>): Answer {
  const { state, actor } = asked;
  const found = state.appeals[command.appealId];
  if (found === undefined) return 'absent';
  if (found.outcome !== null) return 'nothing_to_do';
  const who = staffId(actor) ?? '';
  if (state.decision?.by.includes(who)) return 'same_person';
  const { appealId, outcome, words } = command;
  const decided: Draft = { type: 'appeal_decided', appealId, outcome, words };
  const last = Object.entries(state.appeals).every(([id, each]) => id === appealId || each.outcome !== null);
  const met = last ? meetClocks(state, ['eu-20']) : [];
  if (outcome === 'upheld') return [decided, ...met];
  if (found.side === 'reporter') {
    const removed = remove(asked, {
      kind: 'remove',
      decisionId: command.decisionId,
      ground: command.ground ?? 'ncii_real',
      words,
    });
    return typeof removed === 'string' ? removed : [decided, ...met, ...removed];
  }
  // To show a removed picture again takes a second person, and a third where one had decided to remove it.
  return askApproval(asked, {
    kind: 'ask_approval',
    proposalId: command.proposalId,
    action: 'restore',
    words,
    ground: null,
    itemId: null,
    appealId,
  });
}

/** Whether what is asked could be done at all in this state. */
function fits(state: CaseState, proposal: Pick<Proposal, 'action' | 'ground' | 'itemId'>): boolean {
  const { action, ground, itemId } = proposal;
  if (state.childSafety !== null && (action === 'restore' || action === 'decline_likely_valid')) return false;
  switch (action) {
    case 'restore':
      return state.phase === 'removed';
    case 'decline_likely_valid':
      return isWaiting(state) && ground !== null;
    case 'export_hash':
      return state.items.some(({ id, kind }) => id === itemId && (kind === 'hash' || kind === 'source'));
    case 'reveal_reporter':
      return state.phase !== 'new';
    case 'delete_evidence':
      return (
        state.closedAt !== null &&
        !state.hold &&
        (state.childSafety === null || state.childSafety.filed !== null)
      );
    case 'clear_child_safety':
      return state.childSafety !== null && state.childSafety.filed === null;
  }
}

export function askApproval(
  { state, actor }: Asked,
  command: CommandOf<'ask_approval'> & { readonly appealId?: string },
): Answer {
  if (actor.kind !== 'staff' || !mayAsk(actor.roles, command.action)) return 'forbidden';
  const { proposalId, action, words, ground, itemId } = command;
  if (proposalId in state.proposals) return 'exists';
  if (openProposal(state, (other) => other === action)) return 'exists';
  if (!fits(state, command)) return 'wrong_phase';
  return [
    { type: 'asked_approval', proposalId, action, words, ground, itemId, appealId: command.appealId ?? null },
  ];
}

export function answerApproval(asked: Asked, command: CommandOf<'answer_approval'>): Answer {
  const { state, actor } = asked;
  const proposal = state.proposals[command.proposalId];
  if (proposal === undefined) return 'absent';
  if (actor.kind !== 'staff' || !mayApprove(actor.roles, proposal.action)) return 'forbidden';
  if (proposal.state !== 'open') return 'nothing_to_do';
  if (proposal.by === actor.id) return 'same_person';
  const { proposalId, yes, decisionId } = command;
  if (!yes) return [{ type: 'approval_refused', proposalId }];
  // An appeal is judged by people who had no part in what it is against.
  if (proposal.appealId !== null && state.decision?.by.includes(actor.id)) return 'same_person';
  if (!fits(state, proposal)) return 'wrong_phase';
  return [{ type: 'approval_given', proposalId }, ...effectOf(asked, proposal, decisionId)];
}

function effectOf({ state, now }: Asked, proposal: Proposal, decisionId: string): Draft[] {
  const askedBy = proposal.by;
  switch (proposal.action) {
    case 'restore':
      return [
        ...(proposal.appealId === null
          ? []
          : [
              {
                type: 'appeal_decided' as const,
                appealId: proposal.appealId,
                outcome: 'reversed' as const,
                words: proposal.words,
              },
              ...meetClocks(state, ['eu-20']),
            ]),
        { type: 'restored', words: proposal.words, askedBy },
        ...meetClocks(state, removalClocks),
      ];
    case 'decline_likely_valid':
      return declineDrafts(state, {
        decisionId,
        ground: proposal.ground ?? 'cannot_locate',
        words: proposal.words,
        askedBy,
      });
    case 'export_hash':
      return [{ type: 'hash_released', itemId: proposal.itemId ?? '', askedBy }];
    case 'reveal_reporter':
      return [{ type: 'reporter_revealed', askedBy }];
    case 'delete_evidence':
      return preserved(state, now) ? [] : [{ type: 'evidence_deletion_approved', askedBy }];
    case 'clear_child_safety':
      return [{ type: 'child_safety_cleared', askedBy }, ...meetClocks(state, ['us-2258a'])];
  }
}

const preserved = ({ childSafety }: CaseState, now: number): boolean =>
  childSafety !== null && (childSafety.preservedUntil ?? Number.POSITIVE_INFINITY) > now;

export function close({ state }: Asked): Answer {
  if (state.closedAt !== null) return 'nothing_to_do';
  const decided = state.phase === 'removed' || state.phase === 'declined' || state.phase === 'restored';
  const withdrawn =
    isWaiting(state) &&
    !state.protected &&
    Object.values(state.reporters).every((reporter) => reporter.withdrawn);
  if (!decided && !withdrawn) return 'wrong_phase';
  if (hasOpenWork(state) || state.sweepOwed) return 'open_work';
  if (state.childSafety !== null && state.childSafety.filed === null) return 'child_safety';
  return [...meetClocks(state, ['eu-16', ...removalClocks]), { type: 'closed' }];
}
