import type { Body } from '@accord/protocol';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { openCeremony, takeCeremony } from './ceremonies.ts';
import { lockAccount, storeUse } from './enrolment.ts';
import { deviceSignInMessage, fromBase64url, verifyEd25519 } from './keys.ts';
import { readMe } from './me.ts';
import type { Parts } from './parts.ts';
import type { UsedPasskey } from './passkeys.ts';

type SignInRoute = 'accounts.signIn.begin' | 'accounts.signIn.finish';

export function signInHandlers(parts: Parts): Handlers<SignInRoute> {
  const { platform, passkeys, sessions, strangers } = parts;
  return {
    async 'accounts.signIn.begin'({ request }) {
      strangers.takeAddress(request.ip);
      const { challenge, options } = await passkeys.requestOptions();
      return { ceremonyId: await openCeremony(platform, { kind: 'sign_in', challenge }), options };
    },

    async 'accounts.signIn.finish'({ params, body, request, reply }) {
      strangers.takeAddress(request.ip);
      const ceremony = await takeCeremony(platform, params.ceremonyId, 'sign_in');
      const passkey = await findPasskey(platform, body.credential.id);
      const used = await passkeys.used(body.credential, ceremony.challenge, passkey);
      if (passkey === undefined) throw new Refusal('ceremony_failed');
      const accountId = passkey.account_id;
      const credentialId = passkey.credential_id;

      const { caller, token } = await platform.db.transaction().execute(async (tx) => {
        // Held so that a device is not removed between the check of its key and the opening of its session.
        if ((await lockAccount(tx, accountId)) === null) throw new Refusal('ceremony_failed');
        await countUse(tx, credentialId, used);
        const deviceId = await provenDevice(tx, { ceremonyId: ceremony.id, accountId }, body.device);
        if (deviceId !== null) await storeUse(tx, credentialId, deviceId);
        return sessions.open(tx, { accountId, deviceId, credentialId });
      });
      sessions.setCookie(reply, token);
      return {
        me: await readMe(parts, caller),
        wrappedIdentity: passkey.wrapped_identity?.toString('base64url') ?? null,
      };
    },
  };
}

/** An id that is no base64url is nobody's; the database would not even take every text. */
export async function findPasskey({ db }: Platform, credentialId: string) {
  if (!/^[A-Za-z0-9_-]+$/.test(credentialId)) return undefined;
  return db.selectFrom('passkey').selectAll().where('credential_id', '=', credentialId).executeTakeFirst();
}

/** Two sign-ins at once with one counter can't both pass: it rises in the row, or stays zero where none is kept. */
export async function countUse(tx: Tx, credentialId: string, used: UsedPasskey): Promise<void> {
  const counted = await tx
    .updateTable('passkey')
    .set({ sign_count: used.counter, backed_up: used.backedUp })
    .where('credential_id', '=', credentialId)
    .where(sql<boolean>`(sign_count < ${used.counter} or (sign_count = 0 and ${used.counter} = 0))`)
    .executeTakeFirst();
  if (counted.numUpdatedRows !== 1n) throw new Refusal('ceremony_failed');
}

/** The device whose key signed this ceremony; null for one that was removed, is another's or did not sign. */
async function provenDevice(
  tx: Tx,
  ceremony: { readonly ceremonyId: string; readonly accountId: string },
  proof: Body<'accounts.signIn.finish'>['device'],
): Promise<string | null> {
  if (proof === undefined) return null;
  const device = await tx
    .selectFrom('device')
    .select('signature_public_key')
    .where('id', '=', proof.id)
    .where('account_id', '=', ceremony.accountId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (device === undefined) return null;
  const message = deviceSignInMessage(ceremony.ceremonyId, ceremony.accountId, proof.id);
  const signed = verifyEd25519(device.signature_public_key, message, fromBase64url(proof.signature));
  return signed ? proof.id : null;
}
