import { describe, expect, it } from 'vitest';
import {
  type Account,
  at,
  type Client,
  createAccount,
  createClient,
  createTestGroup,
  deviceIds,
  hex,
  now,
  receiveCommit,
  receiveText,
  Trust,
  utf8,
} from '../test/people.ts';
import { DEFAULT_SUITE, FALLBACK_SUITE, type GroupState, type PendingCommit, type Suite } from './index.ts';
import { inspectGroupInfo } from './server.ts';

interface Present {
  readonly client: Client;
  state: GroupState;
}

/** mulberry32: a history is found again by its seed. */
function seeded(seed: number): (below: number) => number {
  let a = seed;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) % 0x100000000) % below;
  };
}

/** A group under our join policy: created with its people, after that newcomers by external commit only. */
class History {
  readonly #pick: (below: number) => number;
  readonly #suite: Suite;
  readonly #trust = new Trust();
  #accounts: Account[] = [];
  #present: Present[] = [];
  #gone: Present[] = [];
  #groupInfo: Uint8Array = new Uint8Array();

  constructor(seed: number, suite: Suite) {
    this.#pick = seeded(seed);
    this.#suite = suite;
  }

  async start(): Promise<void> {
    this.#accounts = await Promise.all([createAccount(), createAccount(), createAccount()]);
    const clients = await Promise.all(
      this.#accounts.map((account, i) => createClient(`${i}`, account, this.#trust, this.#suite)),
    );
    const states = await createTestGroup(at(clients, 0), clients.slice(1));
    this.#present = clients.map((client, i) => ({ client, state: at(states, i) }));
    const [first] = this.#present;
    if (first === undefined) throw new Error('nobody');
    await this.#commit(first, await first.client.crypto.updateOwnKeys(first.state));
  }

  async step(): Promise<void> {
    const choice = this.#pick(10);
    if (choice < 3 && this.#present.length < 9) return this.#join();
    if (choice < 5 && this.#present.length > 2) return this.#remove();
    if (choice < 6) return this.#comeBack();
    if (choice < 8) return this.#update();
    return this.#speak();
  }

  /** Everybody agrees; who is gone knows nothing of it. */
  async agree(): Promise<void> {
    const authenticators = this.#present.map(({ client, state }) =>
      hex(client.crypto.epochAuthenticator(state)),
    );
    expect(new Set(authenticators).size).toBe(1);
    const members = this.#present.map(({ client, state }) => deviceIds(client.crypto.members(state)).join());
    expect(new Set(members)).toEqual(
      new Set([
        this.#present
          .map(({ client }) => client.device.deviceId)
          .sort()
          .join(),
      ]),
    );
    for (const { client, state } of this.#gone)
      expect(authenticators).not.toContain(hex(client.crypto.epochAuthenticator(state)));
    expect((await inspectGroupInfo(this.#groupInfo)).members).toHaveLength(this.#present.length);
  }

  async #join(): Promise<void> {
    const here = at(this.#present, this.#pick(this.#present.length)).client.device.accountId;
    const account = this.#accounts.find((candidate) => candidate.accountId === here);
    if (account === undefined) throw new Error('no account');
    await this.#externalCommit(await createClient('new', account, this.#trust, this.#suite));
  }

  async #comeBack(): Promise<void> {
    const [back] = this.#present.splice(this.#pick(this.#present.length), 1);
    if (back === undefined) throw new Error('nobody');
    await this.#externalCommit(back.client);
  }

  async #externalCommit(client: Client): Promise<void> {
    const join = { groupInfo: this.#groupInfo, device: client.device, now: now() };
    const pending = await client.crypto.joinByExternalCommit(join);
    const newcomer: Present = { client, state: pending.next };
    await this.#commit(newcomer, pending);
    this.#present.push(newcomer);
  }

  async #remove(): Promise<void> {
    const by = at(this.#present, this.#pick(this.#present.length));
    const others = this.#present.filter((other) => other !== by);
    const removed = others.filter((_, i) => i === 0 || (this.#pick(4) === 0 && others.length > 2));
    this.#present = this.#present.filter((other) => !removed.includes(other));
    const pending = await by.client.crypto.removeDevices(
      by.state,
      removed.map(({ client }) => client.device),
    );
    for (const one of removed) one.state = (await receiveCommit(one.client, one.state, pending.commit)).state;
    this.#gone.push(...removed);
    await this.#commit(by, pending);
  }

  async #update(): Promise<void> {
    const by = at(this.#present, this.#pick(this.#present.length));
    await this.#commit(by, await by.client.crypto.updateOwnKeys(by.state));
  }

  async #speak(): Promise<void> {
    const by = at(this.#present, this.#pick(this.#present.length));
    const sent = await by.client.crypto.encrypt(by.state, utf8('hello'));
    by.state = sent.state;
    sent.wipe();
    for (const other of this.#present) {
      if (other === by) continue;
      const got = await receiveText(other.client, other.state, sent.ciphertext);
      expect([got.text, got.deviceId]).toEqual(['hello', by.client.device.deviceId]);
      other.state = got.state;
    }
  }

  async #commit(by: Present, pending: PendingCommit): Promise<void> {
    for (const other of this.#present) {
      if (other === by) continue;
      const got = await receiveCommit(other.client, other.state, pending.commit);
      expect(got.sender.deviceId).toBe(by.client.device.deviceId);
      got.wipe();
      // A restart in between must change nothing.
      const restart = this.#pick(5) === 0;
      other.state = restart
        ? other.client.crypto.decodeState(other.client.crypto.encodeState(got.state))
        : got.state;
    }
    by.state = pending.next;
    pending.wipe();
    this.#groupInfo = pending.groupInfo;
  }
}

async function live(seed: number, suite: Suite, steps: number): Promise<void> {
  const history = new History(seed, suite);
  await history.start();
  for (let i = 0; i < steps; i++) {
    await history.step();
    await history.agree();
  }
}

describe('random histories under the join policy end in agreement', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))('suite 1, seed %i', (seed) =>
    live(seed, FALLBACK_SUITE, 10),
  );
  it.each([101, 102, 103, 104])('X-Wing, seed %i', (seed) => live(seed, DEFAULT_SUITE, 7));
});
