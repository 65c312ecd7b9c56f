import type { Bytes } from './bytes.ts';
import { type Cbor, type CborMap, decodeCbor, encodeCbor } from './cbor.ts';
import { bytesOf, exactly, listOf, mapOf } from './fields.ts';
import { type Curve, type Hash, holds, type VerifyKey } from './keys.ts';
import { type RefusalCode, refuse } from './refusals.ts';

/** A COSE_Sign1 (RFC 9052 §4.2) whose protected header is an algorithm and nothing else. */
export interface Sign1 {
  readonly curve: Curve;
  readonly hash: Hash;
  readonly protected: Bytes;
  /** The header outside the signature, not looked at yet: the signer's certificates, under {@link x5chainLabel}. */
  readonly unprotected: CborMap;
  /** `null` when detached. */
  readonly payload: Bytes | null;
  readonly signature: Bytes;
}

/** Each algorithm with the one curve that it may be used on. Others, EdDSA among them, are not of the EU profile. */
const algorithms: ReadonlyMap<Cbor, readonly [Curve, Hash]> = new Map([
  [-7, ['P-256', 'SHA-256'] as const],
  [-35, ['P-384', 'SHA-384'] as const],
  [-36, ['P-521', 'SHA-512'] as const],
]);

const [algorithmLabel, criticalLabel] = [1, 2];

/** `x5chain` (RFC 9360 §2). */
export const x5chainLabel = 33;

/** Reads without checking the signature. @throws {Refusal} `cose_…` */
export function readSign1(value: Cbor): Sign1 {
  const parts = listOf(value, 'cose_shape');
  if (parts.length !== 4) refuse('cose_shape');
  const bare = bytesOf(parts[0], 'cose_shape');
  // No bytes are another way to write a header that says nothing (RFC 9052 §3).
  if (bare.length === 0) refuse('cose_header');
  const header = exactly(decodeCbor(bare), [algorithmLabel], [], 'cose_header');
  const unprotected = mapOf(parts[1], 'cose_shape');
  // An algorithm or a critical list outside the signature would be a second opinion about the signature.
  if (unprotected.has(algorithmLabel) || unprotected.has(criticalLabel)) refuse('cose_header');
  const [curve, hash] = algorithms.get(header.get(algorithmLabel)) ?? refuse('cose_algorithm');
  const payload = parts[2] === null ? null : bytesOf(parts[2], 'cose_shape');
  const signature = bytesOf(parts[3], 'cose_shape');
  return { curve, hash, protected: bare, unprotected, payload, signature };
}

/**
 * Checks the signature over a payload.
 * @throws {Refusal} `cose_algorithm` when the key is of another curve, `code` when the signature does not hold
 */
export async function checkSign1(
  sign1: Sign1,
  key: VerifyKey,
  payload: Bytes,
  code: RefusalCode,
): Promise<void> {
  if (key.curve !== sign1.curve) refuse('cose_algorithm');
  const message = encodeCbor(['Signature1', sign1.protected, new Uint8Array(), payload]);
  if (!(await holds(key, sign1.hash, sign1.signature, message))) refuse(code);
}
