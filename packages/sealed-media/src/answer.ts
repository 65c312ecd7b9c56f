import { type Attestation, attestationFromCbor, attestationToCbor } from './attestation.ts';
import { type Cbor, decodeCbor, encodeCbor, join } from './cbor.ts';
import { SealedMediaError } from './errors.ts';
import type { Bytes } from './primitives.ts';
import { bytesOf, fieldsOf } from './shape.ts';

/*
 * What the matching service answers. Every answer has one length, and every refusal the same words, so that neither
 * size nor text tells a bank from a registered picture or from a spent limit.
 */

export type MatchingAnswer =
  | { readonly outcome: 'attested'; readonly attestation: Attestation }
  /** `appeal` is 16 random bytes under which the refusal can be asked about. */
  | { readonly outcome: 'refused'; readonly appeal: Uint8Array };

/** Bytes of every answer. */
export const answerBytes = 512;

/** Pads to the one length: the value's length in two bytes, the value, zeros. */
export function encodeAnswer(answer: MatchingAnswer): Bytes {
  const value: Cbor =
    answer.outcome === 'attested'
      ? { attestation: attestationToCbor(answer.attestation) }
      : { refused: answer.appeal };
  const encoded = encodeCbor(value);
  if (encoded.length > answerBytes - 2) throw new SealedMediaError('too_large', 'answer');
  const out = new Uint8Array(answerBytes);
  out.set(join(Uint8Array.of(encoded.length >> 8, encoded.length & 255), encoded));
  return out;
}

/** @throws {SealedMediaError} `malformed` */
export function decodeAnswer(bytes: Uint8Array): MatchingAnswer {
  const length = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const isPadded = bytes.length === answerBytes && bytes.subarray(2 + length).every((byte) => byte === 0);
  if (!isPadded || length > answerBytes - 2) throw new SealedMediaError('malformed', 'answer');
  const value = decodeCbor(bytes.subarray(2, 2 + length));
  if (value !== null && typeof value === 'object' && 'refused' in value) {
    return { outcome: 'refused', appeal: bytesOf(fieldsOf(value, ['refused']).refused, 16) };
  }
  return {
    outcome: 'attested',
    attestation: attestationFromCbor(fieldsOf(value, ['attestation']).attestation),
  };
}
