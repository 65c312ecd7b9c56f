import { readdir } from 'node:fs/promises';

/** Runs the named benchmarks, or all: `node bench/src/main.ts [chat|perceptual|…] [--option=value …]`. */
const folders = await readdir(import.meta.dirname, { withFileTypes: true });
const known = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no benchmark ${unknown}. There are: ${known.sort().join(', ')}.\n`);
  process.exit(1);
}
for (const name of names.length > 0 ? names : known.sort()) await import(`./${name}/main.ts`);
