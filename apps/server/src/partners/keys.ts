import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PartnerScope } from '@accord/protocol/partners';
import type { Database, Queries } from '../platform/database.ts';

/*
 * Keys of other platforms. A key is `accord_` + eight letters that name it + `_` + 32 random bytes: a scanner of sources finds
 * one by its beginning. Of the secret part only SHA-256 is kept, which is enough for what nobody can guess.
 */

/** A key as the server knows it. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Banks that it sees; null: all but those of what is only claimed. */
  readonly banks: readonly string[] | null;
  /** Hashes, pictures and other calls together. */
  readonly perMinute: number;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly PartnerScope[];
  readonly banks: readonly string[] | null;
  readonly perMinute: number;
}

const shape = /^accord_([0-9a-z]{8})_([\w-]{43})$/;
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Makes a key; resolves to it in full, for the only time. */
export async function createKey(db: Queries, key: NewKey, now: number): Promise<string> {
  const id = Array.from(randomBytes(8), (byte) => letters[byte % 32] ?? '').join('');
  const secret = randomBytes(32).toString('base64url');
  await db
    .insertInto('api_key')
    .values({
      id,
      name: key.name,
      secret_hash: hashOf(secret),
      scopes: [...key.scopes],
      banks: key.banks === null ? null : [...key.banks],
      per_minute: key.perMinute,
      created_at: new Date(now),
      revoked_at: null,
    })
    .execute();
  return `accord_${id}_${secret}`;
}

/** All keys, revoked ones too, oldest first. Never a secret. */
export async function listApiKeys(db: Queries): Promise<ApiKey[]> {
  return (await rowsOf(db)).map(({ key }) => key);
}

/**
 * From a second later on it opens nothing, and its webhooks are told nothing more. False: there is no such key, or it was
 * revoked before.
 */
export async function revokeApiKey(db: Database, id: string, now: number): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('api_key')
      .set({ revoked_at: new Date(now) })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    await tx
      .updateTable('webhook_delivery')
      .set({ state: 'dead', outcome: 'revoked', ended_at: new Date(now) })
      .where('state', '=', 'waiting')
      .where('webhook_id', 'in', tx.selectFrom('webhook').select('id').where('key_id', '=', id))
      .execute();
    return numUpdatedRows > 0n;
  });
}

interface Stored {
  readonly key: ApiKey;
  readonly secretHash: Buffer;
}

async function rowsOf(db: Queries, id?: string): Promise<Stored[]> {
  const all = db.selectFrom('api_key').selectAll().orderBy('created_at').orderBy('id');
  const rows = await (id === undefined ? all : all.where('id', '=', id)).execute();
  return rows.map((row) => ({
    key: {
      id: row.id,
      name: row.name,
      scopes: row.scopes,
      banks: row.banks,
      perMinute: row.per_minute,
      createdAt: row.created_at,
      revokedAt: row.revoked_at,
    },
    secretHash: row.secret_hash,
  }));
}

/** How long a look at the keys holds: a revoked one is refused that much later, by every process. */
const freshMs = 1000;
/** From here on the next look is taken beside a call, which does not wait for it. */
const agingMs = 500;

/** Finds the key that a call carries. There are few, so all are read, once a second at most. */
export class KeyDoor {
  readonly #db: Queries;
  #read: { readonly at: number; readonly keys: ReadonlyMap<string, Stored> } | undefined;
  #looking: Promise<ReadonlyMap<string, Stored>> | undefined;

  constructor(db: Queries) {
    this.#db = db;
  }

  /** Null for none, a wrong or a revoked one: nobody learns which. */
  async find(text: string | undefined): Promise<ApiKey | null> {
    const [, id, secret] = shape.exec(text ?? '') ?? [];
    if (id === undefined || secret === undefined) return null;
    const keys = await this.#keys();
    // One that was made a moment ago opens at once.
    const stored = keys.get(id) ?? (await rowsOf(this.#db, id))[0];
    // Compared also where there is none to compare with, so that the time tells as little.
    const same = timingSafeEqual(hashOf(secret), stored?.secretHash ?? nobodys);
    return same && stored?.key.revokedAt === null ? stored.key : null;
  }

  async #keys(): Promise<ReadonlyMap<string, Stored>> {
    const now = performance.now();
    const known = this.#read;
    const age = known === undefined ? Number.POSITIVE_INFINITY : now - known.at;
    if (age > agingMs && this.#looking === undefined) {
      this.#looking = rowsOf(this.#db)
        .then((rows) => {
          const keys = new Map(rows.map((row) => [row.key.id, row]));
          this.#read = { at: now, keys };
          return keys;
        })
        .finally(() => {
          this.#looking = undefined;
        });
      // Whoever waits for it hears of it.
      this.#looking.catch(() => {});
    }
    if (known !== undefined && age <= freshMs) return known.keys;
    return this.#looking ?? new Map();
  }
}

const nobodys = Buffer.alloc(32);

/** The key of an `Authorization` header: a bearer token, or the password of a basic one, which an address can carry. */
export function keyOf(header: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +([\w.~+/=-]+)$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme === '') return undefined;
  const [name = '', password = ''] = Buffer.from(value, 'base64').toString().split(':', 2);
  return password === '' ? name : password;
}
