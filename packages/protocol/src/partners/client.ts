import type { z } from 'zod';
import type { PartnerRoute } from './route.ts';
import { type CheckItem, type CheckResult, type V1, type V1Name, v1 } from './v1.ts';

/** Why a call was refused: the code, the first bad field, seconds to wait. */
export class PartnerRefused extends Error {
  override readonly name = 'PartnerRefused';
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(status: number, body: { code?: string; field?: string; retryAfter?: number }) {
    super(`${status} ${body.code ?? 'unreadable'}`);
    this.status = status;
    this.code = body.code ?? 'unreadable';
    this.field = body.field;
    this.retryAfter = body.retryAfter;
  }
}

type Part<R, P extends string> = R extends { readonly [K in P]: infer S extends z.ZodType }
  ? { readonly [K in P]: z.input<S> }
  : unknown;
type JsonBody<R> = R extends { readonly takes: string } ? unknown : Part<R, 'body'>;

/** What a call of a route takes: its params, query and JSON body. */
type Asked<N extends V1Name> = Part<V1[N], 'params'> & Partial<Part<V1[N], 'query'>> & JsonBody<V1[N]>;
type Answered<N extends V1Name> = z.output<V1[N]['reply']>;
type Plain = { [N in V1Name]: V1[N] extends { readonly takes: string } ? never : N }[V1Name];

/** Where the service listens, a key, and by what to fetch; the platform's own by default. */
interface Setup {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch?: typeof fetch;
}

/** Our interface for other platforms, typed by its contract. @throws {PartnerRefused} by every call that is refused */
export function createPartnerClient({ baseUrl, key, fetch: ask = fetch }: Setup) {
  const send = async (route: PartnerRoute, path: string, init: RequestInit): Promise<Response> => {
    const answer = await ask(new URL(path, baseUrl), {
      method: route.method,
      ...init,
      headers: { authorization: `Bearer ${key}`, ...init.headers },
    });
    if (answer.ok) return answer;
    throw new PartnerRefused(answer.status, (await answer.json().catch(() => ({}))) as { code?: string });
  };
  return {
    /** Any route that takes and gives JSON, by its name. */
    async call<N extends Plain>(name: N, asked: Asked<N>): Promise<Answered<N>> {
      const route: PartnerRoute = v1[name];
      const {
        params = {},
        query = {},
        body,
      } = asked as {
        params?: Record<string, string>;
        query?: Record<string, string>;
        body?: unknown;
      };
      const path = route.path.replaceAll(/:(\w+)/g, (_, one: string) =>
        encodeURIComponent(params[one] ?? ''),
      );
      const search = new URLSearchParams(query).toString();
      const answer = await send(route, search === '' ? path : `${path}?${search}`, {
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
      return (await answer.json()) as Answered<N>;
    },
    /** One picture by its bytes. */
    async checkPicture(picture: Uint8Array<ArrayBuffer>): Promise<CheckResult> {
      const route = v1['checks.picture'];
      const init = { body: picture, headers: { 'content-type': 'application/octet-stream' } };
      return (await (await send(route, route.path, init)).json()) as CheckResult;
    },
    /** As many items as come; answers in their order, while more are sent. */
    async *checkStream(items: Iterable<CheckItem> | AsyncIterable<CheckItem>): AsyncGenerator<CheckResult> {
      const route = v1['checks.stream'];
      const answer = await send(route, route.path, {
        body: linesOf(items),
        headers: { 'content-type': 'application/x-ndjson' },
        // What the platform asks for when a body is sent while the answer comes.
        duplex: 'half',
      } as RequestInit);
      for await (const line of linesIn(answer.body)) yield JSON.parse(line) as CheckResult;
    },
  };
}

function linesOf(items: Iterable<CheckItem> | AsyncIterable<CheckItem>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const all = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await all.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
  });
}

async function* linesIn(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
    if (done) break;
  }
  if (rest !== '') yield rest;
}
