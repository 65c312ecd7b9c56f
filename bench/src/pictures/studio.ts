import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { launchChromium } from '../../../e2e/src/chromium.ts';
import { root } from '../page/server.ts';

/** The page's own worker with everything that it imports. */
function studioFiles(): { readonly worker: string; readonly files: Map<string, Uint8Array> } {
  const assets = join(root, 'apps/web/dist/assets');
  const names = readdirSync(assets).filter((name) => name.endsWith('.js'));
  const worker = names.find((name) => name.startsWith('studio-worker-'));
  if (worker === undefined) throw new Error('the page is not built: npm run build');
  return {
    worker: `/assets/${worker}`,
    files: new Map(names.map((name) => [`/assets/${name}`, readFileSync(join(assets, name))])),
  };
}

function serve(files: ReadonlyMap<string, Uint8Array>): Promise<Server> {
  const server = createServer((request, response) => {
    const bytes = files.get(request.url ?? '');
    const script = request.url?.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
    response.setHeader('content-type', request.url === '/' ? 'text/html' : script);
    response.end(bytes ?? '<!doctype html><title>bench</title>');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

/** Runs `work` in a page of Chromium that has the built worker, and these pictures at `/picture/0` and so on. */
export async function inStudio<Task extends object, T>(
  pictures: readonly Buffer[],
  work: (task: Task & { readonly worker: string }) => Promise<T>,
  task: Task,
): Promise<T> {
  const { worker, files } = studioFiles();
  for (const [index, bytes] of pictures.entries()) files.set(`/picture/${index}`, bytes);
  const server = await serve(files);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return (await page.evaluate(work as never, { ...task, worker } as never)) as T;
  } finally {
    await browser.close();
    server.close();
  }
}
