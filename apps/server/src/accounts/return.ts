import type { Queries, Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { openCeremony, takeCeremony } from './ceremonies.ts';
import { codeHash, replaceCode } from './codes.ts';
import { lockAccount, storeDevice, storePasskey, storeUse } from './enrolment.ts';
import { checkCertificate } from './keys.ts';
import { readMe } from './me.ts';
import { type Parts, refusingCollisions } from './parts.ts';

type ReturnRoute = 'accounts.return.begin' | 'accounts.return.finish';

/** The code that is still good under this hash. @throws {Refusal} `code_unknown` */
async function goodCode(queries: Queries, hash: Buffer, now: Date) {
  const code = await queries
    .selectFrom('return_code')
    .innerJoin('account', 'account.id', 'return_code.account_id')
    .select(['return_code.kind', 'return_code.sealed_identity', 'account.id', 'account.pseudonym'])
    .where('id_hash', '=', hash)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst();
  if (code === undefined) throw new Refusal('code_unknown');
  return code;
}

/** Uses a code up and says of which kind it was; of two who come with it at once, one passes. */
async function useUp(tx: Tx, hash: Buffer, now: Date): Promise<'recovery' | 'link'> {
  const { kind } = await goodCode(tx, hash, now);
  await tx.deleteFrom('return_code').where('id_hash', '=', hash).execute();
  return kind;
}

export function returnHandlers(parts: Parts): Handlers<ReturnRoute> {
  const { platform, gate, passkeys, sessions, strangers } = parts;
  return {
    async 'accounts.return.begin'({ body, request }) {
      strangers.takeAddress(request.ip);
      const hash = codeHash(body.id);
      const code = await goodCode(platform.db, hash, new Date(platform.clock()));
      const { challenge, options } = await passkeys.creationOptions(code);
      const ceremonyId = await openCeremony(platform, {
        kind: 'return',
        challenge,
        account_id: code.id,
        code_hash: hash,
      });
      const sealedIdentity = code.sealed_identity.toString('base64url');
      return { ceremonyId, accountId: code.id, options, kind: code.kind, sealedIdentity };
    },

    async 'accounts.return.finish'({ params, body, request, reply }) {
      strangers.takeAddress(request.ip);
      const ceremony = await takeCeremony(platform, params.ceremonyId, 'return');
      const { account_id: accountId, code_hash: hash } = ceremony;
      if (accountId === null || hash === null) throw new Refusal('ceremony_failed');
      const passkey = await passkeys.created(body.credential, ceremony.challenge);
      const now = new Date(platform.clock());
      const owner = { accountId, now };
      const opened = await refusingCollisions(() =>
        platform.db.transaction().execute(async (tx) => {
          // Held until the end: of two who come with one code at once, the second finds it used.
          const account = await lockAccount(tx, accountId);
          if (account === null) throw new Refusal('code_unknown');
          const kind = await useUp(tx, hash, now);
          // Its proof was shown by whoever had the passkeys, which are gone.
          if (kind === 'recovery') await gate.forget(tx, accountId);
          const recovery = body.recovery;
          if (recovery !== undefined) {
            await replaceCode(tx, accountId, { ...recovery, kind: 'recovery', expiresAt: null });
          } else if (kind === 'recovery') {
            throw new Refusal('invalid_input', { field: 'recovery' });
          }
          await checkCertificate(account, body.device, now.getTime());
          await storeDevice(tx, owner, body.device);
          await storePasskey(tx, owner, passkey, body.wrappedIdentity);
          await storeUse(tx, passkey.credential_id, body.device.id);
          const session = { accountId, deviceId: body.device.id, credentialId: passkey.credential_id };
          return { kind, ...(await sessions.open(tx, session)) };
        }),
      );
      sessions.setCookie(reply, opened.token);
      const accountIds = [accountId];
      platform.bus.publish('notice', { accountIds, notice: { kind: 'devices' } });
      if (opened.kind === 'recovery') {
        platform.bus.publish('notice', { accountIds, notice: { kind: 'proof_required' } });
      }
      return readMe(parts, opened.caller);
    },
  };
}
