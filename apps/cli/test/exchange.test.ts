import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startServer, type TestServer } from '../../server/test/support.ts';
import { accord } from '../src/accord.ts';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accord-exchange-'));
  server = await startServer();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function call(...argv: string[]) {
  const { host, port, user } = inject('postgres');
  const out: string[] = [];
  const err: string[] = [];
  const { name } = server.database;
  const code = await accord(argv, {
    env: {
      ACCORD_DATABASE_URL: `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`,
      ACCORD_PUBLIC_URL: server.url,
      ACCORD_EXCHANGE_ORIGINS: 'https://lists.example',
    },
    now: Date.now,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

it('accord exchange adds peers, fetches from them, says how it went, and removes them', async () => {
  const path = join(folder, 'hashes.txt');
  const hash = 'ab'.repeat(32);
  await writeFile(path, `${hash}\n${'cd'.repeat(32)}\n`);
  const add = ['exchange', 'add'];
  for (const [argv, why] of [
    [['FILE'], /wants a name and --kind/],
    [['FILE', '--kind', 'sftp'], /wants a name and --kind/],
    [['file', '--kind', 'list', '--file', path], /capital letters/],
    [['DESK', '--kind', 'list', '--file', path], /no other bank/],
    [['FILE', '--kind', 'list', '--url', 'https://elsewhere.example/x'], /ACCORD_EXCHANGE_ORIGINS/],
    [['FILE', '--kind', 'list'], /does not fit a peer of the kind list/],
    [['FILE', '--kind', 'threatexchange', '--group', 'x'], /settings.privacyGroup does not fit/],
    [['FILE', '--kind', 'stopncii', '--set', 'key'], /--set wants name=value/],
  ] as const) {
    const { code, err } = await call(...add, ...argv);
    expect([code, err]).toEqual([2, expect.stringMatching(why)]);
  }
  expect(await call(...add, 'FILE', '--kind', 'list', '--file', path)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Made FILE, with a bank/),
  });
  expect((await call(...add, 'WEB', '--kind', 'list', '--url', 'https://lists.example/a')).code).toBe(0);
  expect((await call(...add, 'STOP', '--kind', 'stopncii', '--self', 'Accord', '--tell')).code).toBe(0);
  // The server may be first: then there is nothing left to fetch.
  const fetched = await call('exchange', 'sync', 'FILE');
  expect(fetched).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^FILE: (2 records on 1|0 records on 0) pages\.$/),
  });
  const failed = await call('exchange', 'sync', 'STOP');
  expect(failed).toMatchObject({ code: 1, err: expect.stringMatching(/there are no keys for it/) });
  expect((await call('exchange', 'list')).out).toMatch(/FILE +list +on +not told +path=/);
  expect((await call('exchange', 'status')).out).toMatch(/FILE +on +20\S+Z +20\S+Z +2 +0/);
  const status = JSON.parse((await call('exchange', 'status', '--json')).out);
  expect(status.find((one: { name: string }) => one.name === 'STOP')).toMatchObject({
    fault: 'no_keys',
    tells: true,
  });
  await server.running.features.matching.catchUp();
  expect(await server.running.features.matching.banks.lookup(Buffer.from(hash, 'hex'))).toMatchObject([
    { standing: 'positive', banks: ['FILE'] },
  ]);
  const exported = await call('bank', 'export', 'FILE', join(folder, 'out.csv'));
  expect([exported.code, exported.err]).toEqual([2, expect.stringMatching(/theirs to give on/)]);
  expect((await call('exchange', 'tell', 'STOP', 'off')).code).toBe(0);
  expect((await call('exchange', 'off', 'STOP')).out).toMatch(/STOP is off/);
  expect((await call('exchange', 'remove', 'FILE')).code).toBe(1);
  expect((await call('exchange', 'remove', 'FILE', '--yes')).code).toBe(0);
  expect((await call('exchange', 'remove', 'FILE', '--yes')).code).toBe(2);
  expect((await call('exchange', 'frobnicate')).code).toBe(2);
});
