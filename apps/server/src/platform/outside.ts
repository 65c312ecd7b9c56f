import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { type Readable, Transform } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { checkedLookup, mayConnect } from './address-policy.ts';
import { judged, type OutsidePolicy } from './outside-policy.ts';

/* The one way in which this server asks somebody over HTTP. A test holds the sources to it. */

/** Why nothing was fetched. The message holds no address: those of peers may carry tokens. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  /**
   * `not_allowed`: the policy says no; `redirects`: more than are followed; `too_large`: more than the bound; `away`: no answer
   * within the bound, or one that broke off.
   */
  readonly code: 'not_allowed' | 'redirects' | 'too_large' | 'away';

  constructor(code: OutsideError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What whoever asks is ready to take. There is no default: an answer without an end is refused by who knows how long it may be. */
export interface Bounds {
  /** Bytes of the body. The head has at most 16 kB. */
  readonly mostBytes: number;
  /** From the question to the last byte, redirects and reading included, in ms. */
  readonly wholeMs: number;
  /** To the end of the head, where the body may take longer, in ms. */
  readonly headMs?: number;
}

export interface OutsideRequest extends Bounds {
  readonly method?: string;
  /** Sent to the first origin alone. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** How many redirects of a GET are followed, one more is refused. Unsaid: a redirect is an answer like any other. */
  readonly redirects?: number;
  readonly signal?: AbortSignal;
}

export interface OutsideAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Ends within the bounds or fails with an `OutsideError`. Who does not read it to its end destroys it. */
  readonly body: Readable;
}

/** @throws {OutsideError} */
export type Outside = (address: string, asked: OutsideRequest) => Promise<OutsideAnswer>;

const headBytes = 16 * 1024;
const moved = new Set([301, 302, 303, 307, 308]);

const asOutsideError = (error: unknown, message: string): OutsideError =>
  error instanceof OutsideError ? error : new OutsideError('away', message, error);

/** The body as it comes, so far as it keeps to its bound and does not break off. */
function boundedBody(answer: IncomingMessage, mostBytes: number): Transform {
  let size = 0;
  const brokeOff = (cause?: unknown) => new OutsideError('away', 'the answer broke off', cause);
  const body = new Transform({
    transform(part: Buffer, _encoding, done) {
      size += part.length;
      if (size > mostBytes) done(new OutsideError('too_large', 'an endless answer'));
      else done(null, part);
    },
    // A connection that is cut may end a stream like any other; the message alone tells.
    flush: (done) => done(answer.complete ? null : brokeOff()),
  });
  // Whoever reads hears of it; while nobody does it must not end the process.
  body.on('error', () => {});
  body.on('close', () => answer.destroy());
  answer.on('error', (error) => body.destroy(brokeOff(error)));
  answer.on('close', () => {
    if (!answer.readableEnded) body.destroy(brokeOff());
  });
  return answer.pipe(body);
}

interface Sending {
  readonly url: URL;
  readonly asked: OutsideRequest;
  readonly options: RequestOptions;
  readonly mayConnectTo: (address: string) => boolean;
  /** When the last byte is due, in ms since 1970. */
  readonly until: number;
}

function send({ url, asked, options, mayConnectTo, until }: Sending): Promise<OutsideAnswer> {
  return new Promise((answered, failed) => {
    const { mostBytes, headMs = asked.wholeMs, signal, body: question } = asked;
    let body: Transform | undefined;
    const request = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, options);
    const end = (error: unknown, message: string) => {
      const told = asOutsideError(error, message);
      failed(told);
      body?.destroy(told);
      request.destroy(told);
    };
    const late = (what: string) => () => end(undefined, what);
    const left = until - Date.now();
    const whole = setTimeout(late('no end in time'), left);
    const head = setTimeout(late('no answer in time'), Math.min(headMs, left));
    const aborted = () => end(signal?.reason, 'nobody waits any more');
    signal?.addEventListener('abort', aborted);
    request.on('close', () => {
      clearTimeout(whole);
      clearTimeout(head);
      signal?.removeEventListener('abort', aborted);
    });
    // What was connected to is looked at once more, whatever the way there.
    request.on('socket', (socket: Socket) => {
      if (!socket.connecting) return;
      socket.once('connect', () => {
        if (!mayConnectTo(socket.remoteAddress ?? ''))
          end(new OutsideError('not_allowed', 'the address is private'), '');
      });
    });
    request.on('error', (error) => end(error, 'no answer'));
    request.on('response', (answer) => {
      clearTimeout(head);
      body = boundedBody(answer, mostBytes);
      if (Number(answer.headers['content-length'] ?? 0) > mostBytes) {
        end(new OutsideError('too_large', 'an endless answer'), '');
      } else answered({ status: answer.statusCode ?? 0, headers: answer.headers, body });
    });
    if (signal?.aborted === true) aborted();
    else request.end(question);
  });
}

/**
 * The way out under a policy: names are resolved once and what they lead to is checked, no cookie is kept and nothing unpacked.
 * Kept connections are this way's own, so that none that another policy opened is ever used.
 */
export function wayOut(policy: OutsidePolicy): Outside {
  const settings = { keepAlive: true, maxSockets: 8 };
  const kept = policy.keeps ? { 'https:': new SecureAgent(settings), 'http:': new PlainAgent(settings) } : {};
  const refused = () => new OutsideError('not_allowed', 'the name leads to a private address');
  const lookup = checkedLookup(policy.own, refused, policy.resolve);
  const judge = (address: string): URL => {
    const url = judged(address, policy);
    if (url === undefined) throw new OutsideError('not_allowed', 'the address is not among those allowed');
    return url;
  };
  return async (address, asked) => {
    const until = Date.now() + asked.wholeMs;
    const first = judge(address);
    const { method = 'GET', redirects, body } = asked;
    for (let url = first, left = redirects ?? 0; ; left -= 1) {
      const headers = {
        accept: '*/*',
        'accept-encoding': 'identity',
        ...(url.origin === first.origin && asked.headers),
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      };
      const agent = (kept as Partial<Record<string, PlainAgent>>)[url.protocol] ?? false;
      const options = { method, headers, agent, lookup, maxHeaderSize: headBytes };
      const mayConnectTo = (reached: string) => mayConnect(reached, policy.own);
      const answer = await send({ url, asked, options, mayConnectTo, until });
      const { location } = answer.headers;
      if (redirects === undefined || !moved.has(answer.status) || location === undefined) return answer;
      answer.body.destroy();
      if (left <= 0 || method !== 'GET') throw new OutsideError('redirects', 'sent on too often');
      url = judge(URL.parse(location, url)?.href ?? '');
    }
  };
}

/** The whole body. @throws {OutsideError} */
export async function wholeOf({ body }: Pick<OutsideAnswer, 'body'>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

/** A way out in the shape in which libraries take their `fetch`. A redirect is an answer like any other. */
export const asFetch =
  (ask: Outside, bounds: Bounds) =>
  async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const address = input instanceof Request ? input.url : String(input);
    const body = init.body == null ? undefined : await bytesOf(init.body);
    const answer = await ask(address, {
      ...bounds,
      method: init.method ?? 'GET',
      headers: { ...body?.headers, ...Object.fromEntries(new Headers(init.headers)) },
      ...(body !== undefined && { body: body.bytes }),
      ...(init.signal != null && { signal: init.signal }),
    });
    const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, each]),
    );
    const hasBody = ![204, 205, 304].includes(answer.status);
    if (!hasBody) answer.body.resume();
    return new Response(hasBody ? (ReadableStream.from(answer.body) as unknown as BodyInit) : null, {
      status: answer.status,
      headers,
    });
  };

/** Any body that a fetch takes, and the type that it would name for it. */
export async function bytesOf(body: NonNullable<RequestInit['body']>) {
  if (typeof body === 'string' || body instanceof Uint8Array) return { bytes: body, headers: {} };
  const wire = new Response(body);
  const type = wire.headers.get('content-type');
  return {
    bytes: new Uint8Array(await wire.arrayBuffer()),
    headers: type === null ? {} : { 'content-type': type },
  };
}
