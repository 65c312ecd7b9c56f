/**
 * The service worker: keeps the shell, never an answer of `/api`. Navigations go to the network first, so
 * a new release shows at once; without one the kept page opens and the app says that it is offline.
 */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

declare const __ACCORD_SHELL__: readonly string[];
declare const __ACCORD_VERSION__: string;

const scope = self as unknown as Scope;
const kept = `accord-${__ACCORD_VERSION__}`;
const shell = new Set(__ACCORD_SHELL__);

/** How long a navigation waits for a slow network before the kept page opens, in ms. */
const patience = 4000;

scope.addEventListener('install', (event) => {
  event.waitUntil(keepShell());
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(dropOld());
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || address.origin !== location.origin) return;
  if (address.pathname.startsWith('/api/')) return;
  const { pathname } = address;
  if (request.mode === 'navigate' && opensTheApp(pathname)) event.respondWith(navigate(request));
  else if (shell.has(pathname)) event.respondWith(fromShell(request));
});

async function keepShell(): Promise<void> {
  const cache = await caches.open(kept);
  await cache.addAll([...shell].map((path) => new Request(path, { cache: 'reload' })));
  await scope.skipWaiting();
}

async function dropOld(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('accord-') && name !== kept) await caches.delete(name);
  }
  await scope.clients.claim();
}

/** Paths with a dot are files, and pages of the server (the test wallet, the desk, the console) are its own. */
function opensTheApp(path: string): boolean {
  return !path.includes('.') && !/^\/(test-wallet|desk|signaler|console)(\/|$)/.test(path);
}

async function navigate(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(patience) });
  } catch (error) {
    const page = await caches.match('/index.html', { cacheName: kept });
    if (page === undefined) throw error;
    return page;
  }
}

async function fromShell(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: kept })) ?? fetch(request);
}
