import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPages } from './pages.ts';
import { Refusal } from './refusal.ts';
import { addSecurityHeaders, securityHeaders } from './security-headers.ts';

function serverOf(folder: string, publicUrl = 'http://localhost:8420'): FastifyInstance {
  const app = fastify();
  app.setErrorHandler((error, _request, reply) =>
    error instanceof Refusal
      ? reply.code(error.status).send(error.body())
      : reply.code(500).send(String(error)),
  );
  addSecurityHeaders(app, new URL(publicUrl));
  addPages(app, folder);
  return app;
}

describe('pages', () => {
  let folder: string;
  let app: FastifyInstance;
  const script = 'export {};\n'.repeat(200);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'accord-pages-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>Accord</title>');
    await mkdir(join(folder, 'drawn'));
    for (const name of [
      'index.en',
      'index.fr',
      'help.fr',
      'help-more.fr',
      'in-talk.fr',
      'in-talk-one.fr',
      'in-you.fr',
      'plain.en',
      'plain.fr',
    ])
      await writeFile(join(folder, 'drawn', `${name}.html`), `<!doctype html><title>Accord</title>${name}`);
    await writeFile(join(folder, 'sw.js'), '// worker');
    await writeFile(join(folder, 'manifest.webmanifest'), '{}');
    await writeFile(join(folder, 'assets', 'chat-abc.js'), script);
    await writeFile(join(folder, 'assets', 'chat-abc.js.br'), brotliCompressSync(script));
    app = serverOf(folder);
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['/', 'no-cache', 'text/html'],
    ['/sw.js', 'no-cache', 'application/javascript'],
    ['/manifest.webmanifest', 'no-cache', 'application/manifest+json'],
    ['/assets/chat-abc.js', 'public, max-age=31536000, immutable', 'application/javascript'],
  ])('%s is served with cache-control %s as %s', async (url, cache, type) => {
    const answer = await app.inject({ url });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe(cache);
    expect(answer.headers['content-type']).toMatch(new RegExp(`^${type.replace('+', '\\+')}`));
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('are sent as the build compressed them to whoever takes that', async () => {
    const answer = await app.inject({
      url: '/assets/chat-abc.js',
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(answer.headers['content-encoding']).toBe('br');
    expect(answer.headers['cache-control']).toContain('immutable');
    expect(brotliDecompressSync(answer.rawPayload).toString()).toBe(script);
    expect((await app.inject({ url: '/assets/chat-abc.js' })).body).toBe(script);
  });

  it.each(['/people', '/talk/some-id', '/people?search=x', '/deep/er/than/that'])(
    'the shell opens at %s, never kept without asking',
    async (url) => {
      const answer = await app.inject({ url, headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toContain('<title>Accord</title>');
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  it.each([
    ['/', 'fr-FR,fr;q=0.9,en;q=0.8', 'index.fr'],
    ['/', 'de,en;q=0.5,fr;q=0.2', 'index.en'],
    ['/?from=a-link', undefined, 'index.en'],
    ['/help', 'fr', 'help.fr'],
    ['/help/more', 'fr', 'help-more.fr'],
    ['/help/other', 'fr', 'plain.fr'],
    ['/talk', 'fr', 'in-talk.fr'],
    ['/talk/some-id', 'fr', 'in-talk-one.fr'],
    ['/you/devices', 'fr', 'in-you.fr'],
    ['/plainly/unknown', 'fr', 'plain.fr'],
    ['/talk', 'en', 'plain.en'],
  ])('%s for %s starts from what was drawn as %s', async (url, language, name) => {
    const headers = { accept: 'text/html', ...(language && { 'accept-language': language }) };
    const answer = await app.inject({ url, headers });
    expect(answer.body).toMatch(new RegExp(`${name}$`));
    expect(answer.headers.vary).toContain('accept-language');
  });

  it.each([
    ['GET', '/api/nowhere'],
    ['GET', '/api'],
    ['GET', '/assets/gone-123.js'],
    ['GET', '/gone.png'],
    ['POST', '/people'],
    ['DELETE', '/'],
    ['GET', '/../../package.json'],
    ['GET', '/%2e%2e/%2e%2e/package.json'],
    ['GET', '/..%2f..%2fpackage.json'],
  ] as const)('%s %s is told that there is nothing', async (method, url) => {
    const answer = await app.inject({ method, url });
    expect({ status: answer.statusCode, body: answer.json() }).toEqual({
      status: 404,
      body: { code: 'no_route' },
    });
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('that are not built say so and serve nothing else', async () => {
    const empty = serverOf(join(folder, 'assets'));
    const answer = await empty.inject({ url: '/' });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('npm run build');
    expect((await empty.inject({ url: '/api/x' })).statusCode).toBe(404);
    await empty.close();
  });
});

describe('the headers', () => {
  it('allow nothing but ourselves, and no exception', () => {
    const headers = securityHeaders(new URL('https://accord.example'));
    expect(headers['content-security-policy']?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      "connect-src 'self' wss://accord.example",
      "worker-src 'self'",
      "manifest-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types accord',
    ]);
    expect(JSON.stringify(headers)).not.toMatch(/'unsafe|\*/);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('speak of transport security only where there is some', () => {
    const headers = securityHeaders(new URL('http://localhost:8420'));
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers['content-security-policy']).toContain("connect-src 'self' ws://localhost:8420;");
  });
});
