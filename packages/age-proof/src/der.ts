import type { Bytes } from './bytes.ts';
import { refuse } from './refusals.ts';

/*
 * DER (X.690) as certificates need it: one-byte tags, definite lengths in their shortest form, nothing behind the
 * end. Whatever does not fit ends with `certificate_malformed`.
 */

/** One value: tag byte, what it holds, and the whole as it came. */
export interface Der {
  readonly tag: number;
  readonly content: Bytes;
  readonly raw: Bytes;
}

/** Tag bytes. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const bad = (): never => refuse('certificate_malformed');

function readOne(bytes: Bytes, at: number): Der {
  const tag = bytes[at] ?? bad();
  if ((tag & 31) === 31) bad();
  const first = bytes[at + 1] ?? bad();
  let size = first;
  let start = at + 2;
  if (first >= 0x80) {
    const width = first - 0x80;
    if (width < 1 || width > 3) bad();
    size = 0;
    for (let i = 0; i < width; i += 1) size = size * 256 + (bytes[start + i] ?? bad());
    if (size < (width === 1 ? 0x80 : 256 ** (width - 1))) bad();
    start += width;
  }
  if (size > bytes.length - start) bad();
  return { tag, content: bytes.subarray(start, start + size), raw: bytes.subarray(at, start + size) };
}

/** The values that stand in these bytes, one behind the other. @throws {Refusal} */
export function readAll(bytes: Bytes): readonly Der[] {
  const out: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const one = readOne(bytes, at);
    out.push(one);
    at += one.raw.length;
  }
  return out;
}

/** Exactly one value. @throws {Refusal} */
export function readDer(bytes: Bytes): Der {
  const one = readOne(bytes, 0);
  return one.raw.length === bytes.length ? one : bad();
}

/** Content of a value of this tag. @throws {Refusal} */
export function content(value: Der | undefined, tag: number): Bytes {
  return value !== undefined && value.tag === tag ? value.content : bad();
}

/** Values within a SEQUENCE (or another constructed tag). @throws {Refusal} */
export const children = (value: Der | undefined, tag: number = tags.sequence): readonly Der[] =>
  readAll(content(value, tag));

/** @throws {Refusal} for any byte but 00 and FF */
export function booleanOf(value: Der): boolean {
  const bytes = content(value, tags.boolean);
  if (bytes.length !== 1 || (bytes[0] !== 0 && bytes[0] !== 0xff)) bad();
  return bytes[0] === 0xff;
}

/** Content of an INTEGER in its shortest form. @throws {Refusal} */
export function integerOf(value: Der | undefined): Bytes {
  const bytes = content(value, tags.integer);
  const [first, second] = bytes;
  if (first === undefined) return bad();
  // A first byte that only repeats the sign is one too many.
  if (second !== undefined && first === (second < 0x80 ? 0 : 0xff)) bad();
  return bytes;
}

/** Content of a positive INTEGER in its shortest form, without the sign's zero. @throws {Refusal} */
export function positiveOf(value: Der | undefined): Bytes {
  const bytes = integerOf(value);
  if ((bytes[0] as number) >= 0x80) bad();
  return bytes[0] === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes;
}

/** A BIT STRING of whole bytes. @throws {Refusal} */
export function bitsOf(value: Der | undefined): Bytes {
  const bytes = content(value, tags.bitString);
  return bytes[0] === 0 ? bytes.subarray(1) : bad();
}

/** Dotted form of an OBJECT IDENTIFIER. @throws {Refusal} */
export function oidOf(value: Der | undefined): string {
  const bytes = content(value, tags.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const [i, byte] of bytes.entries()) {
    if (arc === 0 && byte === 0x80) bad();
    arc = arc * 128 + (byte & 127);
    if (arc > 2 ** 45) bad();
    if (byte >= 128) {
      if (i === bytes.length - 1) bad();
      continue;
    }
    if (arcs.length === 0) arcs.push(Math.min(Math.floor(arc / 40), 2));
    arcs.push(arcs.length === 1 ? arc - 40 * (arcs[0] as number) : arc);
    arc = 0;
  }
  return arcs.length === 0 ? bad() : arcs.join('.');
}

const utcTime = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
const generalizedTime = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/** Milliseconds since 1970 of UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 has them. @throws {Refusal} */
export function timeOf(value: Der | undefined): number {
  if (value === undefined || (value.tag !== tags.utcTime && value.tag !== tags.generalizedTime)) return bad();
  const text = String.fromCharCode(...value.content.subarray(0, 16));
  const parts = (value.tag === tags.utcTime ? utcTime : generalizedTime).exec(text) ?? bad();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const full = value.tag === tags.utcTime ? year + (year < 50 ? 2000 : 1900) : year;
  const at = Date.UTC(full, month - 1, day, hour, minute, second);
  const digits = new Date(at).toISOString().replaceAll(/[-:T]|\.000Z/g, '');
  return digits.endsWith(text.slice(0, -1)) ? at : bad();
}
