import { randomUUID } from 'node:crypto';
import type { Reply } from '@accord/protocol';
import type { Selectable } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import { findPeople, findPerson, type Parts } from './people.ts';

/** Milliseconds that a request waits before it lapses. */
const requestMs = 72 * 3_600_000;
const dayMs = 24 * 3_600_000;

type Row = Selectable<Tables['talk_request']>;
type TalkRequest = Reply<'presence.requests.create'>;
type People = ReadonlyMap<string, TalkRequest['from']>;

type RequestRoute =
  | 'presence.requests.list'
  | 'presence.requests.create'
  | 'presence.requests.accept'
  | 'presence.requests.hide';

/**
 * Requests to talk. Two that cross are shown on both sides: either yes opens the one conversation and answers
 * both; nobody says yes by asking. A request from somebody whom the receiver blocked is kept like any other and
 * only the receiver's view leaves it out, so that nothing the sender sees or measures differs.
 */
export function requestHandlers(parts: Parts): Handlers<RequestRoute> {
  const { db, clock } = parts.platform;
  return {
    async 'presence.requests.list'({ caller }) {
      const me = caller.accountId;
      const rows = await openRequests(parts, me);
      const people = await findPeople(parts, me, [
        ...new Set(rows.flatMap((row) => [row.from_id, row.to_id])),
      ]);
      const shown = rows.flatMap((row) => requestReply(row, people) ?? []);
      return {
        incoming: shown.filter((request) => request.to.id === me),
        outgoing: shown.filter((request) => request.from.id === me),
        leftToday: Math.max(0, parts.platform.config.requestsPerDay - (await sentToday(parts, db, me)).count),
      };
    },

    async 'presence.requests.create'({ caller, body }) {
      const me = caller.accountId;
      const row = await db.transaction().execute((tx) => create(parts, tx, me, body));
      const told = (await parts.accounts.isBlocked(row.to_id, me)) ? [me] : [me, row.to_id];
      parts.platform.bus.publish('notice', { accountIds: told, notice: { kind: 'requests' } });
      const request = requestReply(row, await findPeople(parts, me, [me, row.to_id]));
      if (request === undefined) throw new Refusal('not_found');
      return request;
    },

    async 'presence.requests.accept'({ caller, params }) {
      const me = caller.accountId;
      const opened = await db.transaction().execute((tx) => accept(parts, tx, me, params.requestId));
      const told = (await parts.accounts.isBlocked(opened.from, me)) ? [me] : [me, opened.from];
      for (const kind of ['requests', 'conversations'] as const) {
        parts.platform.bus.publish('notice', { accountIds: told, notice: { kind } });
      }
      return { conversationId: opened.conversationId };
    },

    async 'presence.requests.hide'({ caller, params }) {
      const hidden = await db
        .updateTable('talk_request')
        .set({ state: 'hidden' })
        .where('id', '=', params.requestId)
        .where('to_id', '=', caller.accountId)
        .where('state', '<>', 'accepted')
        .where('lapses_at', '>', new Date(clock()))
        .executeTakeFirst();
      if (hidden.numUpdatedRows !== 1n) throw new Refusal('not_found');
      return {};
    },
  };
}

/** Those that wait for an answer of `me`, and those of `me` that wait as far as they are told. */
async function openRequests({ platform, accounts }: Parts, me: string): Promise<Row[]> {
  const { db, clock } = platform;
  return db
    .selectFrom('talk_request')
    .selectAll()
    .where('lapses_at', '>', new Date(clock()))
    .where((where) =>
      where.or([
        where.and([
          where('to_id', '=', me),
          where('state', '=', 'waiting'),
          where('from_id', 'not in', accounts.joins.blockedBy(db, me)),
        ]),
        where.and([where('from_id', '=', me), where('state', '<>', 'accepted')]),
      ]),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}

/** Undefined where one of the two can't be seen now (deleted, or without a valid proof). */
function requestReply(row: Row, people: People): TalkRequest | undefined {
  const from = people.get(row.from_id);
  const to = people.get(row.to_id);
  if (from === undefined || to === undefined) return undefined;
  return {
    id: row.id,
    from,
    to,
    sealedLine: row.sealed_line.toString('base64url'),
    createdAt: row.created_at.getTime(),
    lapsesAt: row.lapses_at.getTime(),
  };
}

/** Requests of the last 24 hours, whatever became of them, and the instant (ms) of the oldest. */
async function sentToday({ platform }: Parts, queries: Queries, accountId: string) {
  const sent = await queries
    .selectFrom('talk_request')
    .select((select) => [
      select.fn.countAll<string>().as('count'),
      select.fn.min<Date | null>('created_at').as('oldest'),
    ])
    .where('from_id', '=', accountId)
    .where('created_at', '>', new Date(platform.clock() - dayMs))
    .executeTakeFirstOrThrow();
  return { count: Number(sent.count), oldest: sent.oldest?.getTime() ?? 0 };
}

async function create(
  parts: Parts,
  tx: Tx,
  me: string,
  body: { readonly to: string; readonly sealedLine: string },
): Promise<Row> {
  const { clock, config } = parts.platform;
  const now = clock();
  // One at a time for each sender: the limit of the day holds however many come at once.
  await tx.selectFrom('profile').select('account_id').where('account_id', '=', me).forUpdate().execute();
  const other = await findPerson(parts, me, body.to, tx);
  if (other === undefined || (await parts.accounts.isBlocked(me, body.to, tx)))
    throw new Refusal('not_found');
  await tx
    .deleteFrom('talk_request')
    .where('from_id', '=', me)
    .where('to_id', '=', body.to)
    .where('lapses_at', '<=', new Date(now))
    .execute();
  const waiting = await tx
    .selectFrom('talk_request')
    .selectAll()
    .where('from_id', '=', me)
    .where('to_id', '=', body.to)
    .where('state', '<>', 'accepted')
    .executeTakeFirst();
  // Asking again while a request waits changes nothing and costs nothing: an answer may have been lost on its way.
  if (waiting !== undefined) return waiting;
  const { count, oldest } = await sentToday(parts, tx, me);
  if (count >= config.requestsPerDay) {
    throw new Refusal('requests_used_up', { retryAfter: Math.ceil((oldest + dayMs - now) / 1000) });
  }
  return tx
    .insertInto('talk_request')
    .values({
      id: randomUUID(),
      from_id: me,
      to_id: body.to,
      sealed_line: Buffer.from(body.sealedLine, 'base64url'),
      created_at: new Date(now),
      lapses_at: new Date(now + requestMs),
      state: 'waiting',
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Opens the conversation of an accepted request, once; a repeated yes finds the one that is open. */
async function accept(parts: Parts, tx: Tx, me: string, requestId: string) {
  const asked = await tx
    .selectFrom('talk_request')
    .select('from_id')
    .where('id', '=', requestId)
    .where('to_id', '=', me)
    .executeTakeFirst();
  if (asked === undefined) throw new Refusal('not_found');
  const from = asked.from_id;
  const pair = await lockPair(tx, me, from);
  const request = pair.find((row) => row.id === requestId);
  if (request?.state === 'accepted') {
    const conversationId = await parts.conversations.findOpenConversation(tx, from, me);
    if (conversationId === null) throw new Refusal('not_found');
    return { from, conversationId };
  }
  const now = parts.platform.clock();
  const open = request?.state === 'waiting' && request.lapses_at.getTime() > now;
  const welcome =
    open &&
    (await findPerson(parts, me, from, tx)) !== undefined &&
    !(await parts.accounts.isBlocked(me, from, tx));
  if (!welcome) throw new Refusal('not_found');
  await tx
    .updateTable('talk_request')
    .set({ state: 'accepted' })
    .where(
      'id',
      'in',
      pair.map((row) => row.id),
    )
    .execute();
  return { from, conversationId: await parts.conversations.openConversation(tx, from, me) };
}

/** The requests between two people, either way, held until the transaction ends; always in the same order. */
async function lockPair(tx: Tx, one: string, other: string): Promise<Row[]> {
  return tx
    .selectFrom('talk_request')
    .selectAll()
    .where((where) =>
      where.or([where.and({ from_id: one, to_id: other }), where.and({ from_id: other, to_id: one })]),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
}
