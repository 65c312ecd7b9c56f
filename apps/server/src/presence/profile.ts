import type { Reply } from '@accord/protocol';
import { sql } from 'kysely';
import type { Handlers } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Parts } from './people.ts';
import { searchText } from './search-text.ts';
import type { Presence } from './types.ts';

/** Milliseconds between two calls of `seen` for the accounts that have an open socket. */
export const seenEveryMs = 45_000;
/** Milliseconds for which one is taken to be here: a late call or two do no harm. */
const onlineMs = 2 * seenEveryMs;

type Profile = Reply<'presence.profile.read'>;
type ProfileRoute = 'presence.profile.read' | 'presence.profile.write';

export function profileHandlers({ platform, accounts }: Parts): Handlers<ProfileRoute> {
  const { db, clock } = platform;
  return {
    async 'presence.profile.read'({ caller }) {
      const row = await db
        .selectFrom('profile')
        .select(['about', 'languages', 'seeking', 'show_online', 'listed'])
        .where('account_id', '=', caller.accountId)
        .executeTakeFirst();
      if (row === undefined) throw new Refusal('session_required');
      return {
        about: row.about,
        languages: row.languages as Profile['languages'],
        seeking: row.seeking as Profile['seeking'],
        showOnline: row.show_online,
        listed: row.listed,
      };
    },

    async 'presence.profile.write'({ caller, body }) {
      const own = (await accounts.publicOf([caller.accountId])).get(caller.accountId);
      if (own === undefined) throw new Refusal('session_required');
      const profile = {
        ...body,
        languages: [...new Set(body.languages)],
        seeking: [...new Set(body.seeking)],
      };
      await db
        .updateTable('profile')
        .set({
          about: profile.about,
          languages: profile.languages,
          seeking: profile.seeking,
          show_online: profile.showOnline,
          listed: profile.listed,
          search_text: searchText(own.pseudonym, profile.about),
          // Of somebody who hides it, when they were last here is not even kept.
          online_until: profile.showOnline ? new Date(clock() + onlineMs) : null,
        })
        .where('account_id', '=', caller.accountId)
        .execute();
      return profile;
    },
  };
}

export function keepPresence({ db, clock }: Platform): Pick<Presence, 'seen' | 'left'> {
  return {
    async seen(accountIds) {
      if (accountIds.length === 0) return;
      // Rows are locked in one order: two processes that saw the same people can't wait for each other.
      await sql`
        update profile set online_until = ${new Date(clock() + onlineMs)}
        from (
          select account_id from profile where account_id = any(${accountIds}::uuid[]) and show_online
          order by account_id for update
        ) here
        where profile.account_id = here.account_id`.execute(db);
    },
    async left(accountId) {
      await db
        .updateTable('profile')
        .set({ online_until: new Date(clock()) })
        .where('account_id', '=', accountId)
        .where('show_online', '=', true)
        .execute();
    },
  };
}
