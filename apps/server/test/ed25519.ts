import { createPrivateKey, sign as signWith } from 'node:crypto';

/** RFC 8410: the PKCS #8 frame around a 32-byte seed. */
const frame = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Ed25519 signature under a 32-byte seed. */
export function sign(seed: Uint8Array, message: Uint8Array): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([frame, seed]), format: 'der', type: 'pkcs8' });
  return signWith(null, message, key);
}
