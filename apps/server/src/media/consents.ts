import { createHash } from 'node:crypto';
import { type Body, mediaLimits, type Reply } from '@accord/protocol';
import { encodeConsent } from '@accord/sealed-media';
import { type Selectable, sql } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { createSharedLimiter } from '../platform/shared-limiter.ts';
import type { Tables } from '../platform/tables.ts';
import { type Question, readAnswer } from './consent-check.ts';
import { endById, endNow } from './endings.ts';
import { fromBase64url, type Parts } from './parts.ts';
import { requireOpen } from './pictures.ts';
import { uuidBytes, uuidOf } from './uuid.ts';

type ConsentRoute =
  | 'media.consents.ask'
  | 'media.consents.list'
  | 'media.consents.read'
  | 'media.consents.answer'
  | 'media.consents.cancel';
type ConsentReply = Reply<'media.consents.read'>;
export type ConsentRow = Selectable<Tables['consent']>;

const dayMs = 86_400_000;
/** Questions of one account that may wait at a time. */
const mostWaiting = 20;

/** What the table knows a one-time link by. */
export const linkHash = (linkId: string): Buffer =>
  createHash('sha256').update('accord/consent-link/1\0').update(uuidBytes(linkId)).digest();

/** A question that nobody answered in time is a no. */
export const stateOf = (row: ConsentRow, now: number): ConsentReply['state'] =>
  row.state === 'waiting' && row.lapses_at.getTime() <= now ? 'no' : row.state;

function shown(row: ConsentRow, viewer: string, now: number): ConsentReply {
  const state = stateOf(row, now);
  const forThem = row.asked_id === viewer && state === 'waiting';
  return {
    consentId: row.id,
    askedBy: row.asker_id ?? nobody,
    asked: row.asked_id,
    state,
    askedAt: row.asked_at.getTime(),
    lapsesAt: row.lapses_at.getTime(),
    answeredAt: row.answered_at?.getTime() ?? null,
    ph: row.ph.toString('base64url'),
    receivers: row.receivers,
    until: row.until?.getTime() ?? null,
    sealed: forThem ? (row.sealed?.toString('base64url') ?? null) : null,
    blobId: row.blob_id,
    record: row.record?.toString('base64url') ?? null,
  };
}

/** In place of an account that is deleted. */
const nobody = '00000000-0000-0000-0000-000000000000';

export function consentHandlers(parts: Parts): Handlers<ConsentRoute> {
  const { platform } = parts;
  const { db, clock, bus } = platform;
  const asks = createSharedLimiter('media/ask', { burst: 10, perMinute: 0.1 }, platform);
  const tell = (...accountIds: (string | null)[]) => {
    const known = accountIds.filter((id) => id !== null);
    if (known.length > 0) bus.publish('notice', { accountIds: known, notice: { kind: 'consents' } });
  };
  return {
    async 'media.consents.ask'({ caller, body }) {
      await asks.take(caller.accountId);
      const row = await ask(parts, caller, body);
      const silent = row.asked_id !== null && (await isShunned(parts, db, row.asked_id, caller.accountId));
      tell(caller.accountId, silent ? null : row.asked_id);
      return shown(row, caller.accountId, clock());
    },
    async 'media.consents.list'({ caller }) {
      const me = caller.accountId;
      const rows = await db
        .selectFrom('consent')
        .selectAll()
        .where((where) => where.or([where('asker_id', '=', me), where('asked_id', '=', me)]))
        .orderBy('asked_at', 'desc')
        .orderBy('id')
        .execute();
      const now = clock();
      const asked: ConsentReply[] = [];
      for (const row of rows.filter(({ asked_id }) => asked_id === me)) {
        if (await mayBeAsked(parts, db, row)) asked.push(shown(row, me, now));
      }
      const asking = rows.filter(({ asker_id }) => asker_id === me).map((row) => shown(row, me, now));
      return { asked, asking };
    },
    async 'media.consents.read'({ caller, params }) {
      return shown(await consentOf(parts, db, caller.accountId, params.consentId), caller.accountId, clock());
    },
    async 'media.consents.answer'({ caller, params, body }) {
      const me = caller.accountId;
      const found = await consentOf(parts, db, me, params.consentId);
      if (found.asked_id !== me) throw new Refusal('not_found');
      const own = (await parts.accounts.publicOf([me])).get(me);
      const isGiver = (key: Uint8Array) => own?.identityPublicKey.equals(key) === true;
      const row = await answer(parts, found, body.record, isGiver);
      tell(row.asker_id, me);
      return shown(row, me, clock());
    },
    async 'media.consents.cancel'({ caller, params }) {
      const cancelled = await db
        .selectFrom('consent')
        .selectAll()
        .where('id', '=', params.consentId)
        .where('asker_id', '=', caller.accountId)
        .executeTakeFirst();
      if (cancelled === undefined) throw new Refusal('not_found');
      await endNow(parts, async (tx) => {
        await tx
          .deleteFrom('consent')
          .where('id', '=', cancelled.id)
          .where('state', '=', 'waiting')
          .execute();
        return endById(parts, tx, [cancelled.blob_id], 'revoked');
      });
      tell(cancelled.asked_id, caller.accountId);
      return {};
    },
  };
}

/** Whether `asked` wants nothing from `asker`: blocked, or no pictures ever. */
async function isShunned(
  { accounts }: Parts,
  queries: Queries,
  asked: string,
  asker: string,
): Promise<boolean> {
  if (await accounts.isBlocked(asked, asker, queries)) return true;
  const never = await queries
    .selectFrom('picture_sender')
    .select('mode')
    .where('receiver_id', '=', asked)
    .where('sender_id', '=', asker)
    .where('mode', '=', 'never')
    .executeTakeFirst();
  return never !== undefined;
}

/** A question from somebody they shun is not shown; what they answered already always is. */
const mayBeAsked = async (parts: Parts, queries: Queries, row: ConsentRow): Promise<boolean> =>
  row.state !== 'waiting' ||
  row.asked_id === null ||
  row.asker_id === null ||
  !(await isShunned(parts, queries, row.asked_id, row.asker_id));

/** A question that this account asked or was asked. @throws {Refusal} `not_found` */
async function consentOf(
  parts: Parts,
  queries: Queries,
  accountId: string,
  consentId: string,
): Promise<ConsentRow> {
  const row = await queries.selectFrom('consent').selectAll().where('id', '=', consentId).executeTakeFirst();
  const asks = row?.asker_id === accountId;
  const isAsked = row?.asked_id === accountId && (await mayBeAsked(parts, queries, row));
  if (row === undefined || !(asks || isAsked)) throw new Refusal('not_found');
  return row;
}

async function ask(
  parts: Parts,
  caller: DeviceCaller,
  body: Body<'media.consents.ask'>,
): Promise<ConsentRow> {
  const { db, clock } = parts.platform;
  const me = caller.accountId;
  const known = await db
    .selectFrom('consent')
    .selectAll()
    .where('id', '=', body.consentId)
    .executeTakeFirst();
  if (known !== undefined) {
    if (known.asker_id !== me) throw new Refusal('not_found');
    return known;
  }
  const now = clock();
  if ((body.to === null) !== (body.linkId !== undefined)) {
    throw new Refusal('invalid_input', { field: 'linkId' });
  }
  if (body.until !== null && body.until <= now) throw new Refusal('invalid_input', { field: 'until' });
  const receivers = [...new Set(body.receivers)];
  const people = body.to === null ? receivers : [...new Set([...receivers, body.to])];
  await db.transaction().execute((tx) => requireAsk(parts, tx, me, body.blobId, people));
  await parts.halfKeys.store(body.blobId, fromBase64url(body.ks), now);
  return db.transaction().execute(async (tx) => {
    await requireAsk(parts, tx, me, body.blobId, people);
    const lapses = new Date(now + mediaLimits.consentDays * dayMs);
    await insertCopy(tx, me, body, lapses, now);
    return tx
      .insertInto('consent')
      .values({
        id: body.consentId,
        asker_id: me,
        asked_id: body.to,
        link_hash: body.linkId === undefined ? null : linkHash(body.linkId),
        by_link: body.linkId !== undefined,
        blob_id: body.blobId,
        sealed: fromBase64url(body.sealed),
        ph: fromBase64url(body.ph),
        receivers,
        until: body.until === null ? null : new Date(body.until),
        state: 'waiting',
        asked_at: new Date(now),
        lapses_at: lapses,
        answered_at: null,
        record_id: null,
        record: null,
        withdrawn_at: null,
        link_view_id: null,
        link_view_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** A completed upload of theirs that is no picture yet, to people who talk with them. @throws {Refusal} */
async function requireAsk(
  parts: Parts,
  tx: Tx,
  askerId: string,
  blobId: string,
  people: readonly string[],
): Promise<void> {
  await requireOpen(parts, tx, askerId, people);
  const { rows } = await sql<{ ready: boolean; waiting: number }>`
    select exists (select from media_blob b where b.id = ${blobId} and b.owner_id = ${askerId} and b.complete
                     and b.removed_at is null and not exists (select from picture p where p.blob_id = b.id)) as ready,
           (select count(*)::int from consent where asker_id = ${askerId} and state = 'waiting') as waiting`.execute(
    tx,
  );
  if (rows[0]?.ready !== true) throw new Refusal('not_found');
  if (rows[0].waiting >= mostWaiting) throw new Refusal('no_room');
}

/** The copy for the asked one: a picture that only they can see, which they accept by opening it. */
async function insertCopy(
  tx: Tx,
  askerId: string,
  { blobId, to }: Body<'media.consents.ask'>,
  lapses: Date,
  now: number,
): Promise<void> {
  await tx
    .insertInto('picture')
    .values({
      blob_id: blobId,
      owner_id: askerId,
      purpose: 'ask',
      depicts: 'others',
      max_views: mediaLimits.consentViews,
      expires_at: lapses,
      created_at: new Date(now),
      ended_at: null,
      ended_why: null,
      hold_until: null,
    })
    .execute();
  if (to === null) return;
  await tx
    .insertInto('picture_receiver')
    .values({ blob_id: blobId, account_id: to, accepted_at: new Date(now), ended_at: null, ended_why: null })
    .execute();
}

/** Identity keys of those who may see it, all of them. */
async function questionOf(parts: Parts, row: ConsentRow): Promise<Question> {
  const people = await parts.accounts.publicOf(row.receivers);
  if (people.size !== row.receivers.length) throw new Refusal('bad_consent');
  const receivers = [...people.values()].map((person) => person.identityPublicKey);
  return { ph: row.ph, receivers, until: row.until };
}

/**
 * Takes an answer: once, while the question waits. The copy goes dark at once, for it was made for the question alone. The same
 * answer again is answered alike. @throws {Refusal} `not_found`, `bad_consent`
 */
export async function answer(
  parts: Parts,
  found: ConsentRow,
  text: string | null,
  isGiver: (key: Uint8Array) => boolean,
): Promise<ConsentRow> {
  const now = parts.platform.clock();
  const state = stateOf(found, now);
  const bytes = text === null ? null : fromBase64url(text);
  const same = bytes === null ? state === 'no' : state === 'yes' && found.record?.equals(bytes) === true;
  if (same) return found;
  if (state !== 'waiting') throw new Refusal('not_found');
  const record = bytes === null ? null : await readAnswer(bytes, await questionOf(parts, found), now);
  if (record !== null && !isGiver(record.giver)) throw new Refusal('bad_consent');
  let answered: ConsentRow | undefined;
  await endNow(parts, async (tx) => {
    answered = await tx
      .updateTable('consent')
      .set({
        state: record === null ? 'no' : 'yes',
        answered_at: new Date(now),
        record_id: record === null ? null : uuidOf(record.id),
        record: record === null ? null : Buffer.from(encodeConsent(record)),
        sealed: null,
      })
      .where('id', '=', found.id)
      .where('state', '=', 'waiting')
      .returningAll()
      .executeTakeFirst()
      .catch((error: unknown) => {
        // A record's id is random: one that is there already is no new yes.
        if ((error as { constraint?: string }).constraint === 'consent_record_id_key') {
          throw new Refusal('bad_consent');
        }
        throw error;
      });
    if (answered === undefined) throw new Refusal('not_found');
    return endById(parts, tx, [found.blob_id], 'closed');
  });
  return answered as ConsentRow;
}
