import { randomBytes } from 'node:crypto';
import { contract } from '@accord/protocol';
import { type RouteName, socketPath } from '@accord/protocol/routes';
import { decodeServerFrame, encodeClientFrame } from '@accord/protocol/socket';
import { WebSocket } from 'ws';
import { Authenticator } from '../../server/test/authenticator.ts';
import { Client, Refused } from '../../server/test/client.ts';
import { proveAge, type Site } from '../../server/test/people.ts';
import { ApiError } from '../src/api/client.ts';
import type { Conversation, EngineEvent, Entry, MessageEntry } from '../src/chat/engine/api.ts';
import { Core } from '../src/chat/engine/core/core.ts';
import type { Http, OpenSocket, Ports } from '../src/chat/engine/core/ports.ts';
import { MemoryBackend } from '../src/chat/engine/testing/memory-backend.ts';

/** A passkey with a PRF: the same secret for everybody who holds the authenticator. */
export interface Wallet {
  readonly authenticator: Authenticator;
  readonly prf: Uint8Array;
}

export const newWallet = (site: Site): Wallet => ({
  authenticator: new Authenticator(site.url),
  prf: new Uint8Array(randomBytes(32)),
});

/** Routes that answer with bytes. */
const octets: ReadonlySet<RouteName> = new Set(['media.blobs.read', 'media.links.blob']);

/** Changes what goes to a route, or what comes back from it. */
export interface Tamper {
  readonly input?: (name: RouteName, input: object) => object;
  readonly reply?: (name: RouteName, reply: unknown) => unknown;
}

/**
 * The engine as a browser runs it, with a store in memory: the real core, the real server, real MLS. `crash`
 * leaves only what was stored, as when a tab is killed.
 */
export class Browser {
  readonly site: Site;
  readonly client: Client;
  readonly wallet: Wallet;
  backend: MemoryBackend;
  core: Core;
  readonly events: EngineEvent[] = [];
  conversations: readonly Conversation[] = [];
  /** Faults of the engine's own that nobody waited for. */
  readonly reports: unknown[] = [];
  #there = true;
  /** How far this device's clock is ahead, in ms. */
  skew: number;
  readonly #sockets = new Set<WebSocket>();
  /** Ends with the engine: what a killed one was about to do never happens. */
  #life = new AbortController();
  /** Replaces the way to the server, to cut it at a chosen point. */
  cutBefore: ((name: RouteName) => boolean) | null = null;
  cutAfter: ((name: RouteName) => boolean) | null = null;
  socketsBlocked = false;
  /** A changed app: what it asks and hears is not what an honest one would. */
  tamper: Tamper = {};

  constructor(
    site: Site,
    wallet: Wallet,
    options: { token?: string; backend?: MemoryBackend; skew?: number } = {},
  ) {
    this.site = site;
    this.wallet = wallet;
    this.client = new Client(site.url, options.token);
    this.backend = options.backend ?? new MemoryBackend();
    this.skew = options.skew ?? 0;
    this.core = this.#newCore();
  }

  get status() {
    return this.core.status;
  }

  async start(): Promise<this> {
    await this.core.start();
    await until(() => this.status.stage !== 'starting');
    return this;
  }

  /** Kills the engine where it stands and starts another from what was stored. */
  async crash(): Promise<void> {
    const left = this.backend.snapshot();
    this.#life.abort();
    this.core.stop();
    this.cut();
    this.#life = new AbortController();
    this.backend = left;
    this.core = this.#newCore();
    await this.start();
  }

  /** The network goes, or comes back. */
  network(there: boolean): void {
    this.#there = there;
    if (!there) this.cut();
    this.core.network(there);
  }

  /** Sockets break; the engine is not told. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
    this.#sockets.clear();
  }

  close(): void {
    this.core.stop();
    this.#life.abort();
    this.cut();
  }

  async register(pseudonym: string): Promise<string> {
    const { ceremonyId, options } = await this.core.methods['account.beginRegistration']({ pseudonym });
    const credential = this.wallet.authenticator.create(options) as never;
    const { recoveryCode } = await this.core.methods['account.finishRegistration']({
      ceremonyId,
      credential,
      prf: this.wallet.prf,
      deviceName: 'Phone',
    });
    return recoveryCode;
  }

  async signIn(withPrf = true) {
    const { ceremonyId, options } = await this.core.methods['account.beginSignIn']();
    const credential = this.wallet.authenticator.get(options) as never;
    return this.core.methods['account.finishSignIn']({
      ceremonyId,
      credential,
      prf: withPrf ? this.wallet.prf : null,
      deviceName: 'Laptop',
    });
  }

  async returnWith(code: string) {
    const { ceremonyId, options } = await this.core.methods['account.beginReturn']({ code });
    const credential = this.wallet.authenticator.create(options) as never;
    return this.core.methods['account.finishReturn']({
      ceremonyId,
      credential,
      prf: null,
      deviceName: 'Tablet',
    });
  }

  /** Proves the age and waits for the way to the server. */
  async prove(): Promise<void> {
    await proveAge(this.client);
    await this.core.methods['account.refresh']();
    await this.online();
  }

  /** After many failures in a row half a minute goes by between two tries. */
  online(): Promise<void> {
    return until(() => this.status.connection === 'online' || this.status.connection === 'fallback', 45_000);
  }

  only(): Conversation {
    const [conversation] = this.conversations;
    if (conversation === undefined) throw new Error('no conversation');
    return conversation;
  }

  /** The conversation, once it is there and its group is set up. */
  async open(): Promise<Conversation> {
    await until(() => this.conversations[0]?.state === 'open');
    return this.only();
  }

  say(text: string, id: string = crypto.randomUUID()): Promise<void> {
    return this.core.methods['conversations.send']({ conversationId: this.only().id, id, text });
  }

  async entries(): Promise<readonly Entry[]> {
    const { entries } = await this.core.methods['conversations.timeline']({
      conversationId: this.only().id,
      limit: 500,
    });
    return entries;
  }

  async messages(): Promise<readonly MessageEntry[]> {
    return (await this.entries()).filter((entry) => entry.type === 'message');
  }

  async texts(): Promise<(string | null)[]> {
    return (await this.messages()).map(({ text }) => text);
  }

  async notes(): Promise<string[]> {
    return (await this.entries()).flatMap((entry) => (entry.type === 'note' ? [entry.note.kind] : []));
  }

  async shows(texts: readonly (string | null)[]): Promise<void> {
    const wanted = JSON.stringify(texts);
    await until(async () => JSON.stringify(await this.texts()) === wanted).catch(async () => {
      throw new Error(`shows ${JSON.stringify(await this.texts())} instead of ${wanted}`);
    });
  }

  #newCore(): Core {
    const { signal } = this.#life;
    const ports: Ports = {
      backend: this.backend,
      http: this.#http(signal),
      openSocket: (handlers) => this.#openSocket(handlers, signal),
      clock: {
        now: () => Date.now() + this.skew,
        after(ms, task) {
          const timer = setTimeout(() => signal.aborted || task(), ms);
          return () => clearTimeout(timer);
        },
      },
      random: (length) => new Uint8Array(randomBytes(length)),
      report: (error) => this.reports.push(error),
    };
    return new Core(ports, (event) => {
      if (signal.aborted) return;
      this.events.push(event);
      if (event.type === 'conversations') this.conversations = event.conversations;
    });
  }

  #http(life: AbortSignal): Http {
    const call = async (name: RouteName, input: object = {}) => {
      if (life.aborted) return new Promise(() => undefined);
      if (!this.#there || this.cutBefore?.(name)) throw new ApiError('offline');
      let reply: unknown;
      try {
        const said = this.tamper.input?.(name, input) ?? input;
        const heard: unknown = octets.has(name)
          ? await this.client.octets(name as 'media.blobs.read', said as never)
          : await this.client.call(name as 'accounts.me', said as never);
        reply = (await this.tamper.reply?.(name, heard)) ?? heard;
      } catch (error) {
        if (error instanceof Refused) throw new ApiError(error.body.code, error.body);
        throw new ApiError('offline');
      }
      if (life.aborted) return new Promise(() => undefined);
      if (this.cutAfter?.(name)) throw new ApiError('offline');
      return contract[name].reply.parse(reply);
    };
    return { call: call as Http['call'] };
  }

  #openSocket(handlers: Parameters<OpenSocket>[0], life: AbortSignal): ReturnType<OpenSocket> {
    const url = `${this.site.url.replace(/^http/, 'ws')}${this.socketsBlocked ? '/nothing-here' : socketPath}`;
    const socket = new WebSocket(url, {
      headers: { origin: this.site.url, cookie: `accord_session=${this.client.token ?? ''}` },
    });
    this.#sockets.add(socket);
    socket.on('open', () => life.aborted || handlers.opened());
    socket.on('message', (data: Buffer) => {
      const frame = decodeServerFrame(new Uint8Array(data));
      if (!life.aborted) handlers.frame(frame);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.#sockets.delete(socket);
      if (!life.aborted) handlers.closed(code);
    });
    return {
      send: (frame) => {
        if (!life.aborted && socket.readyState === WebSocket.OPEN) socket.send(encodeClientFrame(frame));
      },
      close: () => socket.close(),
    };
  }
}

/** Waits for something that is under way. */
export async function until(condition: () => boolean | Promise<boolean>, within = 15_000): Promise<void> {
  const end = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still not: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
