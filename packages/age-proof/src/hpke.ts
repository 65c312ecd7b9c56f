import { type Bytes, encodeText, join } from './bytes.ts';
import { refuse } from './refusals.ts';

/*
 * HPKE (RFC 9180), the receiving half of the one suite and mode that `org-iso-mdoc` uses: base mode,
 * DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, one message.
 */

const kemSuite = join(encodeText('KEM'), Uint8Array.of(0, 0x10));
const suite = join(encodeText('HPKE'), Uint8Array.of(0, 0x10, 0, 1, 0, 1));
const version = encodeText('HPKE-v1');
const nothing = new Uint8Array();
const ecdh = { name: 'ECDH', namedCurve: 'P-256' };

async function hmac(key: Uint8Array, message: Bytes): Promise<Bytes> {
  // HMAC pads keys with zeros, and WebCrypto does not take an empty one.
  const padded = join(key.length === 0 ? new Uint8Array(32) : key);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', padded, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message));
}

const labeledExtract = (id: Bytes, salt: Uint8Array, label: string, secret: Uint8Array): Promise<Bytes> =>
  hmac(salt, join(version, id, encodeText(label), secret));

/** At most one block of HKDF-Expand: no length here exceeds 32. */
async function labeledExpand(
  id: Bytes,
  key: Bytes,
  label: string,
  info: Uint8Array,
  size: number,
): Promise<Bytes> {
  const labeled = join(Uint8Array.of(0, size), version, id, encodeText(label), info);
  return (await hmac(key, join(labeled, Uint8Array.of(1)))).subarray(0, size);
}

async function decapsulate(enc: Bytes, pair: CryptoKeyPair): Promise<Bytes> {
  const sender = await crypto.subtle.importKey('raw', enc, ecdh, false, []);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: sender }, pair.privateKey, 256);
  const own = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const secret = await labeledExtract(kemSuite, nothing, 'eae_prk', new Uint8Array(shared));
  return labeledExpand(kemSuite, secret, 'shared_secret', join(enc, own), 32);
}

/**
 * Opens one message without associated data.
 * @param enc uncompressed point of the sender's key, 65 bytes
 * @param pair ECDH P-256 of one session; the public half extractable
 * @throws {Refusal} `answer_sealed_otherwise`
 */
export async function openSealed(
  pair: CryptoKeyPair,
  enc: Bytes,
  cipherText: Bytes,
  info: Uint8Array,
): Promise<Uint8Array> {
  if (enc.length !== 65 || enc[0] !== 4) refuse('answer_sealed_otherwise');
  try {
    const shared = await decapsulate(enc, pair);
    const pskIdHash = await labeledExtract(suite, nothing, 'psk_id_hash', nothing);
    const infoHash = await labeledExtract(suite, nothing, 'info_hash', info);
    const context = join(Uint8Array.of(0), pskIdHash, infoHash);
    const secret = await labeledExtract(suite, shared, 'secret', nothing);
    const raw = await labeledExpand(suite, secret, 'key', context, 16);
    const iv = await labeledExpand(suite, secret, 'base_nonce', context, 12);
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, cipherText));
  } catch (error) {
    // A point off the curve and a wrong tag: WebCrypto's own errors. Anything else would be a fault of ours.
    if (error instanceof DOMException) return refuse('answer_sealed_otherwise');
    throw error;
  }
}
