import type { Body } from '@accord/protocol';
import type { Tx } from '../platform/database.ts';
import type { Caller, Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { countDevices, lockAccount, storeDevice, storeUse } from './enrolment.ts';
import { checkCertificate, fromBase64url } from './keys.ts';
import { deviceReply, readMe } from './me.ts';
import { type Parts, refusingCollisions, runHooks } from './parts.ts';

type DeviceRoute =
  | 'accounts.devices.list'
  | 'accounts.devices.enrol'
  | 'accounts.devices.rename'
  | 'accounts.devices.remove';

export function deviceHandlers(parts: Parts): Handlers<DeviceRoute> {
  const { platform } = parts;
  const { db, bus, clock } = platform;
  const tellDevices = (accountId: string) =>
    bus.publish('notice', { accountIds: [accountId], notice: { kind: 'devices' } });
  return {
    async 'accounts.devices.list'({ caller }) {
      const rows = await db
        .selectFrom('device')
        .select(['id', 'name', 'added_at', 'last_seen_at'])
        .where('account_id', '=', caller.accountId)
        .where('removed_at', 'is', null)
        .orderBy('added_at')
        .orderBy('id')
        .execute();
      return { devices: rows.map((row) => deviceReply(row, caller.deviceId)) };
    },

    async 'accounts.devices.enrol'({ caller, body }) {
      const now = new Date(clock());
      await refusingCollisions(() => db.transaction().execute((tx) => enrolDevice(tx, caller, body, now)));
      tellDevices(caller.accountId);
      return readMe(parts, { ...caller, deviceId: body.device.id });
    },

    async 'accounts.devices.rename'({ caller, params, body }) {
      const renamed = await db
        .updateTable('device')
        .set({ name: body.name })
        .where('id', '=', params.deviceId)
        .where('account_id', '=', caller.accountId)
        .where('removed_at', 'is', null)
        .executeTakeFirst();
      if (renamed.numUpdatedRows !== 1n) throw new Refusal('not_found');
      return {};
    },

    async 'accounts.devices.remove'({ caller, params }) {
      const { accountId } = caller;
      const { deviceId } = params;
      const { after, unproved } = await db
        .transaction()
        .execute((tx) => removeDevice(parts, tx, caller, deviceId));
      bus.publish('revoked', { accountId, deviceId });
      tellDevices(accountId);
      if (unproved) bus.publish('notice', { accountIds: [accountId], notice: { kind: 'proof_required' } });
      for (const then of after) then();
      return {};
    },
  };
}

async function enrolDevice(
  tx: Tx,
  caller: Caller,
  { device, wrappedIdentity }: Body<'accounts.devices.enrol'>,
  now: Date,
): Promise<void> {
  const account = await lockAccount(tx, caller.accountId);
  if (account === null) throw new Refusal('session_required');
  await checkCertificate(account, device, now.getTime());
  await storeDevice(tx, { accountId: caller.accountId, now }, device);
  const credentialId = await bindSession(tx, caller, device.id);
  await storeUse(tx, credentialId, device.id);
  if (wrappedIdentity === undefined) return;
  await tx
    .updateTable('passkey')
    .set({ wrapped_identity: fromBase64url(wrappedIdentity) })
    .where('credential_id', '=', credentialId)
    .execute();
}

/** Binds the caller's session to a device; returns the passkey that opened it. */
async function bindSession(tx: Tx, caller: Caller, deviceId: string): Promise<string> {
  const session = await tx
    .updateTable('session')
    .set({ device_id: deviceId })
    .where('token_hash', '=', caller.tokenHash)
    .returning('credential_id')
    .executeTakeFirst();
  if (session === undefined) throw new Refusal('session_required');
  return session.credential_id;
}

/**
 * Removes a device with its sessions, the passkeys that only it used, and every link code (it may have made one).
 * The passkey of the session that asks stays: whoever removes must be able to sign in again.
 */
async function removeDevice({ platform, gate, hooks }: Parts, tx: Tx, caller: Caller, deviceId: string) {
  const { accountId } = caller;
  if ((await lockAccount(tx, accountId)) === null) throw new Refusal('session_required');
  const device = await tx
    .selectFrom('device')
    .select('id')
    .where('id', '=', deviceId)
    .where('account_id', '=', accountId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (device === undefined) throw new Refusal('not_found');
  if ((await countDevices(tx, accountId)) === 1) throw new Refusal('last_device');

  await tx
    .updateTable('device')
    .set({ removed_at: new Date(platform.clock()) })
    .where('id', '=', deviceId)
    .execute();
  const went = await removeLonePasskeys(tx, caller, deviceId);
  // Who linked a device and then removed those before it may have bought the account.
  const unproved = went && (await gate.passkeysWent(tx, accountId));
  await tx.deleteFrom('passkey_use').where('device_id', '=', deviceId).execute();
  await tx.deleteFrom('session').where('device_id', '=', deviceId).execute();
  await tx.deleteFrom('return_code').where('account_id', '=', accountId).where('kind', '=', 'link').execute();
  return {
    unproved,
    after: await runHooks(hooks, (hook) => hook.deviceRemoved?.(tx, { accountId, deviceId })),
  };
}

/** A passkey takes the sessions that it opened with it. Says whether one went. */
async function removeLonePasskeys(tx: Tx, caller: Caller, deviceId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('passkey')
    .where('account_id', '=', caller.accountId)
    .where('credential_id', 'in', (own) =>
      own.selectFrom('passkey_use').select('credential_id').where('device_id', '=', deviceId),
    )
    .where('credential_id', 'not in', (others) =>
      others.selectFrom('passkey_use').select('credential_id').where('device_id', '<>', deviceId),
    )
    .where('credential_id', 'not in', (asking) =>
      asking.selectFrom('session').select('credential_id').where('token_hash', '=', caller.tokenHash),
    )
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
