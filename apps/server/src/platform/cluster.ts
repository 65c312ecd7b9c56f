import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';
import type { DatabaseUser } from './database-user.ts';

const run = promisify(execFile);

/** One PostgreSQL of ours: a data folder, the programs that run it, and whom they run as. */
export interface Cluster {
  readonly binaries: Binaries;
  /** Absolute path of the data folder. */
  readonly folder: string;
  /** Where its socket is; short, see `socketFolder`. */
  readonly socketFolder: string;
  readonly user: DatabaseUser | undefined;
  /** Lines of `postgresql.conf` beyond those that every cluster of ours has. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Role and database owner of a cluster of ours. */
export const clusterRole = 'accord';
/** The socket's name carries a port though nothing listens on one. */
export const clusterPort = 5432;

/** The database programs said no. The message is theirs, in one line. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}

/** Never TCP, never a statement or a row in its log: an error's text may quote what a member wrote. */
const alwaysSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
  password_encryption: 'scram-sha-256',
};

async function program(cluster: Cluster, name: string, args: readonly string[]): Promise<string> {
  const { binaries, user } = cluster;
  try {
    const { stdout } = await run(join(binaries.folder, name), args, {
      // A folder that every user may enter: theirs may be closed to the database's.
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      maxBuffer: 1024 * 1024,
      ...(user !== undefined && { uid: user.uid, gid: user.gid }),
    });
    return stdout;
  } catch (error) {
    const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
    const said = (stderr?.trim() || stdout?.trim() || message).replaceAll(/\s+/g, ' ');
    throw new ClusterError(`${name}: ${said.slice(0, 400)}`);
  }
}

/** Gives a folder to the database's user; nothing to do when that is us. */
export async function handOver(path: string, user: DatabaseUser | undefined): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

export async function clusterExists(cluster: Cluster): Promise<boolean> {
  return stat(join(cluster.folder, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/**
 * Creates the data folder, unless it exists. It is made beside and renamed when complete, so that a start cut
 * short leaves nothing half-made and of two starts at once one wins.
 * @throws {ClusterError}
 */
export async function createCluster(cluster: Cluster): Promise<void> {
  if (await clusterExists(cluster)) return;
  await mkdir(dirname(cluster.folder), { recursive: true, mode: 0o711 });
  const fresh = await mkdtemp(`${cluster.folder}.new-`);
  try {
    await chmod(fresh, 0o700);
    await handOver(fresh, cluster.user);
    // From 17 on PostgreSQL brings its own C.UTF-8, which no upgrade of the system changes under an index.
    const locale =
      cluster.binaries.major >= 17
        ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
        : ['--locale=C.UTF-8'];
    const args = [
      '-D',
      fresh,
      '-U',
      clusterRole,
      '-E',
      'UTF8',
      ...locale,
      '--data-checksums',
      '--auth=trust',
    ];
    await program(cluster, 'initdb', args);
    await rename(fresh, cluster.folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!(await clusterExists(cluster))) throw error;
  }
}

/**
 * The settings lie beside the data folder, not in it: what root writes in a folder of another user, that user can
 * turn into a link to anywhere.
 */
async function writeSettings(cluster: Cluster): Promise<string> {
  const all = { ...alwaysSettings, ...cluster.settings, unix_socket_directories: cluster.socketFolder };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  const path = `${cluster.folder}.conf`;
  const text = `# Written by Accord at each start. For settings of your own use ACCORD_DATABASE_URL and your own server.\n${lines.join('\n')}\n`;
  await writeFile(path, text);
  await chmod(path, 0o644);
  return path;
}

/** For the shell, through which `pg_ctl` starts the server. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Starts it and waits until it answers. @throws {ClusterError} also when it runs already */
export async function startCluster(cluster: Cluster): Promise<void> {
  const options = `-c ${quoted(`config_file=${await writeSettings(cluster)}`)}`;
  const log = join(cluster.folder, 'server.log');
  await buryZombie(cluster);
  await program(cluster, 'pg_ctl', [
    'start',
    '-D',
    cluster.folder,
    '-l',
    log,
    '-o',
    options,
    '-w',
    '-t',
    '60',
    '-s',
  ]);
}

/**
 * Stops it: `fast` lets what runs roll back and writes a checkpoint, `immediate` is a crash.
 * @throws {ClusterError}
 */
export async function stopCluster(cluster: Cluster, mode: 'fast' | 'immediate'): Promise<void> {
  await program(cluster, 'pg_ctl', ['stop', '-D', cluster.folder, '-m', mode, '-w', '-t', '60', '-s']);
}

/** The files in which PostgreSQL writes who works here: of the data and of the socket. */
const postmasterFile = ({ folder }: Cluster) => join(folder, 'postmaster.pid');
const socketLock = ({ socketFolder }: Cluster) => join(socketFolder, `.s.PGSQL.${clusterPort}.lock`);

/** The process id in such a file's first line, of one that runs or did. */
async function notedPid(path: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
  return Number.isInteger(pid) ? pid : undefined;
}

/**
 * Whether a process has ended and was not buried: where PID 1 of a container reaps nothing, a postmaster that was killed stays like
 * this. To a signal it looks alive (proc(5), `stat`: the state after the name, which may hold brackets).
 */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

/** Above what any system gives (2^22 on Linux), so that nobody answers to it. */
const nobodysPid = 2 ** 31 - 1;

/**
 * PostgreSQL takes a zombie for a postmaster at work and never starts. Only the number is changed, by the database's own user: by the
 * other lines it still sees whether processes of the dead one hold its memory.
 */
async function buryZombie(cluster: Cluster): Promise<void> {
  const { user } = cluster;
  for (const path of [postmasterFile(cluster), socketLock(cluster)]) {
    const pid = await notedPid(path);
    if (pid === undefined || !(await isZombie(pid))) continue;
    await run('sed', ['-i', `1s/^${pid}$/${nobodysPid}/`, path], {
      cwd: '/',
      ...(user !== undefined && { uid: user.uid, gid: user.gid }),
    });
  }
}

/** The postmaster's process id while it runs. */
export async function clusterPid(cluster: Cluster): Promise<number | undefined> {
  const running = await program(cluster, 'pg_ctl', ['status', '-D', cluster.folder]).then(
    () => true,
    () => false,
  );
  const pid = running ? await notedPid(postmasterFile(cluster)) : undefined;
  return pid === undefined || (await isZombie(pid)) ? undefined : pid;
}
