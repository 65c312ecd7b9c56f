import { type Bytes, digest, join } from '../bytes.ts';
import { CborRaw, embedded, encodeCbor, type Writable } from '../cbor.ts';
import { type Anchor, readAnchor } from '../chain.ts';
import type { Hash } from '../keys.ts';
import { redirectTranscript } from '../transcript.ts';
import { type AgeProfile, euProofOfAge } from '../verify.ts';
import { type CertificateOptions, certificate, signingPair } from './certificates.ts';

/*
 * An issuer and a wallet of our own, for what independent ones refuse to do: every step can be bent.
 */

type Members = Map<string, Writable>;

export const day = 86_400_000;
export const now = Date.UTC(2026, 10, 20, 12);

/** `#6.0(text)`. */
export const tdate = (at: number): CborRaw =>
  new CborRaw(join(Uint8Array.of(0xc0), encodeCbor(new Date(at).toISOString().replace('.000', ''))));

/** Everybody who takes part, with their keys. */
export interface Cast {
  readonly ca: CryptoKeyPair;
  readonly caCertificate: Bytes;
  readonly anchors: readonly Anchor[];
  readonly signer: CryptoKeyPair;
  readonly signerCertificate: Bytes;
  readonly wallet: CryptoKeyPair;
  readonly transcript: Bytes;
}

export const caName = 'ACCORD TEST CA – NOT VALID';

/** A certificate for signing attestations, bent as asked. */
export const signerCertificate = (
  ca: CryptoKeyPair,
  signer: CryptoKeyPair,
  bend: Partial<CertificateOptions> = {},
): Promise<Bytes> =>
  certificate({
    subject: 'ACCORD TEST SIGNER – NOT VALID',
    key: signer.publicKey,
    issuer: caName,
    issuerKey: ca.privateKey,
    notBefore: now - 30 * day,
    notAfter: now + 300 * day,
    ...bend,
  });

/** An authority's certificate, bent as asked. */
export const caCertificate = (ca: CryptoKeyPair, bend: Partial<CertificateOptions> = {}): Promise<Bytes> =>
  certificate({
    subject: caName,
    key: ca.publicKey,
    issuer: caName,
    issuerKey: ca.privateKey,
    notBefore: now - 300 * day,
    notAfter: now + 3000 * day,
    uses: ['1.3.130.2.0.0.1.7'],
    ca: { pathLength: 0 },
    ...bend,
  });

export const session = {
  clientId: 'redirect_uri:https://accord.example/age/answer',
  nonce: 'n-0S6_WzA2Mj4fT1bK8xYq',
  responseUri: 'https://accord.example/age/answer',
};

/** A cast with fresh keys. */
export async function makeCast(): Promise<Cast> {
  const [ca, signer, wallet] = await Promise.all([signingPair(), signingPair(), signingPair()]);
  const own = await caCertificate(ca);
  return {
    ca,
    caCertificate: own,
    anchors: [await readAnchor(own)],
    signer,
    signerCertificate: await signerCertificate(ca, signer),
    wallet,
    transcript: await redirectTranscript(session),
  };
}

/** How a presentation departs from a good one. Functions change what they are given. */
export interface Bend {
  readonly profile?: AgeProfile;
  readonly claims?: readonly (readonly [string, Writable])[];
  readonly digestAlgorithm?: 'SHA-256' | 'SHA-384' | 'SHA-512';
  readonly x5chain?: Writable;
  readonly signer?: CryptoKeyPair;
  readonly wallet?: CryptoKeyPair;
  readonly transcript?: Uint8Array;
  readonly deviceClaims?: Members;
  readonly item?: (item: Members, index: number) => void;
  /** Encoded items, after their digests were taken. */
  readonly items?: (items: Writable[]) => Writable[];
  readonly mso?: (mso: Members) => void;
  readonly validity?: (validity: Members) => void;
  readonly payload?: (mso: Bytes) => Writable;
  readonly issuerHeader?: (header: Map<number, Writable>, unprotected: Map<number, Writable>) => void;
  readonly issuerAuth?: (parts: Writable[]) => void;
  readonly deviceHeader?: (header: Map<number, Writable>, unprotected: Map<number, Writable>) => void;
  readonly deviceAuth?: (auth: Members, parts: Writable[]) => void;
  readonly document?: (document: Members) => void;
  readonly response?: (response: Members) => void;
}

const hashes: Readonly<Record<string, readonly [number, Hash]>> = {
  'P-256': [-7, 'SHA-256'],
  'P-384': [-35, 'SHA-384'],
  'P-521': [-36, 'SHA-512'],
};

const curveOf = (key: CryptoKey): string => (key.algorithm as EcKeyAlgorithm).namedCurve;

async function sign1(
  pair: CryptoKeyPair,
  payload: Bytes,
  unprotected: Map<number, Writable>,
  bend: Bend['issuerHeader'],
): Promise<Writable[]> {
  const [algorithm, hash] = hashes[curveOf(pair.privateKey)] ?? [-8, 'SHA-256'];
  const header = new Map<number, Writable>([[1, algorithm]]);
  bend?.(header, unprotected);
  const bytes = encodeCbor(header);
  const message = encodeCbor(['Signature1', bytes, new Uint8Array(), payload]);
  const name = pair.privateKey.algorithm.name;
  const signature = await crypto.subtle.sign({ name, hash }, pair.privateKey, message);
  return [bytes, unprotected, payload, new Uint8Array(signature)];
}

const coseCurves: Readonly<Record<string, number>> = { 'P-256': 1, 'P-384': 2, 'P-521': 3 };

async function coseKey(key: CryptoKey): Promise<Writable> {
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', key));
  const half = (point.length + 1) / 2;
  return new Map<number, Writable>([
    [1, 2],
    [-1, coseCurves[curveOf(key)] ?? 0],
    [-2, point.subarray(1, half)],
    [-3, point.subarray(half)],
  ]);
}

async function issuerSigned(cast: Cast, bend: Bend): Promise<Members> {
  const { docType, nameSpace, element } = bend.profile ?? euProofOfAge;
  const algorithm = bend.digestAlgorithm ?? 'SHA-256';
  const claims = bend.claims ?? [[element, true] as const];
  const encoded = claims.map(([name, value], index) => {
    const item: Members = new Map<string, Writable>([
      ['digestID', index],
      ['random', crypto.getRandomValues(new Uint8Array(32))],
      ['elementIdentifier', name],
      ['elementValue', value],
    ]);
    bend.item?.(item, index);
    return embedded(encodeCbor(item));
  });
  const digests = new Map<number, Writable>();
  for (const [index, item] of encoded.entries())
    digests.set(index, await digest(algorithm, join(item.bytes)));
  const validity: Members = new Map<string, Writable>([
    ['signed', tdate(now - 2 * day)],
    ['validFrom', tdate(now - 2 * day)],
    ['validUntil', tdate(now + 60 * day)],
  ]);
  bend.validity?.(validity);
  const mso: Members = new Map<string, Writable>([
    ['version', '1.0'],
    ['digestAlgorithm', algorithm],
    ['valueDigests', new Map([[nameSpace, digests]])],
    ['deviceKeyInfo', new Map([['deviceKey', await coseKey((bend.wallet ?? cast.wallet).publicKey)]])],
    ['docType', docType],
    ['validityInfo', validity],
  ]);
  bend.mso?.(mso);
  const bytes = encodeCbor(mso);
  const payload = encodeCbor(bend.payload?.(bytes) ?? embedded(bytes));
  const chain = new Map<number, Writable>([[33, bend.x5chain ?? cast.signerCertificate]]);
  const parts = await sign1(bend.signer ?? cast.signer, payload, chain, bend.issuerHeader);
  bend.issuerAuth?.(parts);
  return new Map<string, Writable>([
    ['nameSpaces', new Map([[nameSpace, bend.items?.(encoded) ?? encoded]])],
    ['issuerAuth', parts],
  ]);
}

async function deviceSigned(cast: Cast, bend: Bend): Promise<Members> {
  const { docType } = bend.profile ?? euProofOfAge;
  const nameSpaces = embedded(encodeCbor(bend.deviceClaims ?? new Map()));
  const transcript = new CborRaw(bend.transcript ?? cast.transcript);
  const authentication = encodeCbor(['DeviceAuthentication', transcript, docType, nameSpaces]);
  const payload = encodeCbor(embedded(authentication));
  const parts = await sign1(bend.wallet ?? cast.wallet, payload, new Map(), bend.deviceHeader);
  parts[2] = null;
  const auth: Members = new Map<string, Writable>([['deviceSignature', parts]]);
  bend.deviceAuth?.(auth, parts);
  return new Map<string, Writable>([
    ['nameSpaces', nameSpaces],
    ['deviceAuth', auth],
  ]);
}

/** A document as a wallet presents it. */
export async function presentDocument(cast: Cast, bend: Bend = {}): Promise<Members> {
  const document: Members = new Map<string, Writable>([
    ['docType', (bend.profile ?? euProofOfAge).docType],
    ['issuerSigned', await issuerSigned(cast, bend)],
    ['deviceSigned', await deviceSigned(cast, bend)],
  ]);
  bend.document?.(document);
  return document;
}

/** A DeviceResponse as a wallet presents it. */
export async function present(cast: Cast, bend: Bend = {}): Promise<Bytes> {
  const response: Members = new Map<string, Writable>([
    ['version', '1.0'],
    ['documents', [await presentDocument(cast, bend)]],
    ['status', 0],
  ]);
  bend.response?.(response);
  return encodeCbor(response);
}
