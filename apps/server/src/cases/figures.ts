import type { Reply } from '@accord/protocol';
import { sql } from 'kysely';
import type { Platform } from '../platform/platform.ts';
import type { Parts } from './parts.ts';

const hourMs = 3_600_000;
const monthMs = 30 * 24 * hourMs;

/** The queue in numbers. */
export async function queueFigures({ platform }: Parts): Promise<Reply<'cases.figures'>> {
  const { db, clock } = platform;
  const now = clock();
  const before = (hours: number) => new Date(now + hours * hourMs);
  const waiting = sql<Record<string, number>>`select
      count(*)::int as open,
      count(*) filter (where child_safety)::int as safety,
      count(*) filter (where due_at <= ${new Date(now)})::int as overdue,
      count(*) filter (where due_at > ${new Date(now)} and due_at <= ${before(4)})::int as h4,
      count(*) filter (where due_at > ${before(4)} and due_at <= ${before(12)})::int as h12,
      count(*) filter (where due_at > ${before(12)} and due_at <= ${before(24)})::int as h24,
      count(*) filter (where due_at > ${before(24)} and due_at <= ${before(48)})::int as h48,
      count(*) filter (where appealed)::int as appeals,
      coalesce(sum(proposals), 0)::int as proposals
    from desk_case where closed_at is null`.execute(db);
  const asked = db
    .selectFrom('desk_approval')
    .select((select) => select.fn.countAll<string>().as('n'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  const broken = sql<{ clock: string; n: number }>`select clock, count(*)::int as n from case_clock
    where breached and started_at > ${new Date(now - monthMs)} group by clock`.execute(db);
  // Four readings of large tables: side by side they take as long as the longest.
  const [{ rows }, desk, breaches, median] = await Promise.all([
    waiting,
    asked,
    broken,
    medianHours(platform, now),
  ]);
  const queue = (name: string): number => rows[0]?.[name] ?? 0;
  return {
    open: queue('open'),
    childSafety: queue('safety'),
    overdue: queue('overdue'),
    dueIn: { h4: queue('h4'), h12: queue('h12'), h24: queue('h24'), h48: queue('h48') },
    approvals: queue('proposals') + Number(desk.n),
    appeals: queue('appeals'),
    breaches: Object.fromEntries(breaches.rows.map(({ clock: id, n }) => [id, n])),
    medianHoursToDecision: median,
  };
}

/** Hours from receipt to decision over the last 30 days, the middle one; null where there was none. */
async function medianHours({ db }: Platform, now: number): Promise<number | null> {
  const { rows } = await sql<{ hours: number | null }>`select
      percentile_cont(0.5) within group (order by extract(epoch from met_at - started_at) / 3600) as hours
    from case_clock where clock = 'eu-16' and met_at > ${new Date(now - monthMs)}`.execute(db);
  return rows[0]?.hours ?? null;
}
