import { join } from './cbor.ts';
import { SealedMediaError } from './errors.ts';
import { type Bytes, equal, hkdf, label, sha256 } from './primitives.ts';

/*
 * A picture's ciphertext: `01 ‖ key commitment (32) ‖ chunks`. Chunks of 64 KiB under AES-256-GCM, each with
 * its 16-byte tag; the nonce is the last-chunk flag and the chunk's number, as in the STREAM construction
 * (Hoang, Reyhanitabar, Rogaway, Vizár 2015), so that chunks can't be dropped, swapped or cut off. GCM alone does not
 * commit to its key (Dodis, Grubbs, Ristenpart, Woodage 2018): the commitment does.
 */

const version = 1;
const chunkBytes = 65_536;
const tagBytes = 16;
const commitmentBytes = 32;
const headBytes = 1 + commitmentBytes;

/** The most that a canonical picture may weigh. */
export const maxPictureBytes = 8 * 1024 * 1024;

/** The two halves of a picture's key, 32 bytes each: `km` goes to the receiver in the message, `ks` to the server. */
export interface KeyHalves {
  readonly km: Uint8Array;
  readonly ks: Uint8Array;
}

interface PictureKey {
  readonly key: CryptoKey;
  readonly commitment: Bytes;
}

async function pictureKey({ km, ks }: KeyHalves, blobId: Uint8Array): Promise<PictureKey> {
  if (km.length !== 32 || ks.length !== 32 || blobId.length !== 16)
    throw new SealedMediaError('malformed', 'key or blob id');
  const both = join(km, ks);
  const raw = await hkdf(both, join(label('accord/image-key/1'), blobId), 32);
  const commitment = await hkdf(both, join(label('accord/image-key-commitment/1'), blobId), commitmentBytes);
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  raw.fill(0);
  both.fill(0);
  return { key, commitment };
}

function nonce(chunk: number, last: boolean): Bytes {
  const out = new Uint8Array(12);
  out[0] = last ? 1 : 0;
  new DataView(out.buffer).setUint32(8, chunk);
  return out;
}

/** Seals the bytes of a picture. @throws {SealedMediaError} `too_large`, `malformed` */
export async function seal(plaintext: Uint8Array, halves: KeyHalves, blobId: Uint8Array): Promise<Bytes> {
  if (plaintext.length === 0) throw new SealedMediaError('malformed', 'nothing to seal');
  if (plaintext.length > maxPictureBytes) throw new SealedMediaError('too_large');
  const { key, commitment } = await pictureKey(halves, blobId);
  const count = Math.ceil(plaintext.length / chunkBytes);
  const chunks = Array.from({ length: count }, async (_, i) => {
    const part = join(plaintext.subarray(i * chunkBytes, (i + 1) * chunkBytes));
    return new Uint8Array(
      await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce(i, i === count - 1) }, key, part),
    );
  });
  return join(Uint8Array.of(version), commitment, ...(await Promise.all(chunks)));
}

/**
 * Opens a ciphertext whose hash has been compared already.
 * @throws {SealedMediaError} `malformed`, `too_large`, `key_swapped` (another key's), `not_openable` (changed inside)
 */
export async function open(ciphertext: Uint8Array, halves: KeyHalves, blobId: Uint8Array): Promise<Bytes> {
  const sealedBytes = ciphertext.length - headBytes;
  const count = Math.ceil(sealedBytes / (chunkBytes + tagBytes));
  if (
    ciphertext[0] !== version ||
    sealedBytes <= tagBytes ||
    sealedBytes - (count - 1) * (chunkBytes + tagBytes) <= tagBytes
  ) {
    throw new SealedMediaError('malformed', 'ciphertext');
  }
  if (sealedBytes - count * tagBytes > maxPictureBytes) throw new SealedMediaError('too_large');
  const { key, commitment } = await pictureKey(halves, blobId);
  if (!equal(commitment, ciphertext.subarray(1, headBytes))) throw new SealedMediaError('key_swapped');
  const chunks = Array.from({ length: count }, async (_, i) => {
    const start = headBytes + i * (chunkBytes + tagBytes);
    const part = join(ciphertext.subarray(start, start + chunkBytes + tagBytes));
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce(i, i === count - 1) }, key, part),
    );
  });
  try {
    return join(...(await Promise.all(chunks)));
  } catch {
    throw new SealedMediaError('not_openable');
  }
}

/** What a commitment binds: the ciphertext, the very bytes of the picture, its hash and quality. */
export interface Committed {
  /** SHA-256 of the ciphertext. */
  readonly cth: Uint8Array;
  /** SHA-256 of the picture's bytes. */
  readonly ph: Uint8Array;
  /** PDQ, 32 bytes. */
  readonly h: Uint8Array;
  /** PDQ quality, 0–100. */
  readonly q: number;
  /** 32 random bytes: hides the rest from whoever sees only the commitment. */
  readonly r: Uint8Array;
}

/** `cm`, 32 bytes. */
export const commitmentOf = ({ cth, ph, h, q, r }: Committed): Promise<Bytes> =>
  sha256(label('accord/commitment/1'), cth, ph, h, Uint8Array.of(q), r);
