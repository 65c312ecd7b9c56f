import { type Bytes, join } from '../bytes.ts';
import { CborRaw, embedded, encodeCbor, type Writable } from '../cbor.ts';
import type { RefusalCode } from '../refusals.ts';
import { dcApiTranscript, isoMdocTranscript, redirectTranscript } from '../transcript.ts';
import type { ProofTerms } from '../verify.ts';
import { euProofOfAge } from '../verify.ts';
import { signingPair } from './certificates.ts';
import { certificateForgeries } from './forged-certificates.ts';
import { type Bend, type Cast, day, now, present, presentDocument, session, tdate } from './presentation.ts';

/** A presentation that must be refused, and as what. */
export interface Forgery {
  readonly name: string;
  readonly code: RefusalCode;
  make(cast: Cast): Promise<{ readonly response: Uint8Array; readonly terms?: Partial<ProofTerms> }>;
}

/** A good presentation but for one bend. */
const bent = (name: string, code: RefusalCode, bend: Bend): Forgery => ({
  name,
  code,
  make: async (cast) => ({ response: await present(cast, bend) }),
});

/** A good presentation whose bytes are changed. */
const altered = (name: string, code: RefusalCode, change: (bytes: Bytes) => Bytes): Forgery => ({
  name,
  code,
  make: async (cast) => ({ response: change(await present(cast)) }),
});

/** CBOR that no encoder of ours would write. */
const raw = (...bytes: readonly number[]): CborRaw => new CborRaw(Uint8Array.from(bytes));

/** Where a text stands in bytes. */
function find(bytes: Bytes, text: string): number {
  return new TextDecoder('latin1').decode(bytes).indexOf(text);
}

const av = 'eu.europa.ec.av.1';
const adult = ['age_over_18', true] as const;
const minor = ['age_over_18', false] as const;
const otherSpace = { docType: av, nameSpace: 'org.iso.18013.5.1', element: 'age_over_18' };

const envelope: readonly Forgery[] = [
  bent('status 10', 'response_status', { response: (r) => r.set('status', 10) }),
  bent('no status', 'response_shape', { response: (r) => r.delete('status') }),
  bent('no documents', 'document_count', { response: (r) => r.delete('documents') }),
  bent('an empty list of documents', 'document_count', { response: (r) => r.set('documents', []) }),
  {
    name: 'documents of two persons',
    code: 'document_count',
    make: async (cast) => {
      const other = await presentDocument(cast, { wallet: await signingPair(), claims: [minor] });
      const response = await present(cast, {
        response: (r) => r.set('documents', [...(r.get('documents') as Writable[]), other]),
      });
      return { response };
    },
  },
  bent('document errors beside the document', 'response_errors', {
    response: (r) => r.set('documentErrors', [new Map([[av, 0]])]),
  }),
  bent('errors within the document', 'response_errors', {
    document: (d) => d.set('errors', new Map([[av, new Map([['age_over_18', 0]])]])),
  }),
  bent('a member that nobody knows', 'response_shape', { response: (r) => r.set('age_over_18', true) }),
  bent('a status in words', 'response_status', { response: (r) => r.set('status', 'OK') }),
  bent('documents that are no list', 'response_shape', { response: (r) => r.set('documents', new Map()) }),
  bent('a version that is a number', 'response_version', { response: (r) => r.set('version', 1) }),
  bent('version 2.0', 'response_version', { response: (r) => r.set('version', '2.0') }),
  bent('another document type outside', 'doctype_mismatch', {
    document: (d) => d.set('docType', 'org.iso.18013.5.1.mDL'),
  }),
  bent('a document type with a space behind it', 'doctype_mismatch', {
    profile: { ...euProofOfAge, docType: `${av} ` },
  }),
  bent('another document type inside', 'doctype_mismatch', {
    mso: (m) => m.set('docType', 'org.iso.18013.5.1.mDL'),
  }),
  bent('the test issuer’s document type', 'doctype_mismatch', {
    profile: { docType: 'org.accord.test.age.1', nameSpace: av, element: 'age_over_18' },
  }),
  altered('a byte behind the end', 'cbor_trailing', (b) => join(b, Uint8Array.of(0))),
  altered('an indefinite length', 'cbor_indefinite', (b) =>
    join(Uint8Array.of(0xbf), b.subarray(1), Uint8Array.of(0xff)),
  ),
  altered('status twice', 'cbor_duplicate_key', (b) =>
    join(Uint8Array.of(0xa4), b.subarray(1), encodeCbor('status'), Uint8Array.of(0)),
  ),
  altered('more than 64 kB', 'too_large', (b) => join(b, new Uint8Array(65_536))),
  altered('lists in lists', 'cbor_depth', () => join(new Uint8Array(64).fill(0x81), Uint8Array.of(0))),
  altered('text that is not UTF-8', 'cbor_utf8', (b) => {
    b[find(b, 'version')] = 0xff;
    return b;
  }),
];

const issuer: readonly Forgery[] = [
  {
    name: 'the issuer’s signature by another key',
    code: 'issuer_signature',
    make: async (cast) => ({ response: await present(cast, { signer: await signingPair() }) }),
  },
  bent('a security object changed after it was signed', 'issuer_signature', {
    issuerAuth: (parts) => {
      const payload = (parts[2] as Bytes).slice();
      payload[find(payload, '2027')] = 0x33;
      parts[2] = payload;
    },
  }),
  bent('the algorithm of another curve', 'cose_algorithm', { issuerHeader: (h) => h.set(1, -35) }),
  bent('EdDSA', 'cose_algorithm', { issuerHeader: (h) => h.set(1, -8) }),
  bent('HMAC as the issuer’s algorithm', 'cose_algorithm', { issuerHeader: (h) => h.set(1, 5) }),
  bent('a critical header', 'cose_header', { issuerHeader: (h) => h.set(2, [99]).set(99, true) }),
  bent('the algorithm outside the signature', 'cose_header', {
    issuerHeader: (h, unprotected) => {
      h.delete(1);
      unprotected.set(1, -7);
    },
  }),
  bent('no security object', 'issuer_payload', { issuerAuth: (parts) => parts.splice(2, 1, null) }),
  bent('a security object without its tag', 'issuer_payload', { payload: (mso) => mso }),
  bent('no certificate', 'chain_missing', { issuerHeader: (_, unprotected) => unprotected.delete(33) }),
  bent('no algorithm', 'cose_header', { issuerHeader: (h) => h.delete(1) }),
  bent('a header of no bytes', 'cose_header', {
    issuerAuth: (parts) => parts.splice(0, 1, new Uint8Array()),
  }),
  bent('the certificate within the signature', 'cose_header', {
    issuerHeader: (h, unprotected) => h.set(33, unprotected.get(33) as Writable),
  }),
  bent('the algorithm twice', 'cbor_duplicate_key', {
    issuerAuth: (parts) => parts.splice(0, 1, Uint8Array.of(0xa2, 1, 0x26, 1, 0x26)),
  }),
  bent('RSA', 'cose_algorithm', { issuerHeader: (h) => h.set(1, -257) }),
  bent('secp256k1', 'cose_algorithm', { issuerHeader: (h) => h.set(1, -47) }),
  bent('a fifth part of the signature', 'cose_shape', { issuerAuth: (parts) => parts.push(null) }),
  bent('an empty signature', 'issuer_signature', {
    issuerAuth: (parts) => parts.splice(3, 1, new Uint8Array()),
  }),
  bent('a signature of zeros', 'issuer_signature', {
    issuerAuth: (parts) => parts.splice(3, 1, new Uint8Array(64)),
  }),
  bent('a signature with a byte more', 'issuer_signature', {
    issuerAuth: (parts) => parts.splice(3, 1, join(parts[3] as Bytes, Uint8Array.of(0))),
  }),
  bent('an indefinite length in what is signed', 'cbor_indefinite', {
    payload: (mso) => embedded(join(Uint8Array.of(0xbf), mso.subarray(1), Uint8Array.of(0xff))),
  }),
  bent('a member twice in what is signed', 'cbor_duplicate_key', {
    payload: (mso) =>
      embedded(join(Uint8Array.of(0xa7), mso.subarray(1), encodeCbor('docType'), encodeCbor(av))),
  }),
  bent('bytes behind what is signed', 'cbor_trailing', {
    payload: (mso) => embedded(join(mso, Uint8Array.of(0))),
  }),
];

const object: readonly Forgery[] = [
  bent('expired', 'mso_expired', { validity: (v) => v.set('validUntil', tdate(now - 1000)) }),
  bent('not valid yet', 'mso_not_yet_valid', {
    validity: (v) => v.set('validFrom', tdate(now + 61_000)),
  }),
  bent('signed before its certificate was valid', 'mso_signed_outside_certificate', {
    validity: (v) => v.set('signed', tdate(now - 31 * day)),
  }),
  bent('valid before it was signed', 'mso_dates', {
    validity: (v) => v.set('validFrom', tdate(now - 3 * day)),
  }),
  bent('a date that is a bare text', 'mso_dates', {
    validity: (v) => v.set('validUntil', '2027-01-01T00:00:00Z'),
  }),
  bent('an end before the start', 'mso_dates', {
    validity: (v) => v.set('validFrom', tdate(now + 61 * day)),
  }),
  bent('a date of no calendar', 'mso_dates', {
    validity: (v) => v.set('validUntil', raw(0xc0, ...encodeCbor('2027-02-29T00:00:00Z'))),
  }),
  bent('version 2.0 of the security object', 'mso_shape', { mso: (m) => m.set('version', '2.0') }),
  bent('no digests for the name space', 'item_digest', { mso: (m) => m.set('valueDigests', new Map()) }),
  bent('a digest cut short', 'item_digest', {
    mso: (m) => m.set('valueDigests', new Map([[av, new Map([[0, new Uint8Array(16)]])]])),
  }),
  bent('SHA-1', 'mso_algorithm', { mso: (m) => m.set('digestAlgorithm', 'SHA-1') }),
  bent('false turned to true', 'item_digest', {
    claims: [minor],
    items: ([item]) => {
      const { bytes } = item as { bytes: Uint8Array };
      bytes[bytes.length - 1] = 0xf5;
      return [item as Writable];
    },
  }),
  bent('an element that was not signed', 'item_digest', {
    claims: [['age_over_16', true]],
    items: (items) => [
      ...items,
      embedded(
        encodeCbor(
          new Map<string, Writable>([
            ['digestID', 1],
            ['random', new Uint8Array(32)],
            ['elementIdentifier', 'age_over_18'],
            ['elementValue', true],
          ]),
        ),
      ),
    ],
  }),
  bent('false, then true', 'item_duplicate', { claims: [minor, adult] }),
  bent('the same element twice', 'item_duplicate', { items: ([item]) => [item, item] as Writable[] }),
  bent('too little salt', 'item_random', { item: (i) => i.set('random', new Uint8Array(15)) }),
  bent('an element with a fifth member', 'item_shape', { item: (i) => i.set('elementValue2', true) }),
  bent('a claim in another name space', 'claim_missing', { profile: otherSpace }),
  bent('another age', 'claim_missing', { claims: [['age_over_21', true]] }),
  bent('nothing disclosed', 'claim_missing', { items: () => [] }),
  bent('false', 'claim_false', { claims: [minor] }),
  bent('1', 'claim_type', { claims: [['age_over_18', 1]] }),
  bent('"true"', 'claim_type', { claims: [['age_over_18', 'true']] }),
  bent('1.0', 'claim_type', { claims: [['age_over_18', raw(0xf9, 0x3c, 0)]] }),
  bent('null', 'claim_type', { claims: [['age_over_18', null]] }),
  bent('undefined', 'claim_type', { claims: [['age_over_18', raw(0xf7)]] }),
  bent('true within a tag', 'claim_type', { claims: [['age_over_18', raw(0xd8, 0x2a, 0xf5)]] }),
  bent('a list of true', 'claim_type', { claims: [['age_over_18', [true]]] }),
  bent('an element without its tag', 'item_shape', {
    items: ([item]) => [new CborRaw((item as CborRaw).bytes.subarray(2))],
  }),
  bent('an element that is a map', 'item_shape', { items: () => [new Map([['age_over_18', true]])] }),
  bent('an indefinite length in an element', 'cbor_indefinite', { claims: [adult, ['x', raw(0x9f, 0xff)]] }),
];

const stale = { ...session, nonce: 'an-older-session' };
const selfAsserted = new Map<string, Writable>([[av, new Map([['age_over_18', true]])]]);
const dcApi = { origin: 'https://accord.example', nonce: session.nonce };
const isoMdoc = { origin: dcApi.origin, encryptionInfo: 'gmVkY2FwaQ' };

/** A good presentation of one session, shown in another. */
const elsewhere = (name: string, made: () => Promise<Bytes>, asked: () => Promise<Bytes>): Forgery => ({
  name,
  code: 'device_signature',
  make: async (cast) => ({
    response: await present(cast, { transcript: await made() }),
    terms: { sessionTranscript: await asked() },
  }),
});

/** An attestation for a device key in some other form. */
const deviceKey = (name: string, entries: readonly (readonly [number, Writable])[]): Forgery =>
  bent(name, 'device_key', {
    mso: (m) => m.set('deviceKeyInfo', new Map([['deviceKey', new Map(entries)]])),
  });

const mac: readonly Writable[] = [encodeCbor(new Map([[1, 5]])), new Map(), null, new Uint8Array(32)];

const device: readonly Forgery[] = [
  bent('a MAC instead of a signature', 'device_mac', {
    deviceAuth: (auth) => {
      auth.delete('deviceSignature');
      auth.set('deviceMac', mac);
    },
  }),
  bent('a MAC beside the signature', 'device_mac', { deviceAuth: (auth) => auth.set('deviceMac', mac) }),
  {
    name: 'replay of another session, its payload attached',
    code: 'device_payload',
    make: async (cast) => {
      const transcript = await redirectTranscript(stale);
      const response = await present(cast, {
        transcript,
        deviceAuth: (_, parts) => {
          parts[2] = encodeCbor(['DeviceAuthentication', 'of the session that was recorded']);
        },
      });
      return { response };
    },
  },
  {
    name: 'another nonce',
    code: 'device_signature',
    make: async (cast) => ({
      response: await present(cast, { transcript: await redirectTranscript(stale) }),
    }),
  },
  {
    name: 'a client id without its prefix',
    code: 'device_signature',
    make: async (cast) => {
      const transcript = await redirectTranscript({ ...session, clientId: session.responseUri });
      return { response: await present(cast, { transcript }) };
    },
  },
  {
    name: 'somebody else’s attestation',
    code: 'device_signature',
    make: async (cast) => {
      const other = await presentDocument(cast, { wallet: await signingPair() });
      const response = await present(cast, {
        document: (d) => d.set('deviceSigned', other.get('deviceSigned') as Writable),
      });
      return { response };
    },
  },
  bent('a critical header of the wallet’s', 'cose_header', {
    deviceHeader: (h) => h.set(2, [99]).set(99, 1),
  }),
  bent('self-asserted', 'device_claims_present', { deviceClaims: selfAsserted }),
  bent('self-asserted over the issuer’s false', 'device_claims_present', {
    claims: [minor],
    deviceClaims: selfAsserted,
  }),
  bent('an empty name space of the wallet’s', 'device_claims_present', {
    deviceClaims: new Map([[av, new Map()]]),
  }),
  bent('nothing signed by the device', 'response_shape', { document: (d) => d.delete('deviceSigned') }),
  deviceKey('a device key off the curve', [
    [1, 2],
    [-1, 1],
    [-2, new Uint8Array(32).fill(1)],
    [-3, new Uint8Array(32).fill(2)],
  ]),
  deviceKey('a device key for Ed25519', [
    [1, 1],
    [-1, 6],
    [-2, new Uint8Array(32).fill(1)],
  ]),
  deviceKey('half a device key', [
    [1, 2],
    [-1, 1],
    [-2, new Uint8Array(32).fill(1)],
    [-3, true],
  ]),
  deviceKey('no device key', []),
  bent('the wallet’s algorithm of another curve', 'cose_algorithm', { deviceHeader: (h) => h.set(1, -35) }),
  bent('a critical list outside the wallet’s signature', 'cose_header', {
    deviceHeader: (_, unprotected) => unprotected.set(2, [1]),
  }),
  bent('a device signature of zeros', 'device_signature', {
    deviceAuth: (_, parts) => parts.splice(3, 1, new Uint8Array(64)),
  }),
  bent('device name spaces without their tag', 'device_shape', {
    document: (d) => (d.get('deviceSigned') as Map<string, Writable>).set('nameSpaces', new Map()),
  }),
  elsewhere(
    'another response address',
    () => redirectTranscript({ ...session, responseUri: 'https://elsewhere.example/answer' }),
    () => redirectTranscript(session),
  ),
  elsewhere(
    'another site’s origin',
    () => dcApiTranscript({ ...dcApi, origin: 'https://elsewhere.example' }),
    () => dcApiTranscript(dcApi),
  ),
  elsewhere(
    'another request’s key',
    () => isoMdocTranscript({ ...isoMdoc, encryptionInfo: 'gmVkY2FwaR' }),
    () => isoMdocTranscript(isoMdoc),
  ),
  elsewhere(
    'another protocol than asked by',
    () => dcApiTranscript(dcApi),
    () => redirectTranscript(session),
  ),
];

/** Each way known to us by which a verifier was talked into a yes, made with keys of our own. */
export const forgeries: readonly Forgery[] = [
  ...envelope,
  ...issuer,
  ...certificateForgeries,
  ...object,
  ...device,
];
