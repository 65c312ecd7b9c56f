import { concat, fromBase64Url, fromUtf8, toBase64Url, utf8 } from './bytes.ts';
import type { Backend, Random, Range, RawWrite, Table } from './ports.ts';
import { seal, unseal } from './seal.ts';

/** Plain data that a record may hold; `Uint8Array`s inside survive. */
export type Plain = unknown;

interface Change {
  readonly table: Table;
  readonly key: string;
  readonly value: Plain | null;
}

/** Changes that take effect together or not at all. */
export class Batch {
  readonly #changes = new Map<string, Change>();

  put(table: Table, key: string, value: Plain): this {
    this.#changes.set(`${table}/${key}`, { table, key, value });
    return this;
  }

  delete(table: Table, key: string): this {
    this.#changes.set(`${table}/${key}`, { table, key, value: null });
    return this;
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }
}

/**
 * Records sealed one by one under the browser's wrapping key; table and key are authenticated with each. Keys
 * stand in clear and are opaque numbers or random ids. The types of records are the caller's: only this
 * engine can have written what opens under the key.
 */
export class Store {
  readonly #backend: Backend;
  readonly #random: Random;
  #key: Promise<CryptoKey> | null = null;

  constructor(backend: Backend, random: Random) {
    this.#backend = backend;
    this.#random = random;
  }

  async get<T>(table: Table, key: string): Promise<T | undefined> {
    const sealed = await this.#backend.read(table, key);
    return sealed === undefined ? undefined : this.#open<T>(table, key, sealed);
  }

  /** Records in the order of their keys. */
  async range<T>(table: Table, range: Range = {}): Promise<{ key: string; value: T }[]> {
    const rows = await this.#backend.range(table, range);
    return Promise.all(
      rows.map(async ({ key, value }) => ({ key, value: await this.#open<T>(table, key, value) })),
    );
  }

  /** Durable when it resolves. @throws {StorageError} and nothing of it took effect */
  async commit(batch: Batch): Promise<void> {
    const wrapping = await this.#wrapping();
    const writes: RawWrite[] = await Promise.all(
      batch.changes.map(async ({ table, key, value }) => ({
        table,
        key,
        value: value === null ? null : await seal(wrapping, `${table}/${key}`, encode(value), this.#random),
      })),
    );
    if (writes.length > 0) await this.#backend.write(writes);
  }

  async clear(): Promise<void> {
    this.#key = null;
    await this.#backend.clear();
  }

  async #open<T>(table: Table, key: string, sealed: Uint8Array): Promise<T> {
    return decode(await unseal(await this.#wrapping(), `${table}/${key}`, sealed)) as T;
  }

  #wrapping(): Promise<CryptoKey> {
    this.#key ??= this.#backend.wrappingKey();
    this.#key.catch(() => {
      this.#key = null;
    });
    return this.#key;
  }
}

const rawBytes = 0;
const json = 1;

/** Group states are bytes of tens of kilobytes, kept as they are; everything else is JSON. */
function encode(value: Plain): Uint8Array {
  if (value instanceof Uint8Array) return concat(Uint8Array.of(rawBytes), value);
  const text = JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? { $bytes: toBase64Url(part) } : part,
  );
  return concat(Uint8Array.of(json), utf8(text));
}

function decode(bytes: Uint8Array): unknown {
  if (bytes[0] === rawBytes) return bytes.slice(1);
  return JSON.parse(fromUtf8(bytes.subarray(1)), (_, part: unknown) =>
    typeof part === 'object' && part !== null && '$bytes' in part ? fromBase64Url(String(part.$bytes)) : part,
  );
}
