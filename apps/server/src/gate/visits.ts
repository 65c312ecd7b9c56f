import type { Queries } from '../platform/database.ts';
import type { Caller } from '../platform/http.ts';
import type { Proof, Visit } from './may-talk.ts';

/** What decides about one session: its account's proof, and since when talk is open to it. */
export async function readVisit(
  queries: Queries,
  caller: Omit<Caller, 'deviceId'>,
): Promise<{ readonly proof: Proof | null; readonly visit: Visit }> {
  const row = await queries
    .selectFrom('adult')
    .leftJoin('proof_visit', (join) => join.on('proof_visit.token_hash', '=', caller.tokenHash))
    .select(['adult.until', 'adult.method', 'adult.policy'])
    .select(['proof_visit.proved_at', 'proof_visit.seen_at'])
    .where('adult.account_id', '=', caller.accountId)
    .executeTakeFirst();
  const visit: Visit = {
    checkedAt: caller.checkedAt,
    provedAt: row?.proved_at?.getTime() ?? null,
    seenAt: row?.seen_at?.getTime() ?? null,
  };
  if (row === undefined) return { proof: null, visit };
  const { until, method, policy } = row;
  return { proof: { until, method, policy }, visit };
}
