import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits, sessionCookie, socketPath } from '@accord/protocol';
import { closeCodes, type Notice } from '@accord/protocol/socket';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import {
  assertSameOrigin,
  type Guard,
  isUnavailable,
  letThrough,
  letThroughAgain,
} from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { seenEveryMs } from '../presence/index.ts';
import { Connection, type Switchboard } from './connection.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { Gate } from './gate.ts';
import type { DeliveryMetrics } from './metrics.ts';
import type { DeliveryPresence } from './service.ts';

const checkMs = 55_000;
const sweepMs = 1000;
/** Sessions that are looked up at once, so that a wave of sockets leaves the database to the others too. */
const checksAtOnce = 4;
const checksTogether = 200;
/** A frame up to twice the largest message is refused by its code; beyond that the socket ends (1009). */
const mostFrameBytes = 2 * limits.messageBytes;

type BytesReader = (bytes: Buffer) => void;

/** A socket that knows its connection: handlers shared by all sockets find it there, instead of one closure each. */
class DeviceSocket extends WebSocket implements FrameSink {
  connection: Connection | undefined;
  /** The reader of `ws`, for the frames that are left to it. */
  #others: BytesReader = () => {};

  /** Puts our reader before that of `ws`, which listens to the stream's data alone. */
  readFirst(stream: Duplex): void {
    const [theirs, ...more] = stream.listeners('data') as BytesReader[];
    if (theirs === undefined || more.length > 0) return;
    this.#others = theirs.bind(stream);
    const reader = new FrameReader(this);
    stream.off('data', theirs);
    stream.on('data', (chunk: Buffer) => reader.read(chunk));
  }

  message(payload: Buffer): void {
    this.connection?.received(payload, true);
  }

  others(bytes: Buffer): void {
    this.#others(bytes);
  }
}

function onMessage(this: WebSocket, data: RawData, binary: boolean): void {
  (this as DeviceSocket).connection?.received(data as Buffer, binary);
}

function onPong(this: WebSocket): void {
  const { connection } = this as DeviceSocket;
  if (connection !== undefined) connection.heard = true;
}

/** What `ws` finds wrong with a frame closes the socket with a code of RFC 6455 by itself. */
function onError(): void {}

interface SocketsNeeds {
  readonly platform: Platform;
  readonly guard: Guard;
  readonly presence: DeliveryPresence;
  readonly metrics: DeliveryMetrics;
  readonly board: Switchboard;
  /** A device begins anew on a fresh socket. */
  readonly arrived: (deviceId: string) => void;
}

/** The open sockets of this process, one to a device. */
export class Sockets {
  readonly #needs: SocketsNeeds;
  readonly #server: WebSocketServer;
  readonly #byDevice = new Map<string, Connection>();
  readonly #byAccount = new Map<string, Set<Connection>>();
  /** Off the lists and asked to go. Some never answer, and would hold the process until `ws` gives them up. */
  readonly #leaving = new Set<Connection>();
  readonly #checks = new Gate(checksAtOnce);
  readonly #stops: (() => void)[] = [];
  /** Accounts whose first socket came since the last sweep: a wave of them is told in one call. */
  readonly #arrivals = new Set<string>();
  #nextSeen = 0;
  #closed = false;

  constructor(needs: SocketsNeeds) {
    this.#needs = needs;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: mostFrameBytes,
      // What `ws` reads of a chunk it tells before we read on.
      allowSynchronousEvents: true,
      WebSocket: DeviceSocket,
    });
    const sweep = setInterval(() => this.#sweep(), sweepMs);
    sweep.unref();
    this.#stops.push(() => clearInterval(sweep), ...this.#listen());
  }

  get count(): number {
    return this.#byDevice.size;
  }

  of(deviceId: string): Connection | undefined {
    return this.#byDevice.get(deviceId);
  }

  all(): IterableIterator<Connection> {
    return this.#byDevice.values();
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', onError);
      this.#upgrade(request, socket, head).catch((error: unknown) => {
        if (!(error instanceof Refusal) && !isUnavailable(error)) {
          this.#needs.platform.log.error({ err: error }, 'an upgrade failed');
        }
        refuse(socket, error);
      });
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { guard, platform } = this.#needs;
    if (request.url?.split('?')[0] !== socketPath) throw new Refusal('no_route');
    if (this.#closed) throw new Refusal('unavailable', { retryAfter: 2 });
    assertSameOrigin(request, platform.config.publicUrl.origin);
    const token = sessionToken(request.headers.cookie);
    const caller = await this.#checks.run(() => letThrough(guard, { access: 'talking' }, token));
    if (token === undefined || caller?.deviceId == null) throw new Refusal('device_required');
    if (socket.destroyed) return;
    const owner = { accountId: caller.accountId, deviceId: caller.deviceId, token };
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      (ws as DeviceSocket).readFirst(socket);
      this.#adopt(ws as DeviceSocket, new Connection(ws, socket, randomUUID(), owner, this.#needs.board));
    });
  }

  #adopt(ws: DeviceSocket, connection: Connection): void {
    const { accountId, deviceId } = connection.owner;
    const now = performance.now();
    // Spread, so that a thousand sockets that came together are not looked up together.
    connection.nextCheck = now + checkMs * (0.5 + Math.random() / 2);
    ws.connection = connection;
    ws.on('message', onMessage);
    ws.on('pong', onPong);
    ws.on('error', onError);
    ws.on('close', () => {
      this.#leaving.delete(connection);
      this.#gone(connection);
    });
    this.#replace(deviceId, connection);
    this.#byDevice.set(deviceId, connection);
    const own = this.#byAccount.get(accountId) ?? new Set();
    this.#byAccount.set(accountId, own.add(connection));
    this.#needs.arrived(deviceId);
    this.#needs.platform.bus.publish('attached', { deviceId, socketId: connection.socketId });
    this.#arrivals.add(accountId);
    connection.catchUp();
  }

  /** Ends the device's other socket here, if there is one. */
  #replace(deviceId: string, by?: Connection): boolean {
    const older = this.#byDevice.get(deviceId);
    if (older === undefined || older === by) return false;
    this.#end(older, closeCodes.replaced, { kind: 'replaced' });
    return true;
  }

  /** Takes a connection off the lists at once, so that nothing more is handed to it, and closes it. */
  #end(connection: Connection, code: number, notice?: Notice): void {
    this.#needs.metrics.socketsClosed.inc({ code: String(code) });
    this.#leaving.add(connection);
    connection.close(code, notice);
    this.#gone(connection);
  }

  #gone(connection: Connection): void {
    const { accountId, deviceId } = connection.owner;
    if (this.#byDevice.get(deviceId) === connection) this.#byDevice.delete(deviceId);
    const own = this.#byAccount.get(accountId);
    if (own?.delete(connection) !== true || own.size > 0) return;
    this.#byAccount.delete(accountId);
    this.#arrivals.delete(accountId);
    this.#needs.presence.left(accountId).catch(() => {});
  }

  /** Presence is a courtesy: with the database away it is told again next time. */
  #tellPresence(accountIds: readonly string[]): void {
    if (accountIds.length > 0) this.#needs.presence.seen(accountIds).catch(() => {});
  }

  #listen(): (() => void)[] {
    const { bus } = this.#needs.platform;
    return [
      bus.subscribe('inbox', ({ deviceIds }) => {
        for (const deviceId of deviceIds) this.of(deviceId)?.fallBehind();
      }),
      bus.subscribe('gap', () => {
        for (const connection of this.all()) connection.fallBehind();
      }),
      bus.subscribe('notice', ({ accountIds, deviceIds, notice }) => {
        for (const connection of this.#named(accountIds, deviceIds)) {
          // Said by the check itself, to those sockets alone for which it is true.
          if (notice.kind === 'proof_required') void this.#checks.run(() => this.#check([connection]));
          else connection.notify(notice);
        }
      }),
      bus.subscribe('attached', ({ deviceId, socketId }) => {
        if (this.of(deviceId)?.socketId === socketId || !this.#replace(deviceId)) return;
        // What was handed to the older socket in the meantime, the newer one has to read.
        bus.publish('inbox', { deviceIds: [deviceId] });
      }),
      bus.subscribe('revoked', ({ accountId, deviceId }) => {
        for (const connection of [...(this.#byAccount.get(accountId) ?? [])]) {
          if (deviceId !== undefined && connection.owner.deviceId !== deviceId) continue;
          this.#end(connection, closeCodes.sessionEnded, { kind: 'session_ended' });
        }
      }),
    ];
  }

  #named(accountIds: readonly string[] = [], deviceIds: readonly string[] = []): Set<Connection> {
    const found = new Set<Connection>();
    for (const id of accountIds)
      for (const connection of this.#byAccount.get(id) ?? []) found.add(connection);
    for (const id of deviceIds) {
      const connection = this.of(id);
      if (connection !== undefined) found.add(connection);
    }
    return found;
  }

  #sweep(): void {
    const now = performance.now();
    const due: Connection[] = [];
    for (const connection of this.#byDevice.values()) {
      connection.watch(now);
      if (connection.nextCheck <= now) {
        connection.nextCheck = now + checkMs;
        due.push(connection);
      }
    }
    for (let at = 0; at < due.length; at += checksTogether) {
      void this.#checks.run(() => this.#check(due.slice(at, at + checksTogether)));
    }
    if (this.#nextSeen <= now) {
      this.#nextSeen = now + seenEveryMs;
      this.#tellPresence([...this.#byAccount.keys()]);
    } else this.#tellPresence([...this.#arrivals]);
    this.#arrivals.clear();
  }

  /** Asks again whether the sessions hold and the accounts may talk; a database that is away ends nobody. */
  async #check(connections: readonly Connection[]): Promise<void> {
    const tokens = connections.map((connection) => connection.owner.token);
    const verdicts = await letThroughAgain(this.#needs.guard, tokens).catch(() => []);
    for (const [place, verdict] of verdicts.entries()) {
      const connection = connections[place] as Connection;
      if (!connection.open) continue;
      if (verdict === 'proof_required') {
        this.#end(connection, closeCodes.proofRequired, { kind: 'proof_required' });
        continue;
      }
      const { accountId, deviceId } = connection.owner;
      const same = typeof verdict === 'object' && verdict.accountId === accountId;
      if (same && verdict.deviceId === deviceId) continue;
      this.#end(connection, closeCodes.sessionEnded, { kind: 'session_ended' });
    }
  }

  /** Says goodbye to all (1001), then cuts off who does not answer. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    const listed = [...this.#byDevice.values()];
    for (const connection of listed) connection.close(1001);
    const open = [...listed, ...this.#leaving];
    if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, 200));
    for (const connection of open) connection.terminate();
  }
}

/** The session's token in a `Cookie` header; it is base64url, so nothing in it is quoted or escaped. */
function sessionToken(header = ''): string | undefined {
  for (const pair of header.split(';')) {
    const [name, value] = pair.split('=');
    if (name?.trim() === sessionCookie) return value?.trim();
  }
  return undefined;
}

/** Answers an upgrade as the routes answer: the refusal's status and body. Then it is over, whether they close their end or not. */
function refuse(socket: Duplex, error: unknown): void {
  if (socket.destroyed) return;
  const refusal = asRefusal(error);
  const body = JSON.stringify(refusal.body());
  const retry = refusal.retryAfter === undefined ? '' : `retry-after: ${refusal.retryAfter}\r\n`;
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n${retry}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return isUnavailable(error) ? new Refusal('unavailable', { retryAfter: 2 }) : new Refusal('internal');
}
