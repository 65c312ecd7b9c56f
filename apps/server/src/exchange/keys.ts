import { readFile, stat } from 'node:fs/promises';
import type { ExchangeConfig } from '../platform/config-exchange.ts';

/** The keys can't be used. The message is a sentence for the operator, and holds none of them. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

/**
 * The keys of one exchange, as the operator wrote them; undefined where there are none. Read each time: a key that was changed
 * holds from the next fetch on. @throws {KeysError}
 */
export async function keysFor({ keys }: ExchangeConfig, name: string): Promise<unknown> {
  if (keys === undefined) return undefined;
  const inline = keys.trimStart().startsWith('{');
  const text = inline ? keys : await readPrivate(keys);
  let all: unknown;
  try {
    all = JSON.parse(text);
  } catch {
    // The parser's own words would quote the text.
    throw new KeysError('ACCORD_EXCHANGE_KEYS is no JSON.');
  }
  if (typeof all !== 'object' || all === null || Array.isArray(all)) {
    throw new KeysError('ACCORD_EXCHANGE_KEYS is no JSON object with the names of exchanges.');
  }
  return Object.hasOwn(all, name) ? (all as Record<string, unknown>)[name] : undefined;
}

async function readPrivate(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new KeysError(`ACCORD_EXCHANGE_KEYS: others can read ${path}. chmod 600 it.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof KeysError) throw error;
    throw new KeysError(`ACCORD_EXCHANGE_KEYS: ${path} can’t be read.`);
  }
}
