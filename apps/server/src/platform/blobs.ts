import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

/** Names of blobs: lower-case words, digits, `-` and `/`. What is in one is opaque here. */
export interface Blobs {
  /** Stores a whole blob; it is on the disk when this resolves. The same name again replaces it. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** The whole of a small blob; undefined where there is none. */
  get(name: string): Promise<Buffer | undefined>;
  /** The same as it comes from the store, from a byte on; `size` is that of the whole. Undefined behind its end, too. */
  read(
    name: string,
    from?: number,
  ): Promise<{ readonly size: number; readonly stream: Readable } | undefined>;
  /** Removes blobs; those that are not there do no harm. */
  remove(names: readonly string[]): Promise<void>;
  /** Names that begin with `prefix`, which ends in `/`. */
  list(prefix: string): Promise<string[]>;
}

const isAbsent = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT';

const named = /^[0-9a-z][0-9a-z-]*(\/[0-9a-z][0-9a-z-]*)*$/;

/** @throws {RangeError} */
export function assertBlobName(name: string): void {
  if (!named.test(name)) throw new RangeError('not the name of a blob');
}

/** Where the entries of a folder are on the disk too: else a file that was renamed into it may be gone after a power cut. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder and those above it, each known to the disk. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await flushFolder(dirname(at));
}

/** Writes a file whole or not at all, and onto the disk. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const unfinished = `${path}.${randomUUID()}.unfinished`;
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await flushFolder(folder);
}

/** Blobs as files in a folder, one each; files of writers that were killed carry `.unfinished` and are not listed. */
export function folderBlobs(root: string): Blobs {
  const pathOf = (name: string): string => {
    assertBlobName(name);
    return join(root, name);
  };
  return {
    async put(name, bytes) {
      await writeDurably(pathOf(name), bytes);
    },
    async get(name) {
      try {
        return await readFile(pathOf(name));
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    async read(name, from = 0) {
      const path = pathOf(name);
      try {
        const { size } = await stat(path);
        if (from > 0 && from >= size) return undefined;
        const file = await open(path, 'r');
        return { size, stream: createReadStream(path, { fd: file, start: from }) };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    async remove(names) {
      for (const name of names) await rm(pathOf(name), { force: true });
    },
    async list(prefix) {
      const found = await readdir(join(root, prefix), { recursive: true, withFileTypes: true }).catch(
        (error: unknown) => {
          if (isAbsent(error)) return [];
          throw error;
        },
      );
      return found
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.unfinished'))
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        .sort();
    },
  };
}
