import { type Bytes, digest, fromBase64Lax, join } from './bytes.ts';
import { CborRaw, decodeCbor, encodeCbor, type Writable } from './cbor.ts';
import { readAnchor, trustedSigner } from './chain.ts';
import { examine, maxResponseBytes, type Terms } from './examine.ts';
import { instant } from './fields.ts';
import { webPrimitives } from './keys.ts';
import { namedSigner } from './named-key.ts';
import { type RefusalCode, refuse, verdict } from './refusals.ts';
import { dcApiTranscript, isoMdocTranscript, redirectTranscript } from './transcript.ts';
import { euProofOfAge, requireClaim } from './verify.ts';

/*
 * Presentations with their circumstances, as public vectors have them. Two liberties that the server has not:
 * the issuer's key may be named instead of an anchor, and a document may be examined outside a session.
 */

/** A vector that does not say what it must. */
export class VectorError extends Error {
  override readonly name = 'VectorError';
}

type Json = Readonly<Record<string, unknown>>;

function text(from: Json, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new VectorError(`${name} is missing or not a text`);
  return value;
}

function object(from: Json, name: string): Json | undefined {
  const value = from[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) throw new VectorError(`${name} is not an object`);
  return value as Json;
}

function bytes(name: string, value: unknown): Bytes {
  if (typeof value === 'string') {
    try {
      return fromBase64Lax(value);
    } catch {
      // Said below.
    }
  }
  throw new VectorError(`${name} is not base64`);
}

/** SHA-256, in base64 as everything else or in hexadecimal: 64 digits can only be that. */
function thumbprintOf(value: unknown): Bytes {
  if (typeof value !== 'string' || !/^[\da-f]{64}$/i.test(value)) return bytes('jwkThumbprint', value);
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function list(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** Handover of ISO/IEC TS 18013-7 annex B, which wallets spoke before OpenID4VP 1.0. */
async function annexBTranscript(session: Json, mdocNonce: string): Promise<Bytes> {
  const hash = (value: string) => digest('SHA-256', encodeCbor([value, mdocNonce]));
  const handover = [
    await hash(text(session, 'clientId')),
    await hash(text(session, 'responseUri')),
    text(session, 'nonce'),
  ];
  return encodeCbor([null, null, handover]);
}

async function transcriptOf(vector: Json): Promise<Bytes | null> {
  if (vector.kind === 'issuerOnly') return null;
  if (vector.sessionTranscript !== undefined) return bytes('sessionTranscript', vector.sessionTranscript);
  const thumbprint = (session: Json) =>
    session.jwkThumbprint ? { jwkThumbprint: thumbprintOf(session.jwkThumbprint) } : {};
  const redirect = object(vector, 'oid4vp');
  if (redirect?.mdocGeneratedNonce !== undefined) {
    return annexBTranscript(redirect, text(redirect, 'mdocGeneratedNonce'));
  }
  const dcApi = object(vector, 'dcapi') ?? (redirect?.origin === undefined ? undefined : redirect);
  if (dcApi?.encryptionInfo !== undefined) {
    const [origin, encryptionInfo] = [text(dcApi, 'origin'), text(dcApi, 'encryptionInfo')];
    return isoMdocTranscript({ origin, encryptionInfo });
  }
  if (dcApi !== undefined) {
    const [origin, nonce] = [text(dcApi, 'origin'), text(dcApi, 'nonce')];
    return dcApiTranscript({ origin, nonce, ...thumbprint(dcApi) });
  }
  if (redirect === undefined) throw new VectorError('neither sessionTranscript, oid4vp nor dcapi');
  return redirectTranscript({
    clientId: text(redirect, 'clientId'),
    nonce: text(redirect, 'nonce'),
    responseUri: text(redirect, 'responseUri'),
    ...thumbprint(redirect),
  });
}

/** What issuers hand out, a document or a bare IssuerSigned, put into the response that it would be shown in. */
function responseOf(vector: Json, given: Bytes, docType: string): Bytes {
  if (vector.kind !== 'issuerOnly') return given;
  const outer = given.length > maxResponseBytes ? undefined : decodeCbor(given);
  if (!(outer instanceof Map) || !(outer.has('issuerAuth') || outer.has('issuerSigned'))) return given;
  const signed = new Map<string, Writable>([
    ['docType', docType],
    ['issuerSigned', new CborRaw(given)],
  ]);
  const document = outer.has('issuerAuth') ? signed : new CborRaw(given);
  return encodeCbor(
    new Map<string, Writable>([
      ['version', '1.0'],
      ['documents', [document]],
      ['status', 0],
    ]),
  );
}

async function signerOf(vector: Json, now: number): Promise<Terms['signer']> {
  const [named, ...more] = [...list(vector.issuerJwk), ...list(vector.issuerJwks)];
  if (more.length > 0) throw new VectorError('more than one issuer key');
  const jwk = object({ issuerJwk: named }, 'issuerJwk');
  if (jwk !== undefined) {
    const point = join(Uint8Array.of(4), bytes('x', jwk.x), bytes('y', jwk.y));
    return namedSigner({ type: jwk.kty, curve: jwk.crv, point }, webPrimitives);
  }
  const ders = list(vector.anchorsDer).map((der) => bytes('anchorsDer', der));
  if (ders.length === 0) throw new VectorError('neither issuerJwk nor anchorsDer');
  const read = await Promise.all(ders.map((der) => verdict(async () => ({ anchor: await readAnchor(der) }))));
  // One that is no authority is left out, as an import of a trusted list does.
  const anchors = read.flatMap((one) => (one.ok ? [one.anchor] : []));
  const unusable = read.find((one) => !one.ok);
  if (anchors.length === 0 && unusable?.ok === false) refuse(unusable.code);
  return (header) => trustedSigner(header, anchors, now, webPrimitives);
}

/**
 * Examines one entry of a vector file: `{ id, bytes, docType, now, kind?, issuerJwk | anchorsDer,
 * sessionTranscript | oid4vp | dcapi }`. Binary members are base64 or base64url. A statement of age is asked of
 * documents of the EU profile alone.
 * @returns `valid` or a refusal's code
 * @throws {VectorError} when the entry does not say what it must
 */
export async function examineVector(entry: unknown): Promise<'valid' | RefusalCode> {
  if (typeof entry !== 'object' || entry === null) throw new VectorError('not an object');
  // A member that says null says nothing, as where a file gives every entry the same members.
  const vector: Json = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
  const now = instant(text(vector, 'now'));
  if (Number.isNaN(now)) throw new VectorError('now is not a date in UTC');
  const docType = text(vector, 'docType');
  const given = bytes('bytes', vector.bytes);
  const found = await verdict(async () => {
    const [transcript, signer] = [await transcriptOf(vector), await signerOf(vector, now)];
    const attested = await examine(responseOf(vector, given, docType), {
      docType,
      now,
      transcript,
      signer,
      primitives: webPrimitives,
    });
    if (docType === euProofOfAge.docType) requireClaim(attested, euProofOfAge);
    return {};
  });
  return found.ok ? 'valid' : found.code;
}
