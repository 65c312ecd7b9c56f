/**
 * Why a proof, a request's answer or a trusted list is refused. Closed and stable: counters, tests and the audit
 * trail speak these words, people outside see one constant sentence whatever the code.
 */
export const refusals = {
  too_large: 'more than 64 kB',
  cbor_malformed: 'not CBOR as RFC 8949 has it, or a part of it that mdoc does not use',
  cbor_truncated: 'CBOR that ends early',
  cbor_trailing: 'bytes after the end',
  cbor_depth: 'nested deeper than 16',
  cbor_indefinite: 'an indefinite length',
  cbor_duplicate_key: 'a map key twice',
  cbor_utf8: 'text that is not UTF-8',
  encoding: 'not base64url',

  response_shape: 'not a DeviceResponse: a member is missing, unknown or of another type',
  response_version: 'a version of DeviceResponse other than 1.0 and 1.1',
  response_status: 'a status other than 0',
  response_errors: 'the wallet reports errors',
  document_count: 'not exactly one document',
  doctype_mismatch: 'another document type than asked for, or two that differ',

  cose_shape: 'not a COSE_Sign1 of four parts',
  cose_header: 'a protected header other than the algorithm, or an algorithm outside it',
  cose_algorithm: 'an algorithm other than ES256, ES384, ES512, or not that of the key’s curve',
  issuer_payload: 'the issuer’s signature does not carry a security object',
  issuer_signature: 'the issuer’s signature does not hold',

  chain_missing: 'no certificate of the issuer',
  chain_length: 'more than the issuer’s own certificate',
  certificate_malformed: 'not an X.509 v3 certificate in DER',
  certificate_key: 'a certificate’s key is not a point of P-256, P-384 or P-521',
  certificate_algorithm: 'a certificate signed by other means than ECDSA with SHA-2',
  certificate_extension: 'a critical extension that is not understood',
  certificate_is_ca: 'the signer’s certificate may issue certificates',
  certificate_usage: 'a certificate that is not for signing attestations',
  certificate_self_issued: 'the signer vouches for itself, or is the anchor',
  certificate_not_yet_valid: 'the signer’s certificate is not valid yet',
  certificate_expired: 'the signer’s certificate has expired',
  anchor_unknown: 'no listed anchor issued the signer’s certificate',
  anchor_not_yet_valid: 'the anchor is not valid yet',
  anchor_expired: 'the anchor has expired',
  certificate_signature: 'the anchor did not sign the signer’s certificate',

  mso_shape: 'not a MobileSecurityObject',
  mso_algorithm: 'a digest algorithm other than SHA-256, SHA-384, SHA-512',
  mso_dates: 'dates of the security object that are not dates or out of order',
  mso_signed_outside_certificate: 'signed before or after its certificate was valid',
  mso_not_yet_valid: 'the attestation is not valid yet',
  mso_expired: 'the attestation has expired',
  item_shape: 'not an IssuerSignedItem',
  item_random: 'fewer than 16 random bytes in an element',
  item_duplicate: 'an element or a digest twice',
  item_digest: 'an element whose digest the issuer did not sign',

  device_shape: 'not a DeviceSigned',
  device_mac: 'a MAC where a signature is asked for',
  device_payload: 'the device’s signature brings a payload of its own',
  device_key: 'the device’s key is not a point of P-256, P-384 or P-521',
  device_signature: 'the device did not sign for this session',
  device_claims_present: 'the device adds claims of its own',

  claim_missing: 'no statement of age',
  claim_type: 'a statement of age that is neither true nor false',
  claim_false: 'the statement says: not of age',

  answer_shape: 'not an answer of the protocol that was asked',
  answer_sealed_otherwise: 'sealed to another key, origin or request',

  list_malformed: 'not a well-formed XML document, or more of XML than a trusted list needs',
  list_signature_shape: 'not a XAdES signature over the whole list',
  list_algorithm: 'the list is signed by other means than RSA or ECDSA with SHA-2',
  list_digest: 'the list was changed after it was signed',
  list_signature: 'the list’s signature does not hold',
  list_signer: 'the list is signed by somebody else than named',
  list_signer_dates: 'the signer’s certificate was not valid when the list was signed',
  list_type: 'not a list of providers of proofs of age',
  list_expired: 'the list should have been renewed by now',
  list_rollback: 'an older list than the one pinned',
  list_empty: 'the list names no provider in service',
  pin_malformed: 'not a file of pinned anchors',
} as const;

/** One reason. Table with a sentence each: {@link refusals}. */
export type RefusalCode = keyof typeof refusals;

/** Carries a code from where it is found to the edge; never leaves the package. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode) {
    super(code);
    this.code = code;
  }
}

/** Ends the examination. @throws {Refusal} always */
export function refuse(code: RefusalCode): never {
  throw new Refusal(code);
}

/** What an examination found, or why there is nothing to find. */
export type Verdict<Found> =
  | ({ readonly ok: true } & Found)
  | { readonly ok: false; readonly code: RefusalCode };

/** The edge: a refusal becomes a verdict; anything else is our own fault and is not hidden. */
export async function verdict<Found extends object>(examine: () => Promise<Found>): Promise<Verdict<Found>> {
  try {
    return { ok: true, ...(await examine()) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, code: error.code };
    throw error;
  }
}
