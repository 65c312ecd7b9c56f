import { sql } from 'kysely';
import type { Platform } from '../platform/platform.ts';
import { consentHandlers } from './consents.ts';
import { endAccess, endById, endNow, tellDark } from './endings.ts';
import type { Franking } from './franking.ts';
import { HalfKeys } from './half-keys.ts';
import { linkHandlers } from './links.ts';
import { openModeration } from './moderation.ts';
import { createMediaMetrics, type Parts } from './parts.ts';
import { pictureHandlers } from './pictures.ts';
import { recordHandlers } from './records.ts';
import { reportDesk, reportHandlers } from './reports.ts';
import { createTakeBacks, isBeingTakenBack } from './take-back.ts';
import type { Media, MediaHooks, PictureEnd } from './types.ts';
import { accountHooks, mediaPurges } from './upkeep.ts';
import { uploadHandlers } from './uploads.ts';
import { viewHandlers } from './views.ts';

export { openFranking } from './franking.ts';
export type { Media } from './types.ts';

/** Sealed pictures: ciphertexts, half-keys, yeses and reports. Joins accounts through their hooks. */
export async function createMedia(
  platform: Platform,
  others: Pick<Parts, 'accounts' | 'conversations'> & { readonly franking: Franking },
): Promise<Media> {
  const { db, folder, blobs, clock } = platform;
  const hooks: MediaHooks[] = [];
  const parts: Parts = {
    platform,
    ...others,
    blobs,
    halfKeys: await HalfKeys.open(db, folder),
    moderation: await openModeration(folder, clock()),
    hooks,
    metrics: createMediaMetrics(platform.metrics),
  };
  const takeBacks = createTakeBacks(parts);
  return {
    handlers: {
      ...uploadHandlers(parts),
      ...pictureHandlers(parts, takeBacks),
      ...viewHandlers(parts),
      ...consentHandlers(parts),
      ...linkHandlers(parts),
      ...recordHandlers(parts),
      ...reportHandlers(parts),
    },
    purges: [...mediaPurges(parts), { name: 'accounts taking back everything', run: takeBacks.finish }],
    accountHooks: accountHooks(parts),
    on: (hook) => void hooks.push(hook),
    async conversationClosed(tx, oneId, otherId) {
      const one = await endAccess(parts, tx, { ownerId: oneId, receiverId: otherId }, 'closed');
      const other = await endAccess(parts, tx, { ownerId: otherId, receiverId: oneId }, 'closed');
      return () => void tellDark(parts, [...one, ...other]);
    },
    ...takedowns(parts),
    ...reportDesk(parts),
    start: () => takeBacks.begin(),
    async close() {
      await takeBacks.close();
      await parts.halfKeys.close();
    },
  };
}

type Takedowns = Pick<Media, 'remove' | 'freeze' | 'thaw' | 'lookUp'>;

/** What the desk and the operator do with pictures, whoever sent them. */
function takedowns(parts: Parts): Takedowns {
  const { db } = parts.platform;
  const setFrozen = async (blobIds: readonly string[], frozen: boolean): Promise<void> => {
    await sql`update picture set frozen = ${frozen} where blob_id = any(${blobIds}::uuid[])`.execute(db);
    if (frozen) void tellDark(parts, blobIds);
  };
  return {
    remove: (blobIds) => endNow(parts, (tx) => endById(parts, tx, blobIds, 'removed')),
    freeze: (blobIds) => setFrozen(blobIds, true),
    thaw: (blobIds) => setFrozen(blobIds, false),
    async lookUp(blobId) {
      const row = await db
        .selectFrom('picture as p')
        .select(['owner_id', 'ended_at', 'ended_why', 'frozen', isBeingTakenBack.as('taken_back')])
        .where('blob_id', '=', blobId)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const receivers = await db
        .selectFrom('picture_receiver')
        .select('account_id')
        .where('blob_id', '=', blobId)
        .orderBy('account_id')
        .execute();
      return {
        ownerId: row.owner_id,
        receiverIds: receivers.map(({ account_id }) => account_id),
        state: row.ended_at === null ? (row.taken_back ? 'revoked' : 'open') : (row.ended_why as PictureEnd),
        frozen: row.frozen,
      };
    },
  };
}
