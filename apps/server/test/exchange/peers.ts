import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  ncmecEmpty,
  ncmecLater,
  ncmecPages,
  stopNciiLater,
  stopNciiPages,
  threatUpdates,
} from '@accord/hash-exchange/testing';

/** What a peer does instead of answering as it should. */
export type Mischief =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** Half an answer, then the connection is gone. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'body'; readonly body: string }
  /** None: this one is answered. */
  | { readonly kind: 'none' }
  /** No answer until it is let go. */
  | { readonly kind: 'hold' };

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly body: string | Iterable<string>;
}

/** A peer on this machine: speaks a protocol, keeps what it heard, and misbehaves when told to. */
export abstract class LoopbackPeer {
  readonly heard: Heard[] = [];
  /** For the next requests, in their order. */
  readonly mischief: Mischief[] = [];
  /** Called with each request before it is answered. */
  onRequest: (heard: Heard) => void = () => {};
  readonly #held: (() => void)[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  origin = '';

  abstract answer(heard: Heard): Answer;

  async start(port = 0): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  letGo(): void {
    for (const release of this.#held.splice(0)) release();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    const url = new URL(request.url ?? '/', this.origin);
    const heard: Heard = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    this.heard.push(heard);
    this.onRequest(heard);
    const mischief = this.mischief.shift();
    if (mischief?.kind === 'hold') await new Promise<void>((resolve) => this.#held.push(resolve));
    if (mischief?.kind === 'status') {
      response.writeHead(mischief.status, mischief.headers).end('{}');
      return;
    }
    const { status = 200, type = 'application/json', headers = {}, body: text } = this.answer(heard);
    response.writeHead(status, { 'content-type': type, ...headers });
    if (mischief?.kind === 'cut') {
      const whole = typeof text === 'string' ? text : [...text].join('');
      response.write(whole.slice(0, Math.floor(whole.length / 2)));
      setTimeout(() => response.destroy(), 20);
      return;
    }
    if (mischief?.kind === 'body') response.end(mischief.body);
    else if (typeof text === 'string') response.end(text);
    else {
      for (const part of text) {
        if (!response.write(part)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    }
  }
}

const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });

/** StopNCII: `later` is what there is after the first window; empty windows follow. */
export class StopNciiPeer extends LoopbackPeer {
  later: object = { ...stopNciiLater };

  answer({ path, query, headers }: Heard): Answer {
    const door = { '/v1/FetchHashes': 'f', '/v1/SubmitHashes': 's', '/v1/SubmitFeedback': 'b' }[path];
    if (door === undefined) return json({}, 404);
    const proven = headers['x-functions-key'] === door && headers['ocp-apim-subscription-key'] === 'sub';
    if (!proven) return json({}, 401);
    if (door !== 'f') return json({});
    const [first, second] = stopNciiPages;
    const since = Number(query.get('startTimestamp'));
    const token = query.get('nextPageToken');
    if (token !== null) return token === first.nextPageToken ? json(second) : json({}, 400);
    if (since < 1625167824) return json(first);
    if (since < 1661426988) return json(this.later);
    return json({ count: 0, nextSetTimestamp: since, hasMoreRecords: false, hashRecords: [] });
  }
}

const xml = (body: string, status = 200): Answer => ({ status, type: 'application/xml', body });

/** NCMEC: a window from the beginning has the four chained pages, the next ones what is later, then nothing. */
export class NcmecPeer extends LoopbackPeer {
  pages: readonly string[] = ncmecPages;
  later: string[] = [ncmecLater];

  answer({ method, path, query, headers }: Heard): Answer {
    if (headers.authorization !== `Basic ${btoa('user:word')}`) return xml('<status/>', 401);
    if (method === 'PUT') return xml('<submissionResult/>');
    if (path !== '/hashsharing/v2/entries') return xml('<error/>', 404);
    const start = query.get('start');
    if (start !== null) return xml(this.pages[Number(start[0]) - 1] ?? ncmecEmpty);
    if (Date.parse(query.get('from') ?? '') === 0) return xml(this.pages[0] ?? ncmecEmpty);
    return xml(this.later.shift() ?? ncmecEmpty);
  }
}

/** ThreatExchange: two pages for whoever begins at 0, then what came later. */
export class ThreatExchangePeer extends LoopbackPeer {
  readonly descriptors = new Set<string>();

  answer({ method, path, query, headers }: Heard): Answer {
    if (headers.authorization !== 'Bearer 7|secret') return json({ error: { code: 190 } }, 401);
    if (method === 'DELETE') {
      return this.descriptors.delete(path.split('/').at(-1) ?? '') ? json({ success: true }) : json({}, 404);
    }
    if (method === 'POST') {
      if (!path.endsWith('/threat_descriptors')) return json({ success: true });
      const id = String(9000 + this.descriptors.size);
      this.descriptors.add(id);
      return json({ success: true, id });
    }
    if (path !== '/v21.0/77/threat_updates/') return json({}, 404);
    const [first, second, later] = threatUpdates;
    if (query.get('after') === 'p2') return json({ data: second, paging: { cursors: {} } });
    const since = Number(query.get('start_time'));
    if (since === 0) {
      const next = `${this.origin}/v21.0/77/threat_updates/?after=p2&access_token=7%7Csecret`;
      return json({ data: first, paging: { next } });
    }
    return json({ data: since < 1700000040 ? later : [] });
  }
}

/** A list at an address, with a tag by which it is known again. */
export class ListPeer extends LoopbackPeer {
  lines: readonly string[] = [];

  answer({ headers }: Heard): Answer {
    const etag = `"${this.lines.length}-${this.lines.join('').length}"`;
    if (headers['if-none-match'] === etag) return { status: 304, body: '' };
    return { type: 'text/csv', headers: { etag }, body: this.lines.map((line) => `${line}\n`) };
  }
}
