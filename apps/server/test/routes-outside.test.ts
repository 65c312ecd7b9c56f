import { routes } from '@accord/protocol/routes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './support.ts';

/**
 * What the server answers beside the table of routes, and why nobody is asked for a session or a proof of age there. Whoever
 * adds a route elsewhere says here why.
 */
const outside: readonly (readonly [path: RegExp, methods: string, why: string])[] = [
  [/^\/health$/, 'GET', 'says to whoever balances the load whether we are here'],
  [/^\/api\/gate\/answers\/:proofId$/, 'POST', 'wallets post there, by a secret address, and are judged'],
  [/^\/test-wallet(\/answer)?$/, 'GET', 'the test method, on the loopback address alone'],
  [/^\/(desk|signaler)(\/|$)/, 'GET POST', 'the desk is for those who have no account, and shows no picture'],
  [/^\/?\*$/, 'GET', 'the page itself, the same for everybody'],
];

/** Every path with its methods, from the router's own tree. */
function served(tree: string): Map<string, readonly string[]> {
  const above: string[] = [];
  const found = new Map<string, readonly string[]>();
  for (const line of tree.split('\n')) {
    const [, indent, segment = '', methods] = /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
    if (indent === undefined) continue;
    const depth = indent.length / 4;
    const path = `${above.slice(0, depth).join('')}${segment}`;
    above[depth] = segment;
    if (methods !== undefined) {
      found.set(
        path,
        methods.split(', ').filter((method) => method !== 'HEAD'),
      );
    }
  }
  return found;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { ACCORD_AGE_METHODS: 'test,wallet', ACCORD_AGE_POLICY: 'eu' } });
});
afterAll(() => server.close());

describe('beside the table of routes', () => {
  it('the server answers only where somebody said why', () => {
    const table = new Set<string>(Object.values(routes).map(({ method, path }) => `${method} ${path}`));
    const all = served(server.app.printRoutes({ commonPrefix: false, includeHooks: false }));
    const unexplained = [...all].flatMap(([path, methods]) =>
      methods
        .filter((method) => !table.delete(`${method} ${path}`))
        .filter(
          (method) => !outside.some(([known, may]) => known.test(path) && may.split(' ').includes(method)),
        )
        .map((method) => `${method} ${path}`),
    );
    expect(unexplained).toEqual([]);
    // The tree was read to its end.
    expect([...table]).toEqual([]);
  });

  it('takes no method for another, lets no other origin read, and leaves nothing in a cache', async () => {
    const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
      fetch(new URL(path, server.url), { method, headers: { origin: server.url, ...headers } });
    for (const [answer, status] of [
      [await ask('OPTIONS', '/api/gate', { 'access-control-request-method': 'POST' }), 404],
      [await ask('OPTIONS', '/api/gate/answers/x', { origin: 'https://elsewhere.example' }), 404],
      [await ask('POST', '/api/gate', { 'x-http-method-override': 'GET' }), 404],
      [await ask('POST', '/api/gate/proofs?_method=GET'), 401],
      [await ask('HEAD', '/api/gate'), 401],
      [await ask('GET', '/api/gate/answers/x'), 404],
      [await ask('GET', '/api/gate/statement'), 200],
      [await ask('PUT', '/api/gate', { origin: 'https://elsewhere.example' }), 403],
    ] as const) {
      expect(answer.status, answer.url).toBe(status);
      expect(answer.headers.get('cache-control'), answer.url).toBe('no-store');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    // Who sends a body drop by drop is not waited for without an end.
    expect(server.app.server.requestTimeout).toBe(300_000);
  });
});
