import {
  type Actor,
  type CaseEvent,
  type CaseState,
  type CommandKind,
  can,
  doors,
  isLikelyValid,
  maySee,
  runningClocks,
} from '@accord/case-model';
import { type ClockId, clockIds, clockRules, dueAt } from '@accord/law';
import type { Reply } from '@accord/protocol';
import type { Selectable } from 'kysely';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import type { Parts } from './parts.ts';

type CaseView = Reply<'cases.read'>;
type CaseLine = Reply<'cases.list'>['cases'][number];
export type CaseRow = Selectable<Tables['desk_case']>;
type ItemRow = Selectable<Tables['case_item']>;
type Staff = Actor & { readonly kind: 'staff' };

/** Whose the next deadline is, and what each clock that still runs has told so far. */
function deadlines(state: CaseState): Pick<CaseLine, 'clock' | 'alarms'> {
  const running = runningClocks(state)
    .filter(({ clock }) => clock !== 'us-preserve')
    .sort((one, other) => one.dueAt - other.dueAt);
  const alarmOf = (clock: ClockId) => {
    const hours = Math.max(0, ...(state.clocks[clock]?.told ?? []));
    return hours === 0 ? [] : [{ clock, hours, breach: hours >= clockRules[clock].hours }];
  };
  return {
    clock: running[0]?.clock ?? null,
    alarms: running.flatMap(({ clock }) => alarmOf(clock)),
  };
}

/** One line of the queue; nothing of what the case is about. */
export const lineOf = (row: CaseRow): CaseLine => {
  const { state } = row;
  return {
    id: row.id,
    number: row.ref,
    phase: state.phase === 'new' ? 'incomplete' : state.phase,
    openedAt: row.opened_at.getTime(),
    closedAt: row.closed_at?.getTime() ?? null,
    dueAt: row.due_at?.getTime() ?? null,
    ...deadlines(state),
    childSafety: row.child_safety,
    protected: state.protected,
    likelyValid: isLikelyValid(state),
    appealed: row.appealed,
    proposals: Object.values(state.proposals).filter((proposal) => proposal.state === 'open').length,
    unanswered: row.unanswered,
    pictures: state.items.filter(({ kind }) => kind !== 'place').length,
    places: state.items.filter(({ kind }) => kind === 'place').length,
  };
};

/** The case if this person may see it. @throws {Refusal} `not_found` */
export async function findCase({ platform }: Parts, staff: Staff, caseId: string): Promise<CaseRow> {
  const row = await platform.db
    .selectFrom('desk_case')
    .selectAll()
    .where('id', '=', caseId)
    .executeTakeFirst();
  if (row === undefined || !maySee(row.state, staff)) throw new Refusal('not_found');
  return row;
}

export async function viewOf(parts: Parts, staff: Staff, caseId: string): Promise<CaseView> {
  const row = await findCase(parts, staff, caseId);
  const { db } = parts.platform;
  const [items, events, notices, beside] = await Promise.all([
    db
      .selectFrom('case_item')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('kind')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('case_event')
      .select(['seq', 'entry'])
      .where('case_id', '=', caseId)
      .orderBy('seq')
      .execute(),
    db.selectFrom('case_notice').selectAll().where('case_id', '=', caseId).orderBy('first_at').execute(),
    besideOf(parts, row),
  ]);
  const told = events.map(({ seq, entry }) => ({ seq, event: JSON.parse(entry) as CaseEvent }));
  return {
    ...lineOf(row),
    ...standing(row.state),
    ...beside,
    items: await itemViews(parts, items),
    identity: await identityFor(
      parts,
      staff,
      row,
      told.map(({ event }) => event),
    ),
    notices: notices.map(({ id, platform, recipient, law }) => {
      const { state = 'queued', tries = 0, lastSentAt = null } = row.state.notices[id] ?? {};
      return {
        id,
        platform,
        to: recipient,
        law: law as CaseView['notices'][number]['law'],
        state,
        tries,
        lastSentAt,
      };
    }),
    events: told.map(({ seq, event }) => eventView(seq, event)),
    may: commandsFor(row.state, staff),
  };
}

/** What lies in rows beside the state: what was answered, who was told, what is still to be done, and child safety's reports. */
async function besideOf({ platform }: Parts, { id: caseId, state }: CaseRow) {
  const { db } = platform;
  const [asked, told, works, reports] = await Promise.all([
    db
      .selectFrom('case_reporter')
      .select(['id', 'facts', 'language', 'share'])
      .where('id', 'in', Object.keys(state.reporters))
      .execute(),
    db
      .selectFrom('case_statement')
      .select((select) => select.fn.countAll<string>().as('n'))
      .where('case_id', '=', caseId)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('case_work')
      .select(['kind', 'tries', 'next_at'])
      .where('case_id', '=', caseId)
      .orderBy('next_at')
      .execute(),
    state.childSafety === null
      ? []
      : db
          .selectFrom('child_safety_report')
          .select(['id', 'built_at', 'test', 'receipt_id', 'error', 'xml'])
          .where('case_id', '=', caseId)
          .orderBy('built_at')
          .execute(),
  ]);
  const said = new Map(asked.map((row) => [row.id, row]));
  return {
    reporters: Object.entries(state.reporters).map(([id, reporter]) => ({
      id,
      ...reporter,
      said: saidOf(said.get(id)),
    })),
    told: Number(told.n),
    works: works.map(({ kind, tries, next_at }) => ({ kind, tries, nextAt: next_at.getTime() })),
    safety: state.childSafety && {
      since: state.childSafety.since,
      receiptId: state.childSafety.filed?.receiptId ?? null,
      preservedUntil: state.childSafety.preservedUntil,
      reports: reports.map(({ id, built_at, test, receipt_id, error, xml }) => ({
        id,
        builtAt: built_at.getTime(),
        test,
        receiptId: receipt_id,
        error,
        xml,
      })),
    },
  };
}

/** What somebody answered. Name and contact are left where they lie. */
function saidOf(row: Pick<Selectable<Tables['case_reporter']>, 'facts' | 'language' | 'share'> | undefined) {
  if (row === undefined) return null;
  const { kind, minor, consent, intimate, goodFaith, words } = row.facts;
  return { kind, minor, consent, intimate, goodFaith, words, language: row.language, share: row.share };
}

/** What the state says by itself. */
function standing(state: CaseState) {
  return {
    picture: state.picture,
    validUnder: [...state.validUnder],
    missing: [...state.missing],
    clocks: clockIds.flatMap((clock) => {
      const own = state.clocks[clock];
      if (own === undefined) return [];
      const due = dueAt(clock, own);
      return [
        {
          clock,
          startedAt: own.startedAt,
          dueAt: Number.isFinite(due) ? due : null,
          metAt: own.metAt,
          paused: own.pausedSince !== null,
          told: [...own.told],
        },
      ];
    }),
    decision: state.decision && { ...state.decision, by: [...state.decision.by] },
    sweeps: Object.entries(state.sweeps).map(([id, coverage]) => ({ id, coverage })),
    appeals: Object.entries(state.appeals).map(([id, appeal]) => ({ id, ...appeal })),
    openProposals: Object.entries(state.proposals)
      .filter(([, proposal]) => proposal.state === 'open')
      .map(([id, { action, by, at, words, state: stands }]) => ({
        id,
        action,
        askedBy: by,
        askedAt: at,
        words,
        state: stands,
      })),
    hold: state.hold,
    mergedInto: state.mergedInto,
    reveals: state.reveals,
  };
}

function eventView(seq: number, event: CaseEvent): CaseView['events'][number] {
  const { at, by, type, ...body } = event as CaseEvent & { case?: string; seq?: number; before?: string };
  delete body.case;
  delete body.seq;
  delete body.before;
  return { seq, at, by: { ...by }, type, body };
}

async function itemViews(parts: Parts, items: readonly ItemRow[]): Promise<CaseView['items']> {
  const reports = new Map(
    await Promise.all(
      [...new Set(items.flatMap(({ report_id }) => report_id ?? []))].map(
        async (id) => [id, await parts.elsewhere.media.openReport(id).catch(() => undefined)] as const,
      ),
    ),
  );
  return items.map((item) => {
    const reported = reports.get(item.report_id ?? '')?.items[item.report_place ?? -1];
    return {
      id: item.id,
      kind: item.kind,
      digest: item.digest,
      place: item.place,
      quality: item.quality,
      reportId: item.report_id,
      proof: reported?.proof ?? null,
      sentAt: reported?.sentAt ?? null,
      text: reported?.text ?? null,
      picture: reported?.picture?.found === 'opened',
    };
  });
}

/** Names are shown to the two who agreed that they be, and to nobody else. */
async function identityFor(parts: Parts, staff: Staff, { state }: CaseRow, events: readonly CaseEvent[]) {
  const agreed = events.some(
    (event) => event.type === 'reporter_revealed' && (event.by.id === staff.id || event.askedBy === staff.id),
  );
  if (!agreed) return [];
  const rows = await parts.platform.db
    .selectFrom('case_reporter')
    .select(['id', 'signature', 'contact'])
    .where('id', 'in', Object.keys(state.reporters))
    .execute();
  return rows.map(({ id, signature, contact }) => ({ reporterId: id, signature, contact }));
}

/** Which commands this person's roles and the phase leave open; whether one passes is decided when it comes. */
function commandsFor(state: CaseState, staff: Staff): string[] {
  const waits = state.phase === 'incomplete' || state.phase === 'valid';
  const withdrawn = Object.values(state.reporters).every((reporter) => reporter.withdrawn);
  const fits: Partial<Record<CommandKind, boolean>> = {
    protect: waits && !state.protected,
    release: waits && state.protected && withdrawn,
    remove: state.phase !== 'removed' && state.phase !== 'merged',
    decline: waits && state.childSafety === null,
    merge: waits,
    decide_appeal: Object.values(state.appeals).some(({ outcome }) => outcome === null),
    raise_child_safety: state.childSafety === null,
    file_child_safety: state.childSafety !== null && state.childSafety.filed === null,
    filed_child_safety: state.childSafety !== null && state.childSafety.filed === null,
    hold: !state.hold,
    lift_hold: state.hold,
    pause_order: state.clocks['fr-6-1']?.pausedSince === null,
    resume_order: (state.clocks['fr-6-1']?.pausedSince ?? null) !== null,
    close: state.closedAt === null && (!waits || (!state.protected && withdrawn)),
  };
  return (Object.keys(doors) as CommandKind[]).filter((kind) => {
    const capability = doors[kind].staff;
    return capability !== undefined && can(staff.roles, capability) && fits[kind] !== false;
  });
}
