import type { Body, ErrorBody, Params, Query, Reply, RouteName } from '@accord/protocol';
import { routes } from '@accord/protocol/routes';

type Part<K extends string, T> = [T] extends [undefined]
  ? { readonly [P in K]?: never }
  : { readonly [P in K]: T };
/** What a call of route `N` takes. */
export type Input<N extends RouteName> = Part<'params', Params<N>> &
  Part<'body', Body<N>> &
  ([Query<N>] extends [undefined] ? { readonly query?: never } : { readonly query?: Query<N> });

/** An answer as it came, for comparing byte for byte. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A refusal of the server. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly body: ErrorBody;
  constructor(status: number, body: ErrorBody) {
    super(`${status} ${body.code}`);
    this.status = status;
    this.body = body;
  }
}

/** The code of the refusal that a call ends in; `'no refusal'` where it was answered. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Refused) return error.body.code;
    throw error;
  }
  return 'no refusal';
}

/** A browser, as far as HTTP is concerned: an origin and a cookie. */
export class Client {
  readonly origin: string;
  /** The session's token, as the cookie holds it. */
  token: string | undefined;

  constructor(origin: string, token?: string) {
    this.origin = origin;
    this.token = token;
  }

  /** Calls a route. @throws {Refused} */
  async call<N extends RouteName>(name: N, input: Input<N>): Promise<Reply<N>> {
    const answer = await this.answer(name, input as Loose);
    if (answer.status !== 200) throw new Refused(answer.status, JSON.parse(answer.text) as ErrorBody);
    return JSON.parse(answer.text) as Reply<N>;
  }

  /** Calls a route with anything at all, and gives the answer as it came. */
  async answer(name: RouteName, input: Loose = {}): Promise<Answer> {
    const response = await this.#fetch(name, input);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async #fetch(name: RouteName, input: Loose): Promise<Response> {
    const route = routes[name];
    const path = route.path.replaceAll(/:(\w+)/g, (_, key: string) =>
      encodeURIComponent(String((input.params as Record<string, unknown> | undefined)?.[key] ?? '-')),
    );
    const url = new URL(path, this.origin);
    for (const [key, value] of Object.entries(input.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const response = await fetch(url, {
      method: route.method,
      headers: {
        origin: this.origin,
        ...(this.token !== undefined && { cookie: `accord_session=${this.token}` }),
        ...(input.body !== undefined && { 'content-type': typeOf(input.body) }),
      },
      ...(input.body !== undefined && {
        body:
          typeof input.body === 'string' || input.body instanceof Uint8Array
            ? (input.body as BodyInit)
            : JSON.stringify(input.body),
      }),
    });
    this.#keepCookie(response.headers);
    return response;
  }

  /** A route that answers with bytes. @throws {Refused} */
  async octets<N extends RouteName>(name: N, input: Input<N>): Promise<Uint8Array> {
    const response = await this.#fetch(name, input as Loose);
    if (response.status !== 200) throw new Refused(response.status, (await response.json()) as ErrorBody);
    return new Uint8Array(await response.arrayBuffer());
  }

  #keepCookie(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const value = /^accord_session=([^;]*)/.exec(cookie)?.[1];
      if (value !== undefined) this.token = value === '' ? undefined : value;
    }
  }
}

const typeOf = (body: unknown) =>
  body instanceof Uint8Array ? 'application/octet-stream' : 'application/json';

/** A call without its types, for what no page of ours would send. */
export interface Loose {
  readonly params?: unknown;
  readonly query?: object | undefined;
  readonly body?: unknown;
}
