import { GroupCryptoError } from './errors.ts';
import type { Uuid } from './types.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 16 bytes of a canonical lower-case UUID; throws `bad_argument` otherwise. */
export function uuidToBytes(uuid: Uuid): Uint8Array {
  if (!UUID.test(uuid)) throw new GroupCryptoError('bad_argument', 'not a canonical lower-case UUID');
  return Uint8Array.from(uuid.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Canonical lower-case UUID of 16 bytes. */
export function bytesToUuid(bytes: Uint8Array): Uuid {
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A copy with memory of its own, of a Node Buffer too, whose `slice` is none. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Byte equality; not constant time, so for public values only. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Lexicographic order of byte strings. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Length-prefixed bytes (u32), for encodings of our own. */
export function framed(bytes: Uint8Array): Uint8Array {
  return concat(u32(bytes.length), bytes);
}

/** Reads from the front of bytes; every method throws `malformed` when there are too few. */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // Not a Buffer: its `slice` would not copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The next `length` bytes, copied. */
  take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new GroupCryptoError('malformed', 'ends early');
    const part = this.#bytes.slice(this.#offset, end);
    this.#offset = end;
    return part;
  }

  u8(): number {
    return this.#view(1).getUint8(0);
  }

  u16(): number {
    return this.#view(2).getUint16(0);
  }

  u32(): number {
    return this.#view(4).getUint32(0);
  }

  /** An unsigned 64-bit integer that must be safe as a number. */
  u64(): number {
    return safeNumber(this.#view(8).getBigUint64(0));
  }

  framed(): Uint8Array {
    return this.take(this.u32());
  }

  /** Variable-size vector of RFC 9420 §2.1.2; a length that is not minimally encoded is refused. */
  varLen(): Uint8Array {
    const first = this.u8();
    const prefix = first >> 6;
    let length = first & 0x3f;
    if (prefix === 1) length = (length << 8) | this.u8();
    else if (prefix === 2) length = (length << 24) | (this.u8() << 16) | this.u16();
    const minimum = [0, 64, 16384][prefix];
    if (minimum === undefined || length < minimum)
      throw new GroupCryptoError('malformed', 'length not minimal');
    return this.take(length);
  }

  /** Everything must have been read. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw new GroupCryptoError('malformed', 'trailing bytes');
  }

  #view(length: number): DataView {
    const part = this.take(length);
    return new DataView(part.buffer, part.byteOffset, length);
  }
}

/** A 64-bit value as a number; `malformed` beyond 2^53 - 1, which no honest epoch or instant reaches. */
export function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new GroupCryptoError('malformed', 'number out of range');
  return Number(value);
}
