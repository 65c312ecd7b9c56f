import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { databaseLocks } from './locks.ts';

/** One file `NNNN_name.sql`, and what it must still read when it has landed somewhere. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, lower-case hex. */
  readonly hash: string;
}

/** The database and this version of Accord don't fit. The message is a sentence for the operator. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Where the migrations of this version are. */
const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

const oldestServer = 15;
const newestServer = 18;

const fileName = /^\d{4}_[a-z0-9_]+\.sql$/;

/** The migrations of a folder in their order. @throws {MigrationError} on a stray file or two of one number */
export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const names = (await readdir(folder)).sort();
  const numbers = new Set<string>();
  const migrations: Migration[] = [];
  for (const name of names) {
    const number = name.slice(0, 4);
    if (!fileName.test(name)) throw new MigrationError(`${name} is no migration: the name is NNNN_name.sql.`);
    if (numbers.has(number)) throw new MigrationError(`Two migrations have the number ${number}.`);
    numbers.add(number);
    // A checkout may change line ends; that changes no migration.
    const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
    migrations.push({ name, sql, hash: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

/** Major version of the server at the other end. @throws {MigrationError} unless it is 15 to 18 */
export async function checkServerVersion(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    "select current_setting('server_version_num')::int as n",
  );
  const major = Math.floor((rows[0]?.n ?? 0) / 10_000);
  if (major < oldestServer || major > newestServer) {
    throw new MigrationError(
      `The database is PostgreSQL ${major}; Accord needs ${oldestServer} to ${newestServer}.`,
    );
  }
  return major;
}

interface Applied {
  readonly name: string;
  readonly hash: string;
}

async function appliedTo(client: pg.ClientBase): Promise<Applied[]> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('migration') is not null as there",
  );
  if (rows[0]?.there !== true) return [];
  return (await client.query<Applied>('select name, hash from migration order by name')).rows;
}

/**
 * Which migrations are still to come.
 * @throws {MigrationError} when the database knows one that we don't, or another text under the same name
 */
export function outstanding(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const ours = new Map(migrations.map((migration) => [migration.name, migration.hash]));
  for (const { name, hash } of applied) {
    const own = ours.get(name);
    if (own === undefined) {
      throw new MigrationError(
        `The database is newer than this Accord: it has the migration ${name}. Start the version that made it, or a later one.`,
      );
    }
    if (own !== hash) {
      throw new MigrationError(
        `The migration ${name} is not the one that made this database: its text has changed.`,
      );
    }
  }
  const there = new Set(applied.map(({ name }) => name));
  const rest = migrations.filter(({ name }) => !there.has(name));
  const last = applied.at(-1)?.name ?? '';
  const late = rest.find(({ name }) => name < last);
  if (late !== undefined) {
    throw new MigrationError(
      `The migration ${late.name} comes before ${last}, which this database already has.`,
    );
  }
  return rest;
}

/** The migrations that a database lacks; changes nothing. @throws {MigrationError} see `outstanding` */
export async function pendingMigrations(
  client: pg.ClientBase,
  migrations: readonly Migration[],
): Promise<string[]> {
  return outstanding(migrations, await appliedTo(client)).map(({ name }) => name);
}

/**
 * Brings the database up to these migrations, each in a transaction of its own. Of several processes that
 * start at once one migrates and the others wait. Returns the names of those applied now.
 * @throws {MigrationError}
 */
export async function migrate(client: pg.ClientBase, migrations: readonly Migration[]): Promise<string[]> {
  await checkServerVersion(client);
  await client.query('select pg_advisory_lock($1)', [databaseLocks.migrate]);
  try {
    const todo = outstanding(migrations, await appliedTo(client));
    if (todo.length > 0) await client.query(bookkeeping);
    for (const migration of todo) await applyOne(client, migration);
    return todo.map(({ name }) => name);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [databaseLocks.migrate]);
  }
}

const bookkeeping = `create table if not exists migration (
  name text primary key,
  hash text not null,
  applied_at timestamptz not null default now()
)`;

async function applyOne(client: pg.ClientBase, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migration (name, hash) values ($1, $2)', [
      migration.name,
      migration.hash,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new MigrationError(
      `The migration ${migration.name} failed and left nothing: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
