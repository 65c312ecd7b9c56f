import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { type Bus, type BusEvents, type BusTopic, localBus, split } from './bus.ts';
import type { Log } from './log.ts';

/** Events that wait for the connection; beyond it they are dropped, as a bus may. */
const queueLimit = 10_000;
const pausesMs = [100, 250, 500, 1000, 2000, 5000];
const patienceMs = 5000;

type Packet = readonly [origin: string, topic: BusTopic, event: unknown];

/** Name and password of a URL are for the client, which takes them apart from the address. */
export function natsOptions(url: string): NodeConnectionOptions {
  const { protocol, hostname, port, username, password } = new URL(url);
  return {
    servers: `${hostname}:${port || '4222'}`,
    timeout: patienceMs,
    ...(protocol === 'tls:' && { tls: {} }),
    ...(username !== '' && { user: decodeURIComponent(username) }),
    ...(password !== '' && { pass: decodeURIComponent(password) }),
  };
}

/** Where a service talks to itself: another on the same NATS server, under another address, hears nothing of it. */
export const busSubject = (publicUrl: URL): string =>
  `accord.bus.${createHash('sha256').update(publicUrl.origin).digest('hex').slice(0, 32)}`;

/**
 * The bus of several processes over NATS core: at most once, in the order of each process's publishing. A process
 * hears its own events at once and directly. Events that were on the way when the connection broke are lost in both
 * directions, so `gap` is then heard here and everywhere else.
 */
export function natsBus(url: string, publicUrl: URL, log: Log): Bus {
  const bus = new NatsBus(url, busSubject(publicUrl), log);
  bus.start();
  return bus;
}

class NatsBus implements Bus {
  readonly #options: NodeConnectionOptions;
  readonly #subject: string;
  readonly #log: Log;
  readonly #own = randomUUID();
  readonly #local: Bus;
  readonly #stop = new AbortController();
  #queue: string[] = [];
  #connection: NatsConnection | undefined;
  #loop: Promise<void> | undefined;

  constructor(url: string, subject: string, log: Log) {
    // Coming back is the loop's, so that there is one way to connect and to say that something may be missing.
    this.#options = { ...natsOptions(url), name: 'accord bus', noEcho: true, reconnect: false };
    this.#subject = subject;
    this.#log = log;
    this.#local = localBus((error) => log.error({ err: error }, 'a bus listener failed'));
  }

  start(): void {
    this.#loop = this.#keepConnected();
  }

  publish<T extends BusTopic>(topic: T, event: BusEvents[T]): void {
    this.#local.publish(topic, event);
    for (const part of split<T>(event)) this.#send([this.#own, topic, part]);
  }

  subscribe<T extends BusTopic>(topic: T, listener: (event: BusEvents[T]) => void): () => void {
    return this.#local.subscribe(topic, listener);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#connection?.drain().catch(() => {});
    await this.#loop;
    await this.#local.close();
  }

  #send(packet: Packet): void {
    const payload = JSON.stringify(packet);
    if (this.#connection !== undefined && !this.#connection.isClosed()) {
      this.#connection.publish(this.#subject, payload);
    } else if (this.#queue.length < queueLimit) this.#queue.push(payload);
    else this.#log.debug({ topic: packet[1] }, 'bus event dropped');
  }

  async #keepConnected(): Promise<void> {
    let failures = 0;
    let before = false;
    while (!this.#stop.signal.aborted) {
      try {
        const connection = await connect(this.#options);
        connection.subscribe(this.#subject, {
          callback: (error, message) => {
            if (error === null) this.#hear(message.string());
          },
        });
        await connection.flush();
        this.#connection = connection;
        if (failures > 0 || before) this.#log.info('the bus is connected');
        failures = 0;
        for (const payload of this.#queue.splice(0)) connection.publish(this.#subject, payload);
        if (before) {
          this.#local.publish('gap', {});
          this.#send([this.#own, 'gap', {}]);
        }
        before = true;
        if (this.#stop.signal.aborted) await connection.drain();
        await connection.closed();
      } catch (error) {
        // Once: it may be away for hours.
        if (failures === 0) this.#log.warn({ err: error }, 'the bus is not connected');
      }
      this.#connection = undefined;
      const pause = pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 0;
      failures += 1;
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  #hear(payload: string): void {
    try {
      const [origin, topic, event] = JSON.parse(payload) as Packet;
      if (origin !== this.#own) this.#local.publish(topic, event as never);
    } catch {
      this.#log.warn('something that is no event came over the bus');
    }
  }
}
