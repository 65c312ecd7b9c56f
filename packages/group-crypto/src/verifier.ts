import { getCiphersuiteFromName } from 'ts-mls/crypto/ciphersuite.js';
import type { Hash } from 'ts-mls/crypto/hash.js';
import { makeHashImpl } from 'ts-mls/crypto/implementation/default/makeHashImpl.js';
import type { Signature } from 'ts-mls/crypto/signature.js';
import { ed25519Signature } from './ed25519.ts';
import { GroupCryptoError } from './errors.ts';
import type { Suite } from './types.ts';

/** What it takes to verify and not to decrypt: the suite's hash and signature, no HPKE, no randomness. */
export function verifier(suite: Suite): { hash: Hash; signature: Signature } {
  return {
    hash: makeHashImpl(crypto.subtle, getCiphersuiteFromName(suite).hash),
    signature: ed25519Signature(() => {
      throw new GroupCryptoError('bad_argument', 'a verifier makes no keys');
    }),
  };
}
