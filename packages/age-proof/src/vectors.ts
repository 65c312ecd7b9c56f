import { type Bytes, digest, fromBase64Lax, join } from './bytes.ts';
import { CborRaw, decodeCbor, encodeCbor, type Writable } from './cbor.ts';
import { readAnchor, trustedSigner } from './chain.ts';
import { examine, maxResponseBytes, type Terms } from './examine.ts';
import { type Curve, curves, webPrimitives } from './keys.ts';
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

/** Without members that say null, which say nothing, as where a file gives every entry the same members. */
const said = (value: object): Json =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null));

function object(from: Json, name: string): Json | undefined {
  const value = from[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) throw new VectorError(`${name} is not an object`);
  return said(value);
}

function bytes(name: string, value: unknown): Bytes {
  if (typeof value === 'string') {
    try {
      // In lines between marks, as certificates are handed round, it is the same base64.
      return fromBase64Lax(value.replaceAll(/-----[A-Z ]+-----/g, ''));
    } catch {
      // Said below.
    }
  }
  throw new VectorError(`${name} is not base64`);
}

/**
 * Bytes of a known size, in base64 as everything else or in hexadecimal: so many digits can only be that. Zeros that
 * a number leaves out in front are put back.
 */
function sized(name: string, value: unknown, size: number): Bytes {
  const digits = typeof value === 'string' && /^[\da-f]+$/i.test(value) && value.length === 2 * size;
  const given = digits
    ? Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    : bytes(name, value);
  return join(new Uint8Array(Math.max(0, size - given.length)), given);
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

/** CBOR of no session: nobody's wallet signs for it. */
const noSession = Uint8Array.of(0xf6);

/** The session's transcript, {@link noSession} where none is told; `null` for what was issued and not presented. */
async function transcriptOf(vector: Json): Promise<Bytes | null> {
  if (vector.kind === 'issuerOnly') return null;
  if (vector.sessionTranscript !== undefined) return bytes('sessionTranscript', vector.sessionTranscript);
  const thumbprint = (session: Json) =>
    session.jwkThumbprint ? { jwkThumbprint: sized('jwkThumbprint', session.jwkThumbprint, 32) } : {};
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
  if (redirect === undefined) return noSession;
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
    const curve = jwk.kty === 'EC' && Object.hasOwn(curves, String(jwk.crv)) ? (jwk.crv as Curve) : undefined;
    if (curve === undefined) return refuse('cose_algorithm');
    const [x, y] = [sized('x', jwk.x, curves[curve]), sized('y', jwk.y, curves[curve])];
    return namedSigner(curve, join(Uint8Array.of(4), x, y), webPrimitives);
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

/** The moment of an examination: a day, or a date and time with its offset. */
function clockOf(text: string): number {
  const at = /^\d{4}-\d\d-\d\d(T.+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new VectorError('now is not a date');
  return at;
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
  const vector = said(entry);
  const now = clockOf(text(vector, 'now'));
  const docType = text(vector, 'docType');
  const given = bytes('bytes', vector.bytes);
  const transcript = await transcriptOf(vector);
  const found = await verdict(async () => {
    const signer = await signerOf(vector, now);
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
  const code = found.ok ? 'valid' : found.code;
  // What is refused in any session is refused without one; whether the wallet signed for it can't be told.
  if (transcript === noSession && (found.ok || code === 'device_signature')) {
    throw new VectorError('neither sessionTranscript, oid4vp nor dcapi');
  }
  return code;
}
