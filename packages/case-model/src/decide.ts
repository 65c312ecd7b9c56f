import { type Answer, type Asked, staffCan, stamped } from './context.ts';
import type { Capability } from './roles.ts';
import * as decision from './rules-decision.ts';
import * as intake from './rules-intake.ts';
import * as upkeep from './rules-upkeep.ts';
import type { Actor, CaseState, Command, CommandKind, CommandOf, Law, Outcome } from './types.ts';

/** Who may ask for what, apart from what the state says. `staff`: with this capability. */
interface Door {
  readonly others?: readonly Exclude<Actor['kind'], 'staff'>[];
  readonly staff?: Capability;
}

/** Deny by default: a kind of actor that is not named here is nobody. */
export const doors: { readonly [K in CommandKind]: Door } = {
  file: { others: ['reporter'] },
  complete: { others: ['reporter'] },
  withdraw: { others: ['reporter'] },
  appeal: { others: ['reporter', 'uploader'] },
  message: { others: ['reporter', 'uploader'], staff: 'case.triage' },
  show_consent: { others: ['uploader'] },
  protect: { others: ['system'], staff: 'case.protect' },
  release: { staff: 'case.decide' },
  remove: { staff: 'case.decide' },
  decline: { staff: 'case.decide' },
  decide_appeal: { staff: 'case.appeal' },
  ask_approval: { staff: 'console.open' },
  answer_approval: { staff: 'approval.read' },
  merge: { staff: 'case.triage' },
  absorb: { staff: 'case.triage' },
  start_sweep: { others: ['system'] },
  finish_sweep: { others: ['system'] },
  queue_notice: { staff: 'case.notice' },
  move_notice: { others: ['system'], staff: 'case.notice' },
  raise_child_safety: { staff: 'case.triage' },
  file_child_safety: { staff: 'case.child_safety' },
  filed_child_safety: { others: ['system'], staff: 'case.child_safety' },
  receive_order: { staff: 'case.order' },
  pause_order: { staff: 'case.order' },
  resume_order: { staff: 'case.order' },
  hold: { staff: 'case.hold' },
  lift_hold: { staff: 'case.hold' },
  reveal: { staff: 'media.reveal' },
  read_evidence: { staff: 'case.read' },
  export_evidence: { staff: 'case.export' },
  tick: { others: ['system'] },
  close: { staff: 'case.decide' },
};

const rules: { readonly [K in CommandKind]: (asked: Asked, command: CommandOf<K>) => Answer } = {
  ...intake,
  ...decision,
  show_consent: intake.showConsent,
  start_sweep: decision.startSweep,
  finish_sweep: decision.finishSweep,
  decide_appeal: decision.decideAppeal,
  ask_approval: decision.askApproval,
  answer_approval: decision.answerApproval,
  queue_notice: upkeep.queueNotice,
  move_notice: upkeep.moveNotice,
  raise_child_safety: upkeep.raiseChildSafety,
  file_child_safety: upkeep.fileChildSafety,
  filed_child_safety: upkeep.filedChildSafety,
  receive_order: upkeep.receiveOrder,
  pause_order: upkeep.pauseOrder,
  resume_order: upkeep.resumeOrder,
  hold: upkeep.hold,
  lift_hold: upkeep.liftHold,
  reveal: upkeep.reveal,
  tick: upkeep.tick,
  read_evidence: (_asked, { what }) => [{ type: 'evidence_read', what }],
  export_evidence: (_asked, { what }) => [{ type: 'evidence_exported', what }],
};

/** Whether this actor may see this case at all: child safety locks everybody else of the staff out. */
export function maySee(state: CaseState, actor: Actor): boolean {
  if (actor.kind !== 'staff') return true;
  if (!staffCan(actor, 'case.read')) return false;
  return state.childSafety === null || staffCan(actor, 'case.child_safety');
}

/** What needs no look into the case, and so is open to roles that see none. */
const blind: ReadonlySet<CommandKind> = new Set(['ask_approval', 'answer_approval']);

function passes(state: CaseState, command: Command, actor: Actor): boolean {
  const door = doors[command.kind];
  if (actor.kind !== 'staff') return door.others?.includes(actor.kind) ?? false;
  if (door.staff === undefined || !staffCan(actor, door.staff)) return false;
  if (state.childSafety !== null) return staffCan(actor, 'case.child_safety');
  return blind.has(command.kind) || maySee(state, actor);
}

/**
 * What happens when `actor` asks this of a case: the events to append, or why not. Pure: the same question has the
 * same answer, at any time and on any machine.
 */
export function decide(
  state: CaseState,
  command: Command,
  { actor, now, law }: { readonly actor: Actor; readonly now: number; readonly law: Law },
): Outcome {
  if (!passes(state, command, actor)) return { ok: false, refusal: 'forbidden' };
  if (state.phase === 'new' && command.kind !== 'file') return { ok: false, refusal: 'absent' };
  const rule = rules[command.kind] as (asked: Asked, command: Command) => Answer;
  return stamped(rule({ state, actor, now, law }, command), actor, now);
}
