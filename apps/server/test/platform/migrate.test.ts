import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withClient } from '../../src/platform/database.ts';
import {
  type Migration,
  MigrationError,
  migrate,
  pendingMigrations,
  readMigrations,
} from '../../src/platform/migrate.ts';
import { type FreshDatabase, freshDatabase, startServer } from '../support.ts';

const migration = (name: string, sql: string): Migration => ({ name, sql, hash: `hash of ${sql}` });
const first = migration('0001_first.sql', 'create table first (id int)');
const second = migration('0002_second.sql', 'create table second (id int)');

describe('migrations', () => {
  let database: FreshDatabase;
  const apply = (...list: Migration[]) => withClient(database.settings, (client) => migrate(client, list));

  beforeEach(async () => {
    database = await freshDatabase({ empty: true });
  });
  afterEach(() => database.close());

  it('are applied in order, once', async () => {
    expect(await apply(first)).toEqual(['0001_first.sql']);
    expect(await apply(first, second)).toEqual(['0002_second.sql']);
    expect(await apply(first, second)).toEqual([]);
  });

  it('of this version all apply, and leave none pending', async () => {
    const all = await readMigrations();
    expect(await apply(...all)).toEqual(all.map(({ name }) => name));
    expect(await withClient(database.settings, (client) => pendingMigrations(client, all))).toEqual([]);
  });

  it('are refused when the text of a landed one changed', async () => {
    await apply(first);
    await expect(apply({ ...first, hash: 'another' }, second)).rejects.toThrow(
      /0001_first\.sql.*has changed/,
    );
    const { rows } = await database.pool.query("select to_regclass('second') as there");
    expect(rows).toEqual([{ there: null }]);
  });

  it('are refused when the database is newer than the code', async () => {
    await apply(first, second);
    await expect(apply(first)).rejects.toThrow(/newer than this Accord: it has the migration 0002_second/);
  });

  it('are refused when one is slipped in before those that landed', async () => {
    await apply(second);
    await expect(apply(first, second)).rejects.toThrow(/0001_first\.sql comes before 0002_second/);
  });

  it('leave nothing of one that fails, and keep those before it', async () => {
    const broken = migration('0002_broken.sql', 'create table half (id int); select nothing_here');
    await expect(apply(first, broken)).rejects.toThrow(MigrationError);
    const { rows } = await database.pool.query('select name from migration');
    expect(rows).toEqual([{ name: '0001_first.sql' }]);
    const half = await database.pool.query("select to_regclass('half') as there");
    expect(half.rows).toEqual([{ there: null }]);
  });

  it('run once when several processes start at the same moment', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => apply(first, second)));
    expect(results.flat().sort()).toEqual(['0001_first.sql', '0002_second.sql']);
  });
});

describe('a folder of migrations', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'accord-migrations-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('refuses a file that has no number, and a number given twice', async () => {
    await writeFile(join(folder, '0001_a.sql'), 'select 1');
    await writeFile(join(folder, '0001_b.sql'), 'select 1');
    await expect(readMigrations(folder)).rejects.toThrow(/Two migrations have the number 0001/);
    await writeFile(join(folder, 'notes.txt'), '');
    await rm(join(folder, '0001_b.sql'));
    await expect(readMigrations(folder)).rejects.toThrow(/notes\.txt is no migration/);
  });

  it('gives the same hash whatever the line ends of the checkout', async () => {
    const [own] = await readMigrations();
    if (own === undefined) throw new Error('there are no migrations');
    await writeFile(join(folder, own.name), own.sql.replaceAll('\n', '\r\n'));
    expect(await readMigrations(folder)).toEqual([own]);
    expect(own.sql).toBe(await readFile(new URL(`../../migrations/${own.name}`, import.meta.url), 'utf8'));
  });
});

describe('a server on a database of its own', () => {
  it('migrates, listens and ends', async () => {
    await using server = await startServer();
    const answer = await fetch(`${server.url}/api/nowhere`);
    expect(answer.status).toBe(404);
  });
});
