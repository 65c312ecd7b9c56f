import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { type ServerProcess, startProcess, temporaryData } from '../process.ts';
import { type FreshDatabase, freshDatabase, startServer, type TestServer } from '../support.ts';
import { ask, byOwner, newKey, someHash, uuidOf } from './pictures.ts';

const positive = { category: 'positive', at: new Date(0) } as const;
const signal = (hash: Uint8Array) => ({ hash, quality: 90, opinion: positive });

/** A server whose log can be read: where its index came from. */
async function logged(database: FreshDatabase) {
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const server = await startServer({ database, log });
  const loaded = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'index loaded');
  return { server, matching: server.running.features.matching, from: loaded?.from, lines };
}

describe('the index after a restart', () => {
  let database: FreshDatabase;
  let folder: string;
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A server that banked and registered something and was stopped. */
  async function before() {
    database = await freshDatabase();
    const { server, matching, from } = await logged(database);
    folder = server.platform.folder;
    expect(from).toBe('database');
    const [banked, registered, part] = [someHash(), someHash(), someHash()];
    await matching.banks.addSignals('DESK', [
      { ...signal(banked), variants: [{ kind: 'part', hash: part, anchor: 4 }] },
    ]);
    await ask(server.url, await byOwner(await newKey(), registered));
    await server.close();
    return { banked, registered, part };
  }

  const knows = async (server: TestServer, hash: Uint8Array) =>
    (await ask(server.url, await byOwner(await newKey(), hash))).outcome === 'refused';

  it('comes from its snapshot, and has what was changed since by others', async () => {
    const { banked, registered, part } = await before();
    const late = someHash();
    const other = await startServer({ database, env: { ACCORD_DATA: `${folder}-other` } });
    await other.running.features.matching.banks.addSignals('DESK', [signal(late)]);
    await other.running.features.matching.banks.removeSignals('DESK', [banked]);
    await other.close();
    await rm(`${folder}-other`, { recursive: true });
    const { server, from } = await logged(database);
    expect(from).toBe('snapshot');
    expect(await Promise.all([banked, registered, part, late].map((hash) => knows(server, hash)))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    await server.close();
  });

  it.each([
    ['is damaged', async (path: string) => writeFile(path, (await readFile(path)).fill(7, 200, 210))],
    ['is cut short', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 100))],
    ['is gone', (path: string) => rm(path)],
    [
      'is of an older form',
      async (path: string) => {
        const manifest = join(path, '../index.json');
        await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"format":2', '"format":1'));
      },
    ],
  ])('comes from the database where its snapshot %s', async (_, spoil) => {
    const { banked, registered } = await before();
    const files = await readdir(join(folder, 'matching'));
    await spoil(join(folder, 'matching', files.find((name) => name.includes('.whole.')) ?? ''));
    const { server, from } = await logged(database);
    expect(from).toBe('database');
    expect(await knows(server, banked)).toBe(true);
    expect(await knows(server, registered)).toBe(true);
    await server.close();
  });

  it('comes from the database where that is another one: restored, or given by somebody else', async () => {
    const { banked } = await before();
    await database.db.deleteFrom('matching_feed').execute();
    await database.db.deleteFrom('matching_change').execute();
    const { server, from } = await logged(database);
    expect(from).toBe('database');
    expect(await knows(server, banked)).toBe(true);
    await server.close();
  });
});

describe('the index while the database changes', () => {
  it('misses nothing of transactions that overlap', async () => {
    await using server = await startServer();
    const matching = server.running.features.matching;
    const { pool } = server.database;
    const [slow, fast] = [await pool.connect(), await pool.connect()];
    const register = async (client: typeof slow, hash: Uint8Array) => {
      const { rows } = await client.query<{ id: number }>(
        `insert into registered_picture (owner_key, cm, quality, state, afterwards)
         values ($1, $1, 90, 'ended', 'refuse') returning id`,
        [Buffer.from(someHash())],
      );
      await client.query('insert into matching_hash (kind, hash, registered_id) values (0, $1, $2)', [
        Buffer.from(hash),
        rows[0]?.id,
      ]);
    };
    const [first, second, third] = [someHash(), someHash(), someHash()];
    const outcome = async (hash: Uint8Array) =>
      (await ask(server.url, await byOwner(await newKey(), hash))).outcome;
    await slow.query('begin');
    await register(slow, first);
    await fast.query('begin');
    await register(fast, second);
    await fast.query('commit');
    await matching.catchUp();
    expect(await outcome(second)).toBe('refused');
    await register(fast, third);
    await matching.catchUp();
    await slow.query('commit');
    await matching.catchUp();
    expect(await Promise.all([first, second, third].map(outcome))).toEqual(['refused', 'refused', 'refused']);
    slow.release();
    fast.release();
  });

  it('of each process has what the others did', async () => {
    const env = { ACCORD_BUS: 'postgres' };
    await using one = await startServer({ env });
    await using other = await startServer({ env, database: one.database });
    const [banked, registered] = [someHash(), someHash()];
    await one.running.features.matching.banks.addSignals('DESK', [signal(banked)]);
    const body = await byOwner(await newKey(), registered);
    await ask(one.url, body);
    const { banks, registry } = other.running.features.matching;
    await expect.poll(() => banks.lookup(banked)).toHaveLength(1);
    await expect
      .poll(async () => (await registry.sweep([{ kind: 'whole', hash: registered }])).tags)
      .toEqual([one.running.features.matching.registry.tagOf(uuidOf(body.blobId))]);
  });

  it('has what was written beside it within moments', async () => {
    await using server = await startServer();
    const { banks } = server.running.features.matching;
    const hash = someHash();
    await sql`with fresh as (insert into bank_signal (quality, added_at) values (90, now()) returning id),
      word as (insert into bank_opinion select id, 0, 'by hand', 'positive', '{}', 100, now(), false from fresh)
      insert into matching_hash (kind, hash, signal_id) select 0, ${Buffer.from(hash)}, id from fresh`.execute(
      server.database.db,
    );
    await expect.poll(() => banks.lookup(hash), { timeout: 5000 }).toHaveLength(1);
  });
});

describe('a server that is killed', () => {
  const urlOf = ({ settings }: FreshDatabase) => {
    const { host = '', port, user, database: name } = settings;
    return `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`;
  };

  it('between the commit of a picture and its index refuses that picture afterwards', async () => {
    await using database = await freshDatabase();
    const folder = await temporaryData();
    const env = {
      ACCORD_DATABASE_URL: urlOf(database),
      ACCORD_DATA: folder.data,
      ACCORD_LOG_LEVEL: 'silent',
      ACCORD_RATE_LIMITS: 'false',
    };
    const registered = async () =>
      (await database.db.selectFrom('matching_hash').select('id').execute()).length;
    let server: ServerProcess = await startProcess(env);
    await server.health(200);
    const hashes: Uint8Array[] = [];
    // On a busy machine an answer may be out before the kill: that round showed nothing, and another is gone.
    for (let cutOff = 0; cutOff < 3; ) {
      expect(hashes.length).toBeLessThan(12);
      const hash = someHash();
      hashes.push(hash);
      const answer = ask(server.url, await byOwner(await newKey(), hash)).then(
        () => 'answered',
        () => 'cut off',
      );
      while ((await registered()) < hashes.length) await sleep(1);
      await server.end('SIGKILL');
      if ((await answer) === 'cut off') cutOff += 1;
      server = await startProcess(env);
      await server.health(200);
      for (const known of hashes) {
        expect((await ask(server.url, await byOwner(await newKey(), known))).outcome).toBe('refused');
      }
    }
    await server.end('SIGTERM');
    await folder.remove();
  });
});
