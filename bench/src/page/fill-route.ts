import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import type { fill, Past } from './fill.ts';
import { root } from './server.ts';

const base = '/bench-fill';
// With a dot: the service worker takes other addresses for the app's.
const start = `${base}/start.html`;
const script = `${base}/fill.js`;

/**
 * Fills the store of the device whose page this is. The page is left for an empty document of the same address, so
 * that no engine runs meanwhile; that document and its script come from this repository, not from the server.
 */
export async function fillStore(page: Page, origin: string, past: Past): Promise<number> {
  const code = await bundle();
  await page.route(`${origin}${start}`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>fill</title>' }),
  );
  await page.route(`${origin}${script}`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: code }),
  );
  await page.goto(`${origin}${start}`);
  const count = await page.evaluate(
    async ({ address, given }) => {
      const filler = (await import(address)) as { fill: typeof fill };
      return filler.fill(given);
    },
    { address: script, given: past },
  );
  await page.unroute(`${origin}${start}`);
  await page.unroute(`${origin}${script}`);
  return count;
}

/** `fill.ts` and the engine's own modules that it uses, as one script. */
async function bundle(): Promise<string> {
  const built = await build({
    root: join(root, 'bench'),
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry: join(import.meta.dirname, 'fill.ts'), formats: ['es'] },
    },
  });
  const [first] = Array.isArray(built) ? built : [built as Rolldown.RolldownOutput];
  const chunk = first?.output[0];
  if (chunk?.type !== 'chunk') throw new Error('nothing was built of the filler');
  return chunk.code;
}
