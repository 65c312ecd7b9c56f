import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface TipFile {
  readonly bytes: Buffer;
  readonly infos: string[];
}

interface Tip {
  readonly xml: string;
  readonly files: Map<string, TipFile>;
  state: 'open' | 'finished' | 'retracted';
}

interface Trouble {
  readonly path: string;
  /** `refused`: nothing happened there. `lost`: it happened, and the answer did not come. */
  readonly how: 'refused' | 'lost';
}

/** Moments of a call: it came and nothing was done, it was done and not answered, it was answered. */
export type Moment = 'came' | 'done' | 'answered';

class NotTaken extends Error {}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The CyberTipline as its documentation describes it. */
export class Tipline {
  readonly submitted: string[] = [];
  readonly calls: string[] = [];
  readonly tips = new Map<string, Tip>();
  /** Each happens once. */
  readonly troubles: Trouble[] = [];
  down = false;
  /** Waited for at each moment of each call. True: whoever called is gone. */
  watch: ((path: string, moment: Moment) => Promise<boolean>) | undefined;
  #server: Server | undefined;

  async start(): Promise<string> {
    const server = createServer((request, response) => void this.#take(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.close();
  }

  finished(): Tip[] {
    return [...this.tips.values()].filter(({ state }) => state === 'finished');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const path = request.url ?? '';
    this.calls.push(`${path} ${request.headers.authorization === `Basic ${btoa('esp:word')}`}`);
    const at = this.troubles.findIndex((trouble) => trouble.path === path);
    const [trouble] = at < 0 ? [] : this.troubles.splice(at, 1);
    if (this.down || trouble?.how === 'refused') {
      response.writeHead(503).end();
      return;
    }
    if (await this.watch?.(path, 'came')) return;
    const answer = await this.#answer(path, body, request.headers['content-type'] ?? '');
    if (await this.watch?.(path, 'done')) return;
    if (trouble?.how === 'lost') request.socket.destroy();
    else {
      await new Promise<void>((sent) => {
        response.writeHead(200, { 'content-type': 'text/xml' }).end(answer, sent);
      });
      await this.watch?.(path, 'answered');
    }
  }

  async #answer(path: string, body: Buffer, type: string): Promise<string> {
    const root = path === '/finish' ? 'reportDoneResponse' : 'reportResponse';
    const say = (code: number, rest = '') => `<${root}><responseCode>${code}</responseCode>${rest}</${root}>`;
    try {
      return say(0, await this.#did(path, body, type));
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      return say(Number(error.message));
    }
  }

  async #did(path: string, body: Buffer, type: string): Promise<string> {
    const text = body.toString();
    if (path === '/submit') {
      this.submitted.push(text);
      const id = String(4711 + this.submitted.length);
      this.tips.set(id, { xml: text, files: new Map(), state: 'open' });
      return `<reportId>${id}</reportId>`;
    }
    const read = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
    const form =
      path === '/fileinfo'
        ? null
        : await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const id = form === null ? read('reportId') : String(form.get('id'));
    const tip = this.tips.get(id);
    if (tip === undefined || tip.state === 'retracted') throw new NotTaken('5001');
    if (tip.state === 'finished') throw new NotTaken('5102');
    if (path === '/upload') {
      const file = form?.get('file');
      if (!(file instanceof File)) throw new NotTaken('4100');
      const bytes = Buffer.from(await file.arrayBuffer());
      const fileId = `f${tip.files.size + 1}`;
      tip.files.set(fileId, { bytes, infos: [] });
      const hash = createHash('md5').update(bytes).digest('hex');
      return `<reportId>${id}</reportId><fileId>${fileId}</fileId><hash>${hash}</hash>`;
    }
    if (path === '/fileinfo') {
      const file = tip.files.get(read('fileId'));
      if (file === undefined) throw new NotTaken('5001');
      file.infos.push(text);
    } else tip.state = path === '/retract' ? 'retracted' : 'finished';
    return `<reportId>${id}</reportId>`;
  }
}
