import { type Bytes, fromBase64Url, toBase64Url } from './bytes.ts';
import { decodeCbor, embedded, encodeCbor, type Writable } from './cbor.ts';
import { maxResponseBytes } from './examine.ts';
import { bytesOf, exactly, listOf } from './fields.ts';
import { openSealed } from './hpke.ts';
import { refuse, type Verdict, verdict } from './refusals.ts';
import { type IsoMdocSession, isoMdocTranscript } from './transcript.ts';
import { type AgeProfile, euProofOfAge } from './verify.ts';

/*
 * `org-iso-mdoc` over the Digital Credentials API (ISO/IEC TS 18013-7 annex C): a request with a key of ours, an
 * answer sealed to it.
 */

/** COSE_Key of a P-256 key. */
async function coseKey(key: CryptoKey): Promise<Writable> {
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', key));
  return new Map<number, Writable>([
    [1, 2],
    [-1, 1],
    [-2, point.subarray(1, 33)],
    [-3, point.subarray(33, 65)],
  ]);
}

/**
 * Member of `digital.requests` for `navigator.credentials.get`, protocol `org-iso-mdoc`.
 * @param recipient public half of an extractable ECDH P-256 pair made for this session and dropped after it
 * @param nonce fresh, at least 16 bytes
 */
export async function isoMdocRequest(
  recipient: CryptoKey,
  nonce: Uint8Array,
  { docType, nameSpace, element }: AgeProfile = euProofOfAge,
) {
  const items = new Map<string, Writable>([
    ['docType', docType],
    ['nameSpaces', new Map([[nameSpace, new Map([[element, false]])]])],
  ]);
  const deviceRequest = new Map<string, Writable>([
    ['version', '1.0'],
    ['docRequests', [new Map([['itemsRequest', embedded(encodeCbor(items))]])]],
  ]);
  const info = new Map<string, Writable>([
    ['nonce', nonce],
    ['recipientPublicKey', await coseKey(recipient)],
  ]);
  return {
    protocol: 'org-iso-mdoc' as const,
    data: {
      deviceRequest: toBase64Url(encodeCbor(deviceRequest)),
      encryptionInfo: toBase64Url(encodeCbor(['dcapi', info])),
    },
  };
}

function readSealed(answer: unknown): { readonly enc: Bytes; readonly cipherText: Bytes } {
  if (typeof answer !== 'object' || answer === null || !('response' in answer)) return refuse('answer_shape');
  const { response } = answer;
  if (typeof response !== 'string') return refuse('answer_shape');
  if (response.length > 1.4 * maxResponseBytes) return refuse('too_large');
  const [name, sealed, ...more] = listOf(decodeCbor(fromBase64Url(response)), 'answer_shape');
  if (name !== 'dcapi' || more.length > 0) return refuse('answer_shape');
  const map = exactly(sealed, ['enc', 'cipherText'], [], 'answer_shape');
  return {
    enc: bytesOf(map.get('enc'), 'answer_shape'),
    cipherText: bytesOf(map.get('cipherText'), 'answer_shape'),
  };
}

/**
 * Opens the wallet's answer. What comes out is a DeviceResponse to verify over the transcript that comes with it.
 * @param answer `credential.data` as the page posts it: `{ response }`
 * @param recipient pair of the request
 * @param session our origin, and the `encryptionInfo` that this very session asked with
 */
export function openIsoMdoc(
  answer: unknown,
  recipient: CryptoKeyPair,
  session: IsoMdocSession,
): Promise<Verdict<{ readonly response: Uint8Array; readonly sessionTranscript: Uint8Array }>> {
  return verdict(async () => {
    const { enc, cipherText } = readSealed(answer);
    const sessionTranscript = await isoMdocTranscript(session);
    return { response: await openSealed(recipient, enc, cipherText, sessionTranscript), sessionTranscript };
  });
}
