/**
 * Prints what the page weighs (gzip -9; `--quiet`: only what is too much) and fails above its limits; then leaves a compressed copy of every
 * text file beside it, so that the server compresses nothing while it runs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { closure, consoleManifest, dist, manifest } from './manifest.ts';

/** Limits in kB of gzip: what a first visit loads, and the styles that any one page needs. */
const limits = { 'initial JS': 120, 'CSS of a page': 12, 'console JS': 150, 'console CSS': 12 };

const weight = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0) /
  1000;

/** The page itself and the larger of the languages: no first view goes without one. */
const languages = Object.keys(manifest).filter((key) => /messages\/\w+\/index\.ts$/.test(key));
const largest = languages.sort((a, b) => weight(closure([b]).js) - weight(closure([a]).js))[0];
const first = ['index.html', ...(largest === undefined ? [] : [largest])];
const initial = closure(first);
const later = Object.keys(manifest).filter((key) => /src\/chat\/.*\.tsx?$/.test(key) && !first.includes(key));
const cssOf = (key: string) => weight(new Set([...initial.css, ...closure([key]).css]));

const staff = closure(
  Object.keys(consoleManifest()).filter((key) => key === 'console.html' || key === largest),
  consoleManifest(),
);

const measured = {
  'initial JS': weight(initial.js),
  'initial CSS': weight(initial.css),
  'CSS of a page': Math.max(...later.map(cssOf)),
  'console JS': weight(staff.js),
  'console CSS': weight(staff.css),
};
const say = process.argv.includes('--quiet') ? () => undefined : console.log;
for (const key of later) {
  const more = [...closure([key]).js].filter((file) => !initial.js.has(file));
  say(`  later, ${key.replace('src/chat/', '').padEnd(28)} ${weight(more).toFixed(1).padStart(6)} kB`);
}
for (const [name, kilobytes] of Object.entries(measured)) {
  say(`${name.padEnd(14)}${kilobytes.toFixed(1).padStart(6)} kB gz`);
}

/** What runs beside the page is listed by no chunk: the worker, and the engine with MLS that it loads. */
const beside = readdirSync(join(dist, 'assets')).filter((file) => /^(worker|lead)-.*\.js$/.test(file));
const engine = weight(beside.map((file) => `assets/${file}`));
say(`the engine    ${engine.toFixed(1).padStart(6)} kB gz, in a worker, on members’ pages`);

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(js|css|html|svg|webmanifest|wasm)$/.test(name)) continue;
  const bytes = readFileSync(join(dist, name));
  writeFileSync(join(dist, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  writeFileSync(join(dist, `${name}.br`), brotliCompressSync(bytes));
}

const over = Object.entries(limits).filter(([name, limit]) => measured[name as keyof typeof limits] > limit);
for (const [name, limit] of over) console.error(`${name} is above its limit of ${limit} kB gz`);
if (over.length > 0) process.exit(1);
