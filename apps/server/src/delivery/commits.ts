import type { Parsed } from '@accord/protocol';
import { sql } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { type Change, judgeCommit, type ReadCommit, readCommit, type Seat } from './commit-judge.ts';
import { openConversationOf } from './conversations.ts';
import { type GroupState, groupState, post } from './groups.ts';
import { lockRoster } from './membership.ts';
import type { Parts } from './parts.ts';
import { readRoster } from './roster.ts';

type Body = Parsed<'delivery.groups.commit'>['body'];

/** Epochs for which an accepted commit's answer can be had again. */
const receiptEpochs = 64;

/** Whether this very commit was accepted before: its answer was lost, not the commit. */
async function wasAccepted(queries: Queries, caller: DeviceCaller, body: Body): Promise<boolean> {
  const receipt = await queries
    .selectFrom('commit_receipt')
    .select('epoch')
    .where('device_id', '=', caller.deviceId)
    .where('idem', '=', body.idem)
    .where('group_id', '=', body.groupId)
    .executeTakeFirst();
  return receipt !== undefined && Number(receipt.epoch) === body.epoch;
}

async function seatsOf(tx: Tx, groupId: string): Promise<Seat[]> {
  const rows = await tx
    .selectFrom('group_member')
    .select(['device_id', 'account_id', 'leaf', 'leaving'])
    .where('group_id', '=', groupId)
    .execute();
  return rows.map((row) => ({
    deviceId: row.device_id,
    accountId: row.account_id,
    leaf: row.leaf,
    leaving: row.leaving,
  }));
}

/** The compare of compare-and-set: locks the group's row and holds it to the epoch that the commit ends. */
async function lockEpoch(tx: Tx, { groupId, epoch }: Body): Promise<void> {
  const group = await tx
    .selectFrom('mls_group')
    .select(['epoch', 'closed'])
    .where('id', '=', groupId)
    .forUpdate()
    .executeTakeFirst();
  if (group === undefined || group.closed) throw new Refusal('not_found');
  if (Number(group.epoch) !== epoch) throw new Refusal('wrong_epoch');
}

/** The set: the next epoch, its members, and everything that others must get, in the one transaction. */
async function apply(
  tx: Tx,
  caller: DeviceCaller,
  body: Body,
  read: ReadCommit,
  change: Change,
  now: number,
): Promise<void> {
  const { groupId, epoch } = body;
  const next = epoch + 1;
  await tx
    .updateTable('mls_group')
    .set({
      epoch: next,
      group_info: read.groupInfo,
      changed_at: sql`now()`,
      evicting: change.stillLeaving,
    })
    .where('id', '=', groupId)
    .execute();
  await replaceSeats(tx, groupId, change, next);
  await post(tx, change.told, { kind: 'commit', groupId, epoch, body: read.commit }, now);
  if (read.welcome !== undefined) {
    await post(tx, change.welcomed, { kind: 'welcome', groupId, epoch: next, body: read.welcome }, now);
  }
  await tx
    .insertInto('commit_receipt')
    .values({ device_id: caller.deviceId, idem: body.idem, group_id: groupId, epoch })
    .execute();
  await tx
    .deleteFrom('commit_receipt')
    .where('group_id', '=', groupId)
    .where('epoch', '<', String(epoch - receiptEpochs))
    .execute();
}

async function replaceSeats(tx: Tx, groupId: string, change: Change, next: number): Promise<void> {
  const gone = change.removed.map((seat) => seat.deviceId);
  if (gone.length > 0) {
    await tx
      .deleteFrom('group_member')
      .where('group_id', '=', groupId)
      .where('device_id', 'in', gone)
      .execute();
  }
  if (change.joined.length === 0) return;
  const joined = change.joined.map((seat) => seat.deviceId);
  // What waits from before, for a device that comes back without its state, it could not read.
  await tx.deleteFrom('inbox').where('group_id', '=', groupId).where('device_id', 'in', joined).execute();
  await tx
    .insertInto('group_member')
    .values(
      change.joined.map((seat) => ({
        group_id: groupId,
        device_id: seat.deviceId,
        account_id: seat.accountId,
        leaf: seat.leaf,
        joined_epoch: next,
      })),
    )
    .execute();
}

export function commitHandlers(parts: Parts): Handlers<'delivery.groups.commit'> {
  const { db, bus, clock } = parts.platform;
  return {
    async 'delivery.groups.commit'({ caller, params, body }): Promise<GroupState> {
      const { groupId } = body;
      const { otherId, group } = await openConversationOf(db, caller, params.conversationId);
      if (group?.groupId !== groupId) throw new Refusal('not_found');
      if (await wasAccepted(db, caller, body)) return groupState(db, groupId);
      const stored = await db
        .selectFrom('mls_group')
        .select(['epoch', 'group_info'])
        .where('id', '=', groupId)
        .executeTakeFirst();
      if (Number(stored?.epoch) !== body.epoch) throw new Refusal('wrong_epoch');
      // The slow part, outside the transaction: the compare-and-set holds it to the very GroupInfo it was read by.
      const read = await readCommit(body, stored?.group_info ?? Buffer.alloc(0), clock());
      const change = await db.transaction().execute(async (tx) => {
        await lockRoster(tx, [caller.accountId, otherId], 'read');
        await lockEpoch(tx, body);
        const roster = await readRoster(parts, tx, [caller.accountId, otherId]);
        const judged = judgeCommit(caller, read, await seatsOf(tx, groupId), roster);
        await apply(tx, caller, body, read, judged, clock());
        return judged;
      });
      bus.publish('inbox', { deviceIds: [...change.told, ...change.welcomed] });
      return groupState(db, groupId);
    },
  };
}
