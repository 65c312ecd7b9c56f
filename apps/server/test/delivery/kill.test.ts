import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { base64url } from '../people.ts';
import { freePort } from '../support.ts';
import type { Item, Talker, Wire } from './device.ts';
import { type Pair, talking } from './talk.ts';

/** Rounds; in each, the server or its database is killed while messages flow both ways. */
const rounds = 50;
const main = join(import.meta.dirname, '../../src/main.ts');

let data: string;
let url: string;
let server: ChildProcess;
let pair: Pair;

/** The server as an operator starts it, on its own data folder, with its own durable database. */
async function start(): Promise<void> {
  server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env: {
      PATH: process.env.PATH,
      ACCORD_DATA: data,
      ACCORD_PUBLIC_URL: url,
      ACCORD_HOST: '127.0.0.1',
      ACCORD_LOG_LEVEL: 'silent',
      ACCORD_RATE_LIMITS: 'false',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await ready();
}

async function ready(): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const up = await fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (up) return;
    if (Date.now() > deadline || server.exitCode !== null) throw new Error('the server does not come up');
    await sleep(50);
  }
}

async function databasePid(): Promise<number | undefined> {
  const folder = (await readdir(data)).find((name) => /^pg\d+$/.test(name)) ?? 'pg';
  const file = await readFile(join(data, folder, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number.parseInt(file, 10) || undefined;
}

const gone = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', resolve));

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'accord-kill-'));
  await chmod(data, 0o711);
  url = `http://localhost:${await freePort()}`;
  await start();
  pair = await talking({ url });
}, 120_000);

afterAll(async () => {
  server.kill('SIGTERM');
  await gone(server);
  await rm(data, { recursive: true, force: true });
});

/**
 * A device with an outbox and a memory, as ours has: it sends again in order what was not answered, keeps what it
 * received by id, and acknowledges then.
 */
class Survivor {
  readonly talker: Talker;
  readonly groupId: string;
  readonly acknowledged = new Set<number>();
  readonly received = new Map<bigint, Item>();
  /** Items that came again, which a device drops by their id. */
  repeats = 0;
  readonly outbox: Awaited<ReturnType<Talker['message']>>[] = [];
  #wire: Wire | undefined;
  #seen = 0;
  #stopped = false;

  constructor(talker: Talker, groupId: string) {
    this.talker = talker;
    this.groupId = groupId;
  }

  async live(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#session();
      } catch {
        this.#wire?.socket.terminate();
        await sleep(30);
      }
    }
  }

  async #session(): Promise<void> {
    const wire = this.talker.open();
    this.#wire = wire;
    this.#seen = 0;
    const over = wire.ended.then(() => true);
    await wire.until((each) => each.frames.length > 0 || each.socket.readyState > 1, 10_000);
    while (!this.#stopped) {
      const unanswered = this.outbox.filter((message) => !this.acknowledged.has(message.n)).slice(0, 20);
      const fresh: typeof unanswered = [];
      for (let i = unanswered.length; i < 5; i += 1) fresh.push(await this.talker.message(this.groupId));
      this.outbox.push(...fresh);
      const sending = [...unanswered, ...fresh];
      const before = wire.answers.length;
      for (const message of sending) wire.write({ type: 'send', ...message });
      for (;;) {
        this.#take(wire);
        const answers = wire.answers.slice(before);
        for (const answer of answers) if (answer.type === 'sent') this.acknowledged.add(answer.n);
        if (answers.length >= sending.length) break;
        if (await Promise.race([over, sleep(10).then(() => false)])) {
          this.#take(wire);
          for (const answer of wire.answers) if (answer.type === 'sent') this.acknowledged.add(answer.n);
          return;
        }
      }
      await sleep(5);
    }
    await wire.close();
  }

  #take(wire: Wire): void {
    const fresh = wire.items.slice(this.#seen);
    this.#seen += fresh.length;
    for (const item of fresh) {
      if (this.received.has(item.id)) this.repeats += 1;
      this.received.set(item.id, item);
    }
    if (fresh.length > 0 && wire.open) wire.ack(...fresh);
  }

  stop(): void {
    this.#stopped = true;
  }
}

it(`loses and doubles nothing while server and database are killed ${rounds} times`, async () => {
  const ada = new Survivor(pair.ada, pair.groupId);
  const blaise = new Survivor(pair.blaise, pair.groupId);
  const living = [ada.live(), blaise.live()];
  const killed = { server: 0, database: 0 };
  for (let round = 0; round < rounds; round += 1) {
    await sleep(100 + Math.random() * 400);
    const database = round % 3 === 2 ? await databasePid() : undefined;
    if (database !== undefined) {
      process.kill(database, 'SIGKILL');
      killed.database += 1;
      await sleep(150);
      await ready();
    } else {
      server.kill('SIGKILL');
      killed.server += 1;
      await gone(server);
      await start();
    }
  }
  await sleep(1500);
  for (const each of [ada, blaise]) each.stop();
  await Promise.all(living);
  for (const talker of [pair.ada, pair.blaise]) {
    const last = await talker.arrive();
    const into = talker === pair.ada ? ada : blaise;
    for (const item of last.items) into.received.set(item.id, item);
    await last.close();
  }
  const report = { killed, sent: 0, repeats: 0 };
  for (const [from, to] of [
    [ada, blaise],
    [blaise, ada],
  ] as const) {
    // The Welcome of before may come once more, where its acknowledgement died with the server.
    const arrived = [...to.received.values()]
      .filter(({ kind }) => kind === 'message')
      .sort((a, b) => Number(a.id - b.id))
      .map((item) => base64url(item.body));
    const sent = from.outbox
      .filter((message) => from.acknowledged.has(message.n))
      .map((each) => base64url(each.body));
    const all = from.outbox.map((message) => base64url(message.body));
    // Every acknowledged one is there; by id and by content each is there once; in the order they were sent.
    expect(sent.filter((body) => !arrived.includes(body))).toEqual([]);
    expect(new Set(arrived).size).toBe(arrived.length);
    expect(arrived).toEqual(all.filter((body) => arrived.includes(body)));
    report.sent += sent.length;
    report.repeats += to.repeats;
  }
  expect(killed.server + killed.database).toBeGreaterThanOrEqual(50);
  expect(report.sent).toBeGreaterThan(rounds);
  console.log(
    `killed ${JSON.stringify(killed)}; ${report.sent} acknowledged, 0 lost, 0 stored twice, ${report.repeats} delivered again and dropped by id`,
  );
}, 480_000);
