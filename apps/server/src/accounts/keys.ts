import { createPublicKey, verify } from 'node:crypto';
import { GroupCryptoError, verifyDeviceCertificate } from '@accord/group-crypto/server';
import type { Body } from '@accord/protocol';
import { Refusal } from '../platform/refusal.ts';

/** X-Wing public keys (draft-connolly-cfrg-xwing-kem) have this length. */
const boxKeyBytes = 1216;

/** A device as it enrols, as the contract's body has it. */
export type NewDevice = Body<'accounts.devices.enrol'>['device'];

export const fromBase64url = (text: string): Buffer => Buffer.from(text, 'base64url');

const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** What the identity key signs for the account's box key. */
export const boxKeyMessage = (accountId: string, boxPublicKey: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('accord/box-key/1'), uuidBytes(accountId), boxPublicKey]);

/** What a device's signature key signs to show, at a sign-in, that this browser still holds it. */
export const deviceSignInMessage = (ceremonyId: string, accountId: string, deviceId: string): Buffer =>
  Buffer.concat([
    Buffer.from('accord/device-sign-in/1'),
    uuidBytes(ceremonyId),
    uuidBytes(accountId),
    uuidBytes(deviceId),
  ]);

/** Ed25519 (RFC 8032). False for a wrong signature and for a public key that is none. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const x = Buffer.from(publicKey).toString('base64url');
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

/** Whether the account's identity key vouches for its box key. @throws {Refusal} `bad_key_material` */
export function checkBoxKey(account: {
  readonly accountId: string;
  readonly identityPublicKey: Uint8Array;
  readonly boxPublicKey: Uint8Array;
  readonly boxSignature: Uint8Array;
}): void {
  const message = boxKeyMessage(account.accountId, account.boxPublicKey);
  const sound =
    account.boxPublicKey.length === boxKeyBytes &&
    verifyEd25519(account.identityPublicKey, message, account.boxSignature);
  if (!sound) throw new Refusal('bad_key_material', { field: 'boxPublicKey' });
}

/**
 * Whether the account's identity key vouches for the device: without that, neither a stolen session nor this
 * server could add one.
 * @throws {Refusal} `bad_certificate`
 */
export async function checkCertificate(
  owner: { readonly accountId: string; readonly identityPublicKey: Uint8Array },
  device: NewDevice,
  now: number,
): Promise<void> {
  const credential = {
    accountId: owner.accountId,
    deviceId: device.id,
    identityPublicKey: owner.identityPublicKey,
    certificate: fromBase64url(device.certificate),
  };
  try {
    await verifyDeviceCertificate(credential, fromBase64url(device.signaturePublicKey), now);
  } catch (error) {
    if (error instanceof GroupCryptoError) throw new Refusal('bad_certificate');
    throw error;
  }
}
