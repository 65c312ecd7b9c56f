import { type Reply, sessionCookie } from '@accord/protocol';
import type { Selectable } from 'kysely';
import type { Caller, Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import { lockAccount } from './enrolment.ts';
import { type Parts, runHooks } from './parts.ts';

type DeviceRow = Pick<Selectable<Tables['device']>, 'id' | 'name' | 'added_at' | 'last_seen_at'>;
type Me = Reply<'accounts.me'>;

export const deviceReply = (row: DeviceRow, currentId: string | null) => ({
  id: row.id,
  name: row.name,
  addedAt: row.added_at.getTime(),
  lastSeenAt: row.last_seen_at?.getTime() ?? null,
  current: row.id === currentId,
});

/** What a person sees of themselves. @throws {Refusal} `session_required` when the account is just gone */
export async function readMe(parts: Parts, caller: Caller): Promise<Me> {
  const { db } = parts.platform;
  const row = await db
    .selectFrom('account')
    .selectAll()
    .where('id', '=', caller.accountId)
    .executeTakeFirst();
  if (row === undefined) throw new Refusal('session_required');
  const device =
    caller.deviceId === null
      ? undefined
      : await db
          .selectFrom('device')
          .select(['id', 'name', 'added_at', 'last_seen_at'])
          .where('id', '=', caller.deviceId)
          .executeTakeFirst();
  return {
    id: row.id,
    pseudonym: row.pseudonym,
    identityPublicKey: row.identity_public_key.toString('base64url'),
    boxPublicKey: row.box_public_key.toString('base64url'),
    device: device === undefined ? null : deviceReply(device, caller.deviceId),
    adult: await parts.gate.adultState(caller),
  };
}

type MeRoute = 'accounts.me' | 'accounts.signOut' | 'accounts.delete';

export function meHandlers(parts: Parts): Handlers<MeRoute> {
  const { platform, sessions } = parts;
  return {
    async 'accounts.me'({ caller, request, reply }) {
      const me = await readMe(parts, caller);
      // The browser's copy slides with the session.
      const token = request.cookies[sessionCookie];
      if (token !== undefined) sessions.setCookie(reply, token);
      return me;
    },

    async 'accounts.signOut'({ caller, reply }) {
      await platform.db.deleteFrom('session').where('token_hash', '=', caller.tokenHash).execute();
      sessions.clearCookie(reply);
      if (caller.deviceId !== null) {
        platform.bus.publish('revoked', { accountId: caller.accountId, deviceId: caller.deviceId });
      }
      return {};
    },

    async 'accounts.delete'({ caller, reply }) {
      await deleteAccount(parts, caller.accountId);
      sessions.clearCookie(reply);
      return {};
    },
  };
}

/** Erases an account and everything of it; what it shared with others is the hooks' to close. */
async function deleteAccount({ platform, hooks }: Parts, accountId: string): Promise<void> {
  const after = await platform.db.transaction().execute(async (tx) => {
    const account = await lockAccount(tx, accountId);
    if (account === null) return [];
    const devices = await tx.selectFrom('device').select('id').where('account_id', '=', accountId).execute();
    const deviceIds = devices.map((device) => device.id);
    const after = await runHooks(hooks, (hook) => hook.accountDeleted?.(tx, { accountId, deviceIds }));
    await tx.deleteFrom('ceremony').where('account_id', '=', accountId).execute();
    await tx.deleteFrom('account').where('id', '=', accountId).execute();
    return after;
  });
  platform.bus.publish('revoked', { accountId });
  for (const then of after) then();
}
