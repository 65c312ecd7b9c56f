import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { withClient } from '../platform/database.ts';
import {
  checkServerVersion,
  type Migration,
  migrate,
  outstanding,
  readMigrations,
} from '../platform/migrate.ts';
import { ArchiveError, hashOf, type Manifest, manifestName, readEntries, verifyArchive } from './archive.ts';
import { quoted, tableNames } from './schema.ts';

/** The database is not one to restore into. The message is a sentence for the operator. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError';
}

/** Between the last id in the backup and the next: ids given after it was made are never given twice. */
const idGap = 1_000_000_000n;
/** The same for shorter ids, of which a restore may not use up half. */
const shortIdGaps: Readonly<Record<string, bigint>> = { integer: 1_000_000n, smallint: 100n };

async function assertEmpty(client: pg.ClientBase, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (name === 'migration') continue;
    const { rows } = await client.query<{ any: boolean }>(
      `select exists (select from ${quoted(name)}) as any`,
    );
    if (rows[0]?.any === true) {
      throw new RestoreError(
        `The database is not empty: ${name} has rows. A backup is restored into an empty database alone.`,
      );
    }
  }
}

/** Those of our migrations that made the backup's tables. @throws {MigrationError} when it is newer than we are */
function migrationsOf(manifest: Manifest, ours: readonly Migration[]): Migration[] {
  outstanding(ours, manifest.migrations);
  const named = new Set(manifest.migrations.map(({ name }) => name));
  return ours.filter(({ name }) => named.has(name));
}

/** Empty tables of whatever version go; the backup's own version takes their place. */
async function rebuild(client: pg.ClientBase, migrations: readonly Migration[]): Promise<void> {
  const names = await tableNames(client);
  await client.query('begin');
  try {
    if (names.length > 0) {
      const list = names.map(quoted).join(', ');
      await client.query(`lock table ${list} in access exclusive mode`);
      await assertEmpty(client, names);
      await client.query(`drop table ${list} cascade`);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
  await migrate(client, migrations);
}

/** Fills the tables part by part; a table's parts are one COPY, since rows may lie across two. */
async function load(client: pg.ClientBase, path: string, manifest: Manifest): Promise<void> {
  const tables = new Map(manifest.tables.map((table) => [table.name, table]));
  const hashes = new Map(
    manifest.tables.flatMap(({ parts }) => parts.map((part) => [part.name, part.sha256])),
  );
  let current:
    | { readonly name: string; readonly end: () => Promise<void>; write(bytes: Buffer): Promise<void> }
    | undefined;
  for await (const { name, bytes } of readEntries(path)) {
    if (name === manifestName) continue;
    // Read a second time: a file that changed in between must not get in.
    if (hashes.get(name) !== hashOf(bytes)) throw new ArchiveError(`${path} changed while it was read.`);
    const table = tables.get(name.split('/')[1] ?? '');
    if (table === undefined) throw new ArchiveError(`${path} has a part of no table.`);
    if (current?.name !== table.name) {
      await current?.end();
      current = beginCopy(client, table);
    }
    await current.write(bytes);
  }
  await current?.end();
}

function beginCopy(client: pg.ClientBase, table: Manifest['tables'][number]) {
  const columns = table.columns.map(quoted).join(', ');
  const copy = client.query(copyFrom(`copy ${quoted(table.name)} (${columns}) from stdin`));
  const failed = new Promise<never>((_resolve, reject) => copy.once('error', reject));
  failed.catch(() => {});
  return {
    name: table.name,
    async write(bytes: Buffer) {
      if (!copy.write(bytes)) await Promise.race([once(copy, 'drain'), failed]);
    },
    async end() {
      copy.end();
      await Promise.race([once(copy, 'finish'), failed]);
      if (copy.rowCount !== table.rows) {
        throw new ArchiveError(`${table.name} has ${copy.rowCount} rows; the manifest says ${table.rows}.`);
      }
    },
  };
}

async function moveSequences(client: pg.ClientBase, manifest: Manifest): Promise<void> {
  for (const { table, column, last } of manifest.sequences) {
    const { rows } = await client.query<{ type: string }>(
      `select seqtypid::regtype::text as type from pg_sequence
       where seqrelid = pg_get_serial_sequence($1, $2)::regclass`,
      [quoted(table), column],
    );
    const gap = shortIdGaps[rows[0]?.type ?? ''] ?? idGap;
    await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [
      quoted(table),
      column,
      String(BigInt(last) + gap),
    ]);
  }
}

/**
 * Restores an archive into an empty database, all of it or nothing, and brings it up to this version. The
 * archive is verified whole before the database is touched. Returns the archive's manifest.
 * @throws {ArchiveError} @throws {RestoreError} @throws {MigrationError}
 */
export async function restore(settings: pg.ClientConfig, path: string): Promise<Manifest> {
  const manifest = await verifyArchive(path);
  const ours = await readMigrations();
  const theirs = migrationsOf(manifest, ours);
  await withClient(settings, async (client) => {
    await checkServerVersion(client);
    await assertEmpty(client, await tableNames(client));
    await rebuild(client, theirs);
    await client.query('begin');
    try {
      await load(client, path, manifest);
      await moveSequences(client, manifest);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    }
    await migrate(client, ours);
    await client.query('analyze');
  });
  return manifest;
}
