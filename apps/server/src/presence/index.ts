import { randomUUID } from 'node:crypto';
import type { Handlers } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { createSharedLimiter } from '../platform/shared-limiter.ts';
import { findPerson, listPeople, type Parts } from './people.ts';
import { keepPresence, profileHandlers } from './profile.ts';
import { requestHandlers } from './requests.ts';
import { searchText } from './search-text.ts';
import type { Presence } from './types.ts';

export { seenEveryMs } from './profile.ts';
export type { Presence } from './types.ts';

/** Being there: profiles, search, requests to talk, reports. Joins accounts through their hooks. */
export function createPresence(platform: Platform, others: Omit<Parts, 'platform'>): Presence {
  const parts: Parts = { platform, ...others };
  others.accounts.on({
    async registered(tx, { accountId, pseudonym }) {
      await tx
        .insertInto('profile')
        .values({ account_id: accountId, search_text: searchText(pseudonym), online_until: null })
        .execute();
      return undefined;
    },
  });
  return {
    handlers: {
      ...profileHandlers(parts),
      ...peopleHandlers(parts),
      ...requestHandlers(parts),
      ...reportHandlers(parts),
    },
    purges: [
      {
        name: 'requests to talk',
        async run(now) {
          const gone = await platform.db
            .deleteFrom('talk_request')
            .where('lapses_at', '<=', new Date(now))
            .executeTakeFirst();
          return Number(gone.numDeletedRows);
        },
      },
    ],
    ...keepPresence(platform),
  };
}

function peopleHandlers(parts: Parts): Handlers<'presence.people.list' | 'presence.people.read'> {
  const searches = createSharedLimiter('presence/search', { burst: 60, perMinute: 60 }, parts.platform);
  return {
    async 'presence.people.list'({ caller, query }) {
      await searches.take(caller.accountId);
      const page = await listPeople(parts, caller.accountId, query);
      if (page === null) throw new Refusal('invalid_input', { field: 'after' });
      return page;
    },
    async 'presence.people.read'({ caller, params }) {
      const person = await findPerson(parts, caller.accountId, params.accountId);
      if (person === undefined) throw new Refusal('not_found');
      return person;
    },
  };
}

function reportHandlers({ platform, accounts }: Parts): Handlers<'presence.reports.create'> {
  const { db, clock } = platform;
  const reports = createSharedLimiter('presence/report', { burst: 10, perMinute: 0.5 }, platform);
  return {
    async 'presence.reports.create'({ caller, body }) {
      await reports.take(caller.accountId);
      const known =
        body.about !== caller.accountId && (await accounts.publicOf([body.about])).has(body.about);
      if (!known) throw new Refusal('not_found');
      const reportId = randomUUID();
      await db
        .insertInto('report')
        .values({
          id: reportId,
          by_id: caller.accountId,
          about_id: body.about,
          reason: body.reason,
          words: body.words,
          created_at: new Date(clock()),
          closed_at: null,
        })
        .execute();
      return { reportId };
    },
  };
}
