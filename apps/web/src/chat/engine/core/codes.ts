import { utf8 } from './bytes.ts';

/*
 * The code that a person keeps (recovery) or carries to their next device (link): 128 random bits as 26
 * characters of Crockford's base32. 26 characters hold 130 bits; the last two are a check that catches three
 * of four slips before anything is asked of the server.
 */

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secretBytes = 16;
const codeLength = 26;

/** A code that cannot be one: another length, another character, or a check that does not fit. */
export class CodeError extends Error {
  override readonly name = 'CodeError';
  readonly code = 'code_malformed';
}

/** What a code gives: `id` finds the sealed identity at the server, `key` opens it and never leaves. */
export interface CodeKeys {
  readonly id: Uint8Array;
  readonly key: CryptoKey;
}

/** Writes 16 random bytes as a code in groups: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXXX`. */
export async function writeCode(secret: Uint8Array): Promise<string> {
  if (secret.length !== secretBytes) throw new RangeError('a code holds 16 bytes');
  let bits = secret.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  bits = (bits << 2n) | BigInt(await check(secret));
  let code = '';
  for (let i = 0; i < codeLength; i += 1) {
    code = alphabet[Number(bits & 31n)] + code;
    bits >>= 5n;
  }
  return code.replace(/^(.{5})(.{5})(.{5})(.{5})(.{6})$/, '$1-$2-$3-$4-$5');
}

/**
 * Reads a code as a person typed it: case, spaces and dashes do not matter, O is 0, I and L are 1.
 * @throws {CodeError}
 */
export async function readCode(typed: string): Promise<Uint8Array> {
  const plain = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-–—_.]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (plain.length !== codeLength) throw new CodeError('another length');
  let bits = 0n;
  for (const character of plain) {
    const value = alphabet.indexOf(character);
    if (value < 0) throw new CodeError('another character');
    bits = (bits << 5n) | BigInt(value);
  }
  const given = Number(bits & 3n);
  bits >>= 2n;
  const secret = new Uint8Array(secretBytes);
  for (let i = secretBytes - 1; i >= 0; i -= 1) {
    secret[i] = Number(bits & 255n);
    bits >>= 8n;
  }
  if ((await check(secret)) !== given) throw new CodeError('a slip');
  return secret;
}

/** HKDF-SHA-256 (RFC 5869) of the code's bits, one label for each use. */
export async function codeKeys(secret: Uint8Array): Promise<CodeKeys> {
  const base = await crypto.subtle.importKey('raw', secret.slice(), 'HKDF', false, [
    'deriveBits',
    'deriveKey',
  ]);
  const hkdf = (label: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: utf8(label),
  });
  const id = await crypto.subtle.deriveBits(hkdf('accord/return-code-id/1'), base, 256);
  const key = await crypto.subtle.deriveKey(
    hkdf('accord/return-code-key/1'),
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
  return { id: new Uint8Array(id), key };
}

async function check(secret: Uint8Array): Promise<number> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', secret.slice()));
  return (digest[0] ?? 0) >> 6;
}
