import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster } from '../../../../test/postgres.ts';
import { verifyArchive } from '../../src/operations/archive.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { savedTables, tableNames, unsavedTables } from '../../src/operations/schema.ts';
import { withClient } from '../../src/platform/database.ts';
import { migrate, readMigrations } from '../../src/platform/migrate.ts';

type Cluster = Awaited<ReturnType<typeof startTestCluster>>;

let folder: string;
let clusters: ReadonlyMap<number, Cluster>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accord-backup-'));
  const started = await Promise.all([15, 18].map((major) => startTestCluster(major)));
  clusters = new Map([15, 18].map((major, i) => [major, started[i] as Cluster]));
});
afterAll(async () => {
  for (const cluster of clusters.values()) await cluster.stop();
  await rm(folder, { recursive: true });
});

async function newDatabase(major: number): Promise<pg.ClientConfig> {
  const connection = clusters.get(major)?.connection;
  const name = `b_${randomUUID().replaceAll('-', '')}`;
  await withClient({ ...connection, database: 'postgres' }, (client) =>
    client.query(`create database ${name} template template0`),
  );
  return { ...connection, database: name };
}

/** Rows in every saved table by the catalogue's own description of it, with awkward text, bytes and nulls. */
async function fill(settings: pg.ClientConfig, rows: number): Promise<void> {
  await withClient(settings, async (client) => {
    await migrate(client, await readMigrations());
    await client.query(
      `insert into account (id, pseudonym, pseudonym_key, identity_public_key, box_public_key, box_signature, created_at)
       select gen_random_uuid(), E'a\\tb\\\\N\\n' || n || 'é', 'k' || n, decode(md5(n::text), 'hex'), '\\x00', '\\x', now()
       from generate_series(1, $1) n`,
      [rows],
    );
    await client.query(
      `insert into device (id, account_id, name, signature_public_key, certificate, added_at)
       select gen_random_uuid(), id, '', '\\x01', '\\xff', now() from account`,
    );
    await client.query(
      `insert into passkey (credential_id, account_id, public_key, sign_count, transports, backed_up, added_at)
       select id::text, id, '\\x07', 9223372036854775807, '{usb,"a,b"}', false, now() from account`,
    );
    await client.query(
      `insert into session (token_hash, account_id, credential_id, created_at, expires_at)
       select decode(md5(credential_id), 'hex'), account_id, credential_id, now(), now() from passkey`,
    );
    await client.query(
      `insert into inbox (device_id, kind, group_id, epoch, at, body)
       select id, 0, gen_random_uuid(), 9007199254740993, now(), $1 from device`,
      [randomBytes(3000)],
    );
    await client.query(
      `insert into proof_spent (tag, expires_on)
       select decode(md5(n::text) || md5(n::text), 'hex'), '2026-12-01' from generate_series(1, 20) n`,
    );
    // What is acknowledged is deleted: the last id lies beyond every row.
    await client.query('delete from inbox where id > $1', [Math.floor(rows / 2)]);
  });
}

/** One hash over every row of every saved table, whatever the order on disk. */
async function contentOf(settings: pg.ClientConfig): Promise<Record<string, string>> {
  return withClient(settings, async (client) => {
    const out: Record<string, string> = {};
    for (const { name, columns } of await savedTables(client)) {
      const list = columns.map((column) => `"${column}"`).join(', ');
      const { rows } = await client.query<{ sum: string }>(
        `select count(*) || ':' || coalesce(md5(string_agg(h, '' order by h)), '') as sum
         from (select md5(row(${list})::text) as h from "${name}") hashed`,
      );
      out[name] = rows[0]?.sum ?? '';
    }
    return out;
  });
}

const isUntouched = (settings: pg.ClientConfig) => withClient(settings, tableNames);

describe('a backup', () => {
  it.each([
    { from: 15, to: 18, rows: 4000 },
    { from: 18, to: 15, rows: 500 },
  ])('of PostgreSQL $from restores into $to with the same content', async ({ from, to, rows }) => {
    const source = await newDatabase(from);
    await fill(source, rows);
    const path = join(folder, `${from}-to-${to}.tar.gz`);
    const saved = await backup(source, path, new Date());
    expect(saved.postgres).toBe(from);
    expect((await stat(path)).mode & 0o777).toBe(0o600);

    const target = await newDatabase(to);
    await restore(target, path);
    const content = await contentOf(target);
    expect(content).toEqual(await contentOf(source));
    expect(content.account).toMatch(new RegExp(`^${rows}:`));

    await withClient(target, async (client) => {
      expect((await client.query('select from session')).rowCount).toBe(0);
      // In which order proofs came, beside the accounts', would say whose they were.
      const places = 'select tag from proof_spent order by ctid';
      const tags = (await client.query<{ tag: Buffer }>(places)).rows.map(({ tag }) => tag.toString('hex'));
      expect(tags).toEqual([...tags].sort());
      expect(tags).toHaveLength(20);
      const given = await client.query<{ id: string }>(
        `insert into inbox (device_id, kind, group_id, epoch, at, body)
         values (gen_random_uuid(), 0, gen_random_uuid(), 0, now(), '') returning id`,
      );
      // Never an id that was given before, nor one given after the backup was made.
      expect(Number(given.rows[0]?.id)).toBeGreaterThan(rows + 1_000_000);
      expect(await migrate(client, await readMigrations())).toEqual([]);
    });
  });

  it('saves every table but those that are named as short-lived', async () => {
    const source = await newDatabase(18);
    await fill(source, 1);
    await withClient(source, async (client) => {
      const saved = (await savedTables(client)).map(({ name }) => name);
      expect([...saved, ...unsavedTables].sort()).toEqual(await tableNames(client));
    });
  });

  it('is of one moment, while others write', async () => {
    const source = await newDatabase(18);
    await fill(source, 200);
    const path = join(folder, 'moment.tar.gz');
    let writing = true;
    // Each transaction adds an account and its device: a backup has both or neither.
    const writer = withClient(source, async (client) => {
      for (let n = 0; writing; n += 1) {
        await client.query(
          `with a as (insert into account
             (id, pseudonym, pseudonym_key, identity_public_key, box_public_key, box_signature, created_at)
             values (gen_random_uuid(), 'w', 'w${n}', '', '', '', now()) returning id)
           insert into device (id, account_id, name, signature_public_key, certificate, added_at)
           select gen_random_uuid(), id, '', '', '', now() from a`,
        );
      }
    });
    const saved = await backup(source, path, new Date()).finally(() => {
      writing = false;
    });
    await writer;
    const rowsOf = (name: string) => saved.tables.find((table) => table.name === name)?.rows;
    expect(rowsOf('account')).toBe(rowsOf('device'));
    const target = await newDatabase(18);
    await restore(target, path);
  });

  it('replaces no file and leaves none behind when it fails', async () => {
    const source = await newDatabase(18);
    const path = join(folder, 'taken.tar.gz');
    await writeFile(path, 'precious');
    await expect(backup(source, path, new Date())).rejects.toThrow(/exists already/);
    expect(await readFile(path, 'utf8')).toBe('precious');
    await expect(backup(source, join(folder, 'none.tar.gz'), new Date())).rejects.toThrow();
    expect((await readdir(folder)).filter((name) => name.startsWith('none'))).toEqual([]);
  });
});

describe('an archive', () => {
  let path: string;
  let bytes: Buffer;
  beforeAll(async () => {
    const source = await newDatabase(18);
    await fill(source, 100);
    path = join(folder, 'sound.tar.gz');
    await backup(source, path, new Date());
    bytes = await readFile(path);
  });

  it('with one byte flipped anywhere is refused before anything is touched', async () => {
    const target = await newDatabase(18);
    const bent = join(folder, 'bent.tar.gz');
    for (let i = 1; i <= 12; i += 1) {
      const copy = Buffer.from(bytes);
      // Past the header, whose time stamp no one reads.
      const at = 12 + Math.floor(((copy.length - 20) * i) / 13);
      copy[at] = (copy[at] ?? 0) ^ 0x10;
      await writeFile(bent, copy);
      await expect(restore(target, bent), `byte ${at}`).rejects.toThrow(/damaged|cut short|no backup/);
    }
    expect(await isUntouched(target)).toEqual([]);
  });

  it('with a changed row under a sound compression is refused too', async () => {
    const plain = gunzipSync(bytes);
    const at = plain.indexOf('k50\t');
    plain.write('k51\t', at);
    const forged = join(folder, 'forged.tar.gz');
    await writeFile(forged, gzipSync(plain));
    const target = await newDatabase(18);
    await expect(restore(target, forged)).rejects.toThrow(/tables\/account\/000000 is not what was saved/);
    expect(await isUntouched(target)).toEqual([]);
  });

  it('that is cut short, foreign or absent is refused', async () => {
    const cut = join(folder, 'cut.tar.gz');
    await writeFile(cut, bytes.subarray(0, bytes.length / 2));
    await expect(verifyArchive(cut)).rejects.toThrow(/damaged|cut short/);
    await writeFile(cut, 'a letter');
    await expect(verifyArchive(cut)).rejects.toThrow(/no backup of Accord/);
    await expect(verifyArchive(join(folder, 'nowhere'))).rejects.toThrow(/There is no file/);
  });

  it('is not restored over anything', async () => {
    const target = await newDatabase(18);
    await fill(target, 1);
    const before = await contentOf(target);
    await expect(restore(target, path)).rejects.toThrow(/The database is not empty: account has rows/);
    expect(await contentOf(target)).toEqual(before);
  });

  it('of a later version is refused', async () => {
    const source = await newDatabase(18);
    await fill(source, 1);
    await withClient(source, (client) =>
      client.query("insert into migration (name, hash) values ('9999_later.sql', repeat('0', 64))"),
    );
    const later = join(folder, 'later.tar.gz');
    await backup(source, later, new Date());
    const target = await newDatabase(18);
    await expect(restore(target, later)).rejects.toThrow(/newer than this Accord/);
    expect(await isUntouched(target)).toEqual([]);
  });
});
