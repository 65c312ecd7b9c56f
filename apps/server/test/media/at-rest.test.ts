import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { open, SealedMediaError } from '@accord/sealed-media';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HalfKeys } from '../../src/media/half-keys.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import type { Member } from '../people.ts';
import { freshDatabase, startServer, type TestServer } from '../support.ts';
import { accept, asked, friends, type Sealed, sent, uuidBytes, view } from './studio.ts';

let server: TestServer;
let ada: Member;
let blaise: Member;
beforeAll(async () => {
  server = await startServer();
  [ada, blaise] = await friends(server);
});
afterAll(() => server.close());

/** Every file of the data folder, by its path. */
async function everyFile(): Promise<Map<string, Buffer>> {
  const root = server.platform.folder;
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (path) => [path, await readFile(path)] as const)));
}

/** Every value of every table as bytes, and as text. */
async function everyRow(): Promise<{ bytes: Buffer[]; text: string }> {
  const { pool } = server.database;
  const { rows: columns } = await pool.query<{ table: string; column: string; type: string }>(
    `select table_name as table, column_name as column, data_type as type
     from information_schema.columns where table_schema = 'public'`,
  );
  const bytes: Buffer[] = [];
  let text = '';
  for (const { table, column, type } of columns) {
    if (type === 'bytea') {
      const { rows } = await pool.query<{ value: Buffer | null }>(
        `select "${column}" as value from "${table}"`,
      );
      bytes.push(...rows.flatMap(({ value }) => (value === null ? [] : [value])));
    }
    const { rows } = await pool.query<{ value: string | null }>(
      `select "${column}"::text as value from "${table}"`,
    );
    text += rows.map(({ value }) => value ?? '').join('\n');
  }
  return { bytes, text };
}

it('nothing that is stored shows a picture or opens one, whatever is tried with whatever', async () => {
  const pictures: Sealed[] = [await sent(ada, [blaise]), await sent(ada, [blaise], { maxViews: 1 })];
  for (const one of pictures) {
    await accept(blaise, one);
    await view(blaise.client, one);
  }
  const { copy } = await asked(ada, blaise, pictures[0] as Sealed, [blaise]);
  pictures.push(copy);

  const files = await everyFile();
  const { bytes, text } = await everyRow();
  expect([...files.keys()].some((path) => path.includes('half-keys'))).toBe(true);
  expect(text).toContain(ada.id);
  const all = [...files.values(), ...bytes, Buffer.from(text)];
  const stored = (what: Uint8Array) =>
    all.some((one) => one.includes(Buffer.from(what)) || one.includes(Buffer.from(what).toString('hex')));
  for (const { picture, km, ks, ciphertext } of pictures) {
    for (let at = 60; at + 32 <= picture.length; at += 500) {
      expect(stored(picture.subarray(at, at + 32))).toBe(false);
    }
    expect(stored(km)).toBe(false);
    // What is meant to be there is there, once: else this test would look in the wrong place.
    expect(all.filter((one) => one.includes(Buffer.from(ks)))).toHaveLength(1);
    expect(all.some((one) => one.includes(Buffer.from(ciphertext)))).toBe(true);
  }

  // Every string of 32 bytes that stands anywhere by itself, as either half.
  const slots = [...files].filter(([path]) => path.includes('half-keys')).map(([, content]) => content);
  const candidates = [
    ...bytes.filter((value) => value.length === 32),
    ...[...files.values()].filter((content) => content.length === 32),
    ...slots.flatMap((content) =>
      Array.from({ length: content.length / 64 }, (_, slot) =>
        content.subarray(slot * 64 + 16, slot * 64 + 48),
      ),
    ),
  ];
  expect(candidates.length).toBeGreaterThan(10);
  let opened = 0;
  for (const { ciphertext, blobId } of pictures) {
    for (const km of candidates) {
      for (const ks of candidates) {
        const found = await open(ciphertext, { km, ks }, uuidBytes(blobId)).catch((error: unknown) => error);
        if (!(found instanceof SealedMediaError)) opened += 1;
      }
    }
  }
  expect(opened).toBe(0);
});

it('no half-key is in a backup: after a restore nothing opens, and nothing that was taken back returns', async () => {
  const one = await sent(ada, [blaise]);
  const file = join(server.platform.folder, 'backup.tar.gz');
  const manifest = await backup(server.database.settings, file, new Date());
  const archive = gunzipSync(await readFile(file));
  expect(archive.includes(one.blobId)).toBe(true);
  for (const key of [one.ks, one.km]) {
    expect(archive.includes(Buffer.from(key))).toBe(false);
    expect(archive.includes(Buffer.from(key).toString('hex'))).toBe(false);
  }
  expect(manifest.tables.map(({ name }) => name)).not.toContain('half_key');

  await using empty = await freshDatabase({ empty: true });
  await restore(empty.settings, file);
  // The very same file of slots, but a database that knows none of them: nothing is read from it.
  const halfKeys = await HalfKeys.open(empty.db, server.platform.folder);
  expect(await halfKeys.read(empty.db, one.blobId)).toBeUndefined();
  expect(await halfKeys.read(server.platform.db, one.blobId)).toBeDefined();
  await halfKeys.close();
});
