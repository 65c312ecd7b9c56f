import { sql } from 'kysely';
import { databaseLocks } from '../platform/locks.ts';
import { wayOut, wholeOf } from '../platform/outside.ts';
import { operatorsOrigins } from '../platform/outside-policy.ts';
import type { Platform } from '../platform/platform.ts';

/** The DSA Transparency Database, as far as we need it. */
interface Commission {
  readonly base: string;
  readonly token: string;
}

/** As many as one call takes. */
const batch = 100;
/** A refused batch comes back with a reason for each field of each. */
const bounds = { mostBytes: 4 * 1024 * 1024, wholeMs: 30_000 };
const firstRetryMs = 60_000;
const longestRetryMs = 6 * 60 * 60_000;

interface Waiting {
  readonly puid: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly tries: number;
}

async function call({ base, token }: Commission, path: string, body?: unknown) {
  // "It exists" is a 302 without an address, and redirects are answers here.
  const answer = await wayOut(operatorsOrigins([base]))(`${base}${path}`, {
    ...bounds,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: (await wholeOf(answer)).toString('utf8') };
}

function readFaults(text: string): { errors?: Record<string, unknown> } {
  try {
    return (JSON.parse(text) ?? {}) as { errors?: Record<string, unknown> };
  } catch {
    return {};
  }
}

/** Which of a refused batch are at fault, by their place in it, and why. */
function faultsOf(text: string): ReadonlyMap<number, string> {
  const { errors = {} } = readFaults(text);
  const faults = new Map<number, string>();
  for (const [key, why] of Object.entries(errors)) {
    const place = /^statement_(\d+)/.exec(key)?.[1];
    if (place !== undefined) faults.set(Number(place), JSON.stringify(why).slice(0, 500));
  }
  return faults;
}

/**
 * Sends the statements that wait, at most one batch; returns how many were taken. One that the service refuses is set apart with
 * its reason, and the rest of its batch goes with the next round: the service takes all of a batch or nothing.
 */
export async function sendStatements(platform: Platform): Promise<number> {
  const { dsa } = platform.config.desk;
  if (dsa === undefined) return 0;
  return platform.db.connection().execute(async (connection) => {
    const lock = databaseLocks.statements;
    const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_lock(${lock}) as ours`.execute(
      connection,
    );
    if (rows[0]?.ours !== true) return 0;
    try {
      return await sendBatch(platform, dsa);
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(connection);
    }
  });
}

async function sendBatch({ db, clock, log }: Platform, dsa: Commission): Promise<number> {
  const now = clock();
  const waiting: Waiting[] = await db
    .selectFrom('transparency_statement')
    .select(['puid', 'body', 'tries'])
    .where('state', '=', 'waiting')
    .where('next_at', '<=', new Date(now))
    .orderBy('next_at')
    .orderBy('puid')
    .limit(batch)
    .execute();
  if (waiting.length === 0) return 0;
  const later = async (reason: string) => {
    const tries = Math.max(...waiting.map((each) => each.tries)) + 1;
    const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(tries, 10));
    log.warn({ reason, count: waiting.length }, 'statements of reasons put off');
    await db
      .updateTable('transparency_statement')
      .set({ tries, next_at: new Date(now + wait), error: reason })
      .where(
        'puid',
        'in',
        waiting.map(({ puid }) => puid),
      )
      .execute();
    return 0;
  };
  const taken = (puids: readonly string[]) =>
    puids.length === 0
      ? Promise.resolve()
      : db
          .updateTable('transparency_statement')
          .set({ state: 'sent', sent_at: new Date(now), error: null })
          .where('puid', 'in', [...puids])
          .execute()
          .then(() => {});
  const response = await call(dsa, '/api/v1/statements', {
    statements: waiting.map(({ body }) => body),
  }).catch(() => undefined);
  if (response === undefined) return later('no answer');
  // 201 alone is success.
  if (response.status === 201) {
    await taken(waiting.map(({ puid }) => puid));
    return waiting.length;
  }
  const faults = response.status === 422 ? faultsOf(response.text) : new Map<number, string>();
  if (faults.size === 0) return later(String(response.status));
  const known: string[] = [];
  for (const [place, why] of faults) {
    const puid = waiting[place]?.puid;
    if (puid === undefined) continue;
    if (await exists(dsa, puid)) known.push(puid);
    else {
      await db
        .updateTable('transparency_statement')
        .set({ state: 'refused', error: why })
        .where('puid', '=', puid)
        .execute();
    }
  }
  await taken(known);
  return known.length;
}

/** Sent before, and its answer lost: the service knows our id. */
async function exists(dsa: Commission, puid: string): Promise<boolean> {
  const answer = await call(dsa, `/api/v1/statement/existing-puid/${encodeURIComponent(puid)}`).catch(
    () => undefined,
  );
  return answer?.status === 302;
}
