import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { startManagedPostgres } from '../../src/platform/managed-postgres.ts';
import { freePort } from '../support.ts';

/** A disk of its own for one test: a small file system in memory, which only root may mount. */
async function smallDisk(megabytes: number): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'accord-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(async () => {
    execFileSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  });
  return folder;
}

describe('a full disk', () => {
  it('is told as unavailable, loses nothing that was acknowledged, and passes when there is room again', async (context) => {
    const disk = await smallDisk(120);
    if (disk === undefined) return context.skip('a small disk can be mounted by root alone');
    const log = createLog('silent');
    const data = join(disk, 'data');
    const managed = await startManagedPostgres(data, { log });
    const port = await freePort();
    const config = readConfig({ ACCORD_PUBLIC_URL: `http://localhost:${port}`, ACCORD_DATA: data });
    const running = await compose(config, { database: managed.settings, log, clock: Date.now });
    onTestFinished(async () => {
      await running.stop();
      await managed.stop();
    });
    const begin = () =>
      fetch(`${config.publicUrl.origin}/api/accounts/sign-ins`, {
        method: 'POST',
        headers: { origin: config.publicUrl.origin, 'content-type': 'application/json' },
        body: '{}',
      });
    const { pool } = running.platform;
    await pool.query('create table filling (n int, padding text)');

    let acknowledged = 0;
    const { bavail, bsize } = await statfs(disk);
    await writeFile(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - 1024 * 1024));
    let refusal: { code?: string } = {};
    for (let n = 1; n <= 2000 && refusal.code === undefined; n += 1) {
      await pool
        .query(
          // Text that does not compress: how full the last file of the log is must not decide.
          `insert into filling select $1::int, string_agg(md5(random()::text || part), '')
           from generate_series(1, 1000) part`,
          [n],
        )
        .then(
          () => {
            acknowledged = n;
          },
          (error: { code?: string; message?: string }) => {
            refusal = { code: error.code ?? error.message ?? 'gone' };
          },
        );
    }
    expect(refusal.code).toMatch(/^(53100|57P0.|08...|ECONN|EPIPE|ENOENT|Connection terminated)/);
    expect((await fetch(`${config.publicUrl.origin}/health`)).status).toBeOneOf([200, 503]);
    const during = await begin();
    expect(during.status).toBeOneOf([200, 503]);

    await rm(join(disk, 'ballast'));
    await expect.poll(async () => (await begin()).status, { timeout: 60_000 }).toBe(200);
    await expect
      .poll(async () => (await fetch(`${config.publicUrl.origin}/health`)).status, { timeout: 60_000 })
      .toBe(200);
    const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from filling where n <= $1', [
      acknowledged,
    ]);
    expect(rows[0]?.n).toBe(acknowledged);
    await pool.query('insert into filling values (-1, $1)', ['room again']);
  });
});
