import type { PartnerScope } from '@accord/protocol/partners';
import { createKey, type NewKey } from '../../src/partners/index.ts';
import { freePort, startServer, type TestServer, type TestServerOptions } from '../support.ts';

/** A server with the interfaces for other platforms. */
export interface ApiServer {
  readonly server: TestServer;
  /** Where they listen. */
  readonly url: string;
  /** Makes a key. */
  key(scopes: readonly PartnerScope[], more?: Partial<NewKey>): Promise<string>;
  close(): Promise<void>;
}

export async function startApi(options: TestServerOptions = {}): Promise<ApiServer> {
  const port = await freePort();
  const env = { ACCORD_API_PORT: String(port), ...options.env };
  const server = await startServer({ ...options, env });
  return {
    server,
    url: `http://127.0.0.1:${port}`,
    key: (scopes, more) =>
      createKey(
        server.platform.db,
        { name: 'a platform', scopes, banks: null, perMinute: 100_000, ...more },
        Date.now(),
      ),
    close: () => server.close(),
  };
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** One call, its answer parsed where it is JSON. */
export async function call(
  url: string,
  key: string | undefined,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer> {
  const raw = body instanceof FormData || body instanceof Uint8Array || typeof body === 'string';
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && !raw && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: raw ? (body as BodyInit) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers };
}
