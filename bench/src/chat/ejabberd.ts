import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startSilent } from './child.ts';
import { endFamily } from './process-tree.ts';
import { type Circle, dueOfText, type Subject, textBody } from './subject.ts';

const run = promisify(execFile);
const control = '/usr/sbin/ejabberdctl';
const isRoot = process.getuid?.() === 0;

/** Whether ejabberd can be run here: Debian's package, which only root may start or install. */
export async function ejabberdIsThere(): Promise<boolean> {
  if (!isRoot) return false;
  const there = () =>
    access(control).then(
      () => true,
      () => false,
    );
  if (await there()) return true;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'ejabberd'], { env }).catch(() => {});
  // The package starts an instance of its own, with other settings.
  await run('service', ['ejabberd', 'stop']).catch(() => {});
  return there();
}

/** No TLS, no shaper, no limits of registration: what is measured is the routing of messages. */
const configuration = (port: number, archive: boolean): string => `
loglevel: warning
hosts: [localhost]
acme: {auto: false}
auth_method: internal
auth_password_format: plain
listen:
  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, access: all, backlog: 2000}
registration_timeout: infinity
modules:
  mod_register: {ip_access: all, access: all, welcome_message: {}}
  mod_roster: {}
  mod_offline: {}
  mod_ping: {}
${archive ? '  mod_mam: {default: always, request_activates_archiving: false}\n' : ''}`;

/** ejabberd of Debian over plain TCP, in a folder of its own; `archive` has it keep every message (mod_mam, mnesia). */
export async function startEjabberd(circle: Circle, archive: boolean): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'ejabberd-bench-'));
  const port = await freePort();
  await writeFile(join(folder, 'ejabberd.yml'), configuration(port, archive));
  await writeFile(join(folder, 'inetrc'), '{lookup,["file","native"]}.\n');
  await run('chown', ['-R', 'ejabberd:ejabberd', folder]);
  const { uid, gid } = await stat(folder);
  const owner = { uid, gid };
  const node = `accordbench${port}@localhost`;
  const places = ['--config-dir', folder, '--logs', folder, '--spool', folder, '--node', node];
  const start = async () => {
    // As its own user by ourselves: by `su` it would get 1024 open files, of which two thousand sockets want more.
    const roomy = ['-c', 'ulimit -n 16384; exec "$0" "$@"', control, ...places, 'foreground'];
    const { pid } = startSilent('/bin/sh', roomy, { PATH: process.env.PATH, HOME: folder }, owner);
    await untilOpen(port);
    return pid;
  };
  const first = await start();
  for (let i = 0; i < circle.clients; i += 20) {
    const some = Array.from({ length: Math.min(20, circle.clients - i) }, (_, k) => register(port, i + k));
    await Promise.all(some);
  }
  // Fresh, so that what the registrations left in its memory does not count for its connections.
  await endFamily(first);
  const pid = await start();
  return {
    name: archive ? 'ejabberd + archive' : 'ejabberd',
    pids: [pid],
    loginsAtOnce: 20,
    connect: (client, arrival) => logIn(port, client, (due) => arrival(client, due)),
    async stop() {
      await endFamily(pid);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilOpen(port: number): Promise<void> {
  for (let i = 0; i < 300; i += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('ejabberd does not listen');
}

const opening = `<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
const name = (client: number): string => `u${client}`;

/** A stream of XMPP, as far as logging in and messages need it. */
class Stream {
  readonly socket: Socket;
  #text = '';
  #wanted: (() => void) | undefined;
  onMessage: ((body: string) => void) | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('utf8');
    this.socket.on('error', () => {});
    this.socket.on('data', (data: string) => {
      this.#text += data;
      this.#wanted?.();
      if (this.onMessage !== undefined) this.#readMessages(this.onMessage);
    });
  }

  /** Sends and waits for an answer that matches. */
  ask(words: string, answer: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => reject(new Error(`no ${answer} in ${this.#text.slice(-300)}`)),
        60_000,
      );
      this.#wanted = () => {
        const found = answer.exec(this.#text);
        if (found === null) return;
        clearTimeout(patience);
        this.#wanted = undefined;
        this.#text = this.#text.slice(found.index + found[0].length);
        resolve();
      };
      this.socket.write(words);
      this.#wanted();
    });
  }

  #readMessages(onMessage: (body: string) => void): void {
    let from = 0;
    for (;;) {
      const end = this.#text.indexOf('</message>', from);
      if (end < 0) break;
      const start = this.#text.lastIndexOf('<body>', end);
      if (start >= from) onMessage(this.#text.slice(start + 6, this.#text.indexOf('</body>', start)));
      from = end + 10;
    }
    if (from > 0) this.#text = this.#text.slice(from);
    else if (this.#text.length > 65_536) this.#text = '';
  }
}

async function register(port: number, client: number): Promise<void> {
  const stream = new Stream(port);
  await stream.ask(opening, /<\/stream:features>/);
  await stream.ask(
    `<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>${name(client)}</username><password>p</password></query></iq>`,
    /<iq[^>]*id=['"]reg['"][^>]*?(\/>|>[\s\S]*?<\/iq>)/,
  );
  stream.socket.destroy();
}

async function logIn(port: number, client: number, arrival: (due: number) => void) {
  const stream = new Stream(port);
  const secret = Buffer.from(`\0${name(client)}\0p`).toString('base64');
  await stream.ask(opening, /<\/stream:features>/);
  await stream.ask(
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`,
    /<success[^>]*\/>|<success[^>]*><\/success>/,
  );
  await stream.ask(opening, /<\/stream:features>/);
  await stream.ask(
    `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>`,
    /<jid>[^<]*<\/jid>[\s\S]*?<\/iq>/,
  );
  stream.onMessage = (body) => arrival(dueOfText(body));
  stream.socket.write('<presence/>');
  return {
    send(to: number, due: number) {
      stream.socket.write(
        `<message to='${name(to)}@localhost/r' type='chat' id='m'><body>${textBody(due)}</body></message>`,
      );
    },
    close: () => stream.socket.destroy(),
  };
}
