import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bus } from '../../src/platform/bus.ts';
import { postgresBus } from '../../src/platform/bus-postgres.ts';
import { createLog } from '../../src/platform/log.ts';
import { type FreshDatabase, freshDatabase } from '../support.ts';
import { connected, expectOrder, patience } from './bus-pair.ts';

const log = createLog('silent');

describe('the bus over PostgreSQL', () => {
  let database: FreshDatabase;
  let here: Bus;
  let there: Bus;

  beforeEach(async () => {
    database = await freshDatabase({ empty: true });
    here = postgresBus(database.settings, log);
    there = postgresBus(database.settings, log);
    await connected(here, there);
  });
  afterEach(async () => {
    await here.close();
    await there.close();
    await database.close();
  });

  it('tells the own process at once and once, the other soon and once, in order', async () => {
    await expectOrder(here, there);
  });

  it('carries more ids than one notification can', async () => {
    const deviceIds = Array.from({ length: 1000 }, () => randomUUID());
    const got: string[] = [];
    there.subscribe('inbox', (event) => got.push(...event.deviceIds));
    here.publish('inbox', { deviceIds });
    await vi.waitFor(() => expect(got).toEqual(deviceIds), patience);
  });

  it('carries a body that fits and drops one that does not, without harm to the next', async () => {
    const bodies: number[] = [];
    there.subscribe('ephemeral', ({ body }) => bodies.push(body.length));
    for (const size of [7000, 9000, 10]) {
      here.publish('ephemeral', { deviceIds: ['d'], groupId: 'g', body: 'x'.repeat(size) });
    }
    await vi.waitFor(() => expect(bodies).toContain(10), patience);
    expect(bodies).toEqual([7000, 10]);
  });

  it('comes back when its connection is cut, and says that it may have missed something', async () => {
    const gaps = vi.fn();
    there.subscribe('gap', gaps);
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'accord bus'`,
    );
    await vi.waitFor(() => expect(gaps).toHaveBeenCalledTimes(1), patience);
    await connected(here, there);
  });
});
