import {
  boxPublicKey,
  certifyDevice,
  createDevice,
  createDeviceKeys,
  type Device,
  decodeDevice,
  encodeDevice,
  type Identity,
  identityFromSeed,
} from '@accord/group-crypto';
import type { Body } from '@accord/protocol';
import { concat, fromBase64Url, toBase64Url, utf8, uuidBytes, uuidFrom } from './bytes.ts';
import { codeKeys, writeCode } from './codes.ts';
import type { Random } from './ports.ts';
import { keyFromSecret, seal, unseal } from './seal.ts';

/** Everything secret that makes this browser a device of an account. */
export interface Keys {
  readonly identity: Identity;
  readonly device: Device;
}

/** As it lies, sealed, in the store. */
export interface StoredKeys {
  readonly seed: Uint8Array;
  readonly device: Uint8Array;
  /** In clear beside them, for who reads the conversations before MLS is loaded. */
  readonly accountId?: string;
}

export async function storedKeys({ seed, device }: StoredKeys): Promise<Keys> {
  return { identity: await identityFromSeed(seed), device: decodeDevice(device) };
}

export const keysToStore = ({ identity, device }: Keys): StoredKeys => ({
  seed: identity.privateKey,
  device: encodeDevice(device),
  accountId: device.accountId,
});

/** A new device of the account, vouched for by its identity key. */
export async function newDevice(accountId: string, identity: Identity, random: Random): Promise<Device> {
  const keys = await createDeviceKeys(random);
  const deviceId = uuidFrom(random(16));
  const subject = { accountId, deviceId, signaturePublicKey: keys.signaturePublicKey };
  const certificate = await certifyDevice(identity, subject);
  return createDevice({ ...subject, ...keys, certificate, identityPublicKey: identity.publicKey });
}

/** The device as it is enrolled at the server. */
export const enrolment = (device: Device, name: string): Body<'accounts.devices.enrol'>['device'] => ({
  id: device.deviceId,
  name,
  signaturePublicKey: toBase64Url(device.signaturePublicKey),
  certificate: toBase64Url(device.certificate),
});

const boxMessage = (accountId: string, boxKey: Uint8Array) =>
  concat(utf8('accord/box-key/1'), uuidBytes(accountId), boxKey);

/** The account's box for first lines, and the identity key's word for it. */
export async function signedBox(
  accountId: string,
  identity: Identity,
): Promise<{ boxPublicKey: string; boxSignature: string }> {
  const box = await boxPublicKey(identity.privateKey);
  const signature = await sign(identity.privateKey, boxMessage(accountId, box));
  return { boxPublicKey: toBase64Url(box), boxSignature: toBase64Url(signature) };
}

/** Does the identity key vouch for this box? */
export async function boxIsTheirs(person: {
  readonly id: string;
  readonly identityPublicKey: string;
  readonly boxPublicKey: string;
  readonly boxSignature: string;
}): Promise<boolean> {
  const message = boxMessage(person.id, fromBase64Url(person.boxPublicKey));
  try {
    const key = await crypto.subtle.importKey(
      'raw',
      fromBase64Url(person.identityPublicKey),
      'Ed25519',
      false,
      ['verify'],
    );
    return await crypto.subtle.verify('Ed25519', key, fromBase64Url(person.boxSignature), message);
  } catch {
    return false;
  }
}

/** Shows, at a sign-in, that this browser still holds the device's key. */
export async function signInProof(
  device: Device,
  ceremonyId: string,
): Promise<{ id: string; signature: string }> {
  const message = concat(
    utf8('accord/device-sign-in/1'),
    uuidBytes(ceremonyId),
    uuidBytes(device.accountId),
    uuidBytes(device.deviceId),
  );
  return { id: device.deviceId, signature: toBase64Url(await sign(device.signaturePrivateKey, message)) };
}

const place = (accountId: string) => `accord/identity/1/${accountId}`;
const prfLabel = 'accord/prf-identity/1';

/** A fresh code and the identity under it, as the server keeps it. */
export async function newCode(
  accountId: string,
  identity: Identity,
  random: Random,
): Promise<{ code: string; sealed: Body<'accounts.recovery.replace'> }> {
  const secret = random(16);
  const { id, key } = await codeKeys(secret);
  const sealed = await seal(key, place(accountId), identity.privateKey, random);
  return {
    code: await writeCode(secret),
    sealed: { id: toBase64Url(id), sealedIdentity: toBase64Url(sealed) },
  };
}

/** @throws {SealError} where the code is not the one that it was sealed under */
export async function identityFromCode(
  accountId: string,
  secret: Uint8Array,
  sealedIdentity: string,
): Promise<Identity> {
  const { key } = await codeKeys(secret);
  return identityFromSeed(await unseal(key, place(accountId), fromBase64Url(sealedIdentity)));
}

/** The identity under the passkey's PRF output (WebAuthn Level 3 §10.1.4). */
export async function wrapIdentity(
  accountId: string,
  identity: Identity,
  prf: Uint8Array,
  random: Random,
): Promise<string> {
  const key = await keyFromSecret(prf, prfLabel);
  return toBase64Url(await seal(key, place(accountId), identity.privateKey, random));
}

/** Inverse of {@link wrapIdentity}. @throws {SealError} */
export async function unwrapIdentity(accountId: string, wrapped: string, prf: Uint8Array): Promise<Identity> {
  const key = await keyFromSecret(prf, prfLabel);
  return identityFromSeed(await unseal(key, place(accountId), fromBase64Url(wrapped)));
}

// RFC 8410: the PKCS #8 frame around a 32-byte seed, the only form of a private key that WebCrypto imports.
const pkcs8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

async function sign(seed: Uint8Array, message: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('pkcs8', concat(pkcs8, seed), 'Ed25519', false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key, message));
}
