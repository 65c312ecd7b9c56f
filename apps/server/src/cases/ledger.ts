import {
  type Actor,
  type CaseEvent,
  type CaseState,
  type Command,
  decide,
  emptyCase,
  foldAll,
  nextDue,
  type RefusalCode,
  runningClocks,
} from '@accord/case-model';
import type { ErrorCode } from '@accord/protocol';
import type { Tx } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { keepFigure } from '../transparency/index.ts';
import type { Parts } from './parts.ts';
import { noHash, seal } from './seal.ts';
import { putDownStamp } from './stamps.ts';
import { putDownWork } from './work-list.ts';

/** How the model's refusals are told. Forbidden and absent answer alike. */
const told: Readonly<Record<RefusalCode, ErrorCode>> = {
  forbidden: 'not_found',
  absent: 'not_found',
  wrong_phase: 'wrong_phase',
  two_people: 'two_people',
  same_person: 'same_person',
  open_work: 'open_work',
  exists: 'already_done',
  nothing_to_do: 'already_done',
  too_late: 'too_late',
  child_safety: 'child_safety_first',
};

/** @throws {Error} outside of a transaction: what must change together can't be written by halves */
function assertTransaction(tx: Tx): void {
  if (!tx.isTransaction) throw new Error('cases are written in transactions alone');
}

/** The state of a case, its row locked until the transaction ends; null when there is none. */
async function lockCase(tx: Tx, caseId: string): Promise<CaseState | null> {
  assertTransaction(tx);
  const row = await tx
    .selectFrom('desk_case')
    .select('state')
    .where('id', '=', caseId)
    .forUpdate()
    .executeTakeFirst();
  return row?.state ?? null;
}

interface Changed {
  readonly state: CaseState;
  readonly events: readonly CaseEvent[];
}

interface Asking {
  readonly caseId: string;
  readonly actor: Actor;
  readonly command: Command;
}

/**
 * Asks the model, appends what it answers and folds it, all in the caller's transaction. A case that is not there is
 * begun by `file`. @throws {Refusal}
 */
export async function change(parts: Parts, tx: Tx, asking: Asking): Promise<Changed> {
  const { caseId, actor, command } = asking;
  const known = await lockCase(tx, caseId);
  const now = parts.platform.clock();
  const outcome = decide(known ?? emptyCase, command, { actor, now, law: parts.law });
  if (!outcome.ok) {
    parts.platform.log.info({ command: command.kind, refusal: outcome.refusal, by: actor.kind }, 'refused');
    throw new Refusal(told[outcome.refusal]);
  }
  const before = known ?? emptyCase;
  const state = foldAll(outcome.events, before);
  await writeState(tx, caseId, known === null ? null : before, state, outcome.events);
  await append(parts, tx, caseId, before.version, outcome.events);
  await writeClocks(tx, caseId, before, state, outcome.events);
  await keepFigure(tx, { caseId, state, events: outcome.events });
  await putDownWork(tx, { caseId, now, events: outcome.events });
  await parts.told(tx, { caseId, now, events: outcome.events });
  return { state, events: outcome.events };
}

async function append(
  parts: Parts,
  tx: Tx,
  caseId: string,
  version: number,
  events: readonly CaseEvent[],
): Promise<void> {
  const last = await tx
    .selectFrom('case_event')
    .select('hash')
    .where('case_id', '=', caseId)
    .where('seq', '=', version)
    .executeTakeFirst();
  let before = last?.hash ?? noHash;
  const rows = events.map((event, index) => {
    const seq = version + index + 1;
    const sealed = seal(parts.key, { caseId, seq, before }, event);
    before = sealed.hash;
    return { case_id: caseId, seq, type: event.type, at: new Date(event.at), ...sealed };
  });
  if (rows.length > 0) await tx.insertInto('case_event').values(rows).execute();
  if (parts.platform.config.desk.tsa !== undefined) await putDownStamp(tx, rows);
}

const asDate = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

async function writeState(
  tx: Tx,
  caseId: string,
  before: CaseState | null,
  state: CaseState,
  events: readonly CaseEvent[],
): Promise<void> {
  const row = {
    state: JSON.stringify(state),
    phase: state.phase,
    due_at: asDate(nextDue(state)),
    child_safety: state.childSafety !== null,
    appealed: Object.values(state.appeals).some(({ outcome }) => outcome === null),
    proposals: Object.values(state.proposals).filter((proposal) => proposal.state === 'open').length,
    closed_at: asDate(state.closedAt),
  };
  if (before === null) {
    const opened = { id: caseId, opened_at: new Date(state.openedAt), unanswered: 0 };
    await tx
      .insertInto('desk_case')
      .values({ ...opened, ...row })
      .execute();
    return;
  }
  const asked = events.filter((event) => event.type === 'message' && event.to === 'desk').length;
  const answered = events.some((event) => event.type === 'message' && event.to === 'reporter');
  await tx
    .updateTable('desk_case')
    .set((eb) => ({ ...row, unanswered: answered ? 0 : eb('unanswered', '+', asked) }))
    .where('id', '=', caseId)
    .execute();
}

async function writeClocks(
  tx: Tx,
  caseId: string,
  before: CaseState,
  state: CaseState,
  events: readonly CaseEvent[],
): Promise<void> {
  const running = new Map(runningClocks(state).map((clock) => [clock.clock, clock]));
  const breached = new Set(
    events.flatMap((event) => (event.type === 'clock_told' && event.breach ? [event.clock] : [])),
  );
  const ids = Object.keys(state.clocks) as (keyof CaseState['clocks'])[];
  for (const clock of ids) {
    const own = state.clocks[clock];
    if (own === undefined || own === before.clocks[clock]) continue;
    const runs = running.get(clock);
    const row = {
      started_at: new Date(own.startedAt),
      due_at: asDate(runs?.dueAt ?? null),
      next_at: asDate(runs?.nextAt ?? null),
      met_at: asDate(own.metAt),
      ...(breached.has(clock) && { breached: true }),
    };
    await tx
      .insertInto('case_clock')
      .values({ case_id: caseId, clock, ...row })
      .onConflict((conflict) => conflict.columns(['case_id', 'clock']).doUpdateSet(row))
      .execute();
  }
}
