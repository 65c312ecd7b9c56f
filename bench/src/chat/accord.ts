import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sessionCookie, socketPath } from '@accord/protocol';
import { encodeClientFrame, sendRefusals } from '@accord/protocol/socket';
import { freePort, startChild } from './child.ts';
import { openRawSocket, type RawSocket } from './raw-socket.ts';
import { type Seeded, seed } from './seed.ts';
import { type Circle, messageBytes, type Subject } from './subject.ts';

const root = resolve(import.meta.dirname, '../../..');
/** As our client in the browser: what it has stored it acknowledges with its next message, after this long in a frame of its own. */
const ackMs = 5000;
const acksTogether = 256;
const sweepMs = 50;
const bodyAt = 42;
const sendBodyAt = 41;

/** Our server as an operator starts it, with its own database, in a folder of its own. */
export async function startAccord(circle: Circle): Promise<Subject> {
  const data = await mkdtemp(join(tmpdir(), 'accord-bench-'));
  // The database runs as a user of its own, who has to get in.
  await chmod(data, 0o711);
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    ACCORD_DATA: data,
    ACCORD_PUBLIC_URL: `http://127.0.0.1:${port}`,
    ACCORD_LOG_LEVEL: 'warn',
    ...(process.env.BENCH_NODE_OPTIONS !== undefined && { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS }),
  };
  const { nodeFlags } = JSON.parse(await readFile(join(root, 'apps/server/package.json'), 'utf8')) as {
    readonly nodeFlags: readonly string[];
  };
  const main = join(root, 'apps/server/src/main.ts');
  const child = await startChild(process.execPath, [...nodeFlags, main], env, /http:\/\//);
  const database = await databaseOf(data);
  const people = await seed(database.settings, circle);
  const acks = new Acks();
  return {
    name: 'accord',
    pids: [child.pid, database.pid],
    loginsAtOnce: 50,
    connect: (client, arrival) =>
      connectDevice(port, people[client] as Seeded, acks, (due) => arrival(client, due)),
    async stop() {
      acks.stop();
      await child.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Where the server's own PostgreSQL listens: its pid file says so (line 1 pid, 4 port, 5 socket folder). */
export async function databaseOf(data: string) {
  const folder = (await readdir(data)).find((name) => /^pg\d+$/.test(name)) ?? 'pg';
  const lines = (await readFile(join(data, folder, 'postmaster.pid'), 'utf8')).split('\n');
  const settings = { host: lines[4] ?? '', port: Number(lines[3]), user: 'accord', database: 'accord' };
  return { pid: Number(lines[0]), settings };
}

/** What the clients have not acknowledged yet, all on one timer; who has waited longest comes first. */
class Acks {
  readonly #waiting = new Map<RawSocket, { readonly since: number; readonly ids: bigint[] }>();
  readonly #timer = setInterval(() => this.#sweep(), sweepMs);

  push(socket: RawSocket, id: bigint): void {
    const owed = this.#waiting.get(socket);
    if (owed === undefined) this.#waiting.set(socket, { since: performance.now(), ids: [id] });
    else if (owed.ids.push(id) >= acksTogether) this.#flush(socket);
  }

  /** The acknowledgements that a message of this socket takes along. */
  take(socket: RawSocket): readonly bigint[] {
    const owed = this.#waiting.get(socket);
    if (owed === undefined) return [];
    this.#waiting.delete(socket);
    return owed.ids;
  }

  #flush(socket: RawSocket): void {
    socket.sendBinary(encodeClientFrame({ type: 'ack', ids: this.take(socket) }));
  }

  #sweep(): void {
    const due = performance.now() - ackMs;
    for (const [socket, { since }] of this.#waiting) {
      if (since > due) break;
      this.#flush(socket);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/**
 * A `send` frame for a group, whose body is as long as an MLS message of 200 bytes and has its head (RFC 9420 §6,
 * §6.3): the server checks that. The due time stands where the ciphertext would.
 */
function sendTemplate(groupId: string): { frame: Uint8Array; dueAt: number } {
  const body = Buffer.alloc(messageBytes, 7);
  body.writeUInt16BE(1, 0);
  body.writeUInt16BE(2, 2);
  body[4] = 16;
  body.set(Buffer.from(groupId.replaceAll('-', ''), 'hex'), 5);
  body.writeBigUInt64BE(1n, 21);
  body[29] = 1;
  body[30] = 0;
  body[31] = 28;
  const cipherAt = 32 + 28;
  body.writeUInt16BE(0x4000 | (messageBytes - cipherAt - 2), cipherAt);
  const frame = encodeClientFrame({ type: 'send', n: 1, oldest: 0, groupId, epoch: 1, body });
  return { frame, dueAt: sendBodyAt + cipherAt + 2 };
}

/** Refusals are lost messages, which the table shows; the first tells its reason. */
const refusals = new Set<number>();
function refused(code: number): void {
  if (refusals.has(code)) return;
  refusals.add(code);
  process.stderr.write(`accord: a send was refused (${sendRefusals[code]})\n`);
}

async function connectDevice(port: number, person: Seeded, acks: Acks, arrival: (due: number) => void) {
  let n = 0;
  let answered = 0;
  let caughtUp = (): void => {};
  const ready = new Promise<void>((done) => {
    caughtUp = done;
  });
  const templates = new Map<number, ReturnType<typeof sendTemplate>>();
  const headers = { origin: `http://127.0.0.1:${port}`, cookie: `${sessionCookie}=${person.token}` };
  let socket: RawSocket | undefined;
  const opened = await openRawSocket(port, socketPath, headers, (frame) => {
    const kind = frame[0];
    if (kind === 0x83) {
      if (socket !== undefined) acks.push(socket, frame.readBigUInt64BE(1));
      arrival(frame.readDoubleBE(bodyAt + 32 + 28 + 2));
    } else if (kind === 0x81) answered = frame.readUInt32BE(5);
    else if (kind === 0x82) refused(frame[9] ?? 0);
    else if (kind === 0x86) caughtUp();
  });
  socket = opened;
  await ready;
  return {
    send(to: number, due: number) {
      let template = templates.get(to);
      if (template === undefined) {
        template = sendTemplate(person.groups.get(to) ?? '');
        templates.set(to, template);
      }
      n += 1;
      const view = new DataView(template.frame.buffer);
      view.setUint32(5, n);
      view.setUint32(13, answered + 1);
      view.setFloat64(template.dueAt, due);
      const ids = acks.take(opened);
      if (ids.length === 0) return opened.sendBinary(template.frame);
      opened.sendBinary(Buffer.concat([encodeClientFrame({ type: 'ack', ids }), template.frame]));
    },
    close: () => opened.close(),
  };
}
