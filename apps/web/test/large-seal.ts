import { hkdfSync, webcrypto } from 'node:crypto';
import type { KeyHalves } from '@accord/sealed-media';

/**
 * The ciphertext that a changed app makes where ours refuses: as docs/sealed-media.md describes it, written anew, of any
 * size.
 */
export async function sealAnySize(
  plaintext: Uint8Array,
  { km, ks }: KeyHalves,
  blobId: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const derived = (label: string) => {
    const info = Buffer.concat([Buffer.from(`accord/${label}/1\0`), blobId]);
    return new Uint8Array(hkdfSync('sha256', Buffer.concat([km, ks]), Buffer.alloc(0), info, 32));
  };
  const key = await webcrypto.subtle.importKey('raw', derived('image-key'), 'AES-GCM', false, ['encrypt']);
  const count = Math.ceil(plaintext.length / 65_536);
  const chunks = await Promise.all(
    Array.from({ length: count }, (_, at) => {
      const iv = new Uint8Array(12);
      iv[0] = at === count - 1 ? 1 : 0;
      new DataView(iv.buffer).setUint32(8, at);
      const part = plaintext.slice(at * 65_536, (at + 1) * 65_536);
      return webcrypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, part);
    }),
  );
  const parts = [
    Uint8Array.of(1),
    derived('image-key-commitment'),
    ...chunks.map((one) => new Uint8Array(one)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}
