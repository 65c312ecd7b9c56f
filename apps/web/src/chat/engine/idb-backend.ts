import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import { type Backend, type Range, type RawWrite, StorageError, type Table, tables } from './core/ports.ts';

type Schema = DBSchema & { keys: { key: string; value: CryptoKey } } & Record<
    Table,
    { key: string; value: Uint8Array }
  >;

type Database = IDBPDatabase<Schema>;

const name = 'accord';
/** Rises with each new table. */
const version = 2;

/**
 * The records in IndexedDB, one object store for each table. Every write is one transaction that is on the disk
 * when it resolves (`durability: 'strict'`).
 */
export class IdbBackend implements Backend {
  #database: Promise<Database> | null = null;

  async read(table: Table, key: string): Promise<Uint8Array | undefined> {
    return this.#with(async (database) => database.get(table, key));
  }

  async range(table: Table, range: Range): Promise<{ key: string; value: Uint8Array }[]> {
    const bounds = boundsOf(range);
    return this.#with(async (database) => {
      const store = database.transaction(table).store;
      if (!range.descending) {
        const [keys, values] = await Promise.all([
          store.getAllKeys(bounds, range.limit),
          store.getAll(bounds, range.limit),
        ]);
        return keys.map((key, index) => ({ key, value: values[index] ?? new Uint8Array() }));
      }
      const rows: { key: string; value: Uint8Array }[] = [];
      const limit = range.limit ?? Number.POSITIVE_INFINITY;
      let cursor = await store.openCursor(bounds, 'prev');
      while (cursor !== null && rows.length < limit) {
        rows.push({ key: cursor.key, value: cursor.value });
        if (rows.length < limit) cursor = await cursor.continue();
      }
      return rows;
    });
  }

  async write(writes: readonly RawWrite[]): Promise<void> {
    const touched = [...new Set(writes.map(({ table }) => table))];
    await this.#with(async (database) => {
      const transaction = database.transaction(touched, 'readwrite', { durability: 'strict' });
      const done = writes.map(({ table, key, value }) => {
        const store = transaction.objectStore(table);
        return value === null ? store.delete(key) : store.put(value, key);
      });
      await Promise.all([...done, transaction.done]);
    });
  }

  async wrappingKey(): Promise<CryptoKey> {
    return this.#with(async (database) => {
      const known = await database.get('keys', 'wrapping');
      if (known !== undefined) return known;
      const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
        'encrypt',
        'decrypt',
      ]);
      await database.put('keys', made, 'wrapping');
      return made;
    });
  }

  async clear(): Promise<void> {
    const open = this.#database;
    this.#database = null;
    try {
      (await open)?.close();
      await deleteDB(name);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  async #with<T>(work: (database: Database) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#open());
    } catch (error) {
      throw asStorageError(error);
    }
  }

  #open(): Promise<Database> {
    if (this.#database === null) {
      const forget = () => {
        this.#database = null;
      };
      this.#database = openDB<Schema>(name, version, {
        upgrade(database) {
          const there = database.objectStoreNames;
          for (const table of ['keys', ...tables] as const)
            if (!there.contains(table)) database.createObjectStore(table);
        },
        terminated: forget,
      });
      this.#database.catch(forget);
    }
    return this.#database;
  }
}

function boundsOf({ from, to }: Range): IDBKeyRange | null {
  if (from !== undefined && to !== undefined) return IDBKeyRange.bound(from, to, false, true);
  if (from !== undefined) return IDBKeyRange.lowerBound(from);
  return to === undefined ? null : IDBKeyRange.upperBound(to, true);
}

function asStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const full = error instanceof DOMException && error.name === 'QuotaExceededError';
  return new StorageError(full ? 'storage_full' : 'storage_failed', { cause: error });
}
