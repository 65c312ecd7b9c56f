import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';

/*
 * The box of an account: a key pair that every device of the account can derive from the identity seed, and
 * to which anybody can seal a few words before there is a group (the first line of a request to talk).
 * HPKE (RFC 9180) base mode with X-Wing, HKDF-SHA-256 and AES-256-GCM. It authenticates nobody: the server
 * says who sent a request, as it does for the request itself.
 */

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const utf8 = new TextEncoder();
const label = utf8.encode('accord/account-box/1');

/** A copy in a buffer of its own: a Node `Buffer` is a window on a shared one, and its `slice` copies nothing. */
const ownBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** A box that is not for this key, or was changed. */
export class BoxError extends Error {
  override readonly name = 'BoxError';
  readonly code = 'not_for_us';
}

async function boxKeyPair(identitySeed: Uint8Array): Promise<CryptoKeyPair> {
  const base = await crypto.subtle.importKey('raw', ownBuffer(identitySeed), 'HKDF', false, ['deriveBits']);
  const seed = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: label },
    base,
    256,
  );
  return suite.kem.deriveKeyPair(seed);
}

/** The public half for an account's profile, from its 32-byte identity seed: 1216 bytes (X-Wing). */
export async function boxPublicKey(identitySeed: Uint8Array): Promise<Uint8Array> {
  const pair = await boxKeyPair(identitySeed);
  return new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
}

/** Seals `plaintext` to a box; `context` (who, to whom) must be the same when opening. Encapsulation ‖ ciphertext. */
export async function sealToBox(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
): Promise<Uint8Array> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(ownBuffer(publicKey));
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: label },
    ownBuffer(plaintext),
    ownBuffer(context),
  );
  const out = new Uint8Array(enc.byteLength + ct.byteLength);
  out.set(new Uint8Array(enc));
  out.set(new Uint8Array(ct), enc.byteLength);
  return out;
}

/** Opens what was sealed to the box of this identity. @throws {BoxError} */
export async function openBox(
  identitySeed: Uint8Array,
  sealed: Uint8Array,
  context: Uint8Array,
): Promise<Uint8Array> {
  const split = suite.kem.encSize;
  if (sealed.length <= split) throw new BoxError('too short');
  try {
    const pair = await boxKeyPair(identitySeed);
    return new Uint8Array(
      await suite.open(
        { recipientKey: pair.privateKey, enc: ownBuffer(sealed.subarray(0, split)), info: label },
        ownBuffer(sealed.subarray(split)),
        ownBuffer(context),
      ),
    );
  } catch {
    throw new BoxError('not for us');
  }
}
