import type { Body, Reply } from '@accord/protocol';
import { type Selectable, sql } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import { requireConsents } from './consent-check.ts';
import { endById, endNow } from './endings.ts';
import { fromBase64url, type Parts } from './parts.ts';
import type { TakeBacks } from './take-back.ts';

type PictureRoute =
  | 'media.pictures.create'
  | 'media.pictures.list'
  | 'media.pictures.revoke'
  | 'media.pictures.revokeAll';
type OwnPicture = Reply<'media.pictures.create'>;
type State = OwnPicture['state'];
type PictureRow = Selectable<Tables['picture']>;

const pageSize = 50;
const viewsListed = 100;

export function pictureHandlers(parts: Parts, takeBacks: TakeBacks): Handlers<PictureRoute> {
  const { platform } = parts;
  const { db, clock, config } = platform;
  const creates = createLimiter({ burst: 30, perMinute: 20 }, { enabled: config.rateLimits, clock });
  return {
    async 'media.pictures.create'({ caller, body }) {
      creates.take(caller.accountId);
      const blob = await db
        .selectFrom('media_blob')
        .select('id')
        .where('id', '=', body.blobId)
        .where('owner_id', '=', caller.accountId)
        .where('complete', '=', true)
        .where('removed_at', 'is', null)
        .executeTakeFirst();
      if (blob === undefined) throw new Refusal('not_found');
      if (!(await exists(db, body.blobId))) await create(parts, caller, body);
      const [made] = await ownPictures(parts, caller.accountId, { blobId: body.blobId });
      if (made === undefined) throw new Refusal('not_found');
      return made;
    },
    async 'media.pictures.list'({ caller, query }) {
      const { blobId } = query;
      const place = { ...readCursor(query.before), ...(blobId !== undefined && { blobId }) };
      const found = await ownPictures(parts, caller.accountId, place);
      const pictures = found.slice(0, pageSize);
      const last = pictures.at(-1);
      const more = found.length > pageSize && last !== undefined;
      return { pictures, next: more ? `${last.createdAt}.${last.blobId}` : null };
    },
    async 'media.pictures.revoke'({ caller, params }) {
      const mine = await db
        .selectFrom('picture')
        .select('blob_id')
        .where('blob_id', '=', params.blobId)
        .where('owner_id', '=', caller.accountId)
        .executeTakeFirst();
      if (mine === undefined) throw new Refusal('not_found');
      await endNow(parts, (tx) => endById(parts, tx, [mine.blob_id], 'revoked'));
      return {};
    },
    async 'media.pictures.revokeAll'({ caller }) {
      return { revoked: await takeBacks.all(caller.accountId) };
    },
  };
}

const exists = async (queries: Queries, blobId: string): Promise<boolean> =>
  (await queries.selectFrom('picture').select('blob_id').where('blob_id', '=', blobId).executeTakeFirst()) !==
  undefined;

/** Gives a picture to its receivers. The half-key is on the disk before anybody can ask for it. */
async function create(
  parts: Parts,
  caller: DeviceCaller,
  body: Body<'media.pictures.create'>,
): Promise<void> {
  const { db, clock } = parts.platform;
  const now = clock();
  if (body.expiresAt !== null && body.expiresAt <= now) {
    throw new Refusal('invalid_input', { field: 'expiresAt' });
  }
  const receivers = [...new Set(body.receivers)];
  const ready = async (tx: Tx) => {
    await requireOpen(parts, tx, caller.accountId, receivers);
    await requireConsents(tx, caller.accountId, { ...body, receivers }, now);
  };
  // Before anything is stored, and once more in the transaction that counts.
  await db.transaction().execute(ready);
  await parts.halfKeys.store(body.blobId, fromBase64url(body.ks), now);
  await db.transaction().execute(async (tx) => {
    await ready(tx);
    for (const hook of parts.hooks) {
      if ((await hook.opening?.(tx, body.blobId)) === false) throw new Refusal('not_attested');
    }
    const inserted = await tx
      .insertInto('picture')
      .values({
        blob_id: body.blobId,
        owner_id: caller.accountId,
        purpose: 'send',
        depicts: body.depicts,
        max_views: body.maxViews,
        expires_at: body.expiresAt === null ? null : new Date(body.expiresAt),
        created_at: new Date(now),
        ended_at: null,
        ended_why: null,
        hold_until: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    // The same call twice at once: the other one made it.
    if (inserted.numInsertedOrUpdatedRows !== 1n) return;
    await addReceivers(parts, tx, caller.accountId, body.blobId, receivers);
    if (body.consents.length === 0) return;
    await tx
      .insertInto('picture_consent')
      .values(body.consents.map((consent_id) => ({ blob_id: body.blobId, consent_id })))
      .execute();
  });
  parts.metrics.created.inc();
}

/** Every receiver talks with the sender, who has blocked none of them. @throws {Refusal} `not_found` */
export async function requireOpen(
  { accounts, conversations }: Parts,
  tx: Tx,
  ownerId: string,
  receivers: readonly string[],
): Promise<void> {
  for (const receiver of receivers) {
    const open = receiver !== ownerId && (await conversations.findOpenConversation(tx, ownerId, receiver));
    if (open === false || open === null || (await accounts.isBlocked(ownerId, receiver, tx))) {
      throw new Refusal('not_found');
    }
  }
}

/** A receiver who blocked the sender gets nothing, and the sender sees what they would see of anybody who never looks. */
async function addReceivers(
  { accounts, platform }: Parts,
  tx: Tx,
  ownerId: string,
  blobId: string,
  receivers: readonly string[],
): Promise<void> {
  const now = new Date(platform.clock());
  for (const account_id of receivers) {
    const quiet = await accounts.isBlocked(account_id, ownerId, tx);
    const ending = quiet
      ? { ended_at: now, ended_why: 'closed', quiet }
      : { ended_at: null, ended_why: null };
    await tx
      .insertInto('picture_receiver')
      .values({ blob_id: blobId, account_id, accepted_at: null, ...ending })
      .execute();
  }
}

interface Place {
  readonly blobId?: string;
  readonly before?: { readonly at: number; readonly id: string };
}

function readCursor(text: string | undefined): Place {
  if (text === undefined) return {};
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text) ?? [];
  if (at === undefined || id === undefined) throw new Refusal('invalid_input', { field: 'before' });
  return { before: { at: Number(at), id } };
}

interface ReceiverRow {
  blob_id: string;
  account_id: string;
  ended_at: Date | null;
  ended_why: string | null;
  quiet: boolean;
  views: number;
  seen: Date[];
}

/** An account's pictures as it sees them, newest first; one more than a page. */
async function ownPictures(parts: Parts, ownerId: string, place: Place): Promise<OwnPicture[]> {
  const { db, clock } = parts.platform;
  let query = db
    .selectFrom('picture')
    .innerJoin('media_blob', 'media_blob.id', 'picture.blob_id')
    .leftJoin('picture_take_back', (join) =>
      join
        .onRef('picture_take_back.owner_id', '=', 'picture.owner_id')
        .onRef('picture_take_back.at', '>=', 'picture.created_at'),
    )
    .selectAll('picture')
    .select(['media_blob.size', 'picture_take_back.at as taken_back_at'])
    .where('picture.owner_id', '=', ownerId)
    .where('purpose', '=', 'send');
  if (place.blobId !== undefined) query = query.where('blob_id', '=', place.blobId);
  if (place.before !== undefined) {
    const { at, id } = place.before;
    query = query.where(sql<boolean>`(created_at, blob_id) < (${new Date(at)}::timestamptz, ${id}::uuid)`);
  }
  const found = await query
    .orderBy('created_at', 'desc')
    .orderBy('blob_id', 'desc')
    .limit(pageSize + 1)
    .execute();
  const rows = found.map(asTakenBack);
  const ids = rows.map((row) => row.blob_id);
  const { rows: receivers } = await sql<ReceiverRow>`
    select r.blob_id, r.account_id, r.ended_at, r.ended_why, r.quiet, r.views,
           array(select at from picture_view v where v.blob_id = r.blob_id and v.account_id = r.account_id
                 order by at desc limit ${viewsListed}) as seen
    from picture_receiver r where r.blob_id = any(${ids}::uuid[]) order by r.account_id`.execute(db);
  const people = await parts.accounts.publicOf([...new Set(receivers.map((row) => row.account_id))]);
  const byPicture = Map.groupBy(receivers, (row) => row.blob_id);
  const now = clock();
  return rows.map((row) => {
    const state = stateOf(row, row, now);
    return {
      blobId: row.blob_id,
      createdAt: row.created_at.getTime(),
      endedAt: state === 'open' ? null : endOf(row),
      state,
      depicts: row.depicts as OwnPicture['depicts'],
      maxViews: row.max_views,
      expiresAt: row.expires_at?.getTime() ?? null,
      size: row.size,
      receivers: (byPicture.get(row.blob_id) ?? []).map((one) => ({
        accountId: one.account_id,
        pseudonym: people.get(one.account_id)?.pseudonym ?? '',
        state: state === 'open' || one.ended_why === 'used_up' ? stateOf(one, row, now) : state,
        views: one.seen.map((at) => at.getTime()).reverse(),
        viewCount: one.views,
      })),
    };
  });
}

/** A picture that is being taken back with all others is said to be so before its row is. */
function asTakenBack<Row extends PictureRow & { readonly taken_back_at: Date | null }>(row: Row): Row {
  const { taken_back_at: at, ended_at, hold_until, quiet } = row;
  if (at === null || !(ended_at === null || hold_until !== null || quiet)) return row;
  return { ...row, ended_at: at, ended_why: 'revoked', quiet: false };
}

const endOf = ({ quiet, ended_at, expires_at }: PictureRow): number | null =>
  (quiet ? expires_at : (ended_at ?? expires_at))?.getTime() ?? null;

/** What the sender may know: an end that is not theirs to know of is none, until the picture expires. */
function stateOf(
  ending: Pick<PictureRow, 'ended_at' | 'ended_why' | 'quiet'>,
  { expires_at }: Pick<PictureRow, 'expires_at'>,
  now: number,
): State {
  if (ending.ended_at !== null && !ending.quiet) return ending.ended_why as State;
  return expires_at !== null && expires_at.getTime() <= now ? 'expired' : 'open';
}
