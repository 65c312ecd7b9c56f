import { type Bytes, sameBytes } from './bytes.ts';
import {
  type Certificate,
  ecdsaHash,
  keyOfCertificate,
  rawSignature,
  readCertificate,
} from './certificate.ts';
import { leafOf } from './chain.ts';
import { x5chainLabel } from './cose.ts';
import type { Terms } from './examine.ts';
import { type Curve, curves, holds, keyOfPoint, type Primitives } from './keys.ts';
import { refuse } from './refusals.ts';

/** A name for the key that some issuers add; it proves nothing. */
const kidLabel = 4;

/** An issuer's key that is believed because somebody names it: members of a JWK, `point` being `04 ‖ x ‖ y`. */
export interface NamedKey {
  readonly type: unknown;
  readonly curve: unknown;
  readonly point: Bytes;
}

/** The same but for one byte at most: nothing but its own signature protects a certificate that stands alone. */
function alike(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.filter((byte, i) => byte !== other[i]).length <= 1;
}

/** Whether a certificate says that its own key signed it. An authority may have its signer's name, but not its key. */
function selfIssued({ issuer, subject, authorityKeyId, subjectKeyId }: Certificate): boolean {
  if (authorityKeyId !== undefined && subjectKeyId !== undefined) return alike(authorityKeyId, subjectKeyId);
  return alike(issuer, subject);
}

async function checkCertificate(leaf: Certificate, point: Bytes, primitives: Primitives): Promise<void> {
  const key = await keyOfCertificate(leaf, primitives);
  if (!sameBytes(leaf.spki.subarray(-point.length), point)) refuse('issuer_signature');
  if (!selfIssued(leaf)) return;
  const signature = rawSignature(leaf.signature, key.curve);
  if (!(await holds(key, ecdsaHash(leaf.algorithm), signature, leaf.signed))) refuse('certificate_signature');
}

/**
 * The signer where its key is named and no authority is: what is sent along may be that key's certificate alone. One
 * that the key signed itself is checked; who issued another is not known, and so is not asked.
 * @throws {Refusal} `cose_…`, `chain_…`, `certificate_…`, `issuer_signature` for the certificate of another key
 */
export async function namedSigner(named: NamedKey, primitives: Primitives): Promise<Terms['signer']> {
  const { type, curve, point } = named;
  if (type !== 'EC' || typeof curve !== 'string' || !Object.hasOwn(curves, curve)) refuse('cose_algorithm');
  const key = await keyOfPoint(curve as Curve, point, 'certificate_key', primitives);
  return async (header) => {
    for (const label of header.keys())
      if (label !== x5chainLabel && label !== kidLabel) refuse('cose_header');
    if (header.size > 0) await checkCertificate(readCertificate(leafOf(header)), point, primitives);
    return { key };
  };
}
