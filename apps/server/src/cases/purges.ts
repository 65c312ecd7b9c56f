import { mayGoAt } from '@accord/law';
import type { Purge } from '../platform/housekeeping.ts';
import type { Parts } from './parts.ts';

const dayMs = 86_400_000;
/** No kind of data goes earlier than this after a case closed: what is younger need not be looked at. */
const youngestMs = 180 * dayMs;

/** What is over is deleted, by the table of retention: never under a hold, never before a preservation ends. */
export function casePurges({ platform }: Parts): readonly Purge[] {
  const { db } = platform;
  const ended = (now: number) =>
    db
      .selectFrom('desk_case')
      .select(['id', 'state'])
      .where('closed_at', '<', new Date(now - youngestMs))
      .orderBy('closed_at')
      .limit(500);
  const over = async (kind: 'evidence' | 'identity', now: number): Promise<string[]> =>
    (await ended(now).execute())
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
        const ids = await over('identity', now);
        if (ids.length === 0) return 0;
        const cleared = await db
          .updateTable('case_reporter')
          .set({ signature: '', contact: '', salt: Buffer.alloc(0) })
          .where('case_id', 'in', ids)
          .where('signature', '<>', '')
          .executeTakeFirst();
        return Number(cleared.numUpdatedRows);
      },
    },
    {
      name: 'closed cases',
      async run(now) {
        const ids = await over('evidence', now);
        if (ids.length === 0) return 0;
        const gone = await db.deleteFrom('desk_case').where('id', 'in', ids).executeTakeFirst();
        return Number(gone.numDeletedRows);
      },
    },
  ];
}
