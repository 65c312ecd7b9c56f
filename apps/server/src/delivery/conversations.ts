import type { Reply } from '@accord/protocol';
import { sql } from 'kysely';
import type { PublicAccount } from '../accounts/types.ts';
import type { Queries, Tx } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Parts } from './parts.ts';

type ConversationReply = Reply<'delivery.conversations.read'>;
type GroupState = NonNullable<ConversationReply['group']>;

/** A conversation as one of its two sees it. */
export interface Conversation {
  readonly id: string;
  readonly createdAt: Date;
  readonly closed: boolean;
  /** Null once that account is deleted. */
  readonly otherId: string | null;
  readonly group: GroupState | null;
}

interface Row {
  id: string;
  created_at: Date;
  closed_at: Date | null;
  other_id: string | null;
  group_id: string | null;
  epoch: string | null;
  members: string[];
  leaving: string[];
}

/** The conversations of an account, newest first, or the one of `id` if it is among them. */
async function conversationsOf(queries: Queries, accountId: string, id?: string): Promise<Conversation[]> {
  const one = id === undefined ? sql`` : sql`and c.id = ${id}`;
  const { rows } = await sql<Row>`
    select c.id, c.created_at, c.closed_at, g.id as group_id, g.epoch,
           case when c.one_id = ${accountId} then c.other_id else c.one_id end as other_id,
           array(select m.device_id::text from group_member m where m.group_id = g.id and not m.leaving order by m.leaf) as members,
           array(select m.device_id::text from group_member m where m.group_id = g.id and m.leaving order by m.leaf) as leaving
    from conversation c left join mls_group g on g.conversation_id = c.id
    where (c.one_id = ${accountId} or c.other_id = ${accountId}) ${one}
    order by c.created_at desc, c.id`.execute(queries);
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    closed: row.closed_at !== null,
    otherId: row.other_id,
    group:
      row.group_id === null
        ? null
        : { groupId: row.group_id, epoch: Number(row.epoch), members: row.members, leaving: row.leaving },
  }));
}

/** The caller's conversation. @throws {Refusal} `not_found` when it is another's or none */
export async function conversationOf(
  queries: Queries,
  caller: Pick<DeviceCaller, 'accountId'>,
  id: string,
): Promise<Conversation> {
  const [found] = await conversationsOf(queries, caller.accountId, id);
  if (found === undefined) throw new Refusal('not_found');
  return found;
}

/** The same, if it is open. @throws {Refusal} `not_found` */
export async function openConversationOf(
  queries: Queries,
  caller: Pick<DeviceCaller, 'accountId'>,
  id: string,
): Promise<Conversation & { readonly otherId: string }> {
  const found = await conversationOf(queries, caller, id);
  const { otherId } = found;
  if (found.closed || otherId === null) throw new Refusal('not_found');
  return { ...found, otherId };
}

function shown(found: Conversation, others: ReadonlyMap<string, PublicAccount>): ConversationReply {
  const other = found.otherId === null ? undefined : others.get(found.otherId);
  return {
    id: found.id,
    with:
      other === undefined
        ? null
        : {
            id: other.id,
            pseudonym: other.pseudonym,
            identityPublicKey: other.identityPublicKey.toString('base64url'),
          },
    createdAt: found.createdAt.getTime(),
    closed: found.closed,
    group: found.group,
  };
}

/** Opens the conversation of two accounts, or finds the open one; its id. */
export async function openConversation(
  tx: Tx,
  id: string,
  now: number,
  oneId: string,
  otherId: string,
): Promise<string> {
  await tx
    .insertInto('conversation')
    .values({ id, one_id: oneId, other_id: otherId, created_at: new Date(now), closed_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const found = await findOpenConversation(tx, oneId, otherId);
  if (found === null) throw new Refusal('not_found');
  return found;
}

/** The id of two accounts' open conversation. */
export async function findOpenConversation(tx: Tx, oneId: string, otherId: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from conversation
    where least(one_id, other_id) = least(${oneId}::uuid, ${otherId}::uuid)
      and greatest(one_id, other_id) = greatest(${oneId}::uuid, ${otherId}::uuid) and closed_at is null`.execute(
    tx,
  );
  return rows[0]?.id ?? null;
}

/** Closes conversations and their groups: from here on nothing is sent in them. */
export async function closeConversations(tx: Tx, ids: readonly string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('conversation')
    .set({ closed_at: new Date(now) })
    .where('id', 'in', ids)
    .where('closed_at', 'is', null)
    .execute();
  await tx.updateTable('mls_group').set({ closed: true }).where('conversation_id', 'in', ids).execute();
}

export function conversationHandlers(
  parts: Parts,
): Handlers<'delivery.conversations.list' | 'delivery.conversations.read' | 'delivery.conversations.close'> {
  const { platform, accounts } = parts;
  const { db, bus } = platform;
  return {
    async 'delivery.conversations.list'({ caller }) {
      const found = await conversationsOf(db, caller.accountId);
      const others = await accounts.publicOf(found.flatMap(({ otherId }) => otherId ?? []));
      return { conversations: found.map((each) => shown(each, others)) };
    },
    async 'delivery.conversations.read'({ caller, params }) {
      const found = await conversationOf(db, caller, params.conversationId);
      return shown(found, await accounts.publicOf(found.otherId === null ? [] : [found.otherId]));
    },
    async 'delivery.conversations.close'({ caller, params }) {
      const { otherId } = await conversationOf(db, caller, params.conversationId);
      const then = await db.transaction().execute(async (tx) => {
        await closeConversations(tx, [params.conversationId], platform.clock());
        return otherId === null ? undefined : parts.closed(tx, caller.accountId, otherId);
      });
      then?.();
      const accountIds = [caller.accountId, ...(otherId === null ? [] : [otherId])];
      bus.publish('notice', { accountIds, notice: { kind: 'conversations' } });
      return {};
    },
  };
}
