import type { Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import { openCeremony, takeCeremony } from './ceremonies.ts';
import { readMe } from './me.ts';
import type { Parts } from './parts.ts';
import { countUse, findPasskey } from './sign-in.ts';

type CheckRoute = 'accounts.checks.begin' | 'accounts.checks.finish';

/** The passkey shown again within a session: it notes when, for whoever asks how fresh that is. */
export function checkHandlers(parts: Parts): Handlers<CheckRoute> {
  const { platform, passkeys } = parts;
  const { config, clock } = platform;
  const attempts = createLimiter({ burst: 20, perMinute: 4 }, { enabled: config.rateLimits, clock });
  return {
    async 'accounts.checks.begin'({ caller }) {
      attempts.take(caller.accountId);
      const own = await platform.db
        .selectFrom('passkey')
        .select('credential_id')
        .where('account_id', '=', caller.accountId)
        .execute();
      const { challenge, options } = await passkeys.requestOptions(own.map((row) => row.credential_id));
      const ceremonyId = await openCeremony(platform, {
        kind: 'check',
        challenge,
        account_id: caller.accountId,
      });
      return { ceremonyId, options };
    },

    async 'accounts.checks.finish'({ caller, params, body }) {
      attempts.take(caller.accountId);
      const ceremony = await takeCeremony(platform, params.ceremonyId, 'check');
      const passkey = await findPasskey(platform, body.credential.id);
      const used = await passkeys.used(body.credential, ceremony.challenge, passkey);
      const own = passkey?.account_id === caller.accountId && ceremony.account_id === caller.accountId;
      if (passkey === undefined || !own) throw new Refusal('ceremony_failed');
      const now = clock();
      await platform.db.transaction().execute(async (tx) => {
        await countUse(tx, passkey.credential_id, used);
        await tx
          .updateTable('session')
          .set({ checked_at: new Date(now) })
          .where('token_hash', '=', caller.tokenHash)
          .execute();
      });
      return readMe(parts, { ...caller, checkedAt: now });
    },
  };
}
