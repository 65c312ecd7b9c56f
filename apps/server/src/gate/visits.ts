import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';
import type { Caller } from '../platform/http.ts';
import type { Proof, Visit } from './may-talk.ts';

interface Decisive {
  readonly proof: Proof | null;
  readonly visit: Visit;
}

type Row = Proof & { readonly place: string; readonly proved_at: Date | null; readonly seen_at: Date | null };

/** What decides about each of these sessions, by place: its account's proof, and since when talk is open to it. */
export async function readVisits(
  queries: Queries,
  callers: readonly Omit<Caller, 'deviceId'>[],
): Promise<Decisive[]> {
  const accountIds = callers.map((caller) => caller.accountId);
  const hashes = callers.map((caller) => caller.tokenHash);
  const { rows } = await sql<Row>`
    select asked.place, adult.until, adult.method, adult.policy, adult.verified_on, visit.proved_at, visit.seen_at
    from unnest(${accountIds}::uuid[], ${hashes}::bytea[]) with ordinality asked (account_id, token_hash, place)
    join adult on adult.account_id = asked.account_id
    left join proof_visit visit on visit.token_hash = asked.token_hash`.execute(queries);
  const byPlace = new Map(rows.map((row) => [Number(row.place) - 1, row]));
  return callers.map(({ checkedAt }, place) => {
    const row = byPlace.get(place);
    const provedAt = row?.proved_at?.getTime() ?? null;
    const visit: Visit = { checkedAt, provedAt, seenAt: row?.seen_at?.getTime() ?? null };
    if (row === undefined) return { proof: null, visit };
    const { until, method, policy, verified_on } = row;
    return { proof: { until, method, policy, verified_on }, visit };
  });
}

/** The same about one session. */
export async function readVisit(queries: Queries, caller: Omit<Caller, 'deviceId'>): Promise<Decisive> {
  const [found] = await readVisits(queries, [caller]);
  return found as Decisive;
}
