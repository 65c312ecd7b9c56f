import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Config } from './config.ts';
import { dataFolder } from './data-folder.ts';
import { withClient } from './database.ts';
import { isUnavailable } from './http.ts';
import type { Log } from './log.ts';
import { DatabaseError, startManagedPostgres } from './managed-postgres.ts';

/** A database that answers, and how to let go of it: one that we started is stopped. */
export interface ChosenDatabase {
  readonly settings: pg.PoolConfig;
  /** Where its data is, when we run it. */
  readonly folder: string | undefined;
  stop(): Promise<void>;
}

const tries = 10;
const pauseMs = 500;

/** Where `ACCORD_DATABASE_URL` points to, without who we are there: host and port, or a socket's folder. */
export function databaseAddress(url: string): string {
  try {
    const { hostname, port, searchParams } = new URL(url);
    return hostname === '' ? (searchParams.get('host') ?? 'its default') : `${hostname}:${port || '5432'}`;
  } catch {
    return 'an address that is none';
  }
}

/** Waits for the operator's own server, which may be starting as we are. @throws {DatabaseError} */
export async function reach(url: string): Promise<pg.PoolConfig> {
  const settings: pg.PoolConfig = { connectionString: url, connectionTimeoutMillis: 5000 };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await withClient(settings, (client) => client.query('select 1'));
      return settings;
    } catch (error) {
      if (isUnavailable(error) && attempt < tries) {
        await sleep(pauseMs);
        continue;
      }
      const code = (error as { code?: unknown }).code;
      throw new DatabaseError(
        `ACCORD_DATABASE_URL: the database at ${databaseAddress(url)} can't be used${typeof code === 'string' ? ` (${code})` : ''}. Is it running, and are the name, the password and the database right?`,
        { cause: error },
      );
    }
  }
}

/** The operator's server where the configuration names one, else our own. @throws {DatabaseError} @throws {ConfigError} */
export async function chooseDatabase(
  config: Config,
  log: Log,
  onLost: (error: DatabaseError) => void,
): Promise<ChosenDatabase> {
  if (config.databaseUrl !== undefined) {
    return { settings: await reach(config.databaseUrl), folder: undefined, stop: async () => {} };
  }
  return startManagedPostgres(await dataFolder(config), { log, onLost });
}
