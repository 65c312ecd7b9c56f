import { type Bytes, decodeText, encodeText, join } from './bytes.ts';
import { refuse } from './refusals.ts';

/*
 * CBOR (RFC 8949) as mdoc uses it. Strict where a laxity could give bytes two readings: definite lengths only,
 * no key twice, no trailing bytes, UTF-8, no unassigned simple value. Heads longer than they need be are read,
 * because wallets in the field write them; whatever is signed is checked over its bytes as they came.
 */

/** A tag with what it marks and its own bytes as they came. */
export class CborTag {
  readonly tag: number | bigint;
  readonly value: Cbor;
  readonly raw: Bytes;

  constructor(tag: number | bigint, value: Cbor, raw: Bytes) {
    this.tag = tag;
    this.value = value;
    this.raw = raw;
  }
}

/** A floating-point number, kept apart so that 1.0 is not taken for 1. */
export class CborFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Map keys in use: text and integers. */
export type CborKey = string | number | bigint;
export type CborMap = ReadonlyMap<CborKey, Cbor>;
export type Cbor =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Bytes
  | readonly Cbor[]
  | CborMap
  | CborTag
  | CborFloat;

/** Bytes that are CBOR already, put where they stand. */
export class CborRaw {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** What we write: requests, transcripts, structures to be signed. */
export type Writable =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | CborRaw
  | readonly Writable[]
  | ReadonlyMap<string | number, Writable>;

const maxDepth = 16;
/** Most keys of a map. Hashes of numbers are no secret, so keys can be chosen that all fall together. */
const maxKeys = 256;

class Reader {
  readonly #bytes: Bytes;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): Cbor {
    if (depth > maxDepth) refuse('cbor_depth');
    const start = this.#at;
    const first = this.#take(1)[0] as number;
    const major = first >> 5;
    const info = first & 31;
    if (major === 7) return this.#simple(info);
    const argument = this.#argument(info);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return typeof argument === 'bigint' || !Number.isSafeInteger(-1 - argument)
          ? -1n - BigInt(argument)
          : -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return decodeText(this.#take(argument)) ?? refuse('cbor_utf8');
      case 4:
        return this.#list(argument, depth);
      case 5:
        return this.#map(argument, depth);
      default: {
        const inner = this.value(depth + 1);
        return new CborTag(argument, inner, this.#bytes.subarray(start, this.#at));
      }
    }
  }

  #take(size: number | bigint): Bytes {
    if (size > this.#bytes.length - this.#at) refuse('cbor_truncated');
    this.#at += Number(size);
    return this.#bytes.subarray(this.#at - Number(size), this.#at);
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 31) refuse('cbor_indefinite');
    if (info > 27) refuse('cbor_malformed');
    const at = this.#at;
    this.#take(2 ** (info - 24));
    if (info === 24) return this.#view.getUint8(at);
    if (info === 25) return this.#view.getUint16(at);
    if (info === 26) return this.#view.getUint32(at);
    const value = this.#view.getBigUint64(at);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  #simple(info: number): Cbor {
    const at = this.#at;
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
        return new CborFloat(halfFloat(this.#take(2)));
      case 26:
        this.#take(4);
        return new CborFloat(this.#view.getFloat32(at));
      case 27:
        this.#take(8);
        return new CborFloat(this.#view.getFloat64(at));
      default:
        return refuse(info === 31 ? 'cbor_indefinite' : 'cbor_malformed');
    }
  }

  #room(size: number | bigint): number {
    if (size > this.#bytes.length - this.#at) refuse('cbor_truncated');
    return Number(size);
  }

  #list(size: number | bigint, depth: number): readonly Cbor[] {
    const out: Cbor[] = [];
    for (let left = this.#room(size); left > 0; left -= 1) out.push(this.value(depth + 1));
    return out;
  }

  #map(size: number | bigint, depth: number): CborMap {
    const out = new Map<CborKey, Cbor>();
    let left = this.#room(size);
    if (left > maxKeys) refuse('cbor_malformed');
    for (; left > 0; left -= 1) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'bigint')
        refuse('cbor_malformed');
      if (out.has(key)) refuse('cbor_duplicate_key');
      out.set(key, this.value(depth + 1));
    }
    return out;
  }
}

/** IEEE 754 binary16 (RFC 8949 appendix D). */
function halfFloat(bytes: Uint8Array): number {
  const half = ((bytes[0] as number) << 8) | (bytes[1] as number);
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}

/**
 * The value that exactly these bytes say. Byte strings and tags share memory with the input.
 * @throws {Refusal} `cbor_…`
 */
export function decodeCbor(bytes: Bytes): Cbor {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  return reader.ended ? value : refuse('cbor_trailing');
}

function head(major: number, value: number): Uint8Array {
  const kind = major << 5;
  if (value < 24) return Uint8Array.of(kind | value);
  if (value < 0x100) return Uint8Array.of(kind | 24, value);
  const out = new Uint8Array(value < 0x10000 ? 3 : 5);
  const view = new DataView(out.buffer);
  out[0] = kind | (value < 0x10000 ? 25 : 26);
  if (value < 0x10000) view.setUint16(1, value);
  else view.setUint32(1, value);
  return out;
}

/** Shortest encoding, maps in the order given; integers within 32 bits. */
export function encodeCbor(value: Writable): Bytes {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') return join(value < 0 ? head(1, -1 - value) : head(0, value));
  if (typeof value === 'string') {
    const bytes = encodeText(value);
    return join(head(3, bytes.length), bytes);
  }
  if (value instanceof Uint8Array) return join(head(2, value.length), value);
  if (value instanceof CborRaw) return join(value.bytes);
  if (value instanceof Map) {
    return join(head(5, value.size), ...[...value].flat().map((part: Writable) => encodeCbor(part)));
  }
  const list = value as readonly Writable[];
  return join(head(4, list.length), ...list.map(encodeCbor));
}

/** `#6.24(bstr .cbor …)`: CBOR wrapped as a byte string and marked so. */
export const embedded = (bytes: Uint8Array): CborRaw =>
  new CborRaw(join(head(6, 24), head(2, bytes.length), bytes));
