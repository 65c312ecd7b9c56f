import type { Bytes } from './bytes.ts';
import { type Cbor, type CborKey, type CborMap, CborTag } from './cbor.ts';
import { type RefusalCode, refuse } from './refusals.ts';

/*
 * Taking members out of decoded CBOR: what is not of the expected type ends the examination with the code of the
 * structure it stands in.
 */

/** A map. @throws {Refusal} */
export function mapOf(value: Cbor, code: RefusalCode): CborMap {
  return value instanceof Map ? value : refuse(code);
}

/** A map with these members and, where `optional` says so, those; no other. @throws {Refusal} */
export function exactly(
  value: Cbor,
  required: readonly CborKey[],
  optional: readonly CborKey[],
  code: RefusalCode,
): CborMap {
  const map = mapOf(value, code);
  if (!required.every((key) => map.has(key))) refuse(code);
  for (const key of map.keys()) if (!required.includes(key) && !optional.includes(key)) refuse(code);
  return map;
}

/** A list. @throws {Refusal} */
export function listOf(value: Cbor, code: RefusalCode): readonly Cbor[] {
  return Array.isArray(value) ? (value as readonly Cbor[]) : refuse(code);
}

/** A text. @throws {Refusal} */
export function textOf(value: Cbor, code: RefusalCode): string {
  return typeof value === 'string' ? value : refuse(code);
}

/** A byte string. @throws {Refusal} */
export function bytesOf(value: Cbor, code: RefusalCode): Bytes {
  return value instanceof Uint8Array ? value : refuse(code);
}

/** An unsigned integer within 2^53. @throws {Refusal} */
export function unsignedOf(value: Cbor, code: RefusalCode): number {
  return typeof value === 'number' && value >= 0 ? value : refuse(code);
}

/** `#6.24(bstr)`: the bytes within, and those of the whole as they came. @throws {Refusal} */
export function embeddedOf(value: Cbor, code: RefusalCode): { readonly inner: Bytes; readonly raw: Bytes } {
  if (!(value instanceof CborTag) || value.tag !== 24) refuse(code);
  return { inner: bytesOf(value.value, code), raw: value.raw };
}

const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z$/;

/** Milliseconds since 1970 of an RFC 3339 date in UTC, or NaN; fractions are cut to milliseconds. */
export function instant(text: string): number {
  if (!pattern.test(text)) return Number.NaN;
  const seconds = Date.parse(`${text.slice(0, 19)}Z`);
  // Date.parse reads 30 February as 2 March, and hour 24 as the next day.
  if (Number.isNaN(seconds) || new Date(seconds).toISOString().slice(0, 19) !== text.slice(0, 19)) {
    return Number.NaN;
  }
  return seconds + Math.floor(Number(`0${/\.\d+/.exec(text)?.[0] ?? ''}`) * 1000);
}

/** `tdate`: tag 0 over a text. @throws {Refusal} */
export function dateOf(value: Cbor, code: RefusalCode): number {
  if (!(value instanceof CborTag) || value.tag !== 0) refuse(code);
  const at = instant(textOf(value.value, code));
  return Number.isNaN(at) ? refuse(code) : at;
}
