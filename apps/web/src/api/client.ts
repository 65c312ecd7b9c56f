import type { Body, Params, Query, Reply } from '@accord/protocol';
import { type ErrorBody, type ErrorCode, errorStatus } from '@accord/protocol/errors';
import { type RouteName, routes } from '@accord/protocol/routes';

/** A refusal of the server, or `offline` where it could not be reached at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | 'offline';
  /** A path into the request, where one part of it was refused. */
  readonly field: string | undefined;
  /** Seconds until it is worth trying again. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode | 'offline', body: Partial<ErrorBody> = {}) {
    super(code);
    this.code = code;
    this.field = body.field;
    this.retryAfter = body.retryAfter;
  }
}

type Part<K extends string, T> = [T] extends [undefined]
  ? { readonly [P in K]?: never }
  : { readonly [P in K]: T };

/** What a call of route `N` takes: exactly the parts that the contract names, and a signal to give up. */
type Input<N extends RouteName> = Part<'params', Params<N>> &
  Part<'query', Query<N>> &
  Part<'body', Body<N>> & { readonly signal?: AbortSignal };

type Arguments<N extends RouteName> =
  Record<never, never> extends Input<N> ? [input?: Input<N>] : [input: Input<N>];

type Listener = (code: ErrorCode) => void;
const listeners = new Set<Listener>();

/** Tells of every refusal, so that the session can follow (`session_required`, `proof_required`). */
export function onRefusal(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Calls route `name` of the protocol's table.
 * @throws {ApiError} for every refusal and for a network that is away
 */
export async function call<N extends RouteName>(name: N, ...[input]: Arguments<N>): Promise<Reply<N>> {
  const { params, query, body, signal } = (input ?? {}) as {
    params?: Record<string, string>;
    query?: Record<string, string | undefined>;
    body?: unknown;
    signal?: AbortSignal;
  };
  const route = routes[name];
  const response = await reach(address(route.path, params, query), {
    method: route.method,
    ...bodyOf(body),
    ...(signal === undefined ? {} : { signal }),
    credentials: route.access === 'anonymous' ? 'omit' : 'same-origin',
    cache: 'no-store',
    redirect: 'error',
  });
  if (!response.ok) {
    const refusal = await readRefusal(response);
    if (refusal.code !== 'offline') for (const listener of listeners) listener(refusal.code);
    throw refusal;
  }
  const octets = response.headers.get('content-type') === 'application/octet-stream';
  return (octets ? new Uint8Array(await response.arrayBuffer()) : await response.json()) as Reply<N>;
}

/** Bytes go as they are, everything else as JSON. */
function bodyOf(body: unknown): RequestInit {
  if (body === undefined) return {};
  if (!(body instanceof Uint8Array)) {
    return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  }
  return { body: body as BodyInit, headers: { 'content-type': 'application/octet-stream' } };
}

/** `path` with its `:names` filled and its query added. */
export function address(
  path: string,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value);
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('offline');
  }
}

async function readRefusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const code = (body as Partial<ErrorBody> | null)?.code;
  if (code !== undefined && Object.hasOwn(errorStatus, code)) return new ApiError(code, body as ErrorBody);
  // A proxy in between answers in words of its own; its status is all that can be trusted.
  return new ApiError(response.status >= 502 && response.status <= 504 ? 'unavailable' : 'internal');
}
