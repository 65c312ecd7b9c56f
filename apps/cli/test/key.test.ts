import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiServer, call, startApi } from '../../server/test/partners/api.ts';
import { accord } from '../src/accord.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function run(...argv: string[]) {
  const { host = '', port, user, database: name } = api.server.database.settings;
  const lines: { out: string[]; err: string[] } = { out: [], err: [] };
  const code = await accord(['key', ...argv], {
    env: {
      ACCORD_DATABASE_URL: `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`,
      ACCORD_DATA: api.server.platform.folder,
      ACCORD_PUBLIC_URL: api.server.url,
    },
    now: Date.now,
    out: (line) => lines.out.push(line),
    err: (line) => lines.err.push(line),
  });
  return { code, ...lines };
}

it('makes a key that opens at once, lists it without its secret, and revokes it', async () => {
  const made = await run(
    'create',
    'uploads',
    '--scopes',
    'match,banks.read',
    '--banks',
    'DESK',
    '--per-minute',
    '50',
  );
  const [key = ''] = made.out;
  expect([made.code, made.out.length]).toEqual([0, 1]);
  expect((await call(api.url, key, 'GET', '/c/banks')).status).toBe(200);
  expect(await call(api.url, key, 'GET', '/api/v1/status')).toMatchObject({
    body: { scopes: ['match', 'banks.read'], banks: ['DESK'], perMinute: 50 },
  });
  const listed = await run('list');
  expect(listed.out.at(-1)).toMatch(/uploads +match,banks\.read +DESK +50/);
  expect(listed.out.join()).not.toContain(key.slice(-43));
  const id = key.slice(7, 15);
  expect((await run('revoke', id)).code).toBe(0);
  expect((await run('revoke', id)).code).toBe(1);
  expect((await run('list')).out.at(-1)).toMatch(/revoked/);
});

it('refuses what makes no sense, with its usage', async () => {
  for (const argv of [
    [],
    ['create'],
    ['create', 'x'],
    ['create', 'x', '--scopes', ''],
    ['create', 'x', '--scopes', 'match,everything'],
    ['create', 'x', 'y', '--scopes', 'match'],
    ['create', 'x', '--scopes', 'match', '--per-minute', '0'],
    ['list', 'x'],
    ['revoke'],
    ['nonsense'],
  ]) {
    const { code, out, err } = await run(...argv);
    expect([code, out], argv.join(' ')).toEqual([2, []]);
    expect(err.join()).toContain('npm run accord -- key');
  }
});
