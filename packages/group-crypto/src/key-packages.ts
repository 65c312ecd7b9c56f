import {
  generateKeyPackageWithKey,
  type KeyPackage,
  makeKeyPackageRef,
  type PrivateKeyPackage,
} from 'ts-mls/keyPackage.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { concat, copyOf, framed, Reader } from './bytes.ts';
import { CAPABILITIES, decodeMessage, LAST_RESORT_EXTENSION } from './codec.ts';
import type { Context } from './context.ts';
import { GroupCryptoError } from './errors.ts';
import { encodeCredential } from './identity.ts';
import { DEFAULT_SUITE, LIMITS } from './limits.ts';
import { guarded } from './translate.ts';
import type { Device, GroupCrypto, KeyPackageBundle, Suite } from './types.ts';

const PRIVATE_VERSION = 1;

type Options = Parameters<GroupCrypto['createKeyPackages']>[2];

/** See {@link GroupCrypto.createKeyPackages}. */
export function createKeyPackages(
  context: Context,
  device: Device,
  count: number,
  options: Options,
): Promise<KeyPackageBundle[]> {
  return guarded('key packages', 'bad_argument', async () => {
    if (!Number.isInteger(count) || count < 1 || count > LIMITS.keyPackagesPerCall)
      throw new GroupCryptoError('bad_argument', 'count out of range');
    const bundles: KeyPackageBundle[] = [];
    for (let i = 0; i < count; i++) bundles.push(await createBundle(context, device, options));
    return bundles;
  });
}

async function createBundle(context: Context, device: Device, options: Options): Promise<KeyPackageBundle> {
  const suite = options.suite ?? context.options.suite ?? DEFAULT_SUITE;
  const seconds = options.lifetimeSeconds ?? LIMITS.keyPackageLifetimeSeconds;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > LIMITS.keyPackageLifetimeSeconds)
    throw new GroupCryptoError('bad_argument', 'lifetime out of range');
  const lastResort = options.lastResort ?? false;
  const notAfter = Math.floor(options.now / 1000) + seconds;
  const { publicPackage, privatePackage } = await generateKeyPackage(
    context,
    device,
    suite,
    notAfter,
    seconds,
    lastResort,
  );
  return {
    ref: await makeKeyPackageRef(publicPackage, (await context.suite(suite)).hash),
    publicBytes: encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_key_package',
      keyPackage: publicPackage,
    }),
    privateBytes: concat(
      Uint8Array.of(PRIVATE_VERSION),
      framed(privatePackage.initPrivateKey),
      framed(privatePackage.hpkePrivateKey),
    ),
    expiresAt: notAfter * 1000,
    lastResort,
  };
}

async function generateKeyPackage(
  context: Context,
  device: Device,
  suite: Suite,
  notAfter: number,
  seconds: number,
  lastResort: boolean,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  const lifetime = {
    notBefore: BigInt(notAfter - seconds - LIMITS.clockSkewSeconds),
    notAfter: BigInt(notAfter),
  };
  return generateKeyPackageWithKey(
    { credentialType: 'basic', identity: encodeCredential(device) },
    CAPABILITIES,
    lifetime,
    lastResort ? [{ extensionType: LAST_RESORT_EXTENSION, extensionData: new Uint8Array() }] : [],
    { signKey: copyOf(device.signaturePrivateKey), publicKey: copyOf(device.signaturePublicKey) },
    await context.suite(suite),
  );
}

/** A key package for a leaf that this device takes itself, never published. */
export function ownKeyPackage(
  context: Context,
  device: Device,
  suite: Suite,
  now: number,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  const seconds = LIMITS.keyPackageLifetimeSeconds;
  return generateKeyPackage(context, device, suite, Math.floor(now / 1000) + seconds, seconds, false);
}

/** Both halves of a stored bundle, with the device's signature key put back. */
export function openBundle(
  bundle: Pick<KeyPackageBundle, 'publicBytes' | 'privateBytes'>,
  device: Device,
): { publicPackage: KeyPackage; privatePackage: PrivateKeyPackage } {
  const { keyPackage } = decodeMessage('mls_key_package', bundle.publicBytes, LIMITS.keyPackage);
  const reader = new Reader(bundle.privateBytes);
  if (reader.u8() !== PRIVATE_VERSION) throw new GroupCryptoError('malformed', 'unknown key package version');
  const privatePackage = {
    initPrivateKey: reader.framed(),
    hpkePrivateKey: reader.framed(),
    signaturePrivateKey: copyOf(device.signaturePrivateKey),
  };
  reader.end();
  return { publicPackage: keyPackage, privatePackage };
}
