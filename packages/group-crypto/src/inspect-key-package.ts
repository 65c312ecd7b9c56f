import { type KeyPackage, makeKeyPackageRef, verifyKeyPackage } from 'ts-mls/keyPackage.js';
import { verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { safeNumber, sameBytes } from './bytes.ts';
import {
  decodeMessage,
  LAST_RESORT_EXTENSION,
  leafCredential,
  ourSuite,
  PROTOCOL_EXTENSION,
} from './codec.ts';
import { GroupCryptoError } from './errors.ts';
import { verifyDeviceCertificate } from './identity.ts';
import { LIMITS } from './limits.ts';
import type { KeyPackageFacts } from './server-types.ts';
import { guarded } from './translate.ts';
import { verifier } from './verifier.ts';

/**
 * Reads and verifies a key package: canonical encoding, suite, capabilities, lifetime, both signatures, certificate.
 * That the identity key is the account's is for the caller to look up.
 * @param bytes MLSMessage(KeyPackage)
 * @param now milliseconds
 * @throws GroupCryptoError `malformed`, `too_large`, `unsupported_suite`, `key_package_expired`, `bad_credential`,
 *   `not_authentic`, `invalid_message`
 */
export function inspectKeyPackage(bytes: Uint8Array, now: number): Promise<KeyPackageFacts> {
  return guarded('key package', 'malformed', async () => {
    const { keyPackage } = decodeMessage('mls_key_package', bytes, LIMITS.keyPackage);
    return verifiedKeyPackage(keyPackage, now);
  });
}

/** {@link inspectKeyPackage} of a decoded one. */
export async function verifiedKeyPackage(keyPackage: KeyPackage, now: number): Promise<KeyPackageFacts> {
  const suite = ourSuite(keyPackage.cipherSuite);
  const { hash, signature } = verifier(suite);
  const { leafNode } = keyPackage;
  requireShape(keyPackage);
  const lifetime = requireLifetime(leafNode.lifetime, now);
  const credential = leafCredential(leafNode);
  await verifyDeviceCertificate(credential, leafNode.signaturePublicKey, now);
  if (
    !(await verifyLeafNodeSignatureKeyPackage(leafNode, signature)) ||
    !(await verifyKeyPackage(keyPackage, signature))
  )
    throw new GroupCryptoError('not_authentic', 'key package signature is wrong');
  return {
    ...credential,
    ...lifetime,
    suite,
    ref: await makeKeyPackageRef(keyPackage, hash),
    signaturePublicKey: leafNode.signaturePublicKey.slice(),
    lastResort: keyPackage.extensions.length > 0,
  };
}

function requireShape(keyPackage: KeyPackage): void {
  const { leafNode } = keyPackage;
  const { capabilities } = leafNode;
  const [extension, ...more] = keyPackage.extensions;
  if (more.length > 0 || (extension !== undefined && extension.extensionType !== LAST_RESORT_EXTENSION))
    throw new GroupCryptoError('invalid_message', 'key package extension not of ours');
  if (
    leafNode.extensions.length > 0 ||
    !capabilities.extensions.includes(PROTOCOL_EXTENSION) ||
    !capabilities.credentials.includes('basic') ||
    !capabilities.ciphersuites.includes(keyPackage.cipherSuite)
  )
    throw new GroupCryptoError('invalid_message', 'capabilities not of ours');
  if (sameBytes(keyPackage.initKey, leafNode.hpkePublicKey))
    throw new GroupCryptoError('invalid_message', 'init key and encryption key are the same');
}

/**
 * Judges a lifetime at an instant. ts-mls can do it too, but only by its own clock, and on every leaf of a tree that is
 * joined: a member that has not committed for a month would then lock newcomers out.
 * @throws GroupCryptoError `key_package_expired`, also for one that claims to live longer than allowed
 */
export function requireLifetime(
  lifetime: { readonly notBefore: bigint; readonly notAfter: bigint },
  now: number,
): { notBefore: number; expiresAt: number } {
  const notBefore = safeNumber(lifetime.notBefore) * 1000;
  const expiresAt = safeNumber(lifetime.notAfter) * 1000;
  const longest = (LIMITS.keyPackageLifetimeSeconds + 2 * LIMITS.clockSkewSeconds) * 1000;
  if (expiresAt < notBefore || expiresAt - notBefore > longest || notBefore > now || expiresAt < now)
    throw new GroupCryptoError('key_package_expired', 'outside of an allowed lifetime');
  return { notBefore, expiresAt };
}
