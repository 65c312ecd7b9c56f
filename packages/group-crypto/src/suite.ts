import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256, HkdfSha512 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import type { Aead } from 'ts-mls/crypto/aead.js';
import { type CiphersuiteImpl, getCiphersuiteFromName } from 'ts-mls/crypto/ciphersuite.js';
import { makeHashImpl } from 'ts-mls/crypto/implementation/default/makeHashImpl.js';
import { makeKdfImpl } from 'ts-mls/crypto/implementation/default/makeKdfImpl.js';
import { makeGenericHpke } from 'ts-mls/crypto/implementation/hpke.js';
import { ed25519Signature, owned } from './ed25519.ts';
import { DEFAULT_SUITE } from './limits.ts';
import type { Random, Suite } from './types.ts';

/** AES-GCM by WebCrypto; the key length selects the variant. */
const aesGcm: Aead = {
  async encrypt(key, nonce, aad, plaintext) {
    const cryptoKey = await crypto.subtle.importKey('raw', owned(key), 'AES-GCM', false, ['encrypt']);
    const parameters = { name: 'AES-GCM', iv: owned(nonce), additionalData: owned(aad) };
    return new Uint8Array(await crypto.subtle.encrypt(parameters, cryptoKey, owned(plaintext)));
  },
  async decrypt(key, nonce, aad, ciphertext) {
    const cryptoKey = await crypto.subtle.importKey('raw', owned(key), 'AES-GCM', false, ['decrypt']);
    const parameters = { name: 'AES-GCM', iv: owned(nonce), additionalData: owned(aad) };
    return new Uint8Array(await crypto.subtle.decrypt(parameters, cryptoKey, owned(ciphertext)));
  },
};

/**
 * The primitives of a suite. Built here and not by ts-mls's own provider, whose lazy imports would pull every other
 * KEM, AEAD and curve into the bundle. Key pairs, path secrets and reuse guards come from `random`; the ephemeral keys
 * inside HPKE `seal` come from the platform's `crypto.getRandomValues` and cannot be passed in.
 */
export async function suiteImplementation(suite: Suite, random: Random): Promise<CiphersuiteImpl> {
  const post = suite === DEFAULT_SUITE;
  const algorithms = getCiphersuiteFromName(suite);
  const hpke = await makeGenericHpke(
    algorithms.hpke,
    aesGcm,
    new CipherSuite({
      kem: post ? new XWing() : new DhkemX25519HkdfSha256(),
      kdf: post ? new HkdfSha512() : new HkdfSha256(),
      aead: post ? new Aes256Gcm() : new Aes128Gcm(),
    }),
  );
  return {
    name: suite,
    hash: makeHashImpl(crypto.subtle, algorithms.hash),
    kdf: makeKdfImpl(post ? new HkdfSha512() : new HkdfSha256()),
    signature: ed25519Signature(random),
    rng: { randomBytes: random },
    hpke: { ...hpke, generateKeyPair: () => hpke.deriveKeyPair(random(32)) },
  };
}
