import type { CaseEvent, CaseState } from '@accord/case-model';
import type { Parts } from './parts.ts';
import type { Doing } from './works.ts';

/** PDQ's floor: a flatter picture's hash finds others by accident, and is given to nobody. */
const leastQuality = 50;

/** Whether somebody who asked, and still asks, ticked it. */
async function isWished({ platform }: Parts, { reporters }: CaseState): Promise<boolean> {
  const asking = Object.entries(reporters)
    .filter(([, { withdrawn }]) => !withdrawn)
    .map(([id]) => id);
  if (asking.length === 0) return false;
  const row = await platform.db
    .selectFrom('case_reporter')
    .select('id')
    .where('id', 'in', asking)
    .where('share', '=', true)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Items that two people let out, in this case or in one that went into it. */
async function releasedItems(
  { platform }: Parts,
  caseId: string,
  { absorbed }: CaseState,
): Promise<string[]> {
  const rows = await platform.db
    .selectFrom('case_event')
    .select('entry')
    .where('case_id', 'in', [caseId, ...absorbed])
    .where('type', '=', 'hash_released')
    .execute();
  return rows.flatMap(({ entry }) => {
    const event = JSON.parse(entry) as CaseEvent;
    return event.type === 'hash_released' ? [event.itemId] : [];
  });
}

/**
 * What peers may be told of this case, as it is now: the pictures of a removal that stands, which two people let out and the person
 * asked us to share. Anything else is told to nobody, and what was told is taken back.
 */
export const shareHashes: Doing = async (parts, { case_id: caseId }) => {
  const { exchange } = parts.elsewhere;
  const row = await parts.platform.db
    .selectFrom('desk_case')
    .select('state')
    .where('id', '=', caseId)
    .executeTakeFirst();
  const state = row?.state;
  if (state?.phase !== 'removed' || !(await isWished(parts, state))) {
    await exchange.takeBack(caseId);
    return null;
  }
  const released = await releasedItems(parts, caseId, state);
  if (released.length === 0) return null;
  const items = await parts.platform.db
    .selectFrom('case_item')
    .select('hash')
    .where('case_id', '=', caseId)
    .where('id', 'in', released)
    // A source photograph shows nothing that anybody should look for.
    .where('kind', '=', 'hash')
    .where('quality', '>=', leastQuality)
    .execute();
  const hashes = items.flatMap(({ hash }) => hash ?? []);
  await exchange.share(caseId, state.childSafety === null ? 'ncii' : 'child_safety', hashes);
  return null;
};
