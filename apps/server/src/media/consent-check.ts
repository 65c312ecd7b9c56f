import type { Body } from '@accord/protocol';
import { type ConsentRecord, checkConsent, decodeConsent, SealedMediaError } from '@accord/sealed-media';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { fromBase64url } from './parts.ts';

type Policy = Pick<Body<'media.pictures.create'>, 'depicts' | 'ph' | 'consents' | 'expiresAt' | 'receivers'>;

interface Asked {
  id: string;
  state: string;
  covers: boolean;
}

/**
 * Everybody in a picture beside its sender has said yes: to this very picture, to all these receivers, for at least as long; and
 * nobody who was asked about it has not. The rows stay locked, so that a yes that is taken back meanwhile waits, and then
 * finds the picture. @throws {Refusal} `consent_missing`, `invalid_input`
 */
export async function requireConsents(tx: Tx, askerId: string, policy: Policy, now: number): Promise<void> {
  const needsOthers = policy.depicts === 'others' || policy.depicts === 'me_and_others';
  if (!needsOthers) {
    if (policy.ph !== null || policy.consents.length > 0) {
      throw new Refusal('invalid_input', { field: 'depicts' });
    }
    return;
  }
  if (policy.ph === null || policy.consents.length === 0) throw new Refusal('consent_missing');
  const until = policy.expiresAt === null ? null : new Date(policy.expiresAt);
  const { rows } = await sql<Asked>`
    select id, state, coalesce(
        receivers @> ${policy.receivers}::uuid[]
        and (until is null or (${until}::timestamptz is not null and until >= ${until}::timestamptz))
        and (until is null or until > ${new Date(now)}), false) as covers
    from consent where asker_id = ${askerId} and ph = ${fromBase64url(policy.ph)}
    order by id for share`.execute(tx);
  const named = new Set(policy.consents);
  const all = rows.filter((row) => named.has(row.id));
  const sound = all.length === named.size && all.every((row) => row.state === 'yes' && row.covers);
  // Of those who were asked and are not named, a yes to fewer people is none of our business; anything else is a no.
  const refused = rows.some((row) => !named.has(row.id) && row.state !== 'yes');
  if (!sound || refused) throw new Refusal('consent_missing');
}

/** What a record must say to answer a question. */
export interface Question {
  readonly ph: Buffer;
  /** Identity keys of those who may see it. */
  readonly receivers: readonly Uint8Array[];
  readonly until: Date | null;
}

/** How far a giver's clock may be ahead of ours, in milliseconds. */
const clockSlack = 10 * 60_000;

/**
 * Reads a yes and holds it to its question: this picture, these receivers and no other, this long, signed.
 * @throws {Refusal} `bad_consent`
 */
export async function readAnswer(bytes: Uint8Array, question: Question, now: number): Promise<ConsentRecord> {
  try {
    const record = decodeConsent(bytes);
    const wanted = new Set(question.receivers.map((key) => Buffer.from(key).toString('hex')));
    const given = new Set(record.receivers.map((key) => Buffer.from(key).toString('hex')));
    const sameReceivers = wanted.size === given.size && [...wanted].every((key) => given.has(key));
    const sameEnd = record.until === (question.until?.getTime() ?? null);
    if (!sameReceivers || !sameEnd || record.givenAt > now + clockSlack) throw new Refusal('bad_consent');
    const at = Math.max(now, record.givenAt);
    for (const receiver of record.receivers) {
      await checkConsent(record, { ph: question.ph, receiver, now: at });
    }
    return record;
  } catch (error) {
    if (error instanceof SealedMediaError) throw new Refusal('bad_consent');
    throw error;
  }
}
