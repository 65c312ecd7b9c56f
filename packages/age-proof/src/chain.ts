import { type Bytes, sameBytes } from './bytes.ts';
import type { Cbor, CborMap } from './cbor.ts';
import {
  type Certificate,
  ecdsaHash,
  keyOfCertificate,
  rawSignature,
  readCertificate,
} from './certificate.ts';
import { x5chainLabel } from './cose.ts';
import { holds, type Primitives, type VerifyKey, webPrimitives } from './keys.ts';
import { refuse } from './refusals.ts';

/** Uses of a key that a signer of attestations may carry: the EU's and ISO/IEC 18013-5's. */
export const attestationUses: readonly string[] = ['1.3.130.2.0.0.1.2', '1.0.18013.5.1.2'];

/** A listed authority whose signers are believed, read once. */
export interface Anchor {
  readonly certificate: Certificate;
  readonly key: VerifyKey;
  /** Extended key usages that its signers may carry. */
  readonly uses: readonly string[];
}

const digitalSignature = 0;
const keyCertSign = 5;

/**
 * Reads an anchor's certificate in DER.
 * @throws {Refusal} `certificate_…` for one that is no authority or has a critical extension we do not understand
 */
export async function readAnchor(
  der: Uint8Array,
  uses: readonly string[] = attestationUses,
  primitives: Primitives = webPrimitives,
): Promise<Anchor> {
  const certificate = readCertificate(der.slice());
  if (certificate.unknownCritical) refuse('certificate_extension');
  if (!certificate.isCa || certificate.keyUsage?.has(keyCertSign) === false) refuse('certificate_usage');
  return { certificate, key: await keyOfCertificate(certificate, primitives), uses };
}

/** Whether an authority's name and key identifier are those that a certificate names as its issuer. */
function names(certificate: Certificate, anchor: Anchor): boolean {
  const { subject, subjectKeyId } = anchor.certificate;
  if (!sameBytes(certificate.issuer, subject)) return false;
  const wanted = certificate.authorityKeyId;
  return wanted === undefined || subjectKeyId === undefined || sameBytes(wanted, subjectKeyId);
}

function checkLeaf(leaf: Certificate, anchors: readonly Anchor[], now: number): void {
  if (leaf.unknownCritical) refuse('certificate_extension');
  if (leaf.isCa || leaf.keyUsage?.has(keyCertSign) === true) refuse('certificate_is_ca');
  const isAnchor = anchors.some(({ certificate }) => sameBytes(certificate.spki, leaf.spki));
  if (isAnchor || sameBytes(leaf.issuer, leaf.subject)) refuse('certificate_self_issued');
  if (leaf.keyUsage?.has(digitalSignature) !== true) refuse('certificate_usage');
  if (now < leaf.notBefore) refuse('certificate_not_yet_valid');
  if (now > leaf.notAfter) refuse('certificate_expired');
}

/** The certificates beside a signature in DER, the signer's first. @throws {Refusal} `chain_missing` */
export function chainOf(header: CborMap): readonly [Bytes, ...Bytes[]] {
  const x5chain = header.get(x5chainLabel);
  const list = Array.isArray(x5chain) ? (x5chain as readonly Cbor[]) : [x5chain as Cbor];
  const [leaf, ...more] = list.map((one) => (one instanceof Uint8Array ? one : refuse('chain_missing')));
  return leaf === undefined ? refuse('chain_missing') : [leaf, ...more];
}

/** The signer's certificate, which stands alone. @throws {Refusal} `chain_…` */
function leafOf(header: CborMap): Bytes {
  const [leaf, ...more] = chainOf(header);
  return more.length === 0 ? leaf : refuse('chain_length');
}

async function signedBy(leaf: Certificate, { key }: Anchor): Promise<boolean> {
  return holds(key, ecdsaHash(leaf.algorithm), rawSignature(leaf.signature, key.curve), leaf.signed);
}

/**
 * Finds the signer's key: a certificate for signing attestations, valid now, issued directly by a listed anchor
 * that is valid now. No intermediate is believed, so no path length can be exceeded.
 * @throws {Refusal} `chain_…`, `certificate_…`, `anchor_…`
 */
export async function trustedSigner(
  header: CborMap,
  anchors: readonly Anchor[],
  now: number,
  primitives: Primitives,
): Promise<{ readonly certificate: Certificate; readonly key: VerifyKey }> {
  const leaf = readCertificate(leafOf(header));
  checkLeaf(leaf, anchors, now);
  const named = anchors.filter((anchor) => names(leaf, anchor));
  if (named.length === 0) refuse('anchor_unknown');
  for (const anchor of named) {
    if (!(await signedBy(leaf, anchor))) continue;
    if (now < anchor.certificate.notBefore) refuse('anchor_not_yet_valid');
    if (now > anchor.certificate.notAfter) refuse('anchor_expired');
    const { extendedKeyUsage: uses } = leaf;
    if (uses.length === 0 || !uses.every((use) => anchor.uses.includes(use))) refuse('certificate_usage');
    return { certificate: leaf, key: await keyOfCertificate(leaf, primitives) };
  }
  return refuse('certificate_signature');
}
