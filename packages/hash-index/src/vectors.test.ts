import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HashIndex } from './hash-index.ts';
import { parseHash } from './input.ts';
import { loadModule } from './node.ts';
import { type Entry, scan, toRows } from './testing.ts';

/** Lists of hashes that ship with the reference implementation; read where they are, skipped by name elsewhere. */
const beside = fileURLToPath(new URL('../../../../shared/vectors', import.meta.url));
const folder = join(process.env.ACCORD_VECTORS ?? beside, 'pdq');
const present = existsSync(join(folder, 'needles.txt')) && existsSync(join(folder, 'haystack.txt'));

async function hashesIn(file: string): Promise<Uint8Array[]> {
  const text = await readFile(join(folder, file), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseHash);
}

describe.skipIf(!present)('needles in the haystack of the reference (vectors/pdq)', () => {
  it.each([true, false])(
    'finds what a linear scan finds at every radius, simd %s',
    async (simd) => {
      const [needles, haystack] = await Promise.all([hashesIn('needles.txt'), hashesIn('haystack.txt')]);
      expect([needles.length, haystack.length]).toEqual([100, 1350]);
      const entries = new Map<number, Entry>(haystack.map((hash, id) => [id, { hash, banks: 1 }]));
      const index = HashIndex.create(await loadModule({ simd }), { banks: ['HAYSTACK'], expected: 5_000 });
      index.addMany(toRows(new Map([...entries].slice(0, 900))));
      for (const [id, { hash }] of [...entries].slice(900)) index.add(id, hash, 1);
      expect(index.stats.parts).toHaveLength(16);
      let found = 0;
      for (const needle of needles) {
        for (const radius of [0, 16, 31, 46, 63]) {
          const matches = index.search(needle, { radius });
          expect(matches).toEqual(scan(entries, needle, radius));
          if (radius === 31) found += matches.length;
        }
      }
      expect(found).toBeGreaterThan(0);
    },
    120_000,
  );
});
