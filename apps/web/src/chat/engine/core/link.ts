import type { Reply } from '@accord/protocol';
import {
  closeCodes,
  type Franking,
  type Notice,
  type SendFrame,
  type SendRefusal,
  sendRefusals,
} from '@accord/protocol/socket';
import { ApiError } from '../../../api/client.ts';
import type { Connection } from '../api.ts';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import type { Clock, Http, OpenSocket, Random, Socket } from './ports.ts';

export interface Item {
  readonly id: bigint;
  readonly at: number;
  readonly kind: 'message' | 'commit' | 'welcome';
  readonly groupId: string;
  readonly epoch: number;
  readonly body: Uint8Array;
  /** Of a message whose sender committed to it. */
  readonly franking?: Franking | undefined;
}

export interface LinkHandlers {
  /**
   * Items come in order; the next one waits until this resolves, which says that it is stored for good and may
   * be acknowledged. A rejection ends the connection: it will come again.
   */
  item(item: Item): Promise<void>;
  sent(n: number, at: number): void;
  refused(n: number, code: SendRefusal, epoch: number): void;
  ephemeral(groupId: string, body: Uint8Array): void;
  notice(notice: Notice): void;
  /** A way to the server is open: what was not answered is to be sent again. */
  open(): void;
  /** Everything that was waiting has been handled. */
  caughtUp(): void;
  state(connection: Connection): void;
  /** The server ended it for a reason that trying again does not help. */
  ended(reason: 'session_required' | 'proof_required'): void;
}

const firstDelay = 500;
const longestDelay = 30_000;
/** Sockets that never opened, in a row, before plain requests are used. */
const socketTries = 3;
const pollEvery = 4_000;
const socketAgain = 60_000;
/** A send without an answer for this long: the connection is dead, whatever it says. */
const answerWithin = 20_000;
const acksTogether = 256;
/**
 * An acknowledgement waits this long for a message to ride along with: mostly the receipt. Not where the page is out
 * of sight: it may end any moment, and what was not acknowledged stays at the server until the next opening.
 */
const ackWithin = { inSight: 5_000, hidden: 200 };
const replacedDelay = 30_000;

/**
 * The way to the server: a socket that comes back by itself, or plain requests where none gets through. Knows
 * nothing of what it carries.
 */
export class Link {
  readonly #http: Http;
  readonly #openSocket: OpenSocket;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #handlers: LinkHandlers;
  #wanted = false;
  #network = true;
  #socket: Socket | null = null;
  #open = false;
  #failures = 0;
  #neverOpened = 0;
  #polling = false;
  #generation = 0;
  #timers: (() => void)[] = [];
  #answer: (() => void) | null = null;
  #connection: Connection = 'off';
  #items: Promise<void> = Promise.resolve();
  readonly #unacknowledged: bigint[] = [];
  #ackWithin = ackWithin.inSight;
  #ackTimer: (() => void) | null = null;

  constructor(
    ports: { http: Http; openSocket: OpenSocket; clock: Clock; random: Random },
    handlers: LinkHandlers,
  ) {
    this.#http = ports.http;
    this.#openSocket = ports.openSocket;
    this.#clock = ports.clock;
    this.#random = ports.random;
    this.#handlers = handlers;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Something can be sent now. */
  get isOpen(): boolean {
    return this.#open || this.#polling;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#failures = 0;
    this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    this.#drop();
    this.#tell('off');
  }

  /** The browser says whether there is a network. */
  network(there: boolean): void {
    this.#network = there;
    if (!this.#wanted) return;
    this.#drop();
    if (there) {
      this.#failures = 0;
      this.#connect();
    } else this.#tell('offline');
  }

  /** Out of sight, no acknowledgement waits. */
  hidden(hidden: boolean): void {
    this.#ackWithin = hidden ? ackWithin.hidden : ackWithin.inSight;
    if (hidden && this.#open) this.#flushAcks();
  }

  /** Ends the connection and makes another: the server streams again what was not acknowledged. */
  restart(): void {
    if (!this.#wanted) return;
    this.#drop();
    this.#later();
  }

  send(frame: SendFrame): void {
    if (this.#open && this.#socket !== null) {
      const ids = this.#takeAcks();
      this.#socket.send(ids.length > 0 ? { type: 'ack', ids, send: frame } : frame);
      this.#answer ??= this.#clock.after(answerWithin, () => this.restart());
    } else if (this.#polling) void this.#post(frame);
  }

  ephemeral(groupId: string, body: Uint8Array): void {
    if (this.#open) this.#socket?.send({ type: 'ephemeral', groupId, body });
  }

  #connect(): void {
    if (!this.#wanted) return;
    if (!this.#network) {
      this.#tell('offline');
      return;
    }
    if (!this.#polling) this.#tell('connecting');
    this.#generation += 1;
    const generation = this.#generation;
    let opened = false;
    this.#socket = this.#openSocket({
      opened: () => {
        if (generation !== this.#generation) return;
        opened = true;
        this.#neverOpened = 0;
        this.#polling = false;
        this.#open = true;
        this.#tell('online');
        this.#handlers.open();
      },
      frame: (frame) => {
        if (generation === this.#generation) this.#frame(frame, generation);
      },
      closed: (code) => {
        if (generation === this.#generation) this.#closed(code, opened);
      },
    });
  }

  #frame(frame: Parameters<Parameters<OpenSocket>[0]['frame']>[0], generation: number): void {
    switch (frame.type) {
      case 'sent':
        this.#answered();
        this.#handlers.sent(frame.n, frame.at);
        break;
      case 'refused':
        this.#answered();
        this.#handlers.refused(frame.n, frame.code, frame.epoch);
        break;
      case 'item':
        this.#queue(generation, async () => {
          await this.#handlers.item(frame);
          if (generation === this.#generation) this.#acknowledge(frame.id);
        });
        break;
      case 'caught-up':
        this.#queue(generation, async () => {
          this.#failures = 0;
          this.#handlers.caughtUp();
        });
        break;
      case 'ephemeral':
        this.#handlers.ephemeral(frame.groupId, frame.body);
        break;
      case 'notice':
        this.#handlers.notice(frame.notice);
    }
  }

  /** The item is stored for good; several acknowledgements share a frame. */
  #acknowledge(id: bigint): void {
    this.#unacknowledged.push(id);
    if (this.#unacknowledged.length >= acksTogether) this.#flushAcks();
    else this.#ackTimer ??= this.#clock.after(this.#ackWithin, () => this.#flushAcks());
  }

  #takeAcks(): bigint[] {
    this.#ackTimer?.();
    this.#ackTimer = null;
    return this.#unacknowledged.splice(0);
  }

  #flushAcks(): void {
    const ids = this.#takeAcks();
    if (ids.length > 0) this.#socket?.send({ type: 'ack', ids });
  }

  #queue(generation: number, task: () => Promise<void>): void {
    this.#items = this.#items.then(async () => {
      if (generation !== this.#generation) return;
      try {
        await task();
      } catch {
        if (generation === this.#generation) this.restart();
      }
    });
  }

  #answered(): void {
    this.#answer?.();
    this.#answer = null;
  }

  #closed(code: number, opened: boolean): void {
    this.#open = false;
    this.#socket = null;
    this.#takeAcks();
    this.#answered();
    if (code === closeCodes.sessionEnded || code === closeCodes.proofRequired) {
      this.stop();
      this.#handlers.ended(code === closeCodes.sessionEnded ? 'session_required' : 'proof_required');
      return;
    }
    if (!opened) this.#neverOpened += 1;
    if (code === closeCodes.replaced) {
      this.#tell('connecting');
      this.#wait(replacedDelay, () => this.#connect());
    } else if (this.#neverOpened >= socketTries) void this.#fallBack();
    else this.#later();
  }

  #later(): void {
    this.#failures += 1;
    const longest = Math.min(longestDelay, firstDelay * 2 ** (this.#failures - 1));
    const share = ((this.#random(2)[0] ?? 0) * 256 + (this.#random(2)[1] ?? 0)) / 65_536;
    this.#tell(this.#network ? 'connecting' : 'offline');
    this.#wait(longest / 2 + (longest / 2) * share, () => this.#connect());
  }

  #wait(ms: number, task: () => void): void {
    this.#timers.push(this.#clock.after(ms, task));
  }

  #drop(): void {
    this.#generation += 1;
    if (this.#open) this.#flushAcks();
    else this.#takeAcks();
    this.#open = false;
    this.#polling = false;
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#answered();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #tell(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#handlers.state(connection);
  }

  // Where no socket gets through: the same contract by plain requests.

  #posts: Promise<void> = Promise.resolve();

  async #fallBack(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    if (!(await this.#poll(generation))) {
      if (generation === this.#generation) this.#later();
      return;
    }
    this.#polling = true;
    this.#tell('fallback');
    this.#handlers.open();
    this.#handlers.caughtUp();
    this.#wait(socketAgain, () => {
      this.#drop();
      this.#connect();
    });
    this.#pollAgain(generation);
  }

  #pollAgain(generation: number): void {
    this.#wait(pollEvery, async () => {
      if (generation !== this.#generation) return;
      if (await this.#poll(generation)) {
        this.#handlers.notice({ kind: 'conversations' });
        this.#pollAgain(generation);
      } else if (generation === this.#generation) this.restart();
    });
  }

  /** Fetches and handles everything that waits; false where the server could not be asked. */
  async #poll(generation: number): Promise<boolean> {
    try {
      for (let more = true; more && generation === this.#generation; ) {
        const page = await this.#http.call('delivery.inbox.list');
        const ids: string[] = [];
        for (const item of page.items) {
          await this.#handlers.item(itemOf(item));
          ids.push(item.id);
        }
        if (ids.length > 0) await this.#http.call('delivery.inbox.ack', { body: { ids } });
        more = page.more && page.items.length > 0;
      }
      return true;
    } catch (error) {
      this.#refusedByHttp(error);
      return false;
    }
  }

  #refusedByHttp(error: unknown): void {
    if (!(error instanceof ApiError)) return;
    if (error.code === 'session_required' || error.code === 'device_required') {
      this.stop();
      this.#handlers.ended('session_required');
    } else if (error.code === 'proof_required') {
      this.stop();
      this.#handlers.ended('proof_required');
    }
  }

  /** One at a time: numbers must rise in the order of the requests. */
  #post(frame: SendFrame): Promise<void> {
    this.#posts = this.#posts.then(async () => {
      const { n, oldest, groupId, epoch, body } = frame;
      try {
        const answer = await this.#http.call('delivery.messages.send', {
          body: { n, oldest, groupId, epoch, body: toBase64Url(body) },
        });
        this.#handlers.sent(answer.n, answer.at);
      } catch (error) {
        const code = error instanceof ApiError ? error.code : 'offline';
        const refusal = sendRefusals.find((known) => known === code);
        if (refusal !== undefined) this.#handlers.refused(n, refusal, 0);
        else this.#refusedByHttp(error);
      }
    });
    return this.#posts;
  }
}

/** An item of the plain route as the socket gives it. */
function itemOf({ id, body, franking, ...rest }: Reply<'delivery.inbox.list'>['items'][number]): Item {
  return {
    ...rest,
    id: BigInt(id),
    body: fromBase64Url(body),
    franking:
      franking === undefined
        ? undefined
        : { kid: fromBase64Url(franking.kid), n: franking.n, tag: fromBase64Url(franking.tag) },
  };
}
