import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type pg from 'pg';
import { reach } from '../platform/choose-database.ts';
import { clusterExists } from '../platform/cluster.ts';
import type { Config } from '../platform/config.ts';
import { dataFolder } from '../platform/data-folder.ts';
import { type Database, openDatabase, withClient } from '../platform/database.ts';
import { type DatabaseUser, databaseUser } from '../platform/database-user.ts';
import { createLog } from '../platform/log.ts';
import {
  DatabaseError,
  managedCluster,
  managedSettings,
  startManagedPostgres,
} from '../platform/managed-postgres.ts';

/** Whom the database of this configuration runs as, when it is ours and not us. */
export const ownDatabaseUser = (config: Config): DatabaseUser | undefined =>
  config.databaseUrl === undefined ? databaseUser() : undefined;

const quiet = () => createLog('silent');

/**
 * Runs `work` on the database of this configuration. A managed database that a server uses is used beside it;
 * one at rest is started for as long as the work takes.
 * @throws {DatabaseError} also when there is none yet
 */
export async function withDatabase<T>(
  config: Config,
  work: (settings: pg.PoolConfig) => Promise<T>,
): Promise<T> {
  if (config.databaseUrl !== undefined) return work(await reach(config.databaseUrl));
  const folder = await dataFolder(config);
  if ((await stat(folder).catch(() => undefined)) === undefined) {
    throw new DatabaseError(
      `There is no database yet: ${folder} does not exist. The first npm start creates it.`,
    );
  }
  const cluster = await managedCluster(folder);
  if (!(await clusterExists(cluster))) {
    throw new DatabaseError(
      `There is no database in ${dirname(cluster.folder)} yet. The first npm start creates it.`,
    );
  }
  const settings = managedSettings(cluster);
  const runs = await withClient({ ...settings, connectionTimeoutMillis: 5000 }, (client) =>
    client.query('select 1'),
  ).then(
    () => true,
    () => false,
  );
  return runs ? work(settings) : withDatabaseAlone(config, work);
}

/**
 * The same, but refused while a server of ours runs on a managed database; creates one that is not there.
 * @throws {DatabaseError}
 */
export async function withDatabaseAlone<T>(
  config: Config,
  work: (settings: pg.PoolConfig) => Promise<T>,
): Promise<T> {
  if (config.databaseUrl !== undefined) return work(await reach(config.databaseUrl));
  const managed = await startManagedPostgres(await dataFolder(config), { log: quiet() });
  try {
    return await work(managed.settings);
  } finally {
    await managed.stop();
  }
}

/** The same for work that asks by queries; the connections end with it. @throws {DatabaseError} */
export function withOpenDatabase<T>(config: Config, work: (db: Database) => Promise<T>): Promise<T> {
  return withDatabase(config, async (settings) => {
    const { db } = openDatabase(settings);
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  });
}
