import { refuse } from './refusals.ts';

/** Bytes that WebCrypto takes as they are. */
export type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a text. */
export const encodeText = (text: string): Bytes => utf8.encode(text);

/** Text of UTF-8 bytes, or nothing when they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Concatenation. */
export function join(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Equality of public bytes; not for secrets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Lower-case hexadecimal. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Base64url without padding (RFC 4648 §5). */
export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

/**
 * Bytes of base64url without padding; one text for each sequence of bytes.
 * @throws {Refusal} `encoding`
 */
export function fromBase64Url(text: string): Bytes {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) refuse('encoding');
  const bytes = fromBinary(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
  return toBase64Url(bytes) === text ? bytes : refuse('encoding');
}

/**
 * Bytes of base64 as XML and PEM carry it: padded or not, either alphabet, with white space.
 * @throws {Refusal} `encoding`
 */
export function fromBase64Lax(text: string): Bytes {
  return fromBase64Url(
    text.replaceAll(/\s+/g, '').replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'),
  );
}

function fromBinary(text: string): Bytes {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) out[i] = text.charCodeAt(i);
  return out;
}

/** SHA-2. */
export async function digest(algorithm: 'SHA-256' | 'SHA-384' | 'SHA-512', bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
}
