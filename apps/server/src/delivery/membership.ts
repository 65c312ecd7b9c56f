import { limits } from '@accord/protocol';
import { sql } from 'kysely';
import type { AccountHooks } from '../accounts/types.ts';
import type { Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import { closeConversations } from './conversations.ts';
import type { Parts } from './parts.ts';

/**
 * Makes what changes the devices of an account and what changes groups wait for each other: a device that is
 * being removed is never added meanwhile. Held until the transaction ends.
 */
export async function lockRoster(
  tx: Tx,
  accountIds: readonly string[],
  mode: 'read' | 'change',
): Promise<void> {
  const lock = sql.raw(mode === 'read' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock');
  for (const id of [...accountIds].sort()) {
    await sql`select ${lock}(hashtextextended(${id}, 4207004))`.execute(tx);
  }
}

/** What the delivery service does when a device or an account goes. */
export function membershipHooks({ platform }: Parts): AccountHooks {
  const { bus, clock } = platform;
  return {
    async deviceRemoved(tx, { accountId, deviceId }) {
      await lockRoster(tx, [accountId], 'change');
      const left = await tx
        .updateTable('group_member')
        .set({ leaving: true })
        .where('device_id', '=', deviceId)
        .returning('group_id')
        .execute();
      const groupIds = left.map((row) => row.group_id);
      await emptyBoxes(tx, [deviceId]);
      await tx.deleteFrom('key_package').where('device_id', '=', deviceId).execute();
      if (groupIds.length === 0) return undefined;
      await tx.updateTable('mls_group').set({ evicting: true }).where('id', 'in', groupIds).execute();
      const remaining = await tx
        .selectFrom('group_member')
        .select(['group_id', 'device_id'])
        .where('group_id', 'in', groupIds)
        .where('leaving', '=', false)
        .execute();
      return () => {
        for (const [groupId, rows] of Map.groupBy(remaining, (row) => row.group_id)) {
          const deviceIds = rows.map((row) => row.device_id);
          bus.publish('notice', { deviceIds, notice: { kind: 'removal', groupId } });
        }
      };
    },
    async accountDeleted(tx, { accountId, deviceIds }) {
      await lockRoster(tx, [accountId], 'change');
      const talks = await tx
        .selectFrom('conversation')
        .select(['id', 'one_id', 'other_id'])
        .where((or) => or.or([or('one_id', '=', accountId), or('other_id', '=', accountId)]))
        .execute();
      await closeConversations(
        tx,
        talks.map((talk) => talk.id),
        clock(),
      );
      await emptyBoxes(tx, deviceIds);
      const accountIds = talks
        .flatMap((talk) => [talk.one_id, talk.other_id])
        .filter((id) => id !== null && id !== accountId);
      if (accountIds.length === 0) return undefined;
      return () => {
        bus.publish('notice', { accountIds: accountIds as string[], notice: { kind: 'conversations' } });
      };
    },
  };
}

async function emptyBoxes(tx: Tx, deviceIds: readonly string[]): Promise<void> {
  if (deviceIds.length > 0) await tx.deleteFrom('inbox').where('device_id', 'in', deviceIds).execute();
}

const dayMs = 86_400_000;

/** What no device will fetch any more. */
export function deliveryPurges({ platform: { db } }: Parts): Purge[] {
  return [
    {
      name: 'inbox',
      async run(now) {
        const oldest = new Date(now - limits.inboxDays * dayMs);
        const gone = await db.deleteFrom('inbox').where('at', '<', oldest).executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
    {
      name: 'key packages',
      async run(now) {
        const gone = await db
          .deleteFrom('key_package')
          .where('expires_at', '<=', new Date(now))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
    {
      name: 'conversations of nobody',
      async run() {
        const gone = await db
          .deleteFrom('conversation')
          .where('one_id', 'is', null)
          .where('other_id', 'is', null)
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
  ];
}
