import { describe, expect, it } from 'vitest';
import { type Purge, startHousekeeping } from '../../src/platform/housekeeping.ts';
import { databaseLocks } from '../../src/platform/locks.ts';
import { startServer } from '../support.ts';

describe('housekeeping', () => {
  it('runs every purge by the injected clock, also after one that fails', async () => {
    await using server = await startServer({ clock: () => 1234 });
    const ran: string[] = [];
    const purges: Purge[] = [
      { name: 'broken', run: async () => Promise.reject(new Error('not today')) },
      {
        name: 'whole',
        run: async (now) => {
          ran.push(`at ${now}`);
          return 1;
        },
      },
    ];
    const housekeeping = startHousekeeping(server.platform, purges, 3_600_000);
    expect(await housekeeping.round()).toBe(true);
    await housekeeping.stop();
    expect(ran).toEqual(['at 1234']);
  });

  it('is done by one process at a time, and a round under way is shared and waited for', async () => {
    await using server = await startServer();
    let running = 0;
    let most = 0;
    const purges: Purge[] = [
      {
        name: 'slow',
        async run() {
          running += 1;
          most = Math.max(most, running);
          await server.platform.pool.query('select pg_sleep(0.3)');
          running -= 1;
          return 0;
        },
      },
    ];
    const one = startHousekeeping(server.platform, purges, 3_600_000);
    const other = startHousekeeping(server.platform, purges, 3_600_000);
    const rounds = await Promise.all([one.round(), one.round(), other.round()]);
    expect(rounds.filter(Boolean).length).toBeLessThanOrEqual(2);
    expect(most).toBe(1);
    const round = one.round();
    await one.stop();
    expect(running).toBe(0);
    expect(await round).toBe(true);
    await other.stop();
  });

  it('leaves it to the one that holds the lock, and ticks by itself', async () => {
    await using server = await startServer();
    const ticks: number[] = [];
    const purges: Purge[] = [
      {
        name: 'tick',
        run: async (now) => {
          ticks.push(now);
          return 0;
        },
      },
    ];
    const holder = await server.platform.pool.connect();
    await holder.query('select pg_advisory_lock($1)', [databaseLocks.housekeeping]);
    const housekeeping = startHousekeeping(server.platform, purges, 50);
    expect(await housekeeping.round()).toBe(false);
    expect(ticks).toEqual([]);
    await holder.query('select pg_advisory_unlock($1)', [databaseLocks.housekeeping]);
    holder.release();
    await expect.poll(() => ticks.length, { timeout: 10_000 }).toBeGreaterThan(1);
    await housekeeping.stop();
  });
});
