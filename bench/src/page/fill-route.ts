import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join, normalize } from 'node:path';
import type { Page } from 'playwright-core';
import type { fill, Past } from './fill.ts';
import { root } from './server.ts';

const base = '/bench-fill';
// With a dot: the service worker takes other addresses for the app's.
const start = 'start.html';
const imports = {
  idb: `${base}/node_modules/idb/build/index.js`,
  'zod/mini': `${base}/node_modules/zod/mini/index.js`,
};
const blank = `<!doctype html><title>fill</title><script type="importmap">${JSON.stringify({ imports })}</script>`;
/** What of this repository the browser may read here. */
const open = ['bench/src/page/', 'apps/web/src/chat/engine/', 'node_modules/idb/', 'node_modules/zod/'];

/**
 * Fills the store of the device whose page this is. The page is left for an empty document of the same address, so
 * that no engine runs meanwhile; that document and its modules come from this repository, not from the server.
 */
export async function fillStore(page: Page, origin: string, past: Past): Promise<number> {
  await page.route(`${origin}${base}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(base.length + 1);
    const path = normalize(name);
    if (name === start) await route.fulfill({ contentType: 'text/html', body: blank });
    else if (!open.some((folder) => path.startsWith(folder))) await route.fulfill({ status: 404 });
    else {
      const text = await readFile(join(root, path), 'utf8');
      const body = path.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
      await route.fulfill({ contentType: 'text/javascript', body });
    }
  });
  await page.goto(`${origin}${base}/${start}`);
  const count = await page.evaluate(
    async ({ address, given }) => {
      const filler = (await import(address)) as { fill: typeof fill };
      return filler.fill(given);
    },
    { address: `${base}/bench/src/page/fill.ts`, given: past },
  );
  await page.unroute(`${origin}${base}/**`);
  return count;
}
