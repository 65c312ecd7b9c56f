import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyRing } from '../../server/src/platform/key-ring.ts';
import { codeOf } from '../../server/test/client.ts';
import { freshName, newAccount } from '../../server/test/people.ts';
import { type FreshDatabase, freePort, freshDatabase, startServer } from '../../server/test/support.ts';
import { accord } from '../src/accord.ts';

describe('accord', () => {
  let database: FreshDatabase;
  let folder: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    database = await freshDatabase();
    folder = await mkdtemp(join(tmpdir(), 'accord-cli-'));
    env = {
      ACCORD_DATABASE_URL: urlOf(database),
      ACCORD_DATA: folder,
      ACCORD_PUBLIC_URL: `http://localhost:${await freePort()}`,
    };
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  function urlOf({ settings }: FreshDatabase): string {
    const { host = '', port, user, database: name } = settings;
    return `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`;
  }

  async function call(...argv: string[]) {
    const lines = { out: '', err: '' };
    const code = await accord(argv, {
      env,
      now: Date.now,
      out: (line) => {
        lines.out += `${line}\n`;
      },
      err: (line) => {
        lines.err += `${line}\n`;
      },
    });
    return { code, ...lines };
  }

  it('lists its commands, and helps with each', async () => {
    const help = await call('--help');
    expect(help.code).toBe(0);
    for (const name of ['backup', 'config', 'doctor', 'keys', 'reports', 'restore']) {
      expect(help.out).toContain(`npm run accord -- ${name}`);
      expect((await call(name, '--help')).out).toContain(`npm run accord -- ${name}`);
    }
  });

  it.each([
    [['frobnicate'], 'accord has no command frobnicate'],
    [['constructor'], 'accord has no command constructor'],
    [['backup'], 'backup wants the name of one file'],
    [['restore', '--quickly', 'x'], "Unknown option '--quickly'"],
    [['reports', 'close', 'the first'], 'reports has two forms'],
    [['keys', 'rotate', 'matching'], 'keys has two forms'],
    [['config'], 'config has one form'],
    [['transparency', 'yearly', 'x'], 'transparency has one form'],
    [['transparency', 'yearly', '--year', '2999', 'x'], 'transparency has one form'],
    [['role', 'grant', 'Ada', 'king'], 'role has three forms'],
    [['role', 'revoke', 'Ada'], 'role has three forms'],
    [['doctor', 'please'], 'doctor takes no arguments'],
  ])('does not understand %j, with exit code 2', async (argv, sentence) => {
    const { code, err } = await call(...argv);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });

  it('shows the configuration, and fails on one that can’t be read', async () => {
    expect((await call('config', 'check')).out).toContain(`ACCORD_PUBLIC_URL=${env.ACCORD_PUBLIC_URL}`);
    env.ACCORD_PORT = 'x';
    const bad = await call('config', 'check');
    expect(bad.code).toBe(1);
    expect(bad.err).toContain("ACCORD_PORT can't be read");
    const looked = await call('doctor');
    expect(looked.code).toBe(1);
    expect(looked.out).toContain("fail  configuration: ACCORD_PORT can't be read");
  });

  it('backs up, checks and restores, and refuses to restore over what is there', async () => {
    const id = randomUUID();
    await database.db
      .insertInto('report')
      .values({
        id,
        by_id: null,
        about_id: null,
        reason: 'other',
        words: 'x',
        created_at: new Date(),
        closed_at: null,
      })
      .execute();
    const file = join(folder, 'b.tar.gz');
    expect(await call('backup', file)).toMatchObject({ code: 0, err: '' });
    expect((await call('doctor')).out).toContain('ok    backups: the last is less than a day old');
    expect((await call('restore', '--verify', file)).out).toContain('is whole: 1 rows');
    expect((await call('restore', file)).err).toContain('The database is not empty: report has rows');

    await using other = await freshDatabase({ empty: true });
    env.ACCORD_DATABASE_URL = urlOf(other);
    expect(await call('restore', file)).toMatchObject({ code: 0, err: '' });
    expect(await other.db.selectFrom('report').select('id').execute()).toEqual([{ id }]);
  });

  it('lists reports and closes one; what a member typed can’t steer the terminal', async () => {
    const id = randomUUID();
    const words = 'first line\nsecond \u001b[2Jline';
    await database.db
      .insertInto('report')
      .values({
        id,
        by_id: null,
        about_id: null,
        reason: 'other',
        words,
        created_at: new Date(),
        closed_at: null,
      })
      .execute();
    const listed = await call('reports', 'list');
    expect(listed.out).toContain(id);
    expect(listed.out).toContain('second \\x1b[2Jline');
    expect(listed.out).not.toContain('\u001b');
    expect(await call('reports', 'close', id)).toMatchObject({ code: 0, out: `Closed ${id}.\n` });
    expect((await call('reports', 'list')).out).toBe('No report is waiting.\n');
    expect((await call('reports', 'close', id)).code).toBe(1);
  });

  it('lists keys without their secrets, and makes a new one that the ring uses', async () => {
    expect((await call('keys', 'list')).out).toContain('none yet');
    const ring = await openKeyRing(folder, 'moderation', Date.now());
    const first = ring.current();
    const listed = await call('keys', 'list');
    expect(listed.out).toContain(first.kid.toString('hex'));
    expect(listed.out).not.toContain(first.secret.toString('hex'));
    const made = await call('keys', 'rotate', 'moderation');
    const [kid = ''] = /[0-9a-f]{16}/.exec(made.out) ?? [];
    const again = await openKeyRing(folder, 'moderation', Date.now());
    expect(again.current().kid.toString('hex')).toBe(kid);
    expect((await ring.find(again.current().kid))?.secret).toEqual(again.current().secret);
    expect((await again.find(first.kid))?.secret).toEqual(first.secret);
  });

  it('lists reports with proof beside the others, without what they say', async () => {
    const id = randomUUID();
    const report = { by_id: null, about_id: null, reason: 'ncii', pictures: 0, closed_at: null };
    await database.db
      .insertInto('media_report')
      .values({
        ...report,
        id,
        verified: true,
        kid: randomBytes(8),
        sealed: randomBytes(9),
        created_at: new Date(),
      })
      .execute();
    expect((await call('reports', 'list')).out).toMatch(/ncii[\s\S]*encrypted conversation, proved/);
    expect((await call('reports', 'close', id)).code).toBe(0);
    const { rows } = await database.pool.query<{ sealed: unknown }>('select sealed from media_report');
    expect(rows).toEqual([{ sealed: null }]);
    expect((await call('reports', 'list')).out).toBe('No report is waiting.\n');
  });

  it('writes the yearly report into a folder that it makes', async () => {
    const out = join(folder, 'report');
    const done = await call('transparency', 'yearly', '--year', '2025', '--provider', 'A, B', out);
    expect(done).toMatchObject({ code: 0, err: '', out: `9 files for 2025 are in ${out}.\n` });
    expect(await readFile(join(out, '1_report_identification.csv'), 'utf8')).toContain(
      'All,Accord,Name of the service provider,"A, B"\r\n',
    );
    expect(await readdir(out)).toEqual(
      expect.arrayContaining(['2_categories_names.csv', '7_appeals_and_recidivism.csv']),
    );
  });

  it('gives and takes roles beside a server that runs, and the door goes by them at once', async () => {
    await using server = await startServer();
    env.ACCORD_DATABASE_URL = urlOf(server.database);
    const { pseudonym, client } = await newAccount(server, freshName());
    const refused = () => codeOf(client.call('cases.staff.me', {}));
    expect((await call('role', 'list')).out).toBe('Nobody has a role yet.\n');
    expect(await call('role', 'grant', 'nobody-there', 'triage')).toMatchObject({ code: 1, out: '' });
    expect(await refused()).toBe('not_found');
    expect((await call('role', 'grant', pseudonym, 'triage')).out).toBe(`${pseudonym} now has triage.\n`);
    expect((await call('role', 'grant', pseudonym, 'triage')).out).toContain('nothing was changed');
    await call('role', 'grant', pseudonym, 'admin');
    expect((await client.call('cases.staff.me', {})).roles.sort()).toEqual(['admin', 'triage']);
    expect((await call('role', 'list')).out).toMatch(
      new RegExp(`^${pseudonym}  (triage, admin|admin, triage)\n$`),
    );
    expect((await call('role', 'revoke', pseudonym, 'legal')).out).toContain('nothing was changed');
    await call('role', 'revoke', pseudonym, 'triage');
    await call('role', 'revoke', pseudonym, 'admin');
    expect(await refused()).toBe('not_found');
  });

  it('doctor sees a pepper that is not the database’s, and one that is lost can be forgotten', async () => {
    Object.assign(env, { ACCORD_AGE_METHODS: 'wallet', ACCORD_AGE_POLICY: 'eu' });
    await (await startServer({ database, env })).close();
    expect((await call('doctor')).out).toContain('ok    age pepper: the database’s');
    await writeFile(join(folder, 'age-pepper'), randomBytes(32));
    expect((await call('doctor')).out).toContain('fail  age pepper: not the one that');
    expect((await call('age', 'pepper', 'forget')).out).toMatch(/^Forgotten: 0 proofs that were shown/);
    await (await startServer({ database, env })).close();
    expect((await call('doctor')).out).toContain('ok    age pepper: the database’s');
  });

  it('doctor sees a server that runs, a database that is gone, and what is to be done', async () => {
    const well = await call('doctor');
    expect(well.code).toBe(0);
    expect(well.out).toContain('ok    migrations: current');
    expect(well.out).toMatch(/ok {4}server: not running; .* is free/);
    expect(well.out).toContain('warn  backups: none was made yet');

    await using server = await startServer({ database });
    env.ACCORD_PUBLIC_URL = server.url;
    expect((await call('doctor')).out).toMatch(/ok {4}server: running on/);

    env.ACCORD_DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
    const gone = await call('doctor');
    expect(gone.code).toBe(1);
    expect(gone.out).toContain('fail  database: ACCORD_DATABASE_URL: the database at 127.0.0.1:1');
  });
});
