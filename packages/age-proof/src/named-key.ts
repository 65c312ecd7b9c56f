import { type Bytes, join, sameBytes } from './bytes.ts';
import {
  type Certificate,
  ecdsaHash,
  keyOfCertificate,
  pointOf,
  rawSignature,
  readCertificate,
} from './certificate.ts';
import { chainOf } from './chain.ts';
import { x5chainLabel } from './cose.ts';
import type { Terms } from './examine.ts';
import { type Curve, curves, holds, keyOfPoint, type Primitives, type VerifyKey } from './keys.ts';
import { refuse } from './refusals.ts';

/** A name for the key that some issuers add; it proves nothing. */
const kidLabel = 4;

/** The same but for one byte at most: nothing but its own signature protects a certificate that stands alone. */
function alike(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.filter((byte, i) => byte !== other[i]).length <= 1;
}

/** Whether a certificate says that its own key signed it. An authority may have its signer's name, but not its key. */
function selfIssued({ issuer, subject, authorityKeyId, subjectKeyId }: Certificate): boolean {
  if (authorityKeyId !== undefined && subjectKeyId !== undefined) return alike(authorityKeyId, subjectKeyId);
  return alike(issuer, subject);
}

/** Whether a certificate is for a key, whose point it may write as x and the sign of y (RFC 5480 §2.2). */
function isFor(leaf: Certificate, curve: Curve, point: Bytes): boolean {
  const own = pointOf(leaf);
  const size = curves[curve];
  const short = join(Uint8Array.of(2 + ((point[2 * size] as number) & 1)), point.subarray(1, 1 + size));
  return own.curve === curve && (sameBytes(own.point, point) || sameBytes(own.point, short));
}

async function checkIssued({ algorithm, signature, signed }: Certificate, by: VerifyKey): Promise<void> {
  if (!(await holds(by, ecdsaHash(algorithm), rawSignature(signature, by.curve), signed)))
    refuse('certificate_signature');
}

async function checkChain(
  chain: readonly Certificate[],
  key: VerifyKey,
  primitives: Primitives,
): Promise<void> {
  for (const [i, one] of chain.entries()) {
    const by = chain[i + 1] ?? (selfIssued(one) ? one : undefined);
    if (by !== undefined)
      await checkIssued(one, by === chain[0] ? key : await keyOfCertificate(by, primitives));
  }
}

/**
 * The signer where its key is named and no authority is: what is sent along may be that key's certificate and those
 * above it, each signed by the next. Who issued the last one, unless it did so itself, is not known and not asked.
 * @param point `04 ‖ x ‖ y`
 * @throws {Refusal} `cose_…`, `chain_…`, `certificate_…`, `issuer_signature` for the certificate of another key
 */
export async function namedSigner(
  curve: Curve,
  point: Bytes,
  primitives: Primitives,
): Promise<Terms['signer']> {
  const key = await keyOfPoint(curve, point, 'certificate_key', primitives);
  return async (header) => {
    for (const label of header.keys())
      if (label !== x5chainLabel && label !== kidLabel) refuse('cose_header');
    // A name for the key is no certificate, and need have none.
    if (!header.has(x5chainLabel)) return { key };
    const chain = chainOf(header).map(readCertificate);
    if (!isFor(chain[0] as Certificate, curve, point)) refuse('issuer_signature');
    await checkChain(chain, key, primitives);
    return { key };
  };
}
