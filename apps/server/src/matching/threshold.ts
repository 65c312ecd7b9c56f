import type { Queries } from '../platform/database.ts';
import { beginChange } from './bank-store.ts';
import type { Threshold } from './types.ts';

/** Bits that two copies of one picture may differ by, until two people say otherwise: the operating point of PDQ's authors. */
export const usualRadius = 31;
/** So many more for a hash that a sender names: its receiver takes it for theirs up to four bits away. */
export const namedSlack = 4;

/** What the last change says; the usual radius where there was none. */
export async function radiusNow(queries: Queries): Promise<number> {
  const row = await queries
    .selectFrom('matching_threshold')
    .select('radius')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.radius ?? usualRadius;
}

/** See `Threshold.change`. It is a change of what the banks say: every process and every device looks again. */
export const changeRadius: Threshold['change'] = async (tx, { radius, by, askedBy, now }) => {
  await beginChange(tx);
  await tx
    .insertInto('matching_threshold')
    .values({ radius, at: new Date(now), by_id: by, asked_by: askedBy })
    .execute();
};
