import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Bus, type BusEvents, type BusTopic, localBus, split } from './bus.ts';
import type { Log } from './log.ts';

const channel = 'accord_bus';
/** PostgreSQL takes payloads of fewer than 8000 bytes. */
const payloadBytes = 7999;
/** Events that wait for the connection; beyond it they are dropped, as a bus may. */
const queueLimit = 10_000;
const pausesMs = [100, 250, 500, 1000, 2000, 5000];

type Packet = readonly [origin: string, topic: BusTopic, event: unknown];

/**
 * The bus of several processes on one database, by LISTEN and NOTIFY. A process hears its own events at once
 * and directly; those of others arrive in the order of their publishing. While the connection is away events
 * of others are lost, and `gap` is heard when it is back.
 */
export function postgresBus(settings: pg.ClientConfig, log: Log): Bus {
  const bus = new PostgresBus(settings, log);
  bus.start();
  return bus;
}

class PostgresBus implements Bus {
  readonly #settings: pg.ClientConfig;
  readonly #log: Log;
  readonly #own = randomUUID();
  readonly #local: Bus;
  readonly #stop = new AbortController();
  #queue: string[] = [];
  #sending = false;
  #client: pg.Client | undefined;
  #loop: Promise<void> | undefined;

  constructor(settings: pg.ClientConfig, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.#local = localBus((error) => log.error({ err: error }, 'a bus listener failed'));
  }

  start(): void {
    this.#loop = this.#keepConnected();
  }

  publish<T extends BusTopic>(topic: T, event: BusEvents[T]): void {
    this.#local.publish(topic, event);
    for (const part of split<T>(event)) {
      const payload = JSON.stringify([this.#own, topic, part] satisfies Packet);
      if (Buffer.byteLength(payload) > payloadBytes || this.#queue.length >= queueLimit) {
        this.#log.debug({ topic }, 'bus event dropped');
        continue;
      }
      this.#queue.push(payload);
    }
    void this.#send();
  }

  subscribe<T extends BusTopic>(topic: T, listener: (event: BusEvents[T]) => void): () => void {
    return this.#local.subscribe(topic, listener);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => {});
    await this.#loop;
    await this.#local.close();
  }

  /** Sends all that waits in one statement, so that one commit carries many events. */
  async #send(): Promise<void> {
    const client = this.#client;
    if (this.#sending || client === undefined || this.#queue.length === 0) return;
    this.#sending = true;
    const batch = this.#queue;
    this.#queue = [];
    try {
      await client.query('select pg_notify($1, payload) from unnest($2::text[]) payload', [channel, batch]);
    } catch (error) {
      this.#log.debug({ err: error, events: batch.length }, 'bus events lost');
    } finally {
      this.#sending = false;
    }
    void this.#send();
  }

  async #keepConnected(): Promise<void> {
    let failures = 0;
    let before = false;
    while (!this.#stop.signal.aborted) {
      const client = new pg.Client({ application_name: 'accord bus', keepAlive: true, ...this.#settings });
      const ended = new Promise<void>((resolve) => client.once('end', resolve));
      client.on('error', () => {});
      client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
      try {
        await client.connect();
        await client.query(`listen ${channel}`);
        this.#client = client;
        failures = 0;
        if (before) this.#local.publish('gap', {});
        before = true;
        void this.#send();
        if (this.#stop.signal.aborted) await client.end();
        await ended;
      } catch (error) {
        this.#log.debug({ err: error }, 'bus not connected');
        await client.end().catch(() => {});
      }
      this.#client = undefined;
      const pause = pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 0;
      failures += 1;
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  #hear(payload: string): void {
    const [origin, topic, event] = JSON.parse(payload) as Packet;
    if (origin !== this.#own) this.#local.publish(topic, event as never);
  }
}
