import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closedFolder, pickDatabaseUser } from './database-user.ts';

const line = (name: string, uid: number) => `${name}:x:${uid}:${uid}:words:/nonexistent:/usr/sbin/nologin`;

describe('whom the database runs as', () => {
  it.each([
    [['root', 'nobody', 'postgres', 'accord'], 'accord'],
    [['root', 'nobody', 'postgres'], 'postgres'],
    [['root', 'nobody'], 'nobody'],
    [['root', 'somebody'], undefined],
  ])('of %j is %s', (names, expected) => {
    const passwd = names.map((name, uid) => line(name, uid)).join('\n');
    expect(pickDatabaseUser(passwd)?.name).toBe(expected);
  });

  it('is never root under another name', () => {
    expect(pickDatabaseUser(`${line('postgres', 0)}\n${line('nobody', 65534)}`)?.name).toBe('nobody');
  });
});

describe('the way to a folder', () => {
  const stranger = { name: 'stranger', uid: 54321, gid: 54321 };

  it('is closed by the first folder that the user may not enter, whatever lies below', async () => {
    const top = await mkdtemp(join(tmpdir(), 'accord-way-'));
    onTestFinished(() => rm(top, { recursive: true }));
    const inner = join(top, 'inner');
    await mkdir(inner, { mode: 0o755 });
    await chmod(top, 0o700);
    expect(await closedFolder(inner, stranger)).toBe(top);
    await chmod(top, 0o711);
    expect(await closedFolder(inner, stranger)).toBeUndefined();
    await chmod(inner, 0o750);
    expect(await closedFolder(join(inner, 'not', 'yet'), stranger)).toBe(inner);
  });

  it('that nobody has made yet is open', async () => {
    expect(await closedFolder('/nowhere/at/all', stranger)).toBeUndefined();
  });
});
