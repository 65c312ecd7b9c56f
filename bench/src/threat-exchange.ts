import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How to have Meta's C++ beside ours. */
export const HOW_TO_GET_THE_REFERENCE =
  'Meta’s C++ is pdq/cpp of the repository facebook/ThreatExchange on GitHub: set ACCORD_THREATEXCHANGE to the folder of a checkout ' +
  '(g++ compiles it, nothing else is needed)';

const UNITS = [
  'common/pdqhamming.cpp',
  'common/pdqhashtypes.cpp',
  'downscaling/downscaling.cpp',
  'hashing/pdqhashing.cpp',
  'hashing/torben.cpp',
];

/**
 * Compiles a program of ours against the checkout that ACCORD_THREATEXCHANGE names; undefined where there is none.
 * @throws Error with the compiler's words
 */
export function compileReference(source: URL, flags: readonly string[]): string | undefined {
  const checkout = process.env.ACCORD_THREATEXCHANGE;
  if (checkout === undefined || !existsSync(join(checkout, 'pdq/cpp'))) return undefined;
  const units = UNITS.map((unit) => join(checkout, 'pdq/cpp', unit));
  const program = join(mkdtempSync(join(tmpdir(), 'accord-reference-')), 'program');
  const args = ['-std=c++17', ...flags, '-I', checkout, fileURLToPath(source), ...units, '-o', program];
  const run = spawnSync('g++', args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The reference does not compile:\n${run.error ?? run.stderr}`);
  return program;
}
