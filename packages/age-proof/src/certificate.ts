import { type Bytes, sameBytes } from './bytes.ts';
import {
  bitsOf,
  booleanOf,
  children,
  content,
  type Der,
  integerOf,
  oidOf,
  positiveOf,
  readAll,
  readDer,
  tags,
  timeOf,
} from './der.ts';
import { type Curve, curves, type Hash, keyOfPoint, type Primitives, type VerifyKey } from './keys.ts';
import { refuse } from './refusals.ts';

/** An X.509 v3 certificate (RFC 5280), read and not believed. */
export interface Certificate {
  readonly raw: Bytes;
  /** What the issuer signed. */
  readonly signed: Bytes;
  /** Algorithm of the issuer's signature: its identifier as it came. */
  readonly algorithm: Der;
  readonly signature: Bytes;
  /** DER of the names. */
  readonly issuer: Bytes;
  readonly subject: Bytes;
  /** Milliseconds since 1970, both ends included. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly spki: Bytes;
  readonly isCa: boolean;
  /** Bits of KeyUsage in their order (0 digitalSignature, 5 keyCertSign); absent without the extension. */
  readonly keyUsage: ReadonlySet<number> | undefined;
  readonly extendedKeyUsage: readonly string[];
  readonly subjectKeyId: Bytes | undefined;
  readonly authorityKeyId: Bytes | undefined;
  /** A critical extension that we do not understand is among them. */
  readonly unknownCritical: boolean;
}

interface Extension {
  readonly critical: boolean;
  readonly value: Bytes;
}

const malformed = (): never => refuse('certificate_malformed');

const understood = ['2.5.29.14', '2.5.29.15', '2.5.29.19', '2.5.29.35', '2.5.29.37'];

function readExtensions(wrapped: Der | undefined): ReadonlyMap<string, Extension> {
  const out = new Map<string, Extension>();
  if (wrapped === undefined) return out;
  const [list, ...more] = children(wrapped, 0xa3);
  if (more.length > 0) malformed();
  for (const one of children(list)) {
    const [id, ...rest] = children(one);
    const oid = oidOf(id);
    const critical = rest.length === 2 ? booleanOf(rest[0] as Der) : false;
    if (rest.length < 1 || rest.length > 2 || out.has(oid)) malformed();
    out.set(oid, { critical, value: content(rest.at(-1), tags.octetString) });
  }
  return out;
}

function readKeyUsage(value: Bytes): ReadonlySet<number> {
  const [unused = 8, ...bytes] = content(readDer(value), tags.bitString);
  // Nine bits are defined.
  if (unused > 7 || bytes.length === 0 || bytes.length > 2) malformed();
  const bits = bytes.flatMap((byte, i) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (0x80 >> bit)).map((bit) => 8 * i + bit),
  );
  return new Set(bits);
}

function readAuthorityKeyId(value: Bytes): Bytes | undefined {
  return children(readDer(value)).find(({ tag }) => tag === 0x80)?.content;
}

function readBasicConstraints(value: Bytes): boolean {
  const [first, second, ...rest] = children(readDer(value));
  if (rest.length > 0) malformed();
  if (second !== undefined) positiveOf(second);
  return first !== undefined && booleanOf(first);
}

/** Reads a certificate in DER. @throws {Refusal} `certificate_malformed` */
export function readCertificate(raw: Bytes): Certificate {
  const [toSign, algorithm, signature, ...more] = children(readDer(raw));
  if (toSign === undefined || algorithm === undefined || more.length > 0) return malformed();
  const [version, serial, inner, issuer, validity, subject, spki, ...tail] = children(toSign);
  // Version 3, and of the three optional members only the extensions.
  if (!sameBytes(content(version, 0xa0), Uint8Array.of(2, 1, 2)) || tail.length > 1) malformed();
  // Issuers in the field draw sixteen bytes and forget the sign; the number is not used (RFC 5280 §4.1.2.2).
  integerOf(serial);
  if (inner === undefined || !sameBytes(inner.raw, algorithm.raw)) malformed();
  const [notBefore, notAfter, ...beyond] = children(validity);
  if (beyond.length > 0) malformed();
  children(issuer);
  children(subject);
  children(spki);
  const extensions = readExtensions(tail[0]);
  const of = <T>(oid: string, read: (value: Bytes) => T): T | undefined => {
    const found = extensions.get(oid);
    return found === undefined ? undefined : read(found.value);
  };
  return {
    raw,
    signed: toSign.raw,
    algorithm,
    signature: bitsOf(signature),
    issuer: (issuer as Der).raw,
    subject: (subject as Der).raw,
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    spki: (spki as Der).raw,
    isCa: of('2.5.29.19', readBasicConstraints) ?? false,
    keyUsage: of('2.5.29.15', readKeyUsage),
    extendedKeyUsage: of('2.5.29.37', (value) => children(readDer(value)).map(oidOf)) ?? [],
    subjectKeyId: of('2.5.29.14', (value) => content(readDer(value), tags.octetString)),
    authorityKeyId: of('2.5.29.35', readAuthorityKeyId),
    unknownCritical: [...extensions].some(([oid, { critical }]) => critical && !understood.includes(oid)),
  };
}

const curveOids: Readonly<Record<string, Curve>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** The point that a certificate certifies, in whatever form. @throws {Refusal} `certificate_key` */
export function pointOf({ spki }: Certificate): { readonly curve: Curve; readonly point: Bytes } {
  const [algorithm, point, ...more] = children(readDer(spki));
  const [kind, parameters, ...others] = children(algorithm);
  if (more.length > 0 || others.length > 0 || oidOf(kind) !== '1.2.840.10045.2.1') refuse('certificate_key');
  const curve = parameters?.tag === tags.oid ? curveOids[oidOf(parameters)] : undefined;
  return curve === undefined ? refuse('certificate_key') : { curve, point: bitsOf(point) };
}

/** The key that a certificate certifies. @throws {Refusal} `certificate_key` */
export async function keyOfCertificate(certificate: Certificate, primitives: Primitives): Promise<VerifyKey> {
  const { curve, point } = pointOf(certificate);
  return keyOfPoint(curve, point, 'certificate_key', primitives);
}

const ecdsaOids: Readonly<Record<string, Hash>> = {
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};

/** Hash of an AlgorithmIdentifier for ECDSA, which has no parameters. @throws {Refusal} `certificate_algorithm` */
export function ecdsaHash(algorithm: Der): Hash {
  const [oid, ...parameters] = readAll(algorithm.content);
  const hash = ecdsaOids[oidOf(oid)];
  return hash === undefined || parameters.length > 0 ? refuse('certificate_algorithm') : hash;
}

/** `r ‖ s` of an ECDSA signature in DER, each as long as the curve's coordinates. @throws {Refusal} */
export function rawSignature(der: Bytes, curve: Curve): Bytes {
  const numbers = children(readDer(der)).map(positiveOf);
  const size = curves[curve];
  if (numbers.length !== 2 || numbers.some(({ length }) => length > size)) malformed();
  const out = new Uint8Array(2 * size);
  for (const [i, number] of numbers.entries()) out.set(number, (i + 1) * size - number.length);
  return out;
}
