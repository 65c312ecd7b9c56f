import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { preferredLanguage } from './language.ts';
import { Refusal } from './refusal.ts';

/** Where Vite puts the page. */
export const builtPage = fileURLToPath(new URL('../../../web/dist', import.meta.url));

const forever = 'public, max-age=31536000, immutable';
const askFirst = 'no-cache';

/** Assets carry the hash of what is in them in their name; everything else may change under its name. */
const cacheControl = (path: string): string => (/[\\/]assets[\\/]/.test(path) ? forever : askFirst);

/**
 * Serves the built page: files as they are (compressed beforehand where the build did that), and a document for every
 * other address that a person opens: as the build drew it for that part of the app, in the language that the browser
 * asks for. What asks for data is told that there is none.
 */
export function addPages(app: FastifyInstance, folder = builtPage): void {
  const built = existsSync(join(folder, 'index.html'));
  if (built) {
    app.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      preCompressed: true,
      dotfiles: 'ignore',
      index: false,
      // The folder itself is a page, not a file.
      allowedPath: (path) => path !== '/',
      setHeaders: (response, path) => response.header('cache-control', cacheControl(path)),
    });
  }
  const drawn = new Set(existsSync(join(folder, 'drawn')) ? readdirSync(join(folder, 'drawn')) : []);
  app.setNotFoundHandler((request, reply) => {
    if (!opensAPage(request)) throw new Refusal('no_route');
    if (built)
      return reply.header('vary', 'accept-language, accept-encoding').sendFile(documentFor(request, drawn));
    return reply
      .code(503)
      .type('text/plain; charset=utf-8')
      .send('The page is not built yet: npm run build.\n');
  });
}

/** The document to start from: the staff's, which is apart; the whole page, else the frame of one thing, of a list, or of a page before the door. */
function documentFor({ url, headers }: FastifyRequest, drawn: ReadonlySet<string>): string {
  const language = preferredLanguage(headers['accept-language']);
  const [part = '', ...rest] = pathOf(url).slice(1).split('/');
  if (part === 'console') return 'console.html';
  const page = [part === '' ? 'index' : part, ...rest].join('-');
  const names = [page, ...(rest.length === 0 ? [] : [`in-${part}-one`]), `in-${part}`, 'plain'];
  const file = names.map((name) => `${name}.${language}.html`).find((each) => drawn.has(each));
  return file === undefined ? 'index.html' : `drawn/${file}`;
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** A navigation, and not to an address of the interface or of a file that is not there. */
function opensAPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const path = pathOf(url);
  if (path === '/api' || path.startsWith('/api/') || path.startsWith('/assets/')) return false;
  const isFile = /\.[a-z0-9]+$/i.test(path);
  const accepts = headers.accept ?? '*/*';
  return accepts.includes('text/html') || (accepts.includes('*/*') && !isFile);
}
