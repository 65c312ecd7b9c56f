import { type GroupInfoFacts, inspectGroupInfo, inspectWelcome } from '@accord/group-crypto/server';
import type { Reply } from '@accord/protocol';
import { itemKinds } from '@accord/protocol/socket';
import { sql } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { conversationOf, openConversationOf } from './conversations.ts';
import { lockRoster } from './membership.ts';
import type { Parts } from './parts.ts';
import {
  badMaterial,
  fromBase64,
  groupIdBytes,
  isGenuine,
  type Roster,
  readingMaterial,
  readRoster,
} from './roster.ts';

export type GroupState = Reply<'delivery.groups.found'>;

/** A handshake message on its way to some devices. */
export interface Handshake {
  readonly kind: 'commit' | 'welcome';
  readonly groupId: string;
  readonly epoch: number;
  readonly body: Buffer;
}

/** Puts a handshake message into the inboxes of devices. */
export async function post(
  tx: Tx,
  deviceIds: readonly string[],
  { kind, groupId, epoch, body }: Handshake,
  now: number,
): Promise<void> {
  if (deviceIds.length === 0) return;
  await sql`
    insert into inbox (device_id, kind, group_id, epoch, at, body)
    select d, ${itemKinds.indexOf(kind)}::smallint, ${groupId}::uuid, ${epoch}::bigint, ${new Date(now)}::timestamptz, ${body}::bytea
    from unnest(${deviceIds}::uuid[]) d`.execute(tx);
}

/** A group as its members see it. @throws {Refusal} `not_found` */
export async function groupState(queries: Queries, groupId: string): Promise<GroupState> {
  const group = await queries
    .selectFrom('mls_group')
    .select('epoch')
    .where('id', '=', groupId)
    .executeTakeFirst();
  if (group === undefined) throw new Refusal('not_found');
  const members = await queries
    .selectFrom('group_member')
    .select(['device_id', 'leaving'])
    .where('group_id', '=', groupId)
    .orderBy('leaf')
    .execute();
  return {
    groupId,
    epoch: Number(group.epoch),
    members: members.filter((member) => !member.leaving).map((member) => member.device_id),
    leaving: members.filter((member) => member.leaving).map((member) => member.device_id),
  };
}

/** What a founder brings, read and found sound in itself. */
interface Foundation {
  readonly facts: GroupInfoFacts;
  readonly groupInfo: Buffer;
  readonly welcome: Buffer | undefined;
}

/**
 * A new group is at epoch 0 with its founder alone, or at epoch 1 with those whom the founder added at once.
 * A Welcome names its addressees by refs of packages that were handed out and forgotten: their number is
 * checked here, each device finds its own.
 */
async function readFoundation(
  caller: DeviceCaller,
  body: { groupId: string; groupInfo: string; welcome?: string | undefined },
): Promise<Foundation> {
  const groupInfo = fromBase64(body.groupInfo);
  const welcome = body.welcome === undefined ? undefined : fromBase64(body.welcome);
  return readingMaterial(async () => {
    const facts = await inspectGroupInfo(groupInfo);
    const added = facts.members.filter((member) => member.deviceId !== caller.deviceId);
    const signer = facts.members.find((member) => member.leaf === facts.signerLeaf);
    const refs = welcome === undefined ? [] : inspectWelcome(welcome).refs;
    const sound =
      groupIdBytes(body.groupId).equals(facts.groupId) &&
      facts.epoch === (added.length === 0 ? 0 : 1) &&
      signer?.deviceId === caller.deviceId &&
      refs.length === added.length;
    if (!sound) throw badMaterial();
    return { facts, groupInfo, welcome };
  });
}

async function insertGroup(
  tx: Tx,
  conversationId: string,
  groupId: string,
  { facts, groupInfo }: Foundation,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('mls_group')
    .values({
      id: groupId,
      conversation_id: conversationId,
      epoch: facts.epoch,
      group_info: groupInfo,
      changed_at: sql`now()`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  await tx
    .insertInto('group_member')
    .values(
      facts.members.map((member) => ({
        group_id: groupId,
        device_id: member.deviceId,
        account_id: member.accountId,
        leaf: member.leaf,
        joined_epoch: facts.epoch,
      })),
    )
    .execute();
  return true;
}

function assertAllGenuine(facts: GroupInfoFacts, roster: Roster): void {
  if (!facts.members.every((member) => isGenuine(member, roster))) throw badMaterial();
}

/** Holds the conversation open until the transaction ends. @throws {Refusal} `not_found` */
async function assertStillOpen(tx: Tx, conversationId: string): Promise<void> {
  const open = await tx
    .selectFrom('conversation')
    .select('id')
    .where('id', '=', conversationId)
    .where('closed_at', 'is', null)
    .forShare()
    .executeTakeFirst();
  if (open === undefined) throw new Refusal('not_found');
}

/** Whether the group that is there is the one that this very call brings: its answer was lost. */
async function isRepeat(
  queries: Queries,
  caller: DeviceCaller,
  conversationId: string,
  groupId: string,
  groupInfo: Buffer,
): Promise<boolean> {
  const found = await queries
    .selectFrom('mls_group')
    .innerJoin('group_member', 'group_member.group_id', 'mls_group.id')
    .select('mls_group.group_info')
    .where('mls_group.id', '=', groupId)
    .where('mls_group.conversation_id', '=', conversationId)
    .where('group_member.device_id', '=', caller.deviceId)
    .executeTakeFirst();
  return found?.group_info.equals(groupInfo) === true;
}

export function groupHandlers(parts: Parts): Handlers<'delivery.groups.found' | 'delivery.groups.info'> {
  const { db, bus, clock } = parts.platform;
  return {
    async 'delivery.groups.found'({ caller, params: { conversationId }, body }) {
      const { groupId } = body;
      const { otherId } = await openConversationOf(db, caller, conversationId);
      const foundation = await readFoundation(caller, body);
      const invited = foundation.facts.members
        .map((member) => member.deviceId)
        .filter((deviceId) => deviceId !== caller.deviceId);
      const founded = await db.transaction().execute(async (tx) => {
        await assertStillOpen(tx, conversationId);
        await lockRoster(tx, [caller.accountId, otherId], 'read');
        const roster = await readRoster(parts, tx, [caller.accountId, otherId]);
        assertAllGenuine(foundation.facts, roster);
        if (!(await insertGroup(tx, conversationId, groupId, foundation))) return false;
        const { welcome } = foundation;
        if (welcome !== undefined) {
          await post(tx, invited, { kind: 'welcome', groupId, epoch: 1, body: welcome }, clock());
        }
        return true;
      });
      if (founded) {
        bus.publish('inbox', { deviceIds: invited });
        bus.publish('notice', {
          accountIds: [caller.accountId, otherId],
          notice: { kind: 'conversations' },
        });
      } else if (!(await isRepeat(db, caller, conversationId, groupId, foundation.groupInfo))) {
        throw new Refusal('group_exists');
      }
      return groupState(db, groupId);
    },
    async 'delivery.groups.info'({ caller, params: { conversationId } }) {
      const { group } = await conversationOf(db, caller, conversationId);
      if (group === null) throw new Refusal('not_found');
      const row = await db
        .selectFrom('mls_group')
        .select(['epoch', 'group_info'])
        .where('id', '=', group.groupId)
        .executeTakeFirst();
      if (row === undefined) throw new Refusal('not_found');
      return { ...group, epoch: Number(row.epoch), groupInfo: row.group_info.toString('base64url') };
    },
  };
}
