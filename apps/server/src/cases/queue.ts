import { type Actor, can } from '@accord/case-model';
import type { Parsed, Reply } from '@accord/protocol';
import { sql } from 'kysely';
import { Refusal } from '../platform/refusal.ts';
import { lineOf } from './console-view.ts';
import type { Parts } from './parts.ts';
import { asDrawn } from './secrets.ts';

type Staff = Actor & { readonly kind: 'staff' };
type Asked = Parsed<'cases.list'>['query'];
type Page = Reply<'cases.list'>;

const pageSize = 50;
const hourMs = 3_600_000;
/** Where a page ended: what it was ordered by, to the millisecond, and the case's id. */
const cursorShape = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)~([0-9a-f-]{36})$/;

/** A page of the queue: an index in its order is walked from where the last page ended, whatever lies before. */
export async function listCases(parts: Parts, staff: Staff, asked: Asked): Promise<Page> {
  if (asked.number !== undefined)
    return { cases: await findByNumber(parts, staff, asked.number), next: null };
  const cursor = asked.after === undefined ? undefined : cursorShape.exec(asked.after);
  if (cursor === null) throw new Refusal('invalid_input', { field: 'after' });
  const closed = asked.view === 'closed';
  const rank = closed ? sql.ref('closed_at') : sql.ref('rank_at');
  let query = kept(parts, staff, asked);
  if (cursor !== undefined) {
    const beyond = closed ? sql.raw('<') : sql.raw('>');
    query = query.where(
      sql<boolean>`(${rank}, id) ${beyond} (${cursor[1]}::timestamptz, ${cursor[2]}::uuid)`,
    );
  }
  // What closed last comes first.
  const way = closed ? 'desc' : 'asc';
  const rows = await query
    .orderBy(rank, way)
    .orderBy('id', way)
    .limit(pageSize + 1)
    .execute();
  const last = rows.length > pageSize ? rows[pageSize - 1] : undefined;
  return {
    cases: rows.slice(0, pageSize).map(lineOf),
    next:
      last === undefined
        ? null
        : `${((closed ? last.closed_at : null) ?? last.rank_at).toISOString()}~${last.id}`,
  };
}

/** What a page may have in it, whatever its order; in the words of the partial indexes. */
function kept({ platform }: Parts, staff: Staff, { view = 'open', phase, only, within }: Asked) {
  let query = platform.db.selectFrom('desk_case').selectAll();
  query = query.where('closed_at', view === 'closed' ? 'is not' : 'is', null);
  if (!can(staff.roles, 'case.child_safety')) query = query.where(sql<boolean>`not child_safety`);
  if (view === 'child_safety') query = query.where(sql<boolean>`child_safety`);
  if (view === 'appeals') query = query.where(sql<boolean>`appealed`);
  if (phase !== undefined) query = query.where('phase', '=', phase);
  if (only === 'unanswered') query = query.where(sql<boolean>`unanswered > 0`);
  if (only === 'proposals') query = query.where(sql<boolean>`proposals > 0`);
  if (within !== undefined) {
    query = query.where('rank_at', '<=', new Date(platform.clock() + Number(within) * hourMs));
  }
  return query;
}

/** By the number that the staff say (digits alone), or by one that somebody was given when they asked. */
async function findByNumber(parts: Parts, staff: Staff, number: string): Promise<Page['cases']> {
  const { db } = parts.platform;
  const own = /^#?\d{1,15}$/.test(number);
  const row = await db
    .selectFrom('desk_case')
    .selectAll()
    .where((where) =>
      own
        ? where('ref', '=', number.replace('#', ''))
        : where(
            'id',
            'in',
            db.selectFrom('case_reporter').select('case_id').where('number', '=', asDrawn(number)),
          ),
    )
    .executeTakeFirst();
  const hidden = row === undefined || (row.child_safety && !can(staff.roles, 'case.child_safety'));
  return hidden ? [] : [lineOf(row)];
}
