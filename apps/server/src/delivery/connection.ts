import type { Duplex } from 'node:stream';
import {
  type ClientFrame,
  closeCodes,
  decodeClientFrame,
  encodeServerFrame,
  FrameError,
  type ItemKind,
  type Notice,
  type SendFrame,
} from '@accord/protocol/socket';
import { WebSocket } from 'ws';
import { itemFrame, makeTail, sendTail, sentFrame, wrapped } from './frames.ts';
import type { Page } from './inbox.ts';
import type { QueuedSend } from './send-queue.ts';
import type { SendOutcome } from './send-store.ts';

/** What a connection needs of the service; one object for all of them. */
export interface Switchboard {
  readPage(deviceId: string, after: bigint, except: Iterable<bigint>): Promise<Page>;
  send(send: QueuedSend): void;
  /** Checks what can be told from the message alone. */
  inspect(send: Pick<QueuedSend, 'tail' | 'body'>): 'invalid_input' | 'too_large' | undefined;
  acknowledge(deviceId: string, ids: readonly bigint[], done: () => void): void;
  ephemeral(from: Connection, groupId: string, frame: Uint8Array): void;
  failed(error: unknown): void;
}

/** Who is at the other end of a socket, as its upgrade proved. */
export interface Owner {
  readonly accountId: string;
  readonly deviceId: string;
  /** The session's cookie, to ask again whether it still holds. */
  readonly token: string;
}

/** Bytes that a socket may owe before its device has to catch up from the table instead. */
const mostBuffered = 1024 * 1024;
/** Items on the wire that the device has not acknowledged. */
const mostUnacknowledged = 1000;
/** Sends that wait for their answer; beyond it, nothing more is read from the socket. */
const mostUnanswered = 256;
const retryMs = 1000;
const beatMs = 25_000;
const ephemeralsPerSecond = 5;
const ephemeralBurst = 10;

const none: ReadonlySet<bigint> = new Set();
const caughtUp = wrapped(encodeServerFrame({ type: 'caught-up' }));

/**
 * One device's open socket. Items come to it straight from the batch that stored them while it is `live`; else
 * it is `behind`, and reads the table in the order of ids until nothing is left. What is on the wire already is
 * known by id, so that neither way sends it twice.
 */
export class Connection {
  readonly owner: Owner;
  readonly socketId: string;
  readonly #socket: WebSocket;
  /** Under the WebSocket. Our frames are written to it whole: `ws` would write head and payload apart. */
  readonly #stream: Duplex;
  readonly #board: Switchboard;
  #unacknowledged: Set<bigint> | undefined;
  #behind = true;
  #reading = false;
  #greeted = false;
  /** Waits for the stream to be empty again. */
  #draining = false;
  #unanswered = 0;
  #ephemeralAllowance = ephemeralBurst;
  #ephemeralAt = 0;
  /** Whether the device has been heard since the last look. */
  heard = false;
  /** A sign of life was asked for and has not come. */
  #asked = false;
  #nextBeat: number;
  nextCheck = 0;

  constructor(socket: WebSocket, stream: Duplex, socketId: string, owner: Owner, board: Switchboard) {
    // Spread, so that a thousand sockets that came together do not beat together.
    this.#nextBeat = performance.now() + beatMs * (0.5 + Math.random() / 2);
    this.#socket = socket;
    this.#stream = stream;
    this.socketId = socketId;
    this.owner = owner;
    this.#board = board;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get live(): boolean {
    return !this.#behind && !this.#reading;
  }

  /** A message of the device. */
  received(data: Uint8Array, binary: boolean): void {
    this.heard = true;
    if (!this.open) return;
    let frame: ClientFrame;
    try {
      if (!binary) throw new FrameError('text');
      frame = decodeClientFrame(data);
    } catch {
      this.close(closeCodes.malformed);
      return;
    }
    if (frame.type === 'send') this.#send(frame);
    else if (frame.type === 'ack') {
      this.#acknowledge(frame.ids);
      if (frame.send !== undefined) this.#send(frame.send);
    } else if (this.#mayTell()) this.#board.ephemeral(this, frame.groupId, data);
  }

  #send({ n, oldest, groupId, epoch, body }: SendFrame): void {
    const { deviceId } = this.owner;
    const send: QueuedSend = { deviceId, n, oldest, groupId, epoch, body, tail: sendTail(body), from: this };
    this.#unanswered += 1;
    if (this.#unanswered > mostUnanswered && !this.#socket.isPaused) this.#socket.pause();
    const code = n === 0 ? 'invalid_input' : this.#board.inspect(send);
    if (code === undefined) this.#board.send(send);
    else this.answered(send, { kind: 'refused', code, epoch: 0 });
  }

  /** The outcome of a send of this socket. */
  answered(send: QueuedSend, outcome: SendOutcome): void {
    this.#unanswered -= 1;
    if (!this.open) return;
    if (this.#socket.isPaused && this.#unanswered <= mostUnanswered / 2) this.#socket.resume();
    if (outcome.kind === 'sent') this.#write(sentFrame(send.n, outcome.at));
    else {
      const { code, epoch } = outcome;
      this.#write(wrapped(encodeServerFrame({ type: 'refused', n: send.n, code, epoch })));
    }
  }

  #acknowledge(ids: readonly bigint[]): void {
    this.#board.acknowledge(this.owner.deviceId, ids, () => {
      for (const id of ids) this.#unacknowledged?.delete(id);
      if (this.#unacknowledged?.size === 0) this.#unacknowledged = undefined;
      if (this.#behind) this.catchUp();
    });
  }

  /** Sends an item that has just been stored, if it is its turn; else the device reads it from the table. */
  deliver(id: bigint, at: number, kind: ItemKind, tail: Uint8Array): void {
    if (!this.live || !this.#hasRoom()) {
      this.fallBehind();
      return;
    }
    this.#hand(id, itemFrame(id, at, kind, tail));
  }

  /** Something waits in the table. */
  fallBehind(): void {
    this.#behind = true;
    this.catchUp();
  }

  /** Reads what waits; one reader at a time, which goes on until nothing is left or the device is too slow. */
  catchUp(): void {
    if (this.#reading || !this.open) return;
    this.#reading = true;
    this.#read().then(
      () => {
        this.#reading = false;
      },
      (error: unknown) => {
        this.#reading = false;
        this.#behind = true;
        this.#board.failed(error);
        setTimeout(() => this.catchUp(), retryMs).unref();
      },
    );
  }

  async #read(): Promise<void> {
    while (this.#behind && this.open && this.#hasRoom()) {
      this.#behind = false;
      if (!(await this.#pass())) {
        this.#behind = true;
        return;
      }
      if (this.#greeted) continue;
      this.#greeted = true;
      this.#write(caughtUp);
    }
  }

  /** One pass over all that waits; false when the device can't take more now. */
  async #pass(): Promise<boolean> {
    let after = 0n;
    for (;;) {
      const page = await this.#board.readPage(this.owner.deviceId, after, this.#unacknowledged ?? none);
      for (const { id, at, kind, groupId, epoch, body } of page.items) {
        if (!this.#hasRoom()) return false;
        // Acknowledged on an older socket or by HTTP while the page was on its way: once more does no harm.
        this.#hand(id, itemFrame(id, at, kind, makeTail(groupId, epoch, body)));
        after = id;
      }
      if (!page.more) return true;
    }
  }

  #hasRoom(): boolean {
    const owed = this.#unacknowledged?.size ?? 0;
    return this.open && owed < mostUnacknowledged && this.#stream.writableLength < mostBuffered;
  }

  #hand(id: bigint, frame: Uint8Array): void {
    this.#unacknowledged ??= new Set();
    this.#unacknowledged.add(id);
    this.#write(frame);
  }

  /** Typing and the like from another device: dropped when the socket is busy. */
  tell(frame: Uint8Array): void {
    if (this.open && this.#stream.writableLength < mostBuffered / 16) this.#write(wrapped(frame));
  }

  notify(notice: Notice): void {
    if (this.open) this.#write(wrapped(encodeServerFrame({ type: 'notice', notice })));
  }

  /** A slow socket that has drained goes on; acknowledgements do the same for a slow device. */
  #write(frame: Uint8Array): void {
    if (this.#stream.write(frame) || this.#draining) return;
    this.#draining = true;
    this.#stream.once('drain', () => {
      this.#draining = false;
      if (this.#behind) this.catchUp();
    });
  }

  #mayTell(): boolean {
    const now = performance.now();
    const gained = ((now - this.#ephemeralAt) / 1000) * ephemeralsPerSecond;
    this.#ephemeralAt = now;
    this.#ephemeralAllowance = Math.min(ephemeralBurst, this.#ephemeralAllowance + gained);
    if (this.#ephemeralAllowance < 1) return false;
    this.#ephemeralAllowance -= 1;
    return true;
  }

  /**
   * A look at the device, once a second: one that has been silent for a beat is asked for a sign of life, and a
   * beat later its socket ends. Who talks is asked nothing: each question costs two calls of the kernel.
   */
  watch(now: number): void {
    if (this.heard) {
      this.heard = false;
      this.#asked = false;
      this.#nextBeat = now + beatMs;
    } else if (this.#nextBeat <= now) {
      this.#nextBeat = now + beatMs;
      if (this.#asked) this.#socket.terminate();
      else if (this.open) this.#socket.ping();
      this.#asked = true;
    }
  }

  /** Closes with a code of the protocol; a peer that does not answer is cut off by the next beat. */
  close(code: number, notice?: Notice): void {
    if (notice !== undefined) this.notify(notice);
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
