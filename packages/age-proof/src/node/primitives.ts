import { createHash, createPublicKey, verify } from 'node:crypto';
import { type Bytes, toBase64Url } from '../bytes.ts';
import type { Hash, Primitives } from '../keys.ts';

const names: Readonly<Record<Hash, string>> = {
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const isNodes = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith('ERR_') === true;

/** Node's own crypto: at once, without a turn through WebCrypto's threads for each step. */
export const nodePrimitives: Primitives = {
  digest: (hash, bytes) => Uint8Array.from(createHash(names[hash]).update(bytes).digest()) as Bytes,
  importPoint(curve, point) {
    const half = (point.length + 1) / 2;
    const [x, y] = [toBase64Url(point.subarray(1, half)), toBase64Url(point.subarray(half))];
    try {
      const key = createPublicKey({ key: { kty: 'EC', crv: curve, x, y }, format: 'jwk' });
      return {
        curve,
        verify: (hash, signature, message) =>
          verify(names[hash], message, { key, dsaEncoding: 'ieee-p1363' }, signature),
      };
    } catch (error) {
      // A point that is not on the curve.
      if (isNodes(error)) return undefined;
      throw error;
    }
  },
};
