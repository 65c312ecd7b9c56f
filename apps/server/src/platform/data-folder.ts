import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { handOver } from './cluster.ts';
import { type Config, ConfigError } from './config.ts';
import { closedFolder, type DatabaseUser, databaseUser } from './database-user.ts';

/** Where root's data goes when the folder we stand in is closed to the database's user, as root's home is. */
const rootsFolder = '/var/lib/accord';

/**
 * Absolute path of the folder for everything that Accord keeps: `ACCORD_DATA`, else `data` where it was started.
 * @throws {ConfigError} when the user of a managed database can't get there
 */
export async function dataFolder(config: Config): Promise<string> {
  const wanted = resolve(config.dataFolder ?? 'data');
  if (config.databaseUrl !== undefined) return wanted;
  const user = databaseUser();
  const closed = await closedFolder(wanted, user);
  if (closed === undefined) return wanted;
  if (config.dataFolder === undefined && user !== undefined) return rootsFolder;
  const who = user === undefined ? 'you' : `the user ${user.name}, whom the database runs as,`;
  throw new ConfigError(
    `ACCORD_DATA is ${wanted}, but ${who} may not enter ${closed}: choose another folder, or allow it with chmod o+x ${closed}.`,
  );
}

/** Creates a folder that we own and that the database's user may pass through. */
export async function makeDataFolder(folder: string, user: DatabaseUser | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: user === undefined ? 0o700 : 0o711 });
  if ((await closedFolder(folder, user)) !== undefined) await chmod(folder, 0o711);
}

/** Bytes of a socket's path that every system takes (Linux 107, macOS 103). */
const longestSocketPath = 103;

/**
 * Where the socket of the database in `folder` is: beside its data, or under a short path made from it.
 * @throws {ConfigError} when somebody else has put something at that path
 */
export async function socketFolder(folder: string, user: DatabaseUser | undefined): Promise<string> {
  if (Buffer.byteLength(join(folder, '.s.PGSQL.5432')) <= longestSocketPath) return folder;
  const short = `/tmp/accord-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const made = await mkdir(short, { mode: 0o700 }).then(
    () => true,
    () => false,
  );
  if (made) await handOver(short, user);
  const found = await lstat(short);
  const owner = user?.uid ?? process.getuid?.();
  if (!found.isDirectory() || (owner !== undefined && found.uid !== owner) || (found.mode & 0o077) !== 0) {
    throw new ConfigError(
      `ACCORD_DATA has a path too long for a socket, and ${short}, which would hold it, is not ours: choose a shorter path.`,
    );
  }
  return short;
}
