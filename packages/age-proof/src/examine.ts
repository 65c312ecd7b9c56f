import type { Bytes } from './bytes.ts';
import { type Cbor, type CborMap, decodeCbor } from './cbor.ts';
import type { Certificate } from './certificate.ts';
import { checkSign1, readSign1 } from './cose.ts';
import { checkDeviceSigned, readDeviceSigned } from './device.ts';
import { embeddedOf, exactly, listOf, mapOf, textOf } from './fields.ts';
import type { Primitives, VerifyKey } from './keys.ts';
import { refuse } from './refusals.ts';
import { checkValidNow, type Elements, readElements, readSecurityObject } from './security-object.ts';

/** Longest response that is looked at, in bytes. */
export const maxResponseBytes = 65_536;

/** What an examination needs besides the response. */
export interface Terms {
  readonly docType: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Finds the key that the issuer must have signed with, by the header beside the signature. @throws {Refusal} */
  signer(header: CborMap): Promise<{ readonly key: VerifyKey; readonly certificate?: Certificate }>;
  /** CBOR of our SessionTranscript; `null` only where issued documents are examined outside a session. */
  readonly transcript: Uint8Array | null;
  readonly primitives: Primitives;
}

/** A document whose signatures, digests and dates hold. */
export interface Attested {
  readonly elements: Elements;
  /** SHA-256 of the security object: the same for every presentation of one attestation. */
  readonly msoDigest: Uint8Array;
  /** End of the attestation's life, milliseconds since 1970. */
  readonly validUntil: number;
}

function readResponse(bytes: Bytes): CborMap {
  const response = mapOf(decodeCbor(bytes), 'response_shape');
  exactly(response, ['version', 'status'], ['documents', 'documentErrors'], 'response_shape');
  // An empty list reports nothing, and wallets in the field write it.
  const errors = response.get('documentErrors') ?? [];
  if (listOf(errors, 'response_errors').length > 0) refuse('response_errors');
  const version = textOf(response.get('version'), 'response_version');
  if (version !== '1.0' && version !== '1.1') refuse('response_version');
  if (response.get('status') !== 0) refuse('response_status');
  const documents = response.has('documents') ? listOf(response.get('documents'), 'response_shape') : [];
  if (documents.length !== 1) refuse('document_count');
  return mapOf(documents[0], 'response_shape');
}

async function checkIssuer(issuerAuth: Cbor, terms: Terms) {
  const sign1 = readSign1(issuerAuth);
  const { payload } = sign1;
  if (payload === null) return refuse('issuer_payload');
  const { key, certificate } = await terms.signer(sign1.unprotected);
  await checkSign1(sign1, key, payload, 'issuer_signature');
  const { inner } = embeddedOf(decodeCbor(payload), 'issuer_payload');
  const mso = readSecurityObject(inner);
  checkValidNow(mso, terms.now);
  if (certificate !== undefined) {
    const { notBefore, notAfter } = certificate;
    if (mso.signed < notBefore || mso.signed > notAfter) refuse('mso_signed_outside_certificate');
  }
  return { mso, msoDigest: await terms.primitives.digest('SHA-256', inner) };
}

/**
 * Examines a DeviceResponse (ISO/IEC 18013-5 §8.3.2.1.2.2) with exactly one document of one type.
 * @throws {Refusal} with the first thing that is wrong
 */
export async function examine(response: Uint8Array, terms: Terms): Promise<Attested> {
  if (response.length > maxResponseBytes) refuse('too_large');
  // A copy: nobody changes the bytes between two steps that wait.
  const document = readResponse(response.slice());
  if (document.has('errors')) refuse('response_errors');
  const { transcript } = terms;
  const needed = ['docType', 'issuerSigned', ...(transcript === null ? [] : ['deviceSigned'])];
  exactly(document, needed, transcript === null ? ['deviceSigned'] : [], 'response_shape');
  const docType = textOf(document.get('docType'), 'response_shape');
  if (docType !== terms.docType) refuse('doctype_mismatch');
  const issuerSigned = exactly(
    document.get('issuerSigned'),
    ['issuerAuth'],
    ['nameSpaces'],
    'response_shape',
  );
  const device = transcript === null ? undefined : readDeviceSigned(document.get('deviceSigned'));
  const { mso, msoDigest } = await checkIssuer(issuerSigned.get('issuerAuth'), terms);
  if (mso.docType !== docType) refuse('doctype_mismatch');
  const elements = await readElements(issuerSigned.get('nameSpaces'), mso, terms.primitives);
  if (device !== undefined && transcript !== null) {
    await checkDeviceSigned(device, mso.deviceKey, docType, transcript, terms.primitives);
  }
  return { elements, msoDigest, validUntil: mso.validUntil };
}
