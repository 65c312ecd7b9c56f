import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { frank } from './commitments.ts';
import { Lane } from './lane.ts';
import type { DeliveryMetrics } from './metrics.ts';
import { type Send, type SendOutcome, type StoredBatch, sendSettings, storeBatch } from './send-store.ts';
import type { DeliveryNeeds } from './service.ts';

/** A send on its way, and who waits for the answer. */
export interface QueuedSend extends Send {
  /** Group, epoch and body as they stand in the sender's frame, and will stand in the receivers'. */
  readonly tail: Uint8Array;
  readonly from: { answered(send: QueuedSend, outcome: SendOutcome): void };
}

export interface SendQueueHooks {
  /** A batch is on the disk. Called before its senders are answered. */
  stored(sends: readonly QueuedSend[], batch: StoredBatch): void;
  /** The database is back: what a failed batch may have stored after all, nobody was told of. */
  recovered(): void;
}

const batchSends = 512;
const batchBytes = 4 * 1024 * 1024;
const waitingSends = 20_000;
const waitingBytes = 64 * 1024 * 1024;
/**
 * Milliseconds between the starts of two batches: an idle service stores at once, a busy one gathers. Most of what
 * a small batch costs, in both processes, it would cost with twice as many sends: so a few wait longer.
 */
const pace = { few: 40, many: 15 };
const many = 24;
const probeMs = 500;

const unavailable: SendOutcome = { kind: 'refused', code: 'unavailable', epoch: 0 };

/**
 * Group commit: gathers sends and stores them with one statement and one flush to disk, one batch at a time, so
 * that the sends of a device keep their order.
 *
 * A device's mark must never pass a send that failed, or its resend would count as stored. So after `unavailable`
 * a device is stalled: what it sent later is refused too, until it sends that one again.
 */
export class SendQueue {
  readonly #platform: Platform;
  readonly #metrics: DeliveryMetrics;
  readonly #hooks: SendQueueHooks;
  readonly #franking: DeliveryNeeds['franking'];
  readonly #lane: Lane;
  readonly #stalled = new Map<string, number>();
  #waiting: QueuedSend[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #lastStart = 0;
  #suspect = false;
  #closed = false;

  constructor(
    platform: Platform,
    metrics: DeliveryMetrics,
    franking: DeliveryNeeds['franking'],
    hooks: SendQueueHooks,
  ) {
    this.#platform = platform;
    this.#metrics = metrics;
    this.#franking = franking;
    this.#hooks = hooks;
    this.#lane = new Lane(platform.pool, sendSettings);
  }

  /** Takes a send; its `from` is answered exactly once, later, in the order of the device's sends. */
  push(send: QueuedSend): void {
    if (this.#closed || this.#waiting.length >= waitingSends || this.#bytes >= waitingBytes) {
      this.#fail(send);
      return;
    }
    this.#waiting.push(send);
    this.#bytes += send.body.length;
    this.#running ??= this.#run();
  }

  /** A device begins anew: what it sent before on another socket and is not stored yet, it will send again. */
  forget(deviceId: string): void {
    const kept = this.#waiting.filter((send) => send.deviceId !== deviceId);
    if (kept.length < this.#waiting.length) {
      const dropped = this.#waiting.filter((send) => send.deviceId === deviceId);
      this.#waiting = kept;
      for (const send of dropped) {
        this.#bytes -= send.body.length;
        this.#refuse(send);
      }
    }
    this.#stalled.delete(deviceId);
  }

  /** Refuses what comes, and stores what waits: those who go on sending must not keep us here. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running !== undefined) await this.#running;
    this.#lane.close();
  }

  /**
   * While the database stores a batch, the answers of the one before go out: the two processors that this takes
   * never wait for each other under load.
   */
  async #run(): Promise<void> {
    let settle: (() => void) | undefined;
    while (this.#waiting.length > 0 || settle !== undefined) {
      const idle = performance.now() - this.#lastStart;
      const soon = idle < pace.many || this.#waiting.length >= many;
      const rest = (soon ? pace.many : pace.few) - idle;
      if (settle !== undefined && (rest > 0 || this.#waiting.length === 0)) {
        settle();
        settle = undefined;
        continue;
      }
      if (rest > 0) {
        await sleep(rest);
        continue;
      }
      // When idle, one turn of the event loop gathers what came in the same moment.
      if (settle === undefined) await new Promise(setImmediate);
      this.#lastStart = performance.now();
      const batch = this.#take();
      const storing = batch.length > 0 ? this.#store(batch) : undefined;
      settle?.();
      settle = await storing;
    }
    this.#running = undefined;
  }

  /** The next batch: of each device, rising `n` only; what breaks that waits for the next one. */
  #take(): QueuedSend[] {
    const batch: QueuedSend[] = [];
    const left: QueuedSend[] = [];
    const last = new Map<string, number>();
    let bytes = 0;
    for (const send of this.#waiting) {
      const full = batch.length >= batchSends || bytes >= batchBytes;
      if (full || send.n <= (last.get(send.deviceId) ?? 0)) {
        last.set(send.deviceId, Number.POSITIVE_INFINITY);
        left.push(send);
        continue;
      }
      this.#bytes -= send.body.length;
      const stalledAt = this.#stalled.get(send.deviceId);
      if (stalledAt !== undefined && send.n > stalledAt) {
        this.#refuse(send);
        continue;
      }
      this.#stalled.delete(send.deviceId);
      last.set(send.deviceId, send.n);
      batch.push(send);
      bytes += send.body.length;
    }
    this.#waiting = left;
    return batch;
  }

  /** Stores a batch; returns the way to tell everybody, where that is not done already. */
  async #store(batch: readonly QueuedSend[]): Promise<(() => void) | undefined> {
    const started = performance.now();
    const at = this.#platform.clock();
    const franked = frank(batch, at, this.#franking);
    let stored: StoredBatch;
    try {
      stored = await this.#lane.run((client) => storeBatch(client, franked, at));
    } catch (error) {
      const away = isUnavailable(error) || batch.length === 1;
      this.#platform.log.warn({ err: error, sends: batch.length }, 'a batch of sends failed');
      if (away) this.#giveUp(batch);
      // One of them does not fit the database (its device was deleted meanwhile): the others must not pay for it.
      else for (const send of batch) await this.#storeAlone(send);
      return undefined;
    }
    this.#metrics.batchSize.observe(batch.length);
    this.#metrics.batchSeconds.observe((performance.now() - started) / 1000);
    return () => this.#settle(franked, stored);
  }

  /** Alone, unless an earlier send of the same device has just failed. */
  async #storeAlone(send: QueuedSend): Promise<void> {
    if (this.#stalled.has(send.deviceId)) this.#refuse(send);
    else (await this.#store([send]))?.();
  }

  #settle(batch: readonly QueuedSend[], stored: StoredBatch): void {
    this.#hooks.stored(batch, stored);
    let sent = 0;
    for (const [place, send] of batch.entries()) {
      const outcome = stored.outcomes[place] ?? unavailable;
      if (outcome.kind === 'sent') sent += 1;
      else this.#metrics.refused.inc({ code: outcome.code });
      send.from.answered(send, outcome);
    }
    this.#metrics.sent.inc(sent);
  }

  #giveUp(batch: readonly QueuedSend[]): void {
    for (const send of batch) this.#fail(send);
    if (this.#suspect) return;
    this.#suspect = true;
    void this.#awaitRecovery();
  }

  async #awaitRecovery(): Promise<void> {
    while (!this.#closed) {
      await sleep(probeMs, undefined, { ref: false });
      const back = await this.#platform.pool.query('select 1').then(
        () => true,
        () => false,
      );
      if (!back) continue;
      this.#suspect = false;
      this.#hooks.recovered();
      return;
    }
  }

  /** Refuses a send that may have to be sent again, and stalls its device there. */
  #fail(send: QueuedSend): void {
    const stalledAt = this.#stalled.get(send.deviceId);
    if (stalledAt === undefined || send.n < stalledAt) this.#stalled.set(send.deviceId, send.n);
    this.#refuse(send);
  }

  #refuse(send: QueuedSend): void {
    this.#metrics.refused.inc({ code: 'unavailable' });
    send.from.answered(send, unavailable);
  }
}
