import type { Body } from '@accord/protocol';
import type { Tx } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { fromBase64url, type NewDevice } from './keys.ts';
import type { NewPasskey } from './passkeys.ts';

/** Live devices of one account. Two people then fit a group's 64 leaves, with room to replace. */
export const maxDevices = 16;

/** The account's keys, its row held until the transaction ends: changes to one account come one by one. */
export async function lockAccount(
  tx: Tx,
  accountId: string,
): Promise<{
  readonly accountId: string;
  readonly identityPublicKey: Buffer;
  readonly pseudonym: string;
} | null> {
  const row = await tx
    .selectFrom('account')
    .select(['id', 'identity_public_key', 'pseudonym'])
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) return null;
  return { accountId: row.id, identityPublicKey: row.identity_public_key, pseudonym: row.pseudonym };
}

export async function countDevices(tx: Tx, accountId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('device')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('account_id', '=', accountId)
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function storeDevice(
  tx: Tx,
  owner: { readonly accountId: string; readonly now: Date },
  device: NewDevice,
): Promise<void> {
  if ((await countDevices(tx, owner.accountId)) >= maxDevices) {
    throw new Refusal('invalid_input', { field: 'device' });
  }
  await tx
    .insertInto('device')
    .values({
      id: device.id,
      account_id: owner.accountId,
      name: device.name,
      signature_public_key: fromBase64url(device.signaturePublicKey),
      certificate: fromBase64url(device.certificate),
      added_at: owner.now,
      last_seen_at: owner.now,
      removed_at: null,
    })
    .execute();
}

export async function storePasskey(
  tx: Tx,
  owner: { readonly accountId: string; readonly now: Date },
  passkey: NewPasskey,
  wrappedIdentity: string | undefined,
): Promise<void> {
  await tx
    .insertInto('passkey')
    .values({
      ...passkey,
      account_id: owner.accountId,
      wrapped_identity: wrappedIdentity === undefined ? null : fromBase64url(wrappedIdentity),
      added_at: owner.now,
    })
    .execute();
}

/** Remembers that a device signs in with this passkey. */
export async function storeUse(tx: Tx, credentialId: string, deviceId: string): Promise<void> {
  await tx
    .insertInto('passkey_use')
    .values({ credential_id: credentialId, device_id: deviceId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export type SealedIdentity = Body<'accounts.recovery.replace'>;
