import { mayGoAt, type RetentionClass, retention } from '@accord/law';
import { sql } from 'kysely';
import type { Purge } from '../platform/housekeeping.ts';
import { figurePurge } from '../transparency/index.ts';
import type { Parts } from './parts.ts';

const dayMs = 86_400_000;
/** Cases of one round; what is left comes with the next. */
const atOnce = 500;

/** What is over is deleted, by the table of retention: never under a hold, never before a preservation ends. */
export function casePurges({ platform }: Parts): readonly Purge[] {
  const { db } = platform;
  // What must stay is left out where cases are chosen: a round that it filled would never come to the rest.
  const ended = (kind: RetentionClass, now: number) =>
    db
      .selectFrom('desk_case')
      .select(['desk_case.id', 'desk_case.state'])
      .where('closed_at', '<=', new Date(now - retention[kind].days * dayMs))
      .where(sql<boolean>`not (state -> 'hold')::boolean`)
      .where(
        sql<boolean>`coalesce((state -> 'childSafety' ->> 'preservedUntil')::double precision, 0) <= ${now}`,
      )
      .orderBy('closed_at')
      .limit(atOnce);
  const over = (
    rows: Awaited<ReturnType<ReturnType<typeof ended>['execute']>>,
    kind: RetentionClass,
    now: number,
  ) =>
    rows
      .filter(({ state }) => {
        const at = mayGoAt(kind, {
          closedAt: state.closedAt,
          legalHold: state.hold,
          preservedUntil: state.childSafety?.preservedUntil ?? null,
        });
        return at !== null && at <= now;
      })
      .map(({ id }) => id);
  return [
    figurePurge(platform),
    {
      name: 'follow-ups',
      async run(now) {
        const gone = await db
          .deleteFrom('case_session')
          .where('expires_at', '<=', new Date(now))
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
    {
      name: 'names and contacts of closed cases',
      async run(now) {
        const named = await ended('identity', now)
          .innerJoin('case_reporter', 'case_reporter.case_id', 'desk_case.id')
          .where((is) => is.or([is('signature', '<>', ''), is('contact', '<>', '')]))
          .execute();
        const ids = over(named, 'identity', now);
        if (ids.length === 0) return 0;
        const cleared = await db
          .updateTable('case_reporter')
          .set({ signature: '', contact: '', salt: Buffer.alloc(0) })
          .where('case_id', 'in', ids)
          .executeTakeFirst();
        return Number(cleared.numUpdatedRows);
      },
    },
    {
      name: 'closed cases',
      async run(now) {
        const ids = over(await ended('evidence', now).execute(), 'evidence', now);
        if (ids.length === 0) return 0;
        const gone = await db.deleteFrom('desk_case').where('id', 'in', ids).executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
  ];
}
