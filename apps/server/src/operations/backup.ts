import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import tar from 'tar-stream';
import { withClient } from '../platform/database.ts';
import { checkServerVersion } from '../platform/migrate.ts';
import { ArchiveError, hashOf, type Manifest, manifestName, partBytes } from './archive.ts';
import { quoted, type SavedTable, savedTables, sequenceStates } from './schema.ts';

type SavedParts = Manifest['tables'][number];

/** Adds an entry and waits while what comes after the archive is slower than what goes into it. */
async function addEntry(pack: tar.Pack, name: string, bytes: Buffer, at: Date): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    pack.entry({ name, size: bytes.length, mtime: at, mode: 0o600 }, bytes, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

/** Copies one table out in parts of bounded size; a row may lie across two. */
async function saveTable(
  client: pg.ClientBase,
  pack: tar.Pack,
  table: SavedTable,
  at: Date,
): Promise<SavedParts> {
  const columns = table.columns.map(quoted).join(', ');
  const { orderedBy } = table;
  const from =
    orderedBy === undefined
      ? `${quoted(table.name)} (${columns})`
      : `(select ${columns} from ${quoted(table.name)} order by ${quoted(orderedBy)})`;
  const copy = client.query(copyTo(`copy ${from} to stdout`));
  const parts: SavedParts['parts'] = [];
  let pieces: Buffer[] = [];
  let held = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(pieces);
    pieces = [];
    held = 0;
    for (let from = 0; from < bytes.length; from += partBytes) {
      const part = bytes.subarray(from, from + partBytes);
      const name = `tables/${table.name}/${String(parts.length).padStart(6, '0')}`;
      await addEntry(pack, name, part, at);
      parts.push({ name, bytes: part.length, sha256: hashOf(part) });
    }
  };
  for await (const piece of copy) {
    pieces.push(piece as Buffer);
    held += (piece as Buffer).length;
    if (held >= partBytes) await flush();
  }
  await flush();
  return { name: table.name, columns: [...table.columns], rows: copy.rowCount ?? 0, parts };
}

async function save(client: pg.ClientBase, pack: tar.Pack, at: Date): Promise<Manifest> {
  const postgres = await checkServerVersion(client);
  await client.query('begin isolation level repeatable read read only');
  const { rows: migrations } = await client.query<{ name: string; hash: string }>(
    'select name, hash from migration order by name',
  );
  const tables: SavedParts[] = [];
  for (const table of await savedTables(client)) tables.push(await saveTable(client, pack, table, at));
  // Sequences stand outside every snapshot: read last, they are never behind the rows.
  const sequences = await sequenceStates(client);
  await client.query('commit');
  const manifest: Manifest = {
    format: 1,
    createdAt: at.toISOString(),
    postgres,
    migrations,
    tables,
    sequences,
  };
  await addEntry(pack, manifestName, Buffer.from(JSON.stringify(manifest, null, 1)), at);
  return manifest;
}

/**
 * Saves everything but what is short-lived into one file, from one moment, while the server runs. The file
 * appears under its name when it is complete and on the disk.
 * @throws {ArchiveError} when the file exists
 */
export async function backup(settings: pg.ClientConfig, path: string, at: Date): Promise<Manifest> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw new ArchiveError(`${path} exists already: a backup replaces nothing.`);
  const unfinished = `${path}.unfinished`;
  try {
    const pack = tar.pack();
    const file = createWriteStream(unfinished, { mode: 0o600, flags: 'wx' });
    await once(file, 'open').catch((error: { code?: string }) => {
      throw new ArchiveError(`${unfinished} can't be written (${error.code}).`);
    });
    const writing = pipeline(pack, createGzip(), file);
    const saving = withClient(settings, async (client) => {
      const manifest = await save(client, pack, at);
      pack.finalize();
      return manifest;
    }).catch((error: unknown) => {
      pack.destroy(error as Error);
      throw error;
    });
    // A full disk ends the writing first; the copy would wait for it without an end.
    const [manifest] = await Promise.all([Promise.race([saving, writing.then(() => saving)]), writing]);
    await flushToDisk(unfinished);
    await rename(unfinished, path);
    return manifest;
  } catch (error) {
    if (!(error instanceof ArchiveError)) await rm(unfinished, { force: true });
    throw error;
  }
}

async function flushToDisk(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
