import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CaseEvent } from '@accord/case-model';
import type { Insertable } from 'kysely';
import type { Tx } from '../platform/database.ts';
import { databaseLocks } from '../platform/locks.ts';
import { wayOut, wholeOf } from '../platform/outside.ts';
import { operatorsOrigins } from '../platform/outside-policy.ts';
import { alone } from '../platform/rounds.ts';
import type { Tables } from '../platform/tables.ts';
import type { Parts } from './parts.ts';
import { checkStamp, stampRequest, tokenOf } from './timestamp.mjs';

/** What a court may ask "since when" of. An entry's hash names all before it: the last of several in one step is enough. */
const stamped: ReadonlySet<string> = new Set<CaseEvent['type']>([
  'filed',
  'removed',
  'declined',
  'restored',
  'sweep_finished',
  'appeal_decided',
  'child_safety_filed',
  'closed',
]);

/** Far more than a token with its certificates has. */
const bounds = { mostBytes: 64 * 1024, wholeMs: 10_000 };
const atOnce = 20;
const firstRetryMs = 60_000;
const longestRetryMs = 6 * 60 * 60_000;

type EventRow = Insertable<Tables['case_event']>;

/** Notes, in the transaction of these events, that their hash is to be stamped. */
export async function putDownStamp(tx: Tx, rows: readonly EventRow[]): Promise<void> {
  const last = rows.some(({ type }) => stamped.has(type)) ? rows.at(-1) : undefined;
  if (last === undefined) return;
  const { case_id, seq, hash, at } = last;
  await tx.insertInto('evidence_stamp').values({ case_id, seq, hash, next_at: at, error: null }).execute();
}

/** Asks an authority for one stamp, and believes nothing that was not checked. @throws */
async function askFor(
  { url, policy }: { readonly url: string; readonly policy: string | undefined },
  certificates: string,
  hash: Buffer,
) {
  const nonce = randomBytes(8);
  const answer = await wayOut(operatorsOrigins([url]))(url, {
    ...bounds,
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: stampRequest(hash, nonce, policy),
  });
  const body = await wholeOf(answer);
  if (answer.status !== 200) throw new Error(`the time-stamping authority answered ${answer.status}`);
  const token = tokenOf(body);
  return {
    token,
    ...checkStamp(token, { hash, certificates, nonce, ...(policy !== undefined && { policy }) }),
  };
}

/**
 * Asks for the stamps that are due, in one process at a time. One that fails puts all of them off: an authority that is away, or
 * that answers what does not hold, is asked again later, and nothing of a case waits for it.
 */
export async function askForStamps({ platform }: Parts): Promise<void> {
  const { db, clock, config, log } = platform;
  const { tsa } = config.desk;
  if (tsa === undefined) return;
  await alone(platform, databaseLocks.stamps, async () => {
    const now = clock();
    const due = await db
      .selectFrom('evidence_stamp')
      .select(['case_id', 'seq', 'hash', 'tries'])
      .where('token', 'is', null)
      .where('next_at', '<=', new Date(now))
      .orderBy('next_at')
      .limit(atOnce)
      .execute();
    for (const { case_id, seq, hash, tries } of due) {
      try {
        const certificates = await readFile(tsa.certificateFile, 'utf8');
        const { token, at } = await askFor(tsa, certificates, hash);
        await db
          .updateTable('evidence_stamp')
          .set({ token, stamped_at: new Date(at), error: null })
          .where('case_id', '=', case_id)
          .where('seq', '=', seq)
          .execute();
      } catch (error) {
        const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(tries, 10));
        log.warn({ err: error, tries: tries + 1 }, 'time stamps put off');
        await db
          .updateTable('evidence_stamp')
          .set((is) => ({
            tries: is('tries', '+', 1),
            next_at: new Date(now + wait),
            error: String((error as Error).message).slice(0, 200),
          }))
          .where('token', 'is', null)
          .where('next_at', '<=', new Date(now))
          .execute();
        return;
      }
    }
  });
}

/** What an export has of stamps: those that were given, and the certificates that they are checked by. */
export async function stampFiles({ platform }: Parts, caseId: string) {
  const { tsa } = platform.config.desk;
  const rows = await platform.db
    .selectFrom('evidence_stamp')
    .select(['seq', 'token'])
    .where('case_id', '=', caseId)
    .where('token', 'is not', null)
    .orderBy('seq')
    .execute();
  if (tsa === undefined || rows.length === 0) return [];
  const stamps = rows.map(({ seq, token }) => ({ seq, token: token?.toString('base64') }));
  return [
    { name: 'stamps.json', text: `${JSON.stringify(stamps, null, 2)}\n` },
    { name: 'tsa.pem', text: await readFile(tsa.certificateFile, 'utf8') },
  ];
}
