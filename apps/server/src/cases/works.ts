import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from '../platform/tables.ts';
import type { Parts } from './parts.ts';
import { reportChildSafety } from './work-child-safety.ts';
import type { WorkKind } from './work-list.ts';
import { sendNotice } from './work-notice.ts';
import { claim, deleteEvidence, freeze, release, sweep, thaw, unbank } from './work-pictures.ts';
import { shareHashes } from './work-share.ts';

type WorkRow = Selectable<Tables['case_work']>;

/** Does one thing; resolves to the instant (ms) at which to look again, or null when it is done. */
export type Doing = (parts: Parts, work: WorkRow) => Promise<number | null>;

const doings: Readonly<Record<WorkKind, Doing>> = {
  claim,
  release,
  sweep,
  unbank,
  freeze,
  thaw,
  share: shareHashes,
  notice: sendNotice,
  child_safety: reportChildSafety,
  delete: deleteEvidence,
};

/** How long one that is under way is left to whoever took it. */
const leaseMs = 5 * 60_000;
const firstRetryMs = 5_000;
const longestRetryMs = 60 * 60_000;

/** Takes the next one that is due; two processes never take the same. */
async function take({ platform }: Parts, now: number, caseId?: string): Promise<WorkRow | undefined> {
  const { rows } = await sql<WorkRow>`
    update case_work set next_at = ${new Date(now + leaseMs)}
    where id = (
      select id from case_work
      where next_at <= ${new Date(now)} and (${caseId ?? null}::uuid is null or case_id = ${caseId ?? null}::uuid)
      order by next_at, id limit 1 for update skip locked)
    returning *`.execute(platform.db);
  return rows[0];
}

async function doOne(parts: Parts, work: WorkRow): Promise<void> {
  const { db, clock, log } = parts.platform;
  const doing = doings[work.kind as WorkKind];
  try {
    const again = await doing(parts, work);
    if (again === null) await db.deleteFrom('case_work').where('id', '=', work.id).execute();
    else await put(parts, work, { next_at: new Date(again), tries: 0, error: null });
  } catch (error) {
    const tries = work.tries + 1;
    const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(tries, 12));
    log.warn({ err: error, work: work.kind, tries }, 'work of a case put off');
    const name = (error as { code?: string; name?: string }).code ?? (error as Error).name;
    await put(parts, work, { next_at: new Date(clock() + wait), tries, error: String(name).slice(0, 200) });
  }
}

const put = (
  { platform }: Parts,
  work: WorkRow,
  change: { next_at: Date; tries: number; error: string | null },
) => platform.db.updateTable('case_work').set(change).where('id', '=', work.id).execute();

/** Does everything that is due, of one case or of all; returns how many. */
export async function doWorks(parts: Parts, caseId?: string): Promise<number> {
  let done = 0;
  for (;;) {
    const work = await take(parts, parts.platform.clock(), caseId);
    if (work === undefined) return done;
    await doOne(parts, work);
    done += 1;
  }
}
