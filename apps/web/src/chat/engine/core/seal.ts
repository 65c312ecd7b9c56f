import { concat, utf8 } from './bytes.ts';
import type { Random } from './ports.ts';

const nonceBytes = 12;

/** Bytes that were changed, or sealed under another key or for another place. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** AES-256-GCM with a fresh nonce; `place` is authenticated, so that a record can't be moved. Nonce ‖ ciphertext. */
export async function seal(
  key: CryptoKey,
  place: string,
  plain: Uint8Array,
  random: Random,
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = random(nonceBytes).slice();
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: utf8(place) },
    key,
    plain.slice(),
  );
  return concat(iv, new Uint8Array(sealed));
}

/** Inverse of {@link seal}. @throws {SealError} */
export async function unseal(
  key: CryptoKey,
  place: string,
  sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const iv = sealed.slice(0, nonceBytes);
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData: utf8(place) },
      key,
      sealed.slice(nonceBytes),
    );
    return new Uint8Array(plain);
  } catch (error) {
    throw new SealError('not for this place or key', { cause: error });
  }
}

/** An AES-256-GCM key from secret bytes of full entropy (a passkey's PRF output), bound to `label`. */
export async function keyFromSecret(secret: Uint8Array, label: string): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', secret.slice(), 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(label) },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}
