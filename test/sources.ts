import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Source } from './boundaries.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const places = ['apps', 'packages', 'bench', 'e2e', 'test', 'scripts'];
const skipped = new Set(['node_modules', 'dist', 'build', 'coverage', 'data']);

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** Every source file of the repository whose name ends in one of these. */
export function sourcesOf(...endings: readonly string[]): Source[] {
  return places
    .flatMap((place) => [...walk(join(root, place))])
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({
      path: relative(root, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }));
}
