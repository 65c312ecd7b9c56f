import { type Cbor, decodeCbor, encodeCbor, join } from './cbor.ts';
import { SealedMediaError } from './errors.ts';
import { type Bytes, equal, label, sign, u64, verify } from './primitives.ts';
import { bytesOf, countOf, fieldsOf } from './shape.ts';

/** The matching service's word that this hash may be sent, for ten minutes. */
export interface Attestation {
  readonly h: Uint8Array;
  readonly q: number;
  readonly cm: Uint8Array;
  /** The state of the banks that was asked; moves with each change. */
  readonly bankEpoch: number;
  /** Milliseconds since 1970 UTC. */
  readonly iat: number;
  readonly exp: number;
  /** Which key of the matching service signed, 8 bytes. */
  readonly kid: Uint8Array;
  readonly signature: Uint8Array;
}

/** How long an attestation holds, in milliseconds. */
export const attestationLife = 10 * 60 * 1000;

const message = (a: Omit<Attestation, 'signature'>): Bytes =>
  join(
    label('accord/attestation/1'),
    a.h,
    Uint8Array.of(a.q),
    a.cm,
    u64(a.bankEpoch),
    u64(a.iat),
    u64(a.exp),
    a.kid,
  );

/** Signs; by the matching service alone. */
export async function attest(
  seed: Uint8Array,
  what: Omit<Attestation, 'signature' | 'exp'>,
): Promise<Attestation> {
  const whole = { ...what, exp: what.iat + attestationLife };
  return { ...whole, signature: await sign(seed, message(whole)) };
}

/** What the receiver holds against the attestation. */
export interface AttestationCheck {
  /** The matching service's public keys by `kid` in hex. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly h: Uint8Array;
  readonly q: number;
  readonly cm: Uint8Array;
  /** When the delivery service took the message: judged by its tag, not by this device's clock. */
  readonly takenAt: number;
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @throws {SealedMediaError} with the first `attestation_…` code that applies */
export async function checkAttestation(a: Attestation, check: AttestationCheck): Promise<void> {
  const key = check.keys.get(hex(a.kid));
  if (key === undefined) throw new SealedMediaError('attestation_unknown_key');
  if (!(await verify(key, message(a), a.signature))) throw new SealedMediaError('attestation_not_authentic');
  if (!equal(a.cm, check.cm) || !equal(a.h, check.h) || a.q !== check.q) {
    throw new SealedMediaError('attestation_other_picture');
  }
  if (check.takenAt < a.iat) throw new SealedMediaError('attestation_not_yet');
  if (check.takenAt > Math.min(a.exp, a.iat + attestationLife))
    throw new SealedMediaError('attestation_expired');
}

export const attestationToCbor = (a: Attestation): Cbor => ({ ...a });

/** @throws {SealedMediaError} `malformed` */
export function attestationFromCbor(value: Cbor): Attestation {
  const f = fieldsOf(value, ['h', 'q', 'cm', 'bankEpoch', 'iat', 'exp', 'kid', 'signature']);
  return {
    h: bytesOf(f.h, 32),
    q: countOf(f.q, 100),
    cm: bytesOf(f.cm, 32),
    bankEpoch: countOf(f.bankEpoch),
    iat: countOf(f.iat),
    exp: countOf(f.exp),
    kid: bytesOf(f.kid, 8),
    signature: bytesOf(f.signature, 64),
  };
}

/** An attestation by itself, as a receiver shows it to the matching service. */
export const attestationBytes = (a: Attestation): Bytes => encodeCbor(attestationToCbor(a));

/** @throws {SealedMediaError} `malformed` */
export const readAttestation = (bytes: Uint8Array): Attestation => attestationFromCbor(decodeCbor(bytes));
