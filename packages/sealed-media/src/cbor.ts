import { SealedMediaError } from './errors.ts';

/*
 * Deterministic CBOR (RFC 8949 §4.2.1), the part that our structures use: integers within 2^53, byte and
 * text strings, arrays, maps with text keys, booleans, null. Reading refuses whatever writing would not have
 * produced, so that one value has one encoding and a signature covers one meaning.
 */

export type Cbor =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly Cbor[]
  | { readonly [key: string]: Cbor };

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const maxDepth = 8;

/** Bytes in the order in which RFC 8949 §4.2.1 sorts map keys. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Concatenation. */
export function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function head(major: number, value: number): Uint8Array {
  const kind = major << 5;
  if (value < 24) return Uint8Array.of(kind | value);
  if (value < 0x100) return Uint8Array.of(kind | 24, value);
  const out = new Uint8Array(value < 0x10000 ? 3 : value < 2 ** 32 ? 5 : 9);
  const view = new DataView(out.buffer);
  if (value < 0x10000) {
    out[0] = kind | 25;
    view.setUint16(1, value);
  } else if (value < 2 ** 32) {
    out[0] = kind | 26;
    view.setUint32(1, value);
  } else {
    out[0] = kind | 27;
    view.setBigUint64(1, BigInt(value));
  }
  return out;
}

/** The one encoding of a value. @throws {SealedMediaError} `malformed` for what CBOR of ours can't say */
export function encodeCbor(value: Cbor): Uint8Array<ArrayBuffer> {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new SealedMediaError('malformed', 'not an integer');
    return join(value < 0 ? head(1, -1 - value) : head(0, value));
  }
  if (typeof value === 'string') {
    const bytes = utf8.encode(value);
    return join(head(3, bytes.length), bytes);
  }
  if (value instanceof Uint8Array) return join(head(2, value.length), value);
  if (Array.isArray(value)) return join(head(4, value.length), ...value.map(encodeCbor));
  const pairs = Object.entries(value as { readonly [key: string]: Cbor }).map(
    ([key, inner]) => [encodeCbor(key), encodeCbor(inner)] as const,
  );
  pairs.sort(([a], [b]) => compare(a, b));
  return join(head(5, pairs.length), ...pairs.flat());
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(depth = 0): Cbor {
    if (depth > maxDepth) throw new SealedMediaError('malformed', 'too deep');
    const first = this.#take(1)[0] as number;
    const major = first >> 5;
    if (major === 7) return this.#simple(first & 31);
    const size = this.#argument(first & 31);
    switch (major) {
      case 0:
        return size;
      case 1:
        return this.#safe(-1 - size);
      case 2:
        return this.#take(size).slice();
      case 3:
        return this.#text(size);
      case 4:
        return this.#list(size, depth);
      case 5:
        return this.#map(size, depth);
      default:
        throw new SealedMediaError('malformed', 'tags are not used');
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new SealedMediaError('malformed', 'trailing bytes');
  }

  #take(size: number): Uint8Array {
    if (size > this.#bytes.length - this.#at) throw new SealedMediaError('malformed', 'truncated');
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  #safe(value: number): number {
    if (!Number.isSafeInteger(value)) throw new SealedMediaError('malformed', 'number beyond 2^53');
    return value;
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new SealedMediaError('malformed', 'indefinite or reserved length');
    const width = 2 ** (info - 24);
    const value = this.#take(width).reduce((sum, byte) => sum * 256 + byte, 0);
    const least = info === 24 ? 24 : 2 ** (4 * width);
    if (value < least) throw new SealedMediaError('malformed', 'not the shortest form');
    return this.#safe(value);
  }

  #simple(info: number): boolean | null {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    throw new SealedMediaError('malformed', 'simple value or float');
  }

  #text(size: number): string {
    try {
      return strictUtf8.decode(this.#take(size));
    } catch (error) {
      if (error instanceof SealedMediaError) throw error;
      throw new SealedMediaError('malformed', 'not UTF-8');
    }
  }

  #list(size: number, depth: number): Cbor[] {
    if (size > this.#bytes.length - this.#at) throw new SealedMediaError('malformed', 'truncated');
    return Array.from({ length: size }, () => this.value(depth + 1));
  }

  #map(size: number, depth: number): { [key: string]: Cbor } {
    if (size > this.#bytes.length - this.#at) throw new SealedMediaError('malformed', 'truncated');
    const out: { [key: string]: Cbor } = Object.create(null) as { [key: string]: Cbor };
    let before: Uint8Array | null = null;
    for (let i = 0; i < size; i += 1) {
      const start = this.#at;
      const key = this.value(depth + 1);
      if (typeof key !== 'string') throw new SealedMediaError('malformed', 'keys are text');
      const encoded = this.#bytes.subarray(start, this.#at);
      if (before !== null && compare(before, encoded) >= 0)
        throw new SealedMediaError('malformed', 'keys out of order');
      before = encoded;
      out[key] = this.value(depth + 1);
    }
    return out;
  }
}

/** The value of exactly these bytes. @throws {SealedMediaError} `malformed` for anything but our own encoding */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const reader = new Reader(bytes);
  const value = reader.value();
  reader.end();
  return value;
}
