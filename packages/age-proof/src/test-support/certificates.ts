import { type Bytes, encodeText, join } from '../bytes.ts';
import type { Curve, Hash } from '../keys.ts';

/*
 * A small authority for tests: DER written by hand, so that it can also write what no library would.
 */

const der = (tag: number, ...parts: readonly Uint8Array[]): Bytes => {
  const content = join(...parts);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return join(Uint8Array.of(tag, ...length), content);
};

export const sequence = (...parts: readonly Uint8Array[]): Bytes => der(0x30, ...parts);
const octets = (...parts: readonly Uint8Array[]): Bytes => der(0x04, ...parts);
const yes = der(0x01, Uint8Array.of(0xff));

/** A positive INTEGER of big-endian bytes. */
export function integer(bytes: Uint8Array): Bytes {
  const from = bytes.findIndex((byte) => byte !== 0);
  const short = from < 0 ? Uint8Array.of(0) : bytes.subarray(from);
  return der(0x02, (short[0] as number) >= 0x80 ? join(Uint8Array.of(0), short) : short);
}

export function oid(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const arcs = [40 * first + second, ...rest].map((arc) => {
    const digits = [arc & 127];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left & 127) | 128);
    }
    return Uint8Array.from(digits);
  });
  return der(0x06, ...arcs);
}

const part = (id: string, tag: number, text: string): Bytes =>
  der(0x31, sequence(oid(id), der(tag, encodeText(text))));

/** A name of no country that there is. */
const name = (common: string): Bytes => sequence(part('2.5.4.6', 0x13, 'ZZ'), part('2.5.4.3', 0x0c, common));

/** UTCTime, which ends in 2049. */
const time = (at: number): Bytes =>
  der(
    0x17,
    encodeText(
      `${new Date(at)
        .toISOString()
        .replaceAll(/[-:T]|\.\d+Z/g, '')
        .slice(2)}Z`,
    ),
  );

export const extension = (id: string, critical: boolean, value: Uint8Array): Bytes =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value));

const keyUsage = (bits: number): Bytes => {
  let unused = 0;
  while (unused < 7 && !(bits & (1 << unused))) unused += 1;
  return extension('2.5.29.15', true, der(0x03, Uint8Array.of(unused, bits)));
};

/** Of a certificate; what is left out is as a good signer of attestations has it. */
export interface CertificateOptions {
  readonly subject: string;
  readonly key: CryptoKey;
  readonly issuer: string;
  readonly issuerKey: CryptoKey;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly hash?: Hash;
  /** Extended key usages; empty for none. */
  readonly uses?: readonly string[];
  readonly ca?: { readonly pathLength?: number };
  /** Bits of the first byte of KeyUsage; 0 for no extension. */
  readonly keyUsage?: number;
  readonly more?: readonly Uint8Array[];
  /** DER behind the list of extensions. */
  readonly behind?: Uint8Array;
  /** SubjectPublicKeyInfo in place of the key's. */
  readonly spki?: Uint8Array;
  /** Content of the INTEGER; sixteen random bytes unless given. */
  readonly serial?: Uint8Array;
}

export const digitalSignature = 0x80;
export const certSign = 0x06;

const hashOids: Readonly<Record<Hash, string>> = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
};

function extensions(options: CertificateOptions): Bytes {
  const { ca, uses = ['1.3.130.2.0.0.1.2'], more = [], behind = new Uint8Array() } = options;
  const bits = options.keyUsage ?? (ca === undefined ? digitalSignature : certSign);
  const path = ca?.pathLength === undefined ? [] : [integer(Uint8Array.of(ca.pathLength))];
  const constraints = sequence(...(ca === undefined ? [] : [yes, ...path]));
  return der(
    0xa3,
    sequence(
      extension('2.5.29.19', true, constraints),
      ...(bits === 0 ? [] : [keyUsage(bits)]),
      ...(uses.length === 0 ? [] : [extension('2.5.29.37', false, sequence(...uses.map(oid)))]),
      ...more,
    ),
    behind,
  );
}

/** DER of an ECDSA signature out of `r ‖ s`. */
const derSignature = (raw: Uint8Array): Bytes =>
  sequence(integer(raw.subarray(0, raw.length / 2)), integer(raw.subarray(raw.length / 2)));

/** A certificate in DER. */
export async function certificate(options: CertificateOptions): Promise<Bytes> {
  const hash = options.hash ?? 'SHA-256';
  const algorithm = sequence(oid(hashOids[hash]));
  const toSign = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    options.serial === undefined
      ? integer(crypto.getRandomValues(new Uint8Array(16)))
      : der(0x02, options.serial),
    algorithm,
    name(options.issuer),
    sequence(time(options.notBefore), time(options.notAfter)),
    name(options.subject),
    options.spki ?? new Uint8Array(await crypto.subtle.exportKey('spki', options.key)),
    extensions(options),
  );
  const raw = await crypto.subtle.sign({ name: 'ECDSA', hash }, options.issuerKey, toSign);
  return sequence(toSign, algorithm, der(0x03, Uint8Array.of(0), derSignature(new Uint8Array(raw))));
}

/** SubjectPublicKeyInfo of a key of P-256 whose point is written as x and the sign of y. */
export async function shortSpki(key: CryptoKey): Promise<Bytes> {
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', key));
  const short = join(Uint8Array.of(0, 2 + ((point[64] as number) & 1)), point.subarray(1, 33));
  return sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')), der(0x03, short));
}

/** A fresh pair for ECDSA. */
export const signingPair = (namedCurve: Curve = 'P-256'): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
