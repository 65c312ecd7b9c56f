import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundledBinaries, debianBinaries, reachableBinaries } from '../apps/server/src/platform/binaries.ts';
import {
  type Cluster,
  clusterPort,
  clusterRole,
  createCluster,
  startCluster,
  stopCluster,
} from '../apps/server/src/platform/cluster.ts';
import { withClient } from '../apps/server/src/platform/database.ts';
import { databaseUser } from '../apps/server/src/platform/database-user.ts';
import { migrate, readMigrations } from '../apps/server/src/platform/migrate.ts';

/** The private cluster of a test run: how to reach it, and the database that every test's own is copied from. */
export interface TestPostgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly major: number;
  readonly template: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestPostgres;
  }
}

const prefix = 'accord-test-';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** Ends clusters of test runs that were killed: nobody else would. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    const owner = name.startsWith(prefix)
      ? await readFile(join(folder, 'owner'), 'utf8').catch(() => '')
      : '';
    if (owner === '' || isAlive(Number(owner))) continue;
    const postmaster = await readFile(join(folder, 'pg', 'postmaster.pid'), 'utf8').catch(() => '');
    const [pid = '', dataFolder] = postmaster.split('\n');
    // The second line names the folder: a number that another process has by now is left alone.
    if (dataFolder === join(folder, 'pg') && isAlive(Number(pid))) process.kill(Number(pid), 'SIGQUIT');
    await rm(folder, { recursive: true, force: true });
  }
}

/** A cluster in a temporary folder: on a unix socket, as an unprivileged user, and started. */
export async function startTestCluster(major: number, settings: Record<string, string> = {}) {
  const found = major === 18 ? bundledBinaries() : await debianBinaries(major);
  if (found === undefined) throw new Error(`No binaries of PostgreSQL ${major} are installed here.`);
  const user = databaseUser();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await chmod(folder, 0o711);
  await writeFile(join(folder, 'owner'), String(process.pid));
  const cluster: Cluster = {
    binaries: await reachableBinaries(found, user, join(tmpdir(), 'accord-test-binaries')),
    folder: join(folder, 'pg'),
    socketFolder: join(folder, 'pg'),
    user,
    settings: { fsync: 'off', max_connections: '120', shared_buffers: '64MB', ...settings },
  };
  await createCluster(cluster);
  await startCluster(cluster);
  return {
    cluster,
    connection: { host: cluster.socketFolder, port: clusterPort, user: clusterRole },
    async stop() {
      await stopCluster(cluster, 'immediate').catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const template = 'template_accord';

/**
 * Vitest's global set-up of the projects that need a database. `ACCORD_TEST_PG` chooses 18 (from npm, the
 * default) or 15 (Debian's); `ACCORD_TEST_FSYNC=on` makes it durable, for tests that pull plugs.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const major = Number(process.env.ACCORD_TEST_PG ?? 18);
  await sweep();
  const running = await startTestCluster(major, { fsync: process.env.ACCORD_TEST_FSYNC ?? 'off' });
  const { connection } = running;
  await withClient({ ...connection, database: 'postgres' }, (client) =>
    client.query(`create database ${template}`),
  );
  const migrations = await readMigrations();
  await withClient({ ...connection, database: template }, (client) => migrate(client, migrations));
  project.provide('postgres', { ...connection, major, template });
  return running.stop;
}
