import { createGroupCrypto, type Device, type GroupState, type PendingCommit } from '@accord/group-crypto';
import { sessionCookie, socketPath } from '@accord/protocol';
import {
  type ClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  type Notice,
  type ServerFrame,
} from '@accord/protocol/socket';
import { WebSocket } from 'ws';
import type { Client } from '../client.ts';
import { base64url, enrolling, type Member, newDevice, random, type Site, signIn } from '../people.ts';

export type Item = Extract<ServerFrame, { type: 'item' }>;
export type Answer = Extract<ServerFrame, { type: 'sent' | 'refused' }>;

/** The real group cryptography; whom to trust is another test's question. */
export const groupCrypto = createGroupCrypto({
  random,
  trust: () => true,
  suite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
});

export const uuidBytes = (uuid: string): Uint8Array =>
  new Uint8Array(Buffer.from(uuid.replaceAll('-', ''), 'hex'));

/** How a socket ended: a close code, or the status and body of a refused upgrade. */
export interface Ended {
  readonly code: number;
  readonly body?: string;
}

/** A socket as a device opens it, which remembers every frame. */
export class Wire {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly ended: Promise<Ended>;
  #wake: (() => void)[] = [];

  constructor(url: string, token: string | undefined, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws') + socketPath, {
      headers: {
        origin: url,
        ...(token !== undefined && { cookie: `${sessionCookie}=${token}` }),
        ...headers,
      },
    });
    this.socket.on('message', (data) => {
      this.frames.push(decodeServerFrame(new Uint8Array(data as Buffer)));
      for (const wake of this.#wake.splice(0)) wake();
    });
    this.ended = new Promise((resolve) => {
      this.socket.on('close', (code) => resolve({ code }));
      this.socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body }));
      });
      this.socket.on('error', () => resolve({ code: 0 }));
    });
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get items(): Item[] {
    return this.frames.filter((frame) => frame.type === 'item');
  }
  get answers(): Answer[] {
    return this.frames.filter((frame) => frame.type === 'sent' || frame.type === 'refused');
  }
  get notices(): Notice[] {
    return this.frames.flatMap((frame) => (frame.type === 'notice' ? [frame.notice] : []));
  }

  write(frame: ClientFrame): void {
    this.socket.send(encodeClientFrame(frame));
  }

  /** Waits until `done` holds of what has arrived. */
  async until(done: (wire: this) => boolean, patienceMs = 15_000): Promise<this> {
    const deadline = Date.now() + patienceMs;
    while (!done(this)) {
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`still waiting; has ${this.frames.map((frame) => frame.type).join(' ')}`);
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        setTimeout(resolve, Math.min(left, 250)).unref();
      });
    }
    return this;
  }

  /** Sends one message and waits for its answer. */
  async send(frame: {
    n: number;
    oldest: number;
    groupId: string;
    epoch: number;
    body: Uint8Array;
  }): Promise<Answer> {
    const seen = this.answers.length;
    this.write({ type: 'send', ...frame });
    await this.until(() => this.answers.slice(seen).some((answer) => answer.n === frame.n));
    return this.answers.slice(seen).find((answer) => answer.n === frame.n) as Answer;
  }

  ack(...items: readonly Item[]): void {
    this.write({ type: 'ack', ids: items.map((item) => item.id) });
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.ended;
  }
}

/** A device that talks: its session, its MLS credential, and its state of one group. */
export class Talker {
  readonly site: Site;
  readonly client: Client;
  readonly device: Device;
  state: GroupState | undefined;
  n = 0;

  constructor(site: Site, client: Client, device: Device) {
    this.site = site;
    this.client = client;
    this.device = device;
  }

  get id(): string {
    return this.device.deviceId;
  }

  get group(): GroupState {
    if (this.state === undefined) throw new Error('in no group');
    return this.state;
  }

  open(headers?: Record<string, string>): Wire {
    return new Wire(this.site.url, this.client.token, headers);
  }

  /** Opens a socket and waits until everything that waited has come. */
  async arrive(): Promise<Wire> {
    return this.open().until((wire) => wire.frames.some((frame) => frame.type === 'caught-up'));
  }

  /** The next message of this device, encrypted under its group. */
  async message(groupId: string, words = 'the sea is calm today') {
    const { state, ciphertext } = await groupCrypto.encrypt(this.group, new TextEncoder().encode(words));
    this.state = state;
    this.n += 1;
    return { n: this.n, oldest: this.n, groupId, epoch: this.group.epoch, body: ciphertext };
  }

  /** What an item says; a commit is applied. */
  async read(item: Item): Promise<string> {
    const done = await groupCrypto.process(this.group, item.body, { now: Date.now() });
    this.state = done.state;
    return done.kind === 'application' ? new TextDecoder().decode(done.plaintext) : done.kind;
  }

  /** Stores key packages at the server; returns them for opening a Welcome. */
  async publish(count = 3) {
    const bundles = await groupCrypto.createKeyPackages(this.device, count, { now: Date.now() });
    const body = { oneTime: bundles.map((bundle) => base64url(bundle.publicBytes)) };
    await this.client.call('delivery.keyPackages.publish', { body });
    return bundles;
  }

  commit(conversationId: string, groupId: string, pending: PendingCommit, idem = crypto.randomUUID()) {
    return this.client.call('delivery.groups.commit', {
      params: { conversationId },
      body: { idem, ...commitBody(groupId, pending) },
    });
  }
}

/** A commit's bundle as the route takes it. */
export const commitBody = (groupId: string, pending: PendingCommit) => ({
  groupId,
  epoch: pending.epoch,
  commit: base64url(pending.commit),
  groupInfo: base64url(pending.groupInfo),
  ...(pending.welcome !== undefined && { welcome: base64url(pending.welcome) }),
});

/** The member's first device, as it talks. */
export const firstDevice = (site: Site, member: Member): Talker =>
  new Talker(site, member.client, member.device);

/** One more device of a member, signed in and enrolled. */
export async function anotherDevice(site: Site, member: Member): Promise<Talker> {
  const { client } = await signIn(site, member.authenticator);
  const device = await newDevice(member.id, member.identity);
  await client.call('accounts.devices.enrol', { body: { device: enrolling(device, 'Tablet') } });
  return new Talker(site, client, device);
}
