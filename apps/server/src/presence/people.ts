import type { Query, Reply } from '@accord/protocol';
import { sql } from 'kysely';
import type { Accounts } from '../accounts/index.ts';
import type { Gate } from '../gate/index.ts';
import type { Queries } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { likePatterns } from './search-text.ts';
import type { Conversations } from './types.ts';

/** What the handlers of this feature share. */
export interface Parts {
  readonly platform: Platform;
  readonly accounts: Accounts;
  readonly gate: Gate;
  readonly conversations: Conversations;
}

type Person = Reply<'presence.people.read'>;

/** People in one answer of the list. */
export const pageSize = 30;

/**
 * Everybody with a valid proof of age, as `viewer` sees them. Whoever blocked the viewer looks exactly like
 * somebody who hides whether they are here: `shown_until` is null for both, and nothing else is asked.
 */
function peopleSeenBy({ accounts, gate }: Parts, viewer: string, queries: Queries) {
  return queries
    .selectFrom('profile')
    .innerJoin(accounts.joins.members(queries).as('member'), 'member.id', 'profile.account_id')
    .innerJoin(gate.adults(queries).as('proved'), 'proved.account_id', 'profile.account_id')
    .leftJoin(accounts.joins.blockersOf(queries, viewer).as('blocker'), (join) =>
      join.onRef('blocker.blocker_id', '=', 'profile.account_id'),
    )
    .select([
      'member.id',
      'member.pseudonym',
      'member.identity_public_key',
      'member.box_public_key',
      'member.box_signature',
      'profile.about',
      'profile.languages',
      'profile.seeking',
      shownUntil.as('shown_until'),
      showsPresence.as('shows_presence'),
    ]);
}

const showsPresence = sql<boolean>`(profile.show_online and blocker.blocker_id is null)`;
const shownUntil = sql<Date | null>`case when ${showsPresence} then profile.online_until end`;

type PersonRow = Awaited<ReturnType<ReturnType<typeof peopleSeenBy>['execute']>>[number];

const personReply = (row: PersonRow, now: number): Person => ({
  id: row.id,
  pseudonym: row.pseudonym,
  about: row.about,
  languages: row.languages as Person['languages'],
  seeking: row.seeking as Person['seeking'],
  online: row.shows_presence ? (row.shown_until?.getTime() ?? 0) > now : null,
  identityPublicKey: row.identity_public_key.toString('base64url'),
  boxPublicKey: row.box_public_key.toString('base64url'),
  boxSignature: row.box_signature.toString('base64url'),
});

/** One person as `viewer` sees them; undefined for oneself, the absent and the unproved alike. */
export async function findPerson(
  parts: Parts,
  viewer: string,
  accountId: string,
  queries: Queries = parts.platform.db,
): Promise<Person | undefined> {
  if (accountId === viewer) return undefined;
  const row = await peopleSeenBy(parts, viewer, queries)
    .where('profile.account_id', '=', accountId)
    .executeTakeFirst();
  return row === undefined ? undefined : personReply(row, parts.platform.clock());
}

/** These people by id, as `viewer` sees them; the viewer too, for the list of one's own requests. */
export async function findPeople(
  parts: Parts,
  viewer: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Person>> {
  if (ids.length === 0) return new Map();
  const rows = await peopleSeenBy(parts, viewer, parts.platform.db)
    .where('profile.account_id', 'in', ids)
    .execute();
  const now = parts.platform.clock();
  return new Map(rows.map((row) => [row.id, personReply(row, now)]));
}

/**
 * Where a page ends: those who are here come first, then by the day they were last here, then by id. A whole day,
 * so that the order stands still while somebody turns the pages; whoever hides their presence comes last.
 */
const here = 'here';
const never = '0000-00-00';
const cursorShape = /^(here|\d{4}-\d{2}-\d{2})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** `cursor` of a page's last person; undefined when it is none of ours. */
function readCursor(after: string): { readonly rank: string; readonly id: string } | undefined {
  const [, rank, id] = cursorShape.exec(after) ?? [];
  return rank === undefined || id === undefined ? undefined : { rank, id };
}

export interface Page {
  readonly people: Person[];
  readonly next: string | null;
}

/** The listed people whom `viewer` may find, a page at a time; null for a cursor that is none. */
export async function listPeople(
  parts: Parts,
  viewer: string,
  filter: Query<'presence.people.list'>,
): Promise<Page | null> {
  const { db, clock } = parts.platform;
  const cursor = filter.after === undefined ? undefined : readCursor(filter.after);
  if (filter.after !== undefined && cursor === undefined) return null;
  const now = clock();
  const rank = sql<string>`case when ${shownUntil} > ${new Date(now)} then ${here}
    else coalesce(to_char(${shownUntil} at time zone 'UTC', 'YYYY-MM-DD'), ${never}) end collate "C"`;
  let query = peopleSeenBy(parts, viewer, db)
    .select(rank.as('rank'))
    .where('profile.listed', '=', true)
    .where('profile.account_id', '<>', viewer)
    .where('profile.account_id', 'not in', parts.accounts.joins.blockedBy(db, viewer));
  if (filter.language !== undefined) {
    query = query.where(sql<boolean>`${filter.language} = any(profile.languages)`);
  }
  if (filter.seeking !== undefined) {
    query = query.where(sql<boolean>`${filter.seeking} = any(profile.seeking)`);
  }
  if (filter.online !== undefined) query = query.where(shownUntil, '>', new Date(now));
  for (const pattern of likePatterns(filter.words ?? '')) {
    query = query.where('profile.search_text', 'like', pattern);
  }
  if (cursor !== undefined) {
    query = query.where(
      sql<boolean>`(${rank} < ${cursor.rank} or (${rank} = ${cursor.rank} and profile.account_id > ${cursor.id}))`,
    );
  }
  const rows = await query
    .orderBy(rank, 'desc')
    .orderBy('profile.account_id')
    .limit(pageSize + 1)
    .execute();
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  return {
    people: page.map((row) => personReply(row, now)),
    next: rows.length > pageSize && last !== undefined ? `${last.rank}.${last.id}` : null,
  };
}
