import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { watchConnections } from '../../src/platform/database-watch.ts';
import { isUnavailable } from '../../src/platform/http.ts';

const patience = { lookMs: 20, silentMs: 60, probeMs: 1000, mostMs: 60_000 };

/** A way to the database that can stop carrying anything without breaking. */
class Way {
  silent = false;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => {
    const { host, port } = inject('postgres');
    const far = connect(`${host}/.s.PGSQL.${port}`);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {}).on('close', () => to.destroy());
      from.on('data', (part) => this.silent || to.write(part));
    }
  });

  async open(): Promise<pg.PoolConfig> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return { host: '127.0.0.1', port, user: inject('postgres').user, database: 'postgres' };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

let way: Way;
let pool: pg.Pool;
let settings: pg.PoolConfig;
beforeEach(async () => {
  way = new Way();
  settings = await way.open();
  pool = new pg.Pool({ ...settings, connectionTimeoutMillis: 1500, max: 2 });
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
});
afterEach(async () => {
  way.close();
  await pool.end();
});

const unavailable = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: unknown) => isUnavailable(error),
  );

describe('a database that does not answer any more, and whose connections do not break', () => {
  it('is told from a slow one, costs its connections, and is asked again when it is back', async () => {
    pool.on('connect', watchConnections(settings, patience));
    expect(await unavailable(pool.query('select pg_sleep(0.5)'))).toBe('answered');
    way.silent = true;
    const asked = [1, 2, 3].map(() => unavailable(pool.query('select 1')));
    expect(await Promise.all(asked)).toEqual([true, true, true]);
    way.silent = false;
    expect(await unavailable(pool.query('select 1'))).toBe('answered');
  });

  it('has lost an answer where a statement takes longer than the server lets any', async () => {
    pool.on('connect', watchConnections(settings, { ...patience, mostMs: 100 }));
    await pool.query('select 1');
    const slow = unavailable(pool.query('select pg_sleep(5)'));
    const idle = await pool.connect();
    await sleep(200);
    expect(await slow).toBe(true);
    expect((await idle.query('select 1')).rowCount).toBe(1);
    idle.release();
  });
});
