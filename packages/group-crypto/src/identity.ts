import { bytesToUuid, concat, copyOf, framed, Reader, u64, uuidToBytes } from './bytes.ts';
import {
  ED25519_KEY_BYTES,
  ED25519_SIGNATURE_BYTES,
  ed25519PublicKey,
  ed25519Sign,
  ed25519Verify,
} from './ed25519.ts';
import { GroupCryptoError } from './errors.ts';
import { guarded } from './translate.ts';
import type { Credential, Device, DeviceId, Identity, Random } from './types.ts';

const CERTIFICATE_LABEL = 'accord/device-certificate/1';
const CERTIFICATE_VERSION = 1;
const CREDENTIAL_VERSION = 1;
const DEVICE_VERSION = 1;
const CERTIFICATE_BYTES = 1 + 8 + ED25519_SIGNATURE_BYTES;

/** What a certificate binds together. */
interface Certified extends DeviceId {
  readonly signaturePublicKey: Uint8Array;
}

/** A new account identity key. `random` must be cryptographically strong: 32 bytes of it are the private key. */
export async function generateIdentity(random: Random): Promise<Identity> {
  return identityFromSeed(random(ED25519_KEY_BYTES));
}

/** The identity of a 32-byte seed, for instance one restored from a backup. */
export function identityFromSeed(seed: Uint8Array): Promise<Identity> {
  return guarded('identity', 'bad_argument', async () => ({
    privateKey: copyOf(seed),
    publicKey: await ed25519PublicKey(seed),
  }));
}

/** A device's own Ed25519 signature key pair (private key: 32-byte seed), to be certified by the identity key. */
export async function createDeviceKeys(
  random: Random,
): Promise<{ signaturePublicKey: Uint8Array; signaturePrivateKey: Uint8Array }> {
  const { publicKey, privateKey } = await generateIdentity(random);
  return { signaturePublicKey: publicKey, signaturePrivateKey: privateKey };
}

/** Label, a zero byte, then fields of fixed width: no two inputs share an encoding. */
function toBeSigned(identityPublicKey: Uint8Array, subject: Certified, notAfterSeconds: number): Uint8Array {
  if (
    subject.signaturePublicKey.length !== ED25519_KEY_BYTES ||
    identityPublicKey.length !== ED25519_KEY_BYTES
  )
    throw new GroupCryptoError('bad_argument', 'public keys are 32 bytes');
  return concat(
    new TextEncoder().encode(CERTIFICATE_LABEL),
    Uint8Array.of(0),
    uuidToBytes(subject.accountId),
    uuidToBytes(subject.deviceId),
    identityPublicKey,
    subject.signaturePublicKey,
    u64(notAfterSeconds),
  );
}

/**
 * The identity key vouches for a device: neither the server alone nor a stolen session can then add one.
 * @param identity both halves of the account's identity key
 * @param subject whose signature key is certified; `notAfter` in milliseconds, absent for no end
 * @returns 73 bytes: version, notAfter in seconds (0 for none), Ed25519 signature
 */
export function certifyDevice(
  identity: Identity,
  subject: Certified & { readonly notAfter?: number },
): Promise<Uint8Array> {
  return guarded('certifyDevice', 'bad_argument', async () => {
    const seconds = subject.notAfter === undefined ? 0 : Math.floor(subject.notAfter / 1000);
    if (subject.notAfter !== undefined && !(seconds > 0 && Number.isSafeInteger(seconds)))
      throw new GroupCryptoError('bad_argument', 'notAfter is no instant');
    const signature = await ed25519Sign(
      identity.privateKey,
      toBeSigned(identity.publicKey, subject, seconds),
    );
    return concat(Uint8Array.of(CERTIFICATE_VERSION), u64(seconds), signature);
  });
}

/**
 * Resolves when the certificate binds the signature key to the credential's account, device and identity key;
 * rejects with `bad_credential` otherwise. Whether that identity key is the account's is not decided here.
 * @param now milliseconds; when given, a certificate that ran out is refused
 */
export function verifyDeviceCertificate(
  credential: Credential,
  signaturePublicKey: Uint8Array,
  now?: number,
): Promise<void> {
  return guarded('device certificate', 'bad_credential', async () => {
    const { notAfter, signature } = readCertificate(credential.certificate);
    const signed = toBeSigned(credential.identityPublicKey, { ...credential, signaturePublicKey }, notAfter);
    if (!(await ed25519Verify(credential.identityPublicKey, signed, signature)))
      throw new GroupCryptoError('bad_credential', 'certificate is not of this identity key');
    if (now !== undefined && notAfter !== 0 && now > notAfter * 1000)
      throw new GroupCryptoError('bad_credential', 'certificate ran out');
  });
}

function readCertificate(certificate: Uint8Array): { notAfter: number; signature: Uint8Array } {
  try {
    const reader = new Reader(certificate);
    if (reader.u8() !== CERTIFICATE_VERSION) throw new GroupCryptoError('bad_credential', 'unknown version');
    const notAfter = reader.u64();
    const signature = reader.take(ED25519_SIGNATURE_BYTES);
    reader.end();
    return { notAfter, signature };
  } catch (error) {
    throw new GroupCryptoError('bad_credential', 'certificate is malformed', { cause: error });
  }
}

/** Identity bytes of the MLS basic credential: version, account, device, identity key, certificate; 138 bytes. */
export function encodeCredential(credential: Credential): Uint8Array {
  if (
    credential.identityPublicKey.length !== ED25519_KEY_BYTES ||
    credential.certificate.length !== CERTIFICATE_BYTES
  )
    throw new GroupCryptoError('bad_argument', 'identity key or certificate has a wrong length');
  return concat(
    Uint8Array.of(CREDENTIAL_VERSION),
    uuidToBytes(credential.accountId),
    uuidToBytes(credential.deviceId),
    credential.identityPublicKey,
    credential.certificate,
  );
}

/** Inverse of the credential's encoding; verifies nothing. Throws `bad_credential`. */
export function readCredential(bytes: Uint8Array): Credential {
  try {
    const reader = new Reader(bytes);
    if (reader.u8() !== CREDENTIAL_VERSION) throw new GroupCryptoError('bad_credential', 'unknown version');
    const credential = {
      accountId: bytesToUuid(reader.take(16)),
      deviceId: bytesToUuid(reader.take(16)),
      identityPublicKey: reader.take(ED25519_KEY_BYTES),
      certificate: reader.take(CERTIFICATE_BYTES),
    };
    reader.end();
    return credential;
  } catch (error) {
    throw new GroupCryptoError('bad_credential', 'credential is malformed', { cause: error });
  }
}

/** A device from its parts; rejects with `bad_credential` when they do not belong together. */
export function createDevice(parts: Device): Promise<Device> {
  return guarded('createDevice', 'bad_argument', async () => {
    const derived = await ed25519PublicKey(parts.signaturePrivateKey);
    if (derived.some((byte, index) => byte !== parts.signaturePublicKey[index]))
      throw new GroupCryptoError('bad_credential', 'signature keys do not match');
    await verifyDeviceCertificate(parts, parts.signaturePublicKey);
    return decodeDevice(encodeDevice(parts));
  });
}

/** Secret bytes of a device. */
export function encodeDevice(device: Device): Uint8Array {
  return concat(
    Uint8Array.of(DEVICE_VERSION),
    framed(encodeCredential(device)),
    device.signaturePublicKey,
    device.signaturePrivateKey,
  );
}

/** Inverse of {@link encodeDevice}; throws `malformed`, or `bad_credential` for the credential inside. */
export function decodeDevice(bytes: Uint8Array): Device {
  const reader = new Reader(bytes);
  if (reader.u8() !== DEVICE_VERSION) throw new GroupCryptoError('malformed', 'unknown device version');
  const credential = readCredential(reader.framed());
  const signaturePublicKey = reader.take(ED25519_KEY_BYTES);
  const signaturePrivateKey = reader.take(ED25519_KEY_BYTES);
  reader.end();
  return { ...credential, signaturePublicKey, signaturePrivateKey };
}
