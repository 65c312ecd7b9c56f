import { type Bytes, digest, join } from './bytes.ts';
import type { Cbor } from './cbor.ts';
import { mapOf } from './fields.ts';
import { type RefusalCode, refuse } from './refusals.ts';

/** The curves of ES256, ES384 and ES512 with the length of a coordinate in bytes. */
export const curves = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;
export type Curve = keyof typeof curves;

/** Hashes of ECDSA in COSE and X.509. */
export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** A public key that checks ECDSA. */
export interface VerifyKey {
  readonly curve: Curve;
  /** Whether `r ‖ s`, of the curve's length, holds over a message. */
  verify(hash: Hash, signature: Bytes, message: Bytes): boolean | Promise<boolean>;
}

/** Where digests and signatures are computed. */
export interface Primitives {
  digest(hash: Hash, bytes: Bytes): Bytes | Promise<Bytes>;
  /** A key of an uncompressed point (`04 ‖ x ‖ y`) of the right length; nothing when it is not on the curve. */
  importPoint(curve: Curve, point: Bytes): VerifyKey | undefined | Promise<VerifyKey | undefined>;
}

/** WebCrypto: everywhere, at the price of a turn through its threads for each step. */
export const webPrimitives: Primitives = {
  digest,
  async importPoint(curve, point) {
    try {
      const algorithm = { name: 'ECDSA', namedCurve: curve };
      const key = await crypto.subtle.importKey('raw', point, algorithm, true, ['verify']);
      return {
        curve,
        verify: (hash, signature, message) =>
          crypto.subtle.verify({ name: 'ECDSA', hash }, key, signature, message),
      };
    } catch (error) {
      if (error instanceof DOMException) return undefined;
      throw error;
    }
  },
};

/**
 * A key of an uncompressed point.
 * @throws {Refusal} `code` when it is not a point of the curve
 */
export async function keyOfPoint(
  curve: Curve,
  point: Bytes,
  code: RefusalCode,
  primitives: Primitives,
): Promise<VerifyKey> {
  if (point.length !== 1 + 2 * curves[curve] || point[0] !== 4) refuse(code);
  return (await primitives.importPoint(curve, point)) ?? refuse(code);
}

const coseCurves: ReadonlyMap<Cbor, Curve> = new Map([
  [1, 'P-256'],
  [2, 'P-384'],
  [3, 'P-521'],
]);

/** A COSE_Key of type EC2 with both coordinates (RFC 9053 §7.1.1). @throws {Refusal} `device_key` */
export async function keyOfCose(value: Cbor, primitives: Primitives): Promise<VerifyKey> {
  const map = mapOf(value, 'device_key');
  const curve = coseCurves.get(map.get(-1));
  const [x, y] = [map.get(-2), map.get(-3)];
  if (map.get(1) !== 2 || curve === undefined) refuse('device_key');
  if (!(x instanceof Uint8Array) || !(y instanceof Uint8Array)) refuse('device_key');
  const size = curves[curve];
  if (x.length !== size || y.length !== size) refuse('device_key');
  return keyOfPoint(curve, join(Uint8Array.of(4), x, y), 'device_key', primitives);
}

/** Whether `r ‖ s` holds over a message; one of another length does not. */
export async function holds(key: VerifyKey, hash: Hash, signature: Bytes, message: Bytes): Promise<boolean> {
  return signature.length === 2 * curves[key.curve] && key.verify(hash, signature, message);
}
