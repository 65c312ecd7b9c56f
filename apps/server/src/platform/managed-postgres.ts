import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { bundledBinaries, debianBinaries, managedMajor, reachableBinaries } from './binaries.ts';
import {
  type Cluster,
  ClusterError,
  clusterPid,
  clusterPort,
  clusterRole,
  createCluster,
  startCluster,
  stopCluster,
} from './cluster.ts';
import { makeDataFolder, socketFolder } from './data-folder.ts';
import { withClient } from './database.ts';
import { type DatabaseUser, databaseUser } from './database-user.ts';
import { databaseLocks } from './locks.ts';
import type { Log } from './log.ts';

/** The database can't be had. The message is a sentence for the operator. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

/** Another server of ours works on this data folder. */
class TakenError extends DatabaseError {}

/** A PostgreSQL that we run, and that no other server of ours uses. */
export interface ManagedPostgres {
  readonly settings: pg.PoolConfig;
  readonly folder: string;
  /** Stops it and waits until it has. */
  stop(): Promise<void>;
}

export interface ManagedOptions {
  readonly log: Log;
  /** It went away, and when it was back another server held it: the process has to end. */
  readonly onLost?: (error: DatabaseError) => void;
}

/** For a machine of any size down to 2 GB; durable: an acknowledged commit is on the disk. */
const settings = {
  max_connections: '60',
  shared_buffers: '128MB',
  effective_cache_size: '1GB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '1GB',
  jit: 'off',
};

const databaseName = 'accord';
const startTries = 10;
const pauseMs = 500;
/** The lock of a server that was killed goes when its connection's process notices. */
const lockPatienceMs = 3000;

/** The managed cluster of a data folder, created or not. @throws {DatabaseError} */
export async function managedCluster(data: string): Promise<Cluster> {
  const user = databaseUser();
  const bundled = bundledBinaries() ?? (await debianBinaries(managedMajor));
  if (bundled === undefined) {
    throw new DatabaseError(
      `There is no PostgreSQL ${managedMajor} for this system among the installed packages: install a server and name it in ACCORD_DATABASE_URL.`,
    );
  }
  const folder = join(data, `pg${managedMajor}`);
  await makeDataFolder(data, user);
  return {
    binaries: await reachableBinaries(bundled, user, join(data, 'programs')),
    folder,
    socketFolder: await socketFolder(folder, user),
    user,
    settings,
  };
}

/** How to connect to a managed cluster's `accord` database. */
export function managedSettings(cluster: Cluster): pg.PoolConfig {
  return { host: cluster.socketFolder, port: clusterPort, user: clusterRole, database: databaseName };
}

/**
 * Starts the database of a data folder, or adopts the one that a killed server left running, and holds it:
 * a second server on the same folder is refused. Brings it back when it is killed.
 * @throws {DatabaseError}
 */
export async function startManagedPostgres(data: string, options: ManagedOptions): Promise<ManagedPostgres> {
  const cluster = await managedCluster(data);
  await refuseOtherMajors(data);
  await refuseForeignOwner(cluster.folder, cluster.user);
  try {
    await createCluster(cluster);
  } catch (error) {
    throw asDatabaseError(error, `The database in ${cluster.folder} can't be created`);
  }
  await bringUp(cluster);
  const hold = await holdServerLock(cluster);
  await createDatabase(cluster);
  await removeLeftovers(cluster.folder);
  return supervise(cluster, hold, options);
}

const asDatabaseError = (error: unknown, what: string): DatabaseError =>
  new DatabaseError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });

async function refuseOtherMajors(data: string): Promise<void> {
  const majors = (await readdir(data)).filter((name) => /^pg\d\d$/.test(name));
  if (majors.length === 0 || majors.includes(`pg${managedMajor}`)) return;
  throw new DatabaseError(
    `${data} has the data of PostgreSQL ${majors[0]?.slice(2)}, from another Accord: make a backup with that version and restore it here into an empty ACCORD_DATA.`,
  );
}

async function refuseForeignOwner(folder: string, user: DatabaseUser | undefined): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  const uid = user?.uid ?? process.getuid?.();
  if (found === undefined || uid === undefined || found.uid === uid) return;
  throw new DatabaseError(
    `${folder} belongs to another user (uid ${found.uid}): start Accord as that user, or give the folder away with chown -R ${user?.name ?? uid} ${folder}.`,
  );
}

/** True when a connection is answered. */
async function answers(cluster: Cluster): Promise<boolean> {
  return withClient(
    { ...managedSettings(cluster), database: 'postgres', connectionTimeoutMillis: 5000 },
    (client) => client.query('select 1'),
  ).then(
    () => true,
    () => false,
  );
}

/**
 * Adopts or starts. After a kill the first tries may fail while children of the dead postmaster linger, or
 * while it recovers; PostgreSQL settles its own stale files, so they are left alone.
 */
async function bringUp(cluster: Cluster, signal?: AbortSignal): Promise<void> {
  let last: unknown;
  for (let attempt = 0; attempt < startTries && signal?.aborted !== true; attempt += 1) {
    if (await answers(cluster)) return;
    if (attempt > 0) await sleep(pauseMs);
    if ((await clusterPid(cluster)) !== undefined) continue;
    try {
      await startCluster(cluster);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw asDatabaseError(error, "The database can't be started");
      last = error;
    }
  }
  if (await answers(cluster)) return;
  throw asDatabaseError(
    last ?? new Error('it runs but does not answer'),
    `The database in ${cluster.folder} does not start; its own words are in ${join(cluster.folder, 'server.log')}`,
  );
}

/** A connection that holds the server's lock for as long as it lives; it ends with our process, however that ends. */
async function holdServerLock(cluster: Cluster): Promise<pg.Client> {
  const client = new pg.Client({
    ...managedSettings(cluster),
    database: 'postgres',
    application_name: 'accord lock',
  });
  client.on('error', () => {});
  await client.connect();
  const deadline = Date.now() + lockPatienceMs;
  for (;;) {
    const { rows } = await client.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [
      databaseLocks.server,
    ]);
    if (rows[0]?.ours === true) return client;
    if (Date.now() > deadline) break;
    await sleep(100);
  }
  await client.end();
  throw new TakenError(
    `Another Accord server works on ${dirname(cluster.folder)}: stop it first, or choose another ACCORD_DATA.`,
  );
}

async function createDatabase(cluster: Cluster): Promise<void> {
  await withClient({ ...managedSettings(cluster), database: 'postgres' }, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  });
}

/** Data folders that a start cut short left half-made. Only the holder of the lock calls this. */
async function removeLeftovers(folder: string): Promise<void> {
  const parent = dirname(folder);
  const halfMade = `${basename(folder)}.new-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(halfMade)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Between two attempts to bring it back, as when the disk is full: somebody may be making room. */
const recoveryPauseMs = 2000;

function supervise(cluster: Cluster, first: pg.Client, options: ManagedOptions): ManagedPostgres {
  const { log, onLost } = options;
  const stopping = new AbortController();
  let hold = first;
  let recovery: Promise<void> | undefined;

  const recover = async (): Promise<void> => {
    log.warn('the database went away; bringing it back');
    while (!stopping.signal.aborted) {
      try {
        await bringUp(cluster, stopping.signal);
        hold = await holdServerLock(cluster);
        log.info('the database is back');
        if (!stopping.signal.aborted) watch();
        return;
      } catch (error) {
        if (error instanceof TakenError) return onLost?.(error);
        log.error({ err: error }, 'the database is not back yet');
        await sleep(recoveryPauseMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };
  const watch = (): void => {
    hold.once('end', () => {
      if (!stopping.signal.aborted) recovery = recover();
    });
  };
  watch();

  return {
    settings: managedSettings(cluster),
    folder: cluster.folder,
    async stop() {
      stopping.abort();
      await recovery;
      await hold.end().catch(() => {});
      if ((await clusterPid(cluster)) !== undefined) await stopCluster(cluster, 'fast');
    },
  };
}
