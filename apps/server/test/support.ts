import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { inject } from 'vitest';
import { compose, type Running } from '../src/compose.ts';
import { type Config, readConfig } from '../src/platform/config.ts';
import { type Database, openDatabase, withClient } from '../src/platform/database.ts';
import { createLog, type Log } from '../src/platform/log.ts';

/** A database of a test's own with every migration applied. */
export interface FreshDatabase extends AsyncDisposable {
  readonly name: string;
  /** How to connect; give it to `openDatabase` or to a `pg.Client`. */
  readonly settings: pg.PoolConfig;
  /** The same as `ACCORD_DATABASE_URL`, for a process of its own. */
  readonly url: string;
  readonly db: Database;
  readonly pool: pg.Pool;
  /** Closes the pool and drops the database. */
  close(): Promise<void>;
}

/** Copies the template into a database that nobody else sees (about 0.1 s). `empty` leaves it without tables. */
export async function freshDatabase(options: { readonly empty?: boolean } = {}): Promise<FreshDatabase> {
  const { host, port, user, template } = inject('postgres');
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const admin = { host, port, user, database: 'postgres' };
  const source = options.empty === true ? 'template0' : template;
  await withClient(admin, (client) => client.query(`create database ${name} template ${source}`));
  const settings: pg.PoolConfig = { host, port, user, database: name };
  const { db, pool } = openDatabase(settings);
  const close = async () => {
    await db.destroy();
    await withClient(admin, (client) => client.query(`drop database if exists ${name} with (force)`));
  };
  const url = `postgres://${user}@localhost/${name}?host=${encodeURIComponent(host)}&port=${port}`;
  return { name, settings, url, db, pool, close, [Symbol.asyncDispose]: close };
}

/** A new folder under the system's temporary one, to be `ACCORD_DATA`: a managed database's own user may pass through. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'accord-test-'));
  await chmod(folder, 0o711);
  return folder;
}

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface TestServer extends AsyncDisposable {
  readonly running: Running;
  readonly platform: Running['platform'];
  readonly app: Running['app'];
  readonly database: FreshDatabase;
  /** The public address, which is also where it listens; the origin of every request that changes something. */
  readonly url: string;
  /** Stops the server, drops its database unless it was given. */
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** Now, in milliseconds since 1970 UTC; by default the machine's. */
  readonly clock?: () => number;
  /** Settings by their names (`ACCORD_…`) beyond those of a test. */
  readonly env?: Readonly<Record<string, string>>;
  /** What no setting can say. */
  readonly config?: (config: Config) => Config;
  /** Another server's database, to run two servers on one. */
  readonly database?: FreshDatabase;
  readonly log?: Log;
}

/** The data folder of the servers on a test's database. */
const filesOf = ({ name }: Pick<FreshDatabase, 'name'>): string => join(tmpdir(), `accord-files-${name}`);

/** The real server on a free port of the loopback address with a database of its own. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = options.database ?? (await freshDatabase());
  const port = await freePort();
  const config = readConfig({
    ACCORD_PUBLIC_URL: `http://localhost:${port}`,
    ACCORD_HOST: '127.0.0.1',
    ACCORD_LOG_LEVEL: 'silent',
    ACCORD_RATE_LIMITS: 'false',
    ACCORD_DATA: filesOf(database),
    ...options.env,
  });
  const running = await compose(options.config?.(config) ?? config, {
    database: database.settings,
    log: options.log ?? createLog(config.logLevel),
    clock: options.clock ?? Date.now,
  });
  const close = async () => {
    await running.stop();
    if (options.database !== undefined) return;
    await database.close();
    await rm(filesOf(database), { recursive: true, force: true });
  };
  const { platform, app } = running;
  return {
    running,
    platform,
    app,
    database,
    url: config.publicUrl.origin,
    close,
    [Symbol.asyncDispose]: close,
  };
}
