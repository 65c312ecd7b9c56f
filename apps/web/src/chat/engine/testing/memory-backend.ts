import { type Backend, type Range, type RawWrite, StorageError, type Table } from '../core/ports.ts';

/**
 * A backend in memory with the guarantees of the one in IndexedDB. `snapshot` is what a crash at that moment
 * would leave on disk; `fail` makes the next writes fail.
 */
export class MemoryBackend implements Backend {
  readonly #rows = new Map<string, Uint8Array>();
  #key: CryptoKey | null;
  fail: 'storage_full' | 'storage_failed' | null = null;
  /** Writes so far, to crash between any two. */
  writes = 0;

  constructor(from?: { rows: ReadonlyMap<string, Uint8Array>; key: CryptoKey | null }) {
    for (const [key, value] of from?.rows ?? []) this.#rows.set(key, value);
    this.#key = from?.key ?? null;
  }

  /** The same bytes for another engine. */
  snapshot(): MemoryBackend {
    return new MemoryBackend({ rows: this.#rows, key: this.#key });
  }

  async read(table: Table, key: string): Promise<Uint8Array | undefined> {
    return this.#rows.get(`${table} ${key}`);
  }

  async range(table: Table, range: Range): Promise<{ key: string; value: Uint8Array }[]> {
    const prefix = `${table} `;
    const keys = [...this.#rows.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .filter(
        (key) =>
          (range.from === undefined || key >= range.from) && (range.to === undefined || key < range.to),
      )
      .sort();
    if (range.descending) keys.reverse();
    return keys
      .slice(0, range.limit)
      .map((key) => ({ key, value: this.#rows.get(prefix + key) ?? new Uint8Array() }));
  }

  async write(writes: readonly RawWrite[]): Promise<void> {
    if (this.fail !== null) throw new StorageError(this.fail);
    this.writes += 1;
    for (const { table, key, value } of writes) {
      if (value === null) this.#rows.delete(`${table} ${key}`);
      else this.#rows.set(`${table} ${key}`, value);
    }
  }

  async wrappingKey(): Promise<CryptoKey> {
    this.#key ??= await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    return this.#key;
  }

  async clear(): Promise<void> {
    this.#rows.clear();
    this.#key = null;
  }
}
