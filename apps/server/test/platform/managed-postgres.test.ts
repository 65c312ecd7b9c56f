import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { withClient } from '../../src/platform/database.ts';
import { createLog } from '../../src/platform/log.ts';
import { startManagedPostgres } from '../../src/platform/managed-postgres.ts';
import { isRoot, nobody, postmasterOf, startProcess, temporaryData } from '../process.ts';

const log = createLog('silent');

async function dataOf(owner?: typeof nobody): Promise<string> {
  const { data, remove } = await temporaryData(owner);
  onTestFinished(remove);
  return data;
}

describe('a managed database', () => {
  it('is made at the first start and found at the second, with what was in it', async () => {
    const data = await dataOf();
    const first = await startManagedPostgres(data, { log });
    await withClient(first.settings, (client) => client.query('create table kept as select 7 as n'));
    await first.stop();
    const second = await startManagedPostgres(data, { log });
    const { rows } = await withClient(second.settings, (client) => client.query('select n from kept'));
    await second.stop();
    expect(rows).toEqual([{ n: 7 }]);
    expect((await stat(join(data, 'pg18'))).mode & 0o777).toBe(0o700);
  });

  it('is durable, checks its pages, and listens on no port', async () => {
    const managed = await startManagedPostgres(await dataOf(), { log });
    const { rows } = await withClient(managed.settings, (client) =>
      client.query(
        `select name, setting from pg_settings where name in
         ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses') order by name`,
      ),
    );
    await managed.stop();
    expect(rows).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
  });

  it('serves one server alone', async () => {
    const data = await dataOf();
    const first = await startManagedPostgres(data, { log });
    await expect(startManagedPostgres(data, { log })).rejects.toThrow(/Another Accord server works on/);
    expect(
      await withClient(first.settings, async (client) => (await client.query('select 1 as n')).rows),
    ).toEqual([{ n: 1 }]);
    await first.stop();
  });

  it('comes back by itself when its postmaster is killed, under load too', async () => {
    const data = await dataOf();
    const managed = await startManagedPostgres(data, { log });
    const before = await postmasterOf(data);
    // A busy child outlives the postmaster for a moment, and the first new start is refused.
    const busy = withClient(managed.settings, (client) => client.query('select pg_sleep(1)')).catch(
      () => undefined,
    );
    await sleep(200);
    process.kill(before, 'SIGKILL');
    await busy;
    await vi.waitFor(() => withClient(managed.settings, (client) => client.query('select 1')), {
      timeout: 60_000,
      interval: 100,
    });
    expect(await postmasterOf(data)).not.toBe(before);
    await managed.stop();
  });

  it.each([
    { who: 'whoever runs the tests', owner: undefined },
    { who: 'an ordinary user', owner: nobody },
  ])('outlives a server killed by force, and is adopted by the next: $who', async ({ owner }) => {
    // An ordinary user who runs the tests is the ordinary user already.
    const as = isRoot ? owner : undefined;
    const data = await dataOf(as);
    const first = await startProcess({ ACCORD_DATA: data }, as);
    await first.health(200);
    const postmaster = await postmasterOf(data);
    expect(await first.end('SIGKILL')).toBe(null);
    process.kill(postmaster, 0);

    const second = await startProcess({ ACCORD_DATA: data }, as);
    await second.health(200);
    expect(await postmasterOf(data)).toBe(postmaster);
    process.kill(postmaster, 'SIGKILL');
    await vi.waitFor(async () => expect(await postmasterOf(data)).not.toBe(postmaster), {
      timeout: 60_000,
      interval: 100,
    });
    await second.health(200);
    expect(await second.end('SIGTERM')).toBe(0);
    await expect(postmasterOf(data)).rejects.toThrow(/ENOENT/);
  });
});
