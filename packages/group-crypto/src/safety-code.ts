import { compareBytes, concat, u16, uuidToBytes } from './bytes.ts';
import { ED25519_KEY_BYTES, owned } from './ed25519.ts';
import { GroupCryptoError } from './errors.ts';
import { guarded } from './translate.ts';
import type { Credential } from './types.ts';

const LABEL = new TextEncoder().encode('accord/safety-code/1');
const VERSION = 1;
/** As in Signal's numeric fingerprints: finding a second key for 30 digits (100 bits) costs 5200 times more. */
const ITERATIONS = 5200;
const CHUNKS = 6;

type Party = Pick<Credential, 'accountId' | 'identityPublicKey'>;

/**
 * The code that two people compare to know that no one stands between them: 60 decimal digits in 12 groups of 5, the
 * same whichever way round the parties are given, another whenever one of the identity keys is another.
 * @throws GroupCryptoError `bad_argument`
 */
export function safetyCode(a: Party, b: Party): Promise<string> {
  return guarded('safetyCode', 'bad_argument', async () => {
    const [first, second] = [a, b].sort((x, y) => compareBytes(encode(x), encode(y)));
    if (first === undefined || second === undefined)
      throw new GroupCryptoError('bad_argument', 'two parties needed');
    return [...(await fingerprint(first)), ...(await fingerprint(second))].join(' ');
  });
}

function encode({ accountId, identityPublicKey }: Party): Uint8Array {
  if (identityPublicKey.length !== ED25519_KEY_BYTES)
    throw new GroupCryptoError('bad_argument', 'identity key is not 32 bytes');
  return concat(identityPublicKey, uuidToBytes(accountId));
}

/** Six groups of five digits of one party. */
async function fingerprint(party: Party): Promise<string[]> {
  const encoded = encode(party);
  let hash: Uint8Array = concat(LABEL, u16(VERSION), encoded);
  for (let i = 0; i < ITERATIONS; i++)
    hash = new Uint8Array(await crypto.subtle.digest('SHA-512', owned(concat(hash, encoded))));
  return Array.from({ length: CHUNKS }, (_, chunk) => {
    const number = hash.slice(chunk * 5, chunk * 5 + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    return String(number % 100_000).padStart(5, '0');
  });
}
