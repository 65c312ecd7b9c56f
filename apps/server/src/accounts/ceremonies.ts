import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';

type Ceremony = Selectable<Tables['ceremony']>;
type Kind = Ceremony['kind'];

/** Milliseconds from a ceremony's begin to its finish. */
const ceremonyMs = 5 * 60_000;

/** Begins a ceremony and returns its id. */
export async function openCeremony(
  { db, clock }: Platform,
  ceremony: Pick<Ceremony, 'kind' | 'challenge'> &
    Partial<Pick<Ceremony, 'account_id' | 'pseudonym' | 'code_hash'>>,
): Promise<string> {
  const id = randomUUID();
  const expires_at = new Date(clock() + ceremonyMs);
  await db
    .insertInto('ceremony')
    .values({ account_id: null, pseudonym: null, code_hash: null, ...ceremony, id, expires_at })
    .execute();
  return id;
}

/**
 * Takes a ceremony to its end. It is gone from then on, whatever comes of it: nothing can be tried twice.
 * @throws {Refusal} `ceremony_failed` if it never was, was taken, is over, or is of another kind
 */
export async function takeCeremony({ db, clock }: Platform, id: string, kind: Kind): Promise<Ceremony> {
  const taken = await db
    .deleteFrom('ceremony')
    .where('id', '=', id)
    .where('kind', '=', kind)
    .returningAll()
    .executeTakeFirst();
  if (taken === undefined || taken.expires_at.getTime() <= clock()) throw new Refusal('ceremony_failed');
  return taken;
}
