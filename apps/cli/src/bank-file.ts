import { readFile } from 'node:fs/promises';
import { HashIndex, HashIndexError, parseHash } from '@accord/hash-index';
import { loadModule } from '@accord/hash-index/node';
import { UsageError } from './command.ts';

/** A bank read from a file: an index over its hashes, and whose each one is. */
export interface BankFile {
  readonly index: HashIndex;
  /** The banked picture of each hash, by the hash's id in the index. */
  readonly pictures: readonly string[];
}

/**
 * Reads a bank: a line for each hash, 64 hexadecimal digits, then optionally the name of the picture (several lines may name
 * one); or a file that `bank export` wrote. Empty lines and lines that begin with `#` are passed over. @throws {UsageError} naming the first bad line
 */
export async function readBank(path: string): Promise<BankFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`The bank ${path} can’t be read.`);
  }
  const hashes: Uint8Array[] = [];
  const pictures: string[] = [];
  const exported = text.startsWith('hash,picture,');
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('hash,picture,')) continue;
    const [digits = '', ...name] = line.split(/[\s,]+/);
    try {
      hashes.push(parseHash(digits));
    } catch (error) {
      if (!(error instanceof HashIndexError)) throw error;
      throw new UsageError(`Line ${at + 1} of ${path} does not begin with a hash of 64 hexadecimal digits.`);
    }
    // A bank that we exported tells its pictures apart by their numbers; what follows is not their name.
    pictures.push((exported ? name[0] : name.join(' ')) || `line ${at + 1}`);
  }
  const rows = {
    ids: Uint32Array.from(hashes, (_, id) => id),
    hashes: new Uint8Array(hashes.flatMap((one) => [...one])),
    banks: new Uint32Array(hashes.length).fill(1),
  };
  const index = HashIndex.create(await loadModule(), { banks: ['bank'], expected: hashes.length }, rows);
  return { index, pictures };
}
