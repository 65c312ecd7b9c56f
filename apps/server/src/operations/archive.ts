import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { z } from 'zod';

/** The archive can't be used. The message is a sentence for the operator. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** Bytes of a part at most; what a backup or a restore holds in memory. */
export const partBytes = 4 * 1024 * 1024;
export const manifestName = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const identifier = z.string().regex(/^[a-z_][a-z0-9_]*$/);

/** The last entry of an archive: what is in it, with the hash of every part. */
const manifestShape = z.strictObject({
  format: z.literal(1),
  createdAt: z.iso.datetime(),
  /** Major version of the server that it comes from. */
  postgres: z.int(),
  migrations: z.array(z.strictObject({ name: z.string(), hash: sha256 })),
  tables: z.array(
    z.strictObject({
      name: identifier,
      columns: z.array(identifier),
      rows: z.int().nonnegative(),
      parts: z.array(z.strictObject({ name: z.string(), bytes: z.int().max(partBytes), sha256 })),
    }),
  ),
  /** The last value that each sequence gave. */
  sequences: z.array(
    z.strictObject({ table: identifier, column: identifier, last: z.string().regex(/^\d+$/) }),
  ),
});
export type Manifest = z.infer<typeof manifestShape>;

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Hands out the entries of an archive in their order, whole: they are small by construction.
 * @throws {ArchiveError} when it is no archive of ours, or damaged
 */
export async function* readEntries(
  path: string,
): AsyncGenerator<{ readonly name: string; readonly bytes: Buffer }> {
  const extract = tar.extract();
  const stop = new AbortController();
  const reading = pipeline(createReadStream(path), createGunzip(), extract, { signal: stop.signal });
  // Read errors are told by the loop below, which the failing pipeline ends.
  reading.catch(() => {});
  try {
    for await (const entry of extract) {
      if ((entry.header.size ?? 0) > Math.max(partBytes, 64 * 1024 * 1024))
        throw new ArchiveError('An entry is too large.');
      const pieces: Buffer[] = [];
      for await (const piece of entry) pieces.push(piece as Buffer);
      yield { name: entry.header.name, bytes: Buffer.concat(pieces) };
    }
    await reading;
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    const code = (error as { code?: unknown }).code;
    if (code === 'ENOENT') throw new ArchiveError(`There is no file ${path}.`);
    if (code === 'EACCES' || code === 'EISDIR') throw new ArchiveError(`${path} can't be read (${code}).`);
    throw new ArchiveError(`${path} is damaged, or no backup of Accord: ${(error as Error).message}.`, {
      cause: error,
    });
  } finally {
    stop.abort();
  }
}

function readManifest(path: string, bytes: Buffer): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new ArchiveError(`${path} is damaged: its manifest can't be read.`);
  }
  const parsed = manifestShape.safeParse(json);
  if (!parsed.success)
    throw new ArchiveError(`${path} is damaged, or from a later Accord: its manifest has another form.`);
  return parsed.data;
}

/**
 * Reads the whole archive and compares every part with the manifest. Touches nothing else.
 * @throws {ArchiveError} naming the first part that is missing, foreign or changed
 */
export async function verifyArchive(path: string): Promise<Manifest> {
  const seen = new Map<string, string>();
  let manifest: Manifest | undefined;
  for await (const { name, bytes } of readEntries(path)) {
    if (manifest !== undefined || seen.has(name))
      throw new ArchiveError(`${path} is damaged: ${name} does not belong there.`);
    if (name === manifestName) manifest = readManifest(path, bytes);
    else seen.set(name, hashOf(bytes));
  }
  if (manifest === undefined) throw new ArchiveError(`${path} is cut short: it has no manifest.`);
  const parts = manifest.tables.flatMap((table) => table.parts);
  for (const part of parts) {
    if (seen.get(part.name) !== part.sha256)
      throw new ArchiveError(`${path} is damaged: ${part.name} is not what was saved.`);
  }
  if (seen.size !== parts.length)
    throw new ArchiveError(`${path} is damaged: it has parts that its manifest does not name.`);
  return manifest;
}
