import { encodeText, join } from './bytes.ts';

/**
 * Tag of a spent attestation: `HMAC-SHA256(pepper, "av1" ‖ SHA-256(MSO))`, 32 bytes. Keyed on what the issuer
 * signed, because ECDSA signatures have a twin and an envelope has spare bits.
 * @param pepper at least 32 secret bytes that live outside the database
 * @throws {RangeError} for a shorter pepper
 */
export async function spentTag(pepper: Uint8Array, msoDigest: Uint8Array): Promise<Uint8Array> {
  if (pepper.length < 32) throw new RangeError('spentTag: a pepper has at least 32 bytes');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', pepper.slice(), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, join(encodeText('av1'), msoDigest)));
}
