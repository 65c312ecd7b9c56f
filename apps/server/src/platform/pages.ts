import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';

/** Where Vite puts the page. */
export const builtPage = fileURLToPath(new URL('../../../web/dist', import.meta.url));

const forever = 'public, max-age=31536000, immutable';
const askFirst = 'no-cache';

/** Assets carry the hash of what is in them in their name; everything else may change under its name. */
const cacheControl = (path: string): string => (/[\\/]assets[\\/]/.test(path) ? forever : askFirst);

/**
 * Serves the built page: files as they are (compressed beforehand where the build did that), and `index.html`
 * for every other address that a person opens. What asks for data is told that there is none.
 */
export function addPages(app: FastifyInstance, folder = builtPage): void {
  const built = existsSync(join(folder, 'index.html'));
  if (built) {
    app.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      preCompressed: true,
      dotfiles: 'ignore',
      index: 'index.html',
      setHeaders: (response, path) => response.header('cache-control', cacheControl(path)),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (!opensAPage(request)) throw new Refusal('no_route');
    if (built) return sendShell(reply);
    return reply
      .code(503)
      .type('text/plain; charset=utf-8')
      .send('The page is not built yet: npm run build.\n');
  });
}

function sendShell(reply: FastifyReply): FastifyReply {
  return reply.sendFile('index.html');
}

/** A navigation, and not to an address of the interface or of a file that is not there. */
function opensAPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const path = url.split('?', 1)[0] ?? '';
  if (path === '/api' || path.startsWith('/api/') || path.startsWith('/assets/')) return false;
  const isFile = /\.[a-z0-9]+$/i.test(path);
  const accepts = headers.accept ?? '*/*';
  return accepts.includes('text/html') || (accepts.includes('*/*') && !isFile);
}
