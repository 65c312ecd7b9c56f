/**
 * Writes `dist/drawn/<page>.<language>.html`: the built page with markup in it, and with the addresses of all that the
 * page will load, so that nothing is found out late. Runs after the build.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import type * as Prerender from '../src/prerender.tsx';
import { closure } from './manifest.ts';

const web = fileURLToPath(new URL('..', import.meta.url));
const dist = join(web, 'dist');
const compiled = join(web, 'dist-prerender');

await build({
  root: web,
  configFile: join(web, 'vite.config.ts'),
  logLevel: 'error',
  build: {
    ssr: 'src/prerender.tsx',
    outDir: compiled,
    copyPublicDir: false,
    manifest: false,
    rolldownOptions: { output: { entryFileNames: '[name].js' } },
  },
});
const { draw } = (await import(pathToFileURL(join(compiled, 'prerender.js')).href)) as typeof Prerender;
const page = await readFile(join(dist, 'index.html'), 'utf8');
const begin = closure(['src/chat/begin.ts']);
const initial = closure(['index.html']);
const styles = new Map<string, string>();

await mkdir(join(dist, 'drawn'), { recursive: true });
for (const { language, name, address, markup, chunk, engine } of await draw()) {
  const later = closure([`src/messages/${language}/index.ts`, ...(chunk === null ? [] : [chunk])]);
  const css = [...later.css].filter((file) => !initial.css.has(file));
  await assertDrawable(`${name}.${language}`, markup, [...initial.css, ...css]);
  const [entry] = begin.js;
  const preloads = [...(engine ? begin.js : []), ...later.js].filter(
    (file) => file !== entry && !page.includes(file),
  );
  const head = [
    ...(engine ? [`<script type="module" async crossorigin src="/${entry}"></script>`] : []),
    ...css.map((file) => `<link rel="stylesheet" crossorigin href="/${file}">`),
    ...[...new Set(preloads)].map((file) => `<link rel="modulepreload" crossorigin href="/${file}">`),
  ];
  const drawn = page
    .replace(/<html lang="\w+"/, `<html lang="${language}"`)
    .replace('</head>', () => `  ${head.join('\n    ')}\n  </head>`)
    .replace(
      '<div id="root">',
      () => `<div id="root"${address === null ? '' : ` data-drawn="${address}"`}>${markup}`,
    );
  await writeFile(join(dist, `drawn/${name}.${language}.html`), drawn);
}
await rm(compiled, { recursive: true });

/** The policy lets no style stand in markup, and a class that no sheet of the page knows would be drawn bare. */
async function assertDrawable(name: string, markup: string, sheets: readonly string[]): Promise<void> {
  if (/\sstyle="|<script|<style/.test(markup)) throw new Error(`${name}: the policy refuses what is drawn`);
  for (const file of sheets)
    if (!styles.has(file)) styles.set(file, await readFile(join(dist, file), 'utf8'));
  const known = sheets.map((file) => styles.get(file)).join('\n');
  for (const [, names = ''] of markup.matchAll(/class="([^"]*)"/g))
    for (const one of names.split(' '))
      if (!known.includes(`.${one}`)) throw new Error(`${name}: no style for ${one}`);
}
