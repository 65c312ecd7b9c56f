import type { Signature } from 'ts-mls/crypto/signature.js';
import { concat } from './bytes.ts';
import { GroupCryptoError } from './errors.ts';
import type { Random } from './types.ts';

// RFC 8410: the PKCS #8 frame around a 32-byte seed, the only form of a private key that WebCrypto imports.
const PKCS8_FRAME = Uint8Array.of(
  0x30,
  0x2e,
  0x02,
  0x01,
  0x00,
  0x30,
  0x05,
  0x06,
  0x03,
  0x2b,
  0x65,
  0x70,
  0x04,
  0x22,
  0x04,
  0x20,
);

export const ED25519_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** WebCrypto takes no view on shared memory, and its types say so: a copy onto memory of its own. */
export function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

function importSeed(seed: Uint8Array, extractable: boolean): Promise<CryptoKey> {
  if (seed.length !== ED25519_KEY_BYTES)
    throw new GroupCryptoError('bad_argument', 'Ed25519 seed is not 32 bytes');
  return crypto.subtle.importKey('pkcs8', concat(PKCS8_FRAME, seed), 'Ed25519', extractable, ['sign']);
}

/** The raw public key of a 32-byte seed (RFC 8032 §5.1.5). */
export async function ed25519PublicKey(seed: Uint8Array): Promise<Uint8Array> {
  const { x } = await crypto.subtle.exportKey('jwk', await importSeed(seed, true));
  if (x === undefined) throw new GroupCryptoError('unavailable', 'no Ed25519 in this WebCrypto');
  const binary = atob(x.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

export async function ed25519Sign(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', await importSeed(seed, false), owned(message)));
}

/** False for a wrong signature and for a public key that is none. */
export async function ed25519Verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== ED25519_KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return false;
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', owned(publicKey), 'Ed25519', false, ['verify']);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError')
      throw new GroupCryptoError('unavailable', 'no Ed25519 in this WebCrypto', { cause: error });
    return false;
  }
  return crypto.subtle.verify('Ed25519', key, owned(signature), owned(message));
}

/** Ed25519 as ts-mls wants it; signature keys come from `random`. */
export function ed25519Signature(random: Random): Signature {
  return {
    sign: ed25519Sign,
    verify: ed25519Verify,
    async keygen() {
      const signKey = random(ED25519_KEY_BYTES);
      return { signKey, publicKey: await ed25519PublicKey(signKey) };
    },
  };
}
