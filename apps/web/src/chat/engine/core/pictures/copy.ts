import { open, readCanonical, SealedMediaError } from '@accord/sealed-media';
import { concat, fromBase64Url, fromUtf8, sameBytes, toBase64Url, utf8, uuidBytes } from '../bytes.ts';
import type { Random } from '../ports.ts';
import { sha256 } from './hash.ts';

/*
 * The copy of a picture for somebody in it, before anybody else sees it: what opens it goes to them alone, sealed to their
 * box or under the key in their one-time link. Read by the engine and by the page behind such a link.
 */

/** What opens a copy, beside the server's half. */
export interface CopyKey {
  readonly km: Uint8Array;
  readonly cth: Uint8Array;
  readonly ph: Uint8Array;
}

/** Binds what opens a copy to the question that it belongs to. */
export const copyContext = (consentId: string): Uint8Array<ArrayBuffer> =>
  concat(utf8('accord/consent-copy/1'), uuidBytes(consentId));

export const encodeCopyKey = ({ km, cth, ph }: CopyKey): Uint8Array<ArrayBuffer> =>
  utf8(JSON.stringify({ km: toBase64Url(km), cth: toBase64Url(cth), ph: toBase64Url(ph) }));

/** @throws {TypeError} for what no asker of ours would seal */
function decodeCopyKey(bytes: Uint8Array): CopyKey {
  const value = JSON.parse(fromUtf8(bytes)) as Readonly<Record<string, unknown>>;
  const part = (name: string) => {
    const read = fromBase64Url(String(value[name]));
    if (read.length !== 32) throw new TypeError('not a copy key');
    return read;
  };
  return { km: part('km'), cth: part('cth'), ph: part('ph') };
}

const nonceBytes = 12;

async function linkKey(key: Uint8Array, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key.slice(), 'AES-GCM', false, [use]);
}

/** Nonce ‖ AES-256-GCM under the key of a link. */
export async function sealUnderLink(
  key: Uint8Array,
  plain: Uint8Array<ArrayBuffer>,
  consentId: string,
  random: Random,
): Promise<Uint8Array> {
  const iv = random(nonceBytes).slice();
  const how = { name: 'AES-GCM', iv, additionalData: copyContext(consentId) };
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt(how, await linkKey(key, 'encrypt'), plain)));
}

/** @throws {DOMException} where the key is another's, or the bytes were changed */
export async function openUnderLink(
  key: Uint8Array,
  sealed: Uint8Array,
  consentId: string,
): Promise<Uint8Array> {
  const iv = sealed.slice(0, nonceBytes);
  const how = { name: 'AES-GCM', iv, additionalData: copyContext(consentId) };
  const plain = await crypto.subtle.decrypt(how, await linkKey(key, 'decrypt'), sealed.slice(nonceBytes));
  return new Uint8Array(plain);
}

/** Opens a copy, and holds it against the hash that the question names. @throws {SealedMediaError} */
export async function openCopy(
  opened: Uint8Array,
  what: {
    readonly ciphertext: Uint8Array;
    readonly ks: Uint8Array;
    readonly blobId: string;
    readonly ph: Uint8Array;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { km, cth, ph } = decodeCopyKey(opened);
  if (!sameBytes(ph, what.ph)) throw new SealedMediaError('commitment_mismatch');
  if (!sameBytes(await sha256(what.ciphertext), cth)) throw new SealedMediaError('ciphertext_changed');
  const bytes = await open(what.ciphertext, { km, ks: what.ks }, uuidBytes(what.blobId));
  if (!sameBytes(await sha256(bytes), ph)) throw new SealedMediaError('plaintext_changed');
  readCanonical(bytes);
  return bytes;
}
