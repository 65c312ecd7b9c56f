import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

/** Where Vite puts the page. */
export const dist = fileURLToPath(new URL('../dist', import.meta.url));

type Manifest = Readonly<Record<string, Chunk>>;

const read = (name: string): Manifest => JSON.parse(readFileSync(join(dist, '.vite', name), 'utf8'));

/** What was built, by the name of its source. */
export const manifest = read('manifest.json');
/** The same of the staff's page, which is built apart. */
export const consoleManifest = (): Manifest => read('console.json');

/** Files of `entries` and of everything they import at once, an entry before what it imports. */
export function closure(
  entries: readonly string[],
  built: Manifest = manifest,
): { readonly js: Set<string>; readonly css: Set<string> } {
  const js = new Set<string>();
  const css = new Set<string>();
  const open = [...entries];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const chunk = built[key];
    if (chunk === undefined) throw new Error(`no chunk ${key}`);
    for (const file of chunk.css ?? []) css.add(file);
    if (js.has(chunk.file)) continue;
    js.add(chunk.file);
    open.push(...(chunk.imports ?? []));
  }
  return { js, css };
}
