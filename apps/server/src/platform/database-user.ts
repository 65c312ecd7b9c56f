import { readFileSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Whom the database runs as when we are root, which PostgreSQL refuses to be. */
export interface DatabaseUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const candidates = ['accord', 'postgres', 'nobody'];

/** The first of the known unprivileged users in a passwd file's text; none if it has none of them. */
export function pickDatabaseUser(passwd: string): DatabaseUser | undefined {
  const users = new Map<string, DatabaseUser>();
  for (const entry of passwd.split('\n')) {
    const [name, , uid, gid] = entry.split(':');
    if (name === undefined || uid === undefined || gid === undefined) continue;
    if (Number(uid) > 0) users.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  return candidates.map((name) => users.get(name)).find((user) => user !== undefined);
}

/** Whom to become for the database: nobody else when we are an ordinary user. */
export function databaseUser(): DatabaseUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = pickDatabaseUser(readFileSync('/etc/passwd', 'utf8'));
  if (user === undefined) {
    throw new Error(
      'PostgreSQL does not run as root, and this machine has no user accord, postgres or nobody to run it as.',
    );
  }
  return user;
}

/**
 * The first folder on the way to `path` that `user` may not enter, if any. Folders that don't exist yet are
 * passed over: we create them so that they can be entered.
 */
export async function closedFolder(
  path: string,
  user: DatabaseUser | undefined,
): Promise<string | undefined> {
  const folders: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of folders) {
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined) return undefined;
    if (user === undefined) {
      const open = await access(folder, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (!open) return folder;
      continue;
    }
    const bit = found.uid === user.uid ? 0o100 : found.gid === user.gid ? 0o010 : 0o001;
    if ((found.mode & bit) === 0) return folder;
  }
  return undefined;
}
