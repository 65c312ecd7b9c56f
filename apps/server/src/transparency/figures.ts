import type { CaseEvent, CaseState } from '@accord/case-model';
import { clockRules } from '@accord/law';
import type { Insertable } from 'kysely';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Platform } from '../platform/platform.ts';
import type { Tables } from '../platform/tables.ts';

type Figure = Omit<Insertable<Tables['desk_figure']>, 'case_id'>;

/** Events after which a case's figures are not what they were. Reading and talking leave them alone. */
const telling: ReadonlySet<CaseEvent['type']> = new Set([
  'filed',
  'completed',
  'absorbed',
  'merged',
  'withdrawn',
  'protected',
  'removed',
  'declined',
  'sweep_finished',
  'order_received',
  'clock_told',
  'child_safety_raised',
  'child_safety_cleared',
  'appealed',
  'appeal_decided',
]);

const date = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));
const earlier = (a: Date | null | undefined, b: Date | null | undefined): Date | null =>
  a == null ? (b ?? null) : b == null || a < b ? a : b;

/** What these events add to what was known. The first of each instant counts. */
function figureOf(state: CaseState, events: readonly CaseEvent[], before: Partial<Figure>): Figure {
  const at = (is: (event: CaseEvent) => boolean): Date | null => date(events.find(is)?.at);
  const decided = events.findLast(({ type }) => type === 'removed' || type === 'declined') as
    | Extract<CaseEvent, { type: 'removed' | 'declined' }>
    | undefined;
  const orders = events.filter(({ type }) => type === 'order_received').length;
  const late = events.some(
    (event) => event.type === 'clock_told' && event.breach && !clockRules[event.clock].ours,
  );
  const withdrawn = Object.values(state.reporters).every((reporter) => reporter.withdrawn);
  const absorbed = events.flatMap((event) =>
    event.type === 'absorbed' ? event.reporters.map(([, reporter]) => reporter.at) : [],
  );
  return {
    received_at: new Date(
      Math.min(state.openedAt, ...absorbed, (before.received_at as Date)?.getTime() ?? Infinity),
    ),
    picture: state.picture,
    child_safety: state.childSafety !== null,
    requests: Object.keys(state.reporters).length,
    items: state.items.length,
    blocked_at: earlier(
      before.blocked_at as Date,
      at((event) => event.type === 'protected' && event.why !== 'staff'),
    ),
    decided_at: earlier(before.decided_at as Date, date(decided?.at)),
    decision:
      decided === undefined ? (before.decision ?? null) : decided.type === 'removed' ? 'remove' : 'decline',
    ground: decided?.ground ?? before.ground ?? null,
    gone_at: earlier(
      before.gone_at as Date,
      at((event) => event.type === 'sweep_finished' && event.coverage.complete),
    ),
    withdrawn_at: withdrawn
      ? earlier(
          before.withdrawn_at as Date,
          at(({ type }) => type === 'withdrawn'),
        )
      : null,
    orders: (before.orders ?? 0) + orders,
    ordered_at: earlier(
      before.ordered_at as Date,
      at(({ type }) => type === 'order_received'),
    ),
    late: late || (before.late ?? false),
  };
}

/**
 * Keeps the figures of a case true, in the transaction of its events: what is published is counted here and not in cases,
 * of which nothing is left after three years. A merged case counts where it went.
 */
export async function keepFigure(
  tx: Tx,
  {
    caseId,
    state,
    events,
  }: { readonly caseId: string; readonly state: CaseState; readonly events: readonly CaseEvent[] },
): Promise<void> {
  if (!events.some(({ type }) => telling.has(type))) return;
  if (state.phase === 'merged') {
    await tx.deleteFrom('desk_figure').where('case_id', '=', caseId).execute();
    return;
  }
  const before = await tx
    .selectFrom('desk_figure')
    .selectAll()
    .where('case_id', '=', caseId)
    .executeTakeFirst();
  const figure = figureOf(state, events, before ?? {});
  const { id } = await tx
    .insertInto('desk_figure')
    .values({ case_id: caseId, ...figure })
    .onConflict((conflict) => conflict.column('case_id').doUpdateSet(figure))
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const event of events) {
    if (event.type === 'appealed') {
      await tx
        .insertInto('desk_figure_appeal')
        .values({ id: event.appealId, figure_id: id, side: event.side, at: new Date(event.at) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    if (event.type === 'appeal_decided') {
      await tx
        .updateTable('desk_figure_appeal')
        .set({ decided_at: new Date(event.at), outcome: event.outcome })
        .where('id', '=', event.appealId)
        .execute();
    }
  }
}

/** From the first instant of the one to the first of the other. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** One case as it is counted. Hours from the request on. */
export interface Counted {
  readonly picture: string | null;
  readonly childSafety: boolean;
  readonly month: string;
  readonly requests: number;
  readonly items: number;
  readonly blocked: boolean;
  readonly decision: 'remove' | 'decline' | null;
  readonly withdrawn: boolean;
  readonly late: boolean;
  readonly orders: number;
  readonly hoursToDecision: number | null;
  readonly hoursToGone: number | null;
  readonly hoursFromOrder: number | null;
}

/** The cases that came in within a period, one row each, without whose they are. */
export async function countedIn({ db }: Pick<Platform, 'db'>, { from, to }: Period): Promise<Counted[]> {
  const hours = (since: string, until: string) =>
    sql.raw(`(extract(epoch from ${until} - ${since}) / 3600)::double precision`);
  const { rows } = await sql<Counted>`
    select picture, child_safety as "childSafety", to_char(received_at at time zone 'UTC', 'YYYY-MM') as month,
      requests, items, blocked_at is not null as blocked, decision, withdrawn_at is not null as withdrawn, late, orders,
      ${hours('received_at', 'decided_at')} as "hoursToDecision",
      case when decision = 'remove' then ${hours('received_at', 'gone_at')} end as "hoursToGone",
      case when decision = 'remove' then greatest(0, ${hours('ordered_at', 'gone_at')}) end as "hoursFromOrder"
    from desk_figure where received_at >= ${from} and received_at < ${to}`.execute(db);
  return rows;
}

/** One objection as it is counted. */
export interface CountedAppeal {
  readonly side: 'reporter' | 'uploader';
  readonly outcome: 'upheld' | 'reversed' | null;
  readonly hours: number | null;
}

/** The objections that came in within a period. */
export async function appealsIn(
  { db }: Pick<Platform, 'db'>,
  { from, to }: Period,
): Promise<CountedAppeal[]> {
  const { rows } = await sql<CountedAppeal>`
    select side, outcome, (extract(epoch from decided_at - at) / 3600)::double precision as hours
    from desk_figure_appeal where at >= ${from} and at < ${to}`.execute(db);
  return rows;
}

/** The middle one, of an even number the mean of the two in the middle; null where there is none. */
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low, high] = [sorted[half - 1], sorted[half]];
  if (high === undefined) return null;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

/** Figures are kept five years (Regulation (EU) 2024/2835) and two months for the last report. */
const keptMs = (5 * 366 + 62) * 86_400_000;

export const figurePurge = ({ db }: Platform): Purge => ({
  name: 'figures of cases',
  async run(now) {
    const gone = await db
      .deleteFrom('desk_figure')
      .where('received_at', '<', new Date(now - keptMs))
      .where('case_id', 'is', null)
      .executeTakeFirst();
    return Number(gone.numDeletedRows);
  },
});
