import { type Bytes, join } from './bytes.ts';
import type { Cbor } from './cbor.ts';
import { mapOf } from './fields.ts';
import { type RefusalCode, refuse } from './refusals.ts';

/** The curves of ES256, ES384 and ES512 with the length of a coordinate in bytes. */
export const curves = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;
export type Curve = keyof typeof curves;

/** A public key that checks ECDSA. */
export interface VerifyKey {
  readonly curve: Curve;
  readonly key: CryptoKey;
}

/** Hashes of ECDSA in COSE and X.509. */
export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/**
 * A key of an uncompressed point (`04 ‖ x ‖ y`).
 * @throws {Refusal} `code` when it is not a point of the curve
 */
export async function keyOfPoint(curve: Curve, point: Bytes, code: RefusalCode): Promise<VerifyKey> {
  if (point.length !== 1 + 2 * curves[curve] || point[0] !== 4) refuse(code);
  try {
    const key = await crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: curve }, true, [
      'verify',
    ]);
    return { curve, key };
  } catch (error) {
    if (error instanceof DOMException) return refuse(code);
    throw error;
  }
}

const coseCurves: ReadonlyMap<Cbor, Curve> = new Map([
  [1, 'P-256'],
  [2, 'P-384'],
  [3, 'P-521'],
]);

/** A COSE_Key of type EC2 with both coordinates (RFC 9053 §7.1.1). @throws {Refusal} `device_key` */
export async function keyOfCose(value: Cbor): Promise<VerifyKey> {
  const map = mapOf(value, 'device_key');
  const curve = coseCurves.get(map.get(-1));
  const [x, y] = [map.get(-2), map.get(-3)];
  if (map.get(1) !== 2 || curve === undefined) refuse('device_key');
  if (!(x instanceof Uint8Array) || !(y instanceof Uint8Array)) refuse('device_key');
  const size = curves[curve];
  if (x.length !== size || y.length !== size) refuse('device_key');
  return keyOfPoint(curve, join(Uint8Array.of(4), x, y), 'device_key');
}

/** `r ‖ s` over a message; a signature of another length does not hold. */
export async function holds(key: VerifyKey, hash: Hash, signature: Bytes, message: Bytes): Promise<boolean> {
  if (signature.length !== 2 * curves[key.curve]) return false;
  return crypto.subtle.verify({ name: 'ECDSA', hash }, key.key, signature, message);
}
