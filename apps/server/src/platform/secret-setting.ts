import { readFile, stat } from 'node:fs/promises';

/** Secrets can't be used. The message is a sentence for the operator that names the setting, and holds none of them. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/**
 * The JSON object behind a setting that is either the JSON itself or the path of a file that we alone can read.
 * @throws {SecretError}
 */
export async function readSecret(setting: string, value: string): Promise<Readonly<Record<string, unknown>>> {
  const text = value.trimStart().startsWith('{') ? value : await readPrivate(setting, value);
  let all: unknown;
  try {
    all = JSON.parse(text);
  } catch {
    // The parser's own words would quote the text.
    throw new SecretError(`${setting} is no JSON.`);
  }
  if (typeof all !== 'object' || all === null || Array.isArray(all)) {
    throw new SecretError(`${setting} is no JSON object.`);
  }
  return all as Record<string, unknown>;
}

async function readPrivate(setting: string, path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw new SecretError(`${setting}: others can read ${path}. chmod 600 it.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof SecretError) throw error;
    throw new SecretError(`${setting}: ${path} can’t be read.`);
  }
}
