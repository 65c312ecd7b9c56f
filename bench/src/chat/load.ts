import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros, memoryKilobytes } from './process-tree.ts';
import type { Circle, ClientOf, Subject } from './subject.ts';

/** Messages at a fixed rate: latency in milliseconds from when each was due. */
export interface OpenLoop {
  readonly offered: number;
  readonly delivered: number;
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicros: number;
  /** The part of it that is not the first process: a database's. */
  readonly restMicros: number;
}

/** As many messages as pairs that wait for each other can pass. */
export interface ClosedLoop {
  readonly delivered: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicros: number;
  /** The part of it that is not the first process: a database's. */
  readonly restMicros: number;
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

/** All clients of a subject, connected. */
export class Crowd {
  readonly #subject: Subject;
  readonly #circle: Circle;
  readonly #clients: ClientOf[] = [];
  #arrival: (at: number, due: number) => void = () => {};

  constructor(subject: Subject, circle: Circle) {
    this.#subject = subject;
    this.#circle = circle;
  }

  /** Connects everyone, and says what that took and holds. */
  async connect(idleMs: number) {
    const { loginsAtOnce, pids } = this.#subject;
    const [, ...others] = pids;
    const before = memoryKilobytes(pids);
    const restBefore = memoryKilobytes(others);
    const cpu = cpuMicros(pids);
    const started = performance.now();
    while (this.#clients.length < this.#circle.clients) {
      const first = this.#clients.length;
      const wave = Math.min(loginsAtOnce, this.#circle.clients - first);
      const connecting = Array.from({ length: wave }, (_, i) =>
        this.#subject.connect(first + i, (at, due) => this.#arrival(at, due)),
      );
      this.#clients.push(...(await Promise.all(connecting)));
    }
    const seconds = (performance.now() - started) / 1000;
    const loginMicros = (cpuMicros(pids) - cpu) / this.#clients.length;
    await sleep(idleMs);
    return {
      loginsPerSecond: Math.round(this.#clients.length / seconds),
      loginMicros: Math.round(loginMicros),
      kilobytes: round((memoryKilobytes(pids) - before) / this.#clients.length),
      /** The part of it that is not the first process: a database's. */
      restKilobytes: round((memoryKilobytes(others) - restBefore) / this.#clients.length),
    };
  }

  /** Sends on a fixed timetable, from any client to any of its contacts. */
  async open(rate: number, seconds: number, warmSeconds = 1): Promise<OpenLoop> {
    const latencies: number[] = [];
    const start = performance.now();
    const from = start + warmSeconds * 1000;
    const end = from + seconds * 1000;
    this.#arrival = (_at, due) => {
      if (due >= from && due < end) latencies.push(performance.now() - due);
    };
    let sent = 0;
    let measured = 0;
    let cpu = Number.NaN;
    let rest = 0;
    for (let now = start; now < end; now = performance.now()) {
      if (Number.isNaN(cpu) && now >= from) [cpu, rest] = this.#cpu();
      for (const target = ((now - start) * rate) / 1000; sent < target; sent += 1) {
        const due = start + (sent * 1000) / rate;
        if (due >= from && due < end) measured += 1;
        this.#sendSomething(due);
      }
      await (rate > 2000 ? new Promise(setImmediate) : sleep(1));
    }
    const [cpuEnd, restEnd] = this.#cpu();
    for (let i = 0; i < 50 && latencies.length < measured; i += 1) await sleep(100);
    latencies.sort((a, b) => a - b);
    return {
      offered: rate,
      delivered: Math.round(latencies.length / seconds),
      lost: measured - latencies.length,
      p50: round(quantile(latencies, 0.5)),
      p99: round(quantile(latencies, 0.99)),
      cpuMicros: Math.round((cpuEnd - cpu) / Math.max(1, measured)),
      restMicros: Math.round((restEnd - rest) / Math.max(1, measured)),
    };
  }

  #sendSomething(due: number): void {
    const sender = Math.floor(Math.random() * this.#clients.length);
    const contacts = this.#circle.contactsOf(sender);
    const to = contacts[Math.floor(Math.random() * contacts.length)] as number;
    this.#clients[sender]?.send(to, due);
  }

  /** Every pair passes one message back and forth. */
  async closed(seconds: number, warmSeconds = 1): Promise<ClosedLoop> {
    const latencies: number[] = [];
    let counting = false;
    let stopped = false;
    this.#arrival = (at, due) => {
      if (stopped) return;
      const now = performance.now();
      if (counting) latencies.push(now - due);
      this.#clients[at]?.send(at ^ 1, now);
    };
    for (let i = 0; i < this.#clients.length; i += 2) this.#clients[i]?.send(i + 1, performance.now());
    await sleep(warmSeconds * 1000);
    const [cpu, rest] = this.#cpu();
    const started = performance.now();
    counting = true;
    await sleep(seconds * 1000);
    const elapsed = performance.now() - started;
    stopped = true;
    const [cpuEnd, restEnd] = this.#cpu();
    latencies.sort((a, b) => a - b);
    await sleep(1000);
    return {
      delivered: Math.round((latencies.length / elapsed) * 1000),
      p50: round(quantile(latencies, 0.5)),
      p99: round(quantile(latencies, 0.99)),
      cpuMicros: Math.round((cpuEnd - cpu) / Math.max(1, latencies.length)),
      restMicros: Math.round((restEnd - rest) / Math.max(1, latencies.length)),
    };
  }

  #cpu(): [all: number, rest: number] {
    const [, ...rest] = this.#subject.pids;
    return [cpuMicros(this.#subject.pids), cpuMicros(rest)];
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}
