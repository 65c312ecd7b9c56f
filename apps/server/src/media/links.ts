import { mediaLimits, type Reply } from '@accord/protocol';
import type { Queries, Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import { answer, type ConsentRow, linkHash, stateOf } from './consents.ts';
import type { Parts } from './parts.ts';
import { isBeingTakenBack } from './take-back.ts';
import { graceMs, sendBlob } from './views.ts';

type LinkRoute = 'media.links.read' | 'media.links.view' | 'media.links.blob' | 'media.links.answer';
type LinkReply = Reply<'media.links.read'>;

/**
 * A question to somebody who is not here. Whoever has the link may look and answer: it is a secret of 122 random bits, its key is
 * in the fragment, which browsers send to nobody, and it is good for days, ten looks and one answer.
 */
export function linkHandlers(parts: Parts): Handlers<LinkRoute> {
  const { platform, accounts } = parts;
  const { db, clock, config, bus } = platform;
  const strangers = createLimiter({ burst: 60, perMinute: 30 }, { enabled: config.rateLimits, clock });
  return {
    async 'media.links.read'({ params, request }) {
      strangers.takeAddress(request.ip);
      const row = await linked(db, params.linkId);
      const people = await accounts.publicOf([
        ...row.receivers,
        ...(row.asker_id === null ? [] : [row.asker_id]),
      ]);
      const named = (id: string | null): LinkReply['receivers'] => {
        const found = id === null ? undefined : people.get(id);
        if (found === undefined) return [];
        const { pseudonym, identityPublicKey } = found;
        return [{ pseudonym, identityPublicKey: identityPublicKey.toString('base64url') }];
      };
      const state = stateOf(row, clock());
      return {
        consentId: row.id,
        state,
        lapsesAt: row.lapses_at.getTime(),
        sealed: state === 'waiting' ? (row.sealed?.toString('base64url') ?? null) : null,
        ph: row.ph.toString('base64url'),
        blobId: row.blob_id,
        askedBy: named(row.asker_id)[0] ?? null,
        receivers: row.receivers.flatMap(named),
        until: row.until?.getTime() ?? null,
      };
    },
    async 'media.links.view'({ params, body, request }) {
      strangers.takeAddress(request.ip);
      const shown = await db.transaction().execute((tx) => look(parts, tx, params.linkId, body.viewId));
      if (shown === undefined) throw new Refusal('not_found');
      return shown;
    },
    async 'media.links.blob'({ params, request, reply }) {
      strangers.takeAddress(request.ip);
      const row = await linked(db, params.linkId);
      if (stateOf(row, clock()) !== 'waiting') throw new Refusal('not_found');
      return sendBlob(parts, row.blob_id, { request, reply });
    },
    async 'media.links.answer'({ params, body, request }) {
      strangers.takeAddress(request.ip);
      const found = await linked(db, params.linkId);
      const row = await answer(parts, found, body.record, await isFresh(parts, found));
      if (row.asker_id !== null) {
        bus.publish('notice', { accountIds: [row.asker_id], notice: { kind: 'consents' } });
      }
      return { state: stateOf(row, clock()) };
    },
  };
}

async function linked(queries: Queries, linkId: string, lock = false): Promise<ConsentRow> {
  const query = queries.selectFrom('consent').selectAll().where('link_hash', '=', linkHash(linkId));
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  if (row === undefined) throw new Refusal('not_found');
  return row;
}

/** The key of this yes alone: neither the asker's nor a receiver's. That it is not a stand-in of theirs nobody can tell. */
async function isFresh({ accounts }: Parts, row: ConsentRow): Promise<(key: Uint8Array) => boolean> {
  const people = await accounts.publicOf([
    ...row.receivers,
    ...(row.asker_id === null ? [] : [row.asker_id]),
  ]);
  return (key) => ![...people.values()].some((person) => person.identityPublicKey.equals(key));
}

/** One look at the copy; the same one again within a minute is not counted. */
async function look(
  parts: Parts,
  tx: Tx,
  linkId: string,
  viewId: string,
): Promise<Reply<'media.links.view'> | undefined> {
  const now = parts.platform.clock();
  const row = await linked(tx, linkId, true);
  if (stateOf(row, now) !== 'waiting' || row.asker_id === null) return undefined;
  const again = row.link_view_id === viewId && (row.link_view_at?.getTime() ?? 0) > now - graceMs;
  const views = again ? row.link_views : row.link_views + 1;
  if (views > mediaLimits.consentViews) return undefined;
  const copy = await tx
    .selectFrom('picture as p')
    .select('blob_id')
    .where('blob_id', '=', row.blob_id)
    .where('ended_at', 'is', null)
    .where('frozen', '=', false)
    .where((is) => is.not(isBeingTakenBack))
    .forUpdate()
    .executeTakeFirst();
  const ks = copy === undefined ? undefined : await parts.halfKeys.hold(tx, row.blob_id);
  if (ks === undefined) return undefined;
  if (!again) {
    await tx
      .updateTable('consent')
      .set({ link_views: views, link_view_id: viewId, link_view_at: new Date(now) })
      .where('id', '=', row.id)
      .execute();
  }
  parts.metrics.views.inc();
  return {
    ks: ks.toString('base64url'),
    viewsLeft: mediaLimits.consentViews - views,
    expiresAt: row.lapses_at.getTime(),
  };
}
