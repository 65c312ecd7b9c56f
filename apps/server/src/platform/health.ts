import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import type { Migration } from './migrate.ts';
import { MigrationError, pendingMigrations } from './migrate.ts';

/** What `/health` tells anybody: words of a closed list, no name, address or version. */
interface Health {
  readonly status: 'ok' | 'unavailable';
  readonly database: 'ok' | 'away';
  readonly migrations: 'current' | 'behind' | 'foreign' | 'unknown';
}

const patienceMs = 2000;

async function examine(pool: pg.Pool, migrations: readonly Migration[]): Promise<Health> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    const pending = await pendingMigrations(client, migrations);
    const current = pending.length === 0;
    return {
      status: current ? 'ok' : 'unavailable',
      database: 'ok',
      migrations: current ? 'current' : 'behind',
    };
  } catch (error) {
    if (error instanceof MigrationError)
      return { status: 'unavailable', database: 'ok', migrations: 'foreign' };
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure);
  }
}

const away: Health = { status: 'unavailable', database: 'away', migrations: 'unknown' };

/**
 * `GET /health`: 200 while the process answers and its database is there and fits, else 503. Never waits longer
 * than two seconds, and examines once however many ask.
 */
export function addHealth(app: FastifyInstance, pool: pg.Pool, migrations: readonly Migration[]): void {
  let examination: Promise<Health> | undefined;
  app.get('/health', { logLevel: 'silent' }, async (_request, reply) => {
    examination ??= examine(pool, migrations)
      .catch(() => away)
      .finally(() => {
        examination = undefined;
      });
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<Health>((resolve) => {
      timer = setTimeout(resolve, patienceMs, away);
    });
    const health = await Promise.race([examination, tooLate]);
    clearTimeout(timer);
    return reply
      .code(health.status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(health);
  });
}
