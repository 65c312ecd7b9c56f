import { isOwnerAct, type OwnerAct } from '@accord/sealed-media';
import type { Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Parts } from './parts.ts';

type OwnerRoute = 'matching.ownership' | 'matching.grants.withdraw';

/** What the owner of a picture may say about it, by its key alone. */
export function ownershipHandlers({ platform, library }: Parts): Handlers<OwnerRoute> {
  const { db, clock, config } = platform;
  const acts = createLimiter({ burst: 120, perMinute: 60 }, { enabled: config.rateLimits, clock });

  /** @throws {Refusal} `bad_key_material` unless the owner said this, now */
  async function assertOwner(
    act: OwnerAct,
    body: { readonly ownerKey: string; readonly at: number; readonly proof: string },
    about: Buffer,
  ): Promise<Buffer> {
    const ownerKey = Buffer.from(body.ownerKey, 'base64url');
    const proof = Buffer.from(body.proof, 'base64url');
    const said = await isOwnerAct(ownerKey, { act, at: body.at, about }, { proof, now: clock() });
    if (!said) throw new Refusal('bad_key_material');
    return ownerKey;
  }

  return {
    async 'matching.ownership'({ body, request }) {
      acts.takeAddress(request.ip);
      const ownerKey = await assertOwner(body.wish, body, Buffer.alloc(0));
      await db.transaction().execute(async (tx) => {
        await tx
          .updateTable('registered_picture')
          .set({ afterwards: body.wish })
          .where('owner_key', '=', ownerKey)
          .execute();
        if (body.wish === 'refuse') return;
        // What can still be opened stays: a sweep must find it.
        await tx
          .deleteFrom('registered_picture')
          .where('owner_key', '=', ownerKey)
          .where('state', '=', 'ended')
          .execute();
      });
      await library.changed();
      return {};
    },

    async 'matching.grants.withdraw'({ body, request }) {
      acts.takeAddress(request.ip);
      const grantId = Buffer.from(body.grantId, 'base64url');
      await assertOwner('withdraw_grant', body, grantId);
      // Whoever names a grant knows it whole: its id is the hash of all that is in it.
      const until = new Date(Math.min(body.until, clock() + tenYearsMs));
      await db
        .insertInto('grant_withdrawal')
        .values({ grant_id: grantId, until })
        .onConflict((at) => at.doNothing())
        .execute();
      return {};
    },
  };
}

const tenYearsMs = 10 * 365 * 86_400_000;
