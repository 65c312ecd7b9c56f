import type { Reply } from '@accord/protocol';
import { mediaLimits } from '@accord/protocol';
import { type Selectable, sql } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import { endAccess, endNow } from './endings.ts';
import { blobName, type Parts } from './parts.ts';
import { isBeingTakenBack } from './take-back.ts';

type ViewRoute =
  | 'media.blobs.read'
  | 'media.pictures.accept'
  | 'media.pictures.view'
  | 'media.pictures.check'
  | 'media.senders.list'
  | 'media.senders.write';

/** For how long the same view may be asked for again: a lost answer, a tab that crashed. Milliseconds. */
export const graceMs = 60_000;
const hourMs = 3_600_000;

/** A picture, one person's access to it and their decision about its sender. */
type Access = Pick<
  Selectable<Tables['picture']>,
  'blob_id' | 'owner_id' | 'max_views' | 'expires_at' | 'ended_at' | 'ended_why' | 'frozen'
> & {
  readonly taken_back: boolean;
  readonly accepted: boolean;
  readonly mode: 'ask' | 'always' | 'never';
  readonly views: number;
  readonly access_ended_at: Date | null;
  readonly access_ended_why: string | null;
};

/** Locks the picture first, then the access, as every ending does. */
async function accessOf(
  queries: Queries,
  blobId: string,
  accountId: string,
  lock: boolean,
): Promise<Access | undefined> {
  const { rows } = await sql<Access>`
    select p.blob_id, p.owner_id, p.max_views, p.expires_at, p.ended_at, p.ended_why, p.frozen,
           ${isBeingTakenBack} as taken_back, r.accepted_at is not null as accepted, r.views,
           r.ended_at as access_ended_at, r.ended_why as access_ended_why,
           coalesce((select s.mode from picture_sender s
                     where s.receiver_id = r.account_id and s.sender_id = p.owner_id), 'ask') as mode
    from picture p join picture_receiver r on r.blob_id = p.blob_id
    where p.blob_id = ${blobId} and r.account_id = ${accountId}
    ${lock ? sql`for update of p, r` : sql``}`.execute(queries);
  return rows[0];
}

/** Whether it could be seen at all: not ended for anybody or for this person, not expired, not frozen. */
const isOpen = (access: Access, now: number): boolean =>
  access.ended_at === null &&
  !access.taken_back &&
  access.access_ended_at === null &&
  !access.frozen &&
  (access.expires_at === null || access.expires_at.getTime() > now);

/** Whether this person has said yes to it. */
const isAccepted = ({ mode, accepted }: Access): boolean => mode === 'always' || (mode === 'ask' && accepted);

/** The last view may still be under way: what it was given, it may be given again. */
const isUsedUpNow = (access: Access): boolean =>
  !access.frozen &&
  !access.taken_back &&
  access.access_ended_why === 'used_up' &&
  (access.ended_at === null || access.ended_why === 'used_up');

export function viewHandlers(parts: Parts): Handlers<ViewRoute> {
  const { platform } = parts;
  const { db, clock, config } = platform;
  const limit = { enabled: config.rateLimits, clock };
  const looks = createLimiter({ burst: 60, perMinute: 60 }, limit);
  const fetches = createLimiter({ burst: 120, perMinute: 120 }, limit);
  return {
    async 'media.blobs.read'({ caller, params, request, reply }) {
      fetches.take(caller.accountId);
      if (!(await mayFetch(parts, caller, params.blobId))) throw new Refusal('not_found');
      return sendBlob(parts, params.blobId, { request, reply });
    },
    async 'media.pictures.accept'({ caller, params }) {
      const access = await accessOf(db, params.blobId, caller.accountId, false);
      if (access === undefined || !isOpen(access, clock()) || access.mode === 'never') {
        throw new Refusal('not_found');
      }
      await db
        .updateTable('picture_receiver')
        .set({ accepted_at: new Date(clock()) })
        .where('blob_id', '=', params.blobId)
        .where('account_id', '=', caller.accountId)
        .where('accepted_at', 'is', null)
        .execute();
      return {};
    },
    async 'media.pictures.view'({ caller, params, body }) {
      looks.take(caller.accountId);
      const shown = await db
        .transaction()
        .execute((tx) => view(parts, tx, caller, params.blobId, body.viewId));
      if (shown === undefined) throw new Refusal('not_found');
      const { ownerId, counted, reply } = shown;
      if (counted) {
        const notice = { kind: 'pictures' as const, ended: [] };
        platform.bus.publish('notice', { accountIds: [ownerId], notice });
      }
      return reply;
    },
    async 'media.pictures.check'({ caller, body }) {
      const { rows } = await sql<{ blob_id: string }>`
        select p.blob_id from picture p join picture_receiver r on r.blob_id = p.blob_id
        where p.blob_id = any(${body.blobIds}::uuid[]) and r.account_id = ${caller.accountId}
          and not p.frozen and not ${isBeingTakenBack} and (p.expires_at is null or p.expires_at > ${new Date(clock())})
          and (p.ended_at is null or p.ended_why = 'used_up')
          and (r.ended_at is null or r.ended_why = 'used_up' and exists (
            select from picture_view v where v.blob_id = p.blob_id and v.account_id = r.account_id
              and v.at > ${new Date(clock() - graceMs)}))`.execute(db);
      return { open: rows.map((row) => row.blob_id) };
    },
    ...senderHandlers(parts),
  };
}

interface Viewed {
  readonly ownerId: string;
  /** False where the same view was asked for again. */
  readonly counted: boolean;
  readonly reply: Reply<'media.pictures.view'>;
}

/**
 * One view, by one person: counted and answered in one transaction that holds the picture, so that of two devices at the same
 * last view exactly one gets it, and a revocation comes wholly before or wholly after.
 */
async function view(
  parts: Parts,
  tx: Tx,
  caller: DeviceCaller,
  blobId: string,
  viewId: string,
): Promise<Viewed | undefined> {
  const now = parts.platform.clock();
  const access = await accessOf(tx, blobId, caller.accountId, true);
  if (access === undefined || access.owner_id === null || !isAccepted(access)) return undefined;
  const again = await isViewing(tx, caller, blobId, now, viewId);
  if (!(isOpen(access, now) || (again && isUsedUpNow(access)))) return undefined;
  if (await isBarred(parts, tx, caller.accountId, access.owner_id)) return undefined;
  const ks = await parts.halfKeys.hold(tx, blobId);
  if (ks === undefined) return undefined;
  const views = again ? access.views : access.views + 1;
  if (access.max_views !== null && views > access.max_views) return undefined;
  if (!again) await count(tx, { caller, blobId, viewId, now, last: views === access.max_views });
  parts.metrics.views.inc();
  const reply = {
    ks: ks.toString('base64url'),
    viewsLeft: access.max_views === null ? null : access.max_views - views,
    expiresAt: access.expires_at?.getTime() ?? null,
  };
  return { ownerId: access.owner_id, counted: !again, reply };
}

/** Whether this device began a view of it a moment ago: this very one, where an id is given. */
async function isViewing(
  queries: Queries,
  { accountId, deviceId }: DeviceCaller,
  blobId: string,
  now: number,
  viewId?: string,
): Promise<boolean> {
  let begun = queries
    .selectFrom('picture_view')
    .select('at')
    .where('blob_id', '=', blobId)
    .where('account_id', '=', accountId)
    .where('device_id', '=', deviceId)
    .where('at', '>', new Date(now - graceMs));
  if (viewId !== undefined) begun = begun.where('view_id', '=', viewId);
  return (await begun.executeTakeFirst()) !== undefined;
}

/** Endings follow blocks at once; asked all the same, for it costs little and a picture can't be called back. */
const isBarred = async ({ accounts }: Parts, tx: Tx, one: string, other: string): Promise<boolean> =>
  (await accounts.isBlocked(one, other, tx)) || (await accounts.isBlocked(other, one, tx));

interface Count {
  readonly caller: DeviceCaller;
  readonly blobId: string;
  readonly viewId: string;
  readonly now: number;
  /** Whether it is this person's last one. */
  readonly last: boolean;
}

async function count(tx: Tx, { caller, blobId, viewId, now, last }: Count): Promise<void> {
  const { accountId: account_id, deviceId: device_id } = caller;
  const at = new Date(now);
  const counted = await tx
    .insertInto('picture_view')
    .values({ blob_id: blobId, account_id, view_id: viewId, device_id, at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  // The id of an older view of theirs: a device draws a new one for each.
  if (counted.numInsertedOrUpdatedRows !== 1n) throw new Refusal('not_found');
  await tx
    .updateTable('picture_receiver')
    .set((set) => ({
      views: set('views', '+', 1),
      ...(last && { ended_at: at, ended_why: 'used_up' }),
    }))
    .where('blob_id', '=', blobId)
    .where('account_id', '=', account_id)
    .execute();
  if (!last) return;
  // Seen by everybody as often as it may be: the half-key stays for a report, and for nothing else.
  await tx
    .updateTable('picture')
    .set({ ended_at: at, ended_why: 'used_up', hold_until: new Date(now + mediaLimits.reportHours * hourMs) })
    .where('blob_id', '=', blobId)
    .where(
      sql<boolean>`not exists (select from picture_receiver r where r.blob_id = picture.blob_id and r.ended_at is null)`,
    )
    .execute();
}

/** Its sender, or a receiver who may see it and said yes. */
async function mayFetch({ platform }: Parts, caller: DeviceCaller, blobId: string): Promise<boolean> {
  const { db, clock } = platform;
  const own = await db
    .selectFrom('media_blob')
    .select('id')
    .where('id', '=', blobId)
    .where('owner_id', '=', caller.accountId)
    .where('complete', '=', true)
    .executeTakeFirst();
  if (own !== undefined) return true;
  const access = await accessOf(db, blobId, caller.accountId, false);
  if (access === undefined || !isAccepted(access)) return false;
  return isOpen(access, clock()) || (isUsedUpNow(access) && (await isViewing(db, caller, blobId, clock())));
}

interface Exchange {
  readonly request: { readonly headers: { readonly range?: string | undefined } };
  readonly reply: {
    code(status: number): unknown;
    header(name: string, value: string | number): unknown;
    send(body: unknown): unknown;
  };
}

/** `bytes=N-`, which is how a broken download goes on; any other range may be answered with the whole (RFC 9110 § 14.2). */
const startOf = (range: string | undefined): number =>
  Number(/^bytes=(\d{1,9})-$/.exec(range ?? '')?.[1] ?? 0);

/** Answers with a ciphertext as it comes from the store. @throws {Refusal} `not_found`, also behind its end */
export async function sendBlob(
  { blobs }: Parts,
  blobId: string,
  { request, reply }: Exchange,
): Promise<Uint8Array> {
  const from = startOf(request.headers.range);
  const found = await blobs.read(blobName(blobId), from);
  if (found === undefined) throw new Refusal('not_found');
  reply.header('content-type', 'application/octet-stream');
  reply.header('content-length', found.size - from);
  reply.header('cache-control', 'no-store');
  if (from > 0) {
    reply.code(206);
    reply.header('content-range', `bytes ${from}-${found.size - 1}/${found.size}`);
  }
  // Fastify takes a stream in place of the bytes that the contract names.
  return reply.send(found.stream) as Uint8Array;
}

function senderHandlers(parts: Parts): Handlers<'media.senders.list' | 'media.senders.write'> {
  const { db } = parts.platform;
  return {
    async 'media.senders.list'({ caller }) {
      const rows = await db
        .selectFrom('picture_sender')
        .select(['sender_id', 'mode'])
        .where('receiver_id', '=', caller.accountId)
        .orderBy('sender_id')
        .execute();
      return { senders: rows.map(({ sender_id, mode }) => ({ accountId: sender_id, mode })) };
    },
    async 'media.senders.write'({ caller, params: { accountId }, body: { mode } }) {
      const known =
        accountId !== caller.accountId && (await parts.accounts.publicOf([accountId])).has(accountId);
      if (!known) throw new Refusal('not_found');
      const whose = { receiver_id: caller.accountId, sender_id: accountId };
      await endNow(parts, async (tx) => {
        if (mode === 'ask') {
          await tx
            .deleteFrom('picture_sender')
            .where('receiver_id', '=', whose.receiver_id)
            .where('sender_id', '=', accountId)
            .execute();
        } else {
          await tx
            .insertInto('picture_sender')
            .values({ ...whose, mode })
            .onConflict((conflict) => conflict.columns(['receiver_id', 'sender_id']).doUpdateSet({ mode }))
            .execute();
        }
        if (mode !== 'never') return [];
        return endAccess(parts, tx, { ownerId: accountId, receiverId: caller.accountId }, 'closed', true);
      });
      return {};
    },
  };
}
