import { randomUUID } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { openCeremony, takeCeremony } from './ceremonies.ts';
import { replaceCode } from './codes.ts';
import { storeDevice, storePasskey, storeUse } from './enrolment.ts';
import { checkBoxKey, checkCertificate, fromBase64url } from './keys.ts';
import { readMe } from './me.ts';
import { type Parts, refusingCollisions, runHooks } from './parts.ts';
import { pseudonymKey } from './pseudonym.ts';

type RegistrationRoute = 'accounts.registration.begin' | 'accounts.registration.finish';

export function registrationHandlers(parts: Parts): Handlers<RegistrationRoute> {
  const { platform, passkeys, sessions, strangers, hooks } = parts;
  return {
    async 'accounts.registration.begin'({ body, request }) {
      strangers.takeAddress(request.ip);
      const { pseudonym } = body;
      const taken = await platform.db
        .selectFrom('account')
        .select('id')
        .where('pseudonym_key', '=', pseudonymKey(pseudonym))
        .executeTakeFirst();
      if (taken !== undefined) throw new Refusal('pseudonym_taken');
      const accountId = randomUUID();
      const { challenge, options } = await passkeys.creationOptions({ id: accountId, pseudonym });
      const ceremonyId = await openCeremony(platform, {
        kind: 'registration',
        challenge,
        account_id: accountId,
        pseudonym,
      });
      return { ceremonyId, accountId, options };
    },

    async 'accounts.registration.finish'({ params, body, request, reply }) {
      strangers.takeAddress(request.ip);
      const ceremony = await takeCeremony(platform, params.ceremonyId, 'registration');
      const { account_id: accountId, pseudonym } = ceremony;
      if (accountId === null || pseudonym === null) throw new Refusal('ceremony_failed');
      const passkey = await passkeys.created(body.credential, ceremony.challenge);
      const keys = {
        accountId,
        identityPublicKey: fromBase64url(body.identityPublicKey),
        boxPublicKey: fromBase64url(body.boxPublicKey),
        boxSignature: fromBase64url(body.boxSignature),
      };
      checkBoxKey(keys);
      await checkCertificate(keys, body.device, platform.clock());

      const now = new Date(platform.clock());
      const owner = { accountId, now };
      const deviceId = body.device.id;
      const stored = await refusingCollisions(() =>
        platform.db.transaction().execute(async (tx) => {
          await storeAccount(tx, { ...keys, pseudonym, now });
          await storeDevice(tx, owner, body.device);
          await storePasskey(tx, owner, passkey, body.wrappedIdentity);
          await storeUse(tx, passkey.credential_id, deviceId);
          await replaceCode(tx, accountId, { ...body.recovery, kind: 'recovery', expiresAt: null });
          const after = await runHooks(hooks, (hook) => hook.registered?.(tx, { accountId, pseudonym }));
          const session = { accountId, deviceId, credentialId: passkey.credential_id };
          return { ...(await sessions.open(tx, session)), after };
        }),
      );
      for (const then of stored.after) then();
      sessions.setCookie(reply, stored.token);
      return readMe(parts, stored.caller);
    },
  };
}

async function storeAccount(
  tx: Tx,
  account: {
    readonly accountId: string;
    readonly pseudonym: string;
    readonly identityPublicKey: Buffer;
    readonly boxPublicKey: Buffer;
    readonly boxSignature: Buffer;
    readonly now: Date;
  },
): Promise<void> {
  await tx
    .insertInto('account')
    .values({
      id: account.accountId,
      pseudonym: account.pseudonym,
      pseudonym_key: pseudonymKey(account.pseudonym),
      identity_public_key: account.identityPublicKey,
      box_public_key: account.boxPublicKey,
      box_signature: account.boxSignature,
      created_at: account.now,
    })
    .execute();
}
