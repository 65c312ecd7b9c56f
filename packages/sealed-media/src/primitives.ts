import { join } from './cbor.ts';

/* WebCrypto in the few shapes that this protocol needs. Every label begins with `accord/` and ends in a version. */

/** Bytes over memory that WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A source of random bytes: `crypto.getRandomValues` on a device, a counter in a vector. */
export type Random = (length: number) => Bytes;

const utf8 = new TextEncoder();

/** A label as bytes, closed by a zero so that no label is the beginning of another's message. */
export const label = (text: `accord/${string}/${number}`): Bytes => join(utf8.encode(text), Uint8Array.of(0));

/** Eight bytes, big-endian. */
export function u64(value: number): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}

export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', join(...parts)));
}

export async function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', join(key), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, join(...parts)));
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt: the input keys have full entropy. */
export async function hkdf(key: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', join(key), 'HKDF', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: join(info) },
    imported,
    8 * length,
  );
  return new Uint8Array(bits);
}

/** Equality whose time does not depend on where two strings of one length differ. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Ed25519 (RFC 8032) by WebCrypto; keys raw, 32 bytes public, 32 bytes seed private. */
export async function sign(seed: Uint8Array, message: Uint8Array): Promise<Bytes> {
  const key = await crypto.subtle.importKey('pkcs8', join(pkcs8, seed), 'Ed25519', false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key, join(message)));
}

export async function verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = await crypto.subtle.importKey('raw', join(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, join(signature), join(message));
  } catch {
    return false;
  }
}

/** The public key of a seed. */
export async function publicKeyOf(seed: Uint8Array): Promise<Bytes> {
  const key = await crypto.subtle.importKey('pkcs8', join(pkcs8, seed), 'Ed25519', true, ['sign']);
  const { x } = await crypto.subtle.exportKey('jwk', key);
  const base64 = (x ?? '').replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** PrivateKeyInfo of an Ed25519 seed, up to the seed (RFC 8410 §7). */
const pkcs8 = Uint8Array.of(
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
