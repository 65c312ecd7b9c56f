import {
  createGroupCrypto,
  type GroupCrypto,
  GroupCryptoError,
  type GroupState,
  type Member,
  type PendingCommit,
} from '@accord/group-crypto';
import { addNote } from './apply.ts';
import type { Book } from './book.ts';
import { fromBase64Url, sameBytes, toBase64Url, utf8, uuidBytes, uuidFrom } from './bytes.ts';
import { type Pending, type PendingNote, perform } from './group-log.ts';
import type { Keys } from './keys.ts';
import { Lanes } from './lane.ts';
import type { Clock, Http, Random } from './ports.ts';
import { type ConversationRecord, placeKey } from './records.ts';
import { Batch, type Store } from './store.ts';

interface GroupPorts {
  readonly store: Store;
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
}

const attempts = 5;

/**
 * The MLS groups of this device. One lane for each conversation: a state is read, used and replaced by one task
 * at a time, and the next state is durable before anything made from it leaves.
 */
export class Groups {
  readonly #ports: GroupPorts;
  readonly #keys: Keys;
  readonly #lanes = new Lanes<number>();
  readonly #states = new Map<number, GroupState>();
  readonly #ephemeralKeys = new Map<string, Promise<CryptoKey>>();
  readonly crypto: GroupCrypto;

  constructor(ports: GroupPorts, keys: Keys) {
    this.#ports = ports;
    this.#keys = keys;
    this.crypto = createGroupCrypto({
      random: ports.random,
      trust: (accountId, key) => this.#trusts(accountId, key),
    });
  }

  /** Only our own key, and those pinned for the people we talk with. */
  #trusts(accountId: string, key: Uint8Array): boolean {
    const { accountId: me, identityPublicKey } = this.#keys.device;
    if (accountId === me) return sameBytes(key, identityPublicKey);
    const pinned = this.#ports.book.all().filter(({ peer }) => peer.accountId === accountId);
    return pinned.some(({ peer }) => sameBytes(key, fromBase64Url(peer.identityPublicKey)));
  }

  /** Runs a task on a conversation's group, after what was pending is settled. @throws {ApiError} while it can't be */
  with<T>(place: number, task: (state: GroupState | null) => Promise<T>): Promise<T> {
    return this.#lanes.run(place, async () => {
      const pending = await this.#ports.store.get<Pending>('pending', placeKey(place));
      if (pending !== undefined) await this.#settle(place, pending);
      return task(await this.#state(place));
    });
  }

  /** The epoch that this device is in; null where it has no state. */
  async epoch(place: number): Promise<number | null> {
    return (await this.#state(place))?.epoch ?? null;
  }

  /** Takes a state as the present one; call it when it is durable. */
  adopt(place: number, state: GroupState): void {
    this.#states.set(place, state);
  }

  /** Puts a state into a unit of work. */
  put(batch: Batch, place: number, state: GroupState): void {
    batch.put('groups', placeKey(place), this.crypto.encodeState(state));
  }

  /** Forgets a state that leads nowhere any more. */
  drop(batch: Batch, place: number): void {
    batch.delete('groups', placeKey(place));
    this.#states.delete(place);
  }

  async #state(place: number): Promise<GroupState | null> {
    const known = this.#states.get(place);
    if (known !== undefined) return known;
    const bytes = await this.#ports.store.get<Uint8Array>('groups', placeKey(place));
    if (bytes === undefined) return null;
    const state = this.crypto.decodeState(bytes);
    this.#states.set(place, state);
    return state;
  }

  /** First come, first served: claims everybody's key packages and sets the group up. False when it is not to be. */
  found(record: ConversationRecord): Promise<boolean> {
    const { place, id: conversationId } = record;
    return this.with(place, async (state) => {
      if (state !== null) return false;
      const { packages } = await this.#ports.http.call('delivery.keyPackages.claim', {
        params: { conversationId },
        body: {},
      });
      const members = await this.#sound(packages.map(({ keyPackage }) => fromBase64Url(keyPackage)));
      const groupId = uuidFrom(this.#ports.random(16));
      const options = {
        groupId: uuidBytes(groupId),
        device: this.#keys.device,
        now: this.#ports.clock.now(),
      };
      const created = await this.crypto.createGroup({ ...options, members });
      // Alone, it would lock the other side out: a device joins only where its account is a member already.
      const peers = this.crypto
        .members(created.state)
        .filter(({ accountId }) => accountId === record.peer.accountId);
      if (peers.length === 0) return false;
      const pending: Pending = {
        kind: 'found',
        conversationId,
        body: {
          groupId,
          groupInfo: toBase64Url(created.groupInfo),
          ...(created.welcome === undefined ? {} : { welcome: toBase64Url(created.welcome) }),
        },
        next: this.crypto.encodeState(created.state),
      };
      await this.#store(place, pending);
      return (await this.#settle(place, pending)) === 'won';
    });
  }

  /** The key packages that can be added: one bad one must not keep the others out. */
  async #sound(packages: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const tryOut = (members: readonly Uint8Array[]) =>
      this.crypto.createGroup({
        groupId: this.#ports.random(16),
        device: this.#keys.device,
        members,
        now: this.#ports.clock.now(),
      });
    const sound: Uint8Array[] = [];
    for (const one of packages)
      try {
        await tryOut([one]);
        sound.push(one);
      } catch (error) {
        if (!(error instanceof GroupCryptoError)) throw error;
      }
    return sound;
  }

  /**
   * Joins by an external commit: as a further device, or because this device lost its place. Does nothing where
   * a welcome or a commit brought it up to date meanwhile.
   */
  join(record: ConversationRecord): Promise<boolean> {
    const { deviceId } = this.#keys.device;
    return this.with(record.place, async (state) => {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const info = await this.#ports.http.call('delivery.groups.info', {
          params: { conversationId: record.id },
        });
        if (state?.active && state.epoch >= info.epoch && info.members.includes(deviceId)) return true;
        const commit = await this.crypto.joinByExternalCommit({
          groupInfo: fromBase64Url(info.groupInfo),
          device: this.#keys.device,
          now: this.#ports.clock.now(),
        });
        const notes: PendingNote[] = [{ kind: record.wasJoined ? 'rejoined' : 'joined-here' }];
        if (await this.#commit(record, info.groupId, commit, notes)) return true;
      }
      return false;
    });
  }

  /** Evicts removed devices. True when nothing is left to evict, by us or by others. */
  evict(record: ConversationRecord, leaving: readonly string[]): Promise<boolean> {
    return this.with(record.place, async (state) => {
      if (state === null || !state.active || record.groupId === null) return false;
      const gone = this.crypto.members(state).filter(({ deviceId }) => leaving.includes(deviceId));
      if (gone.length === 0) return true;
      if (gone.some(({ deviceId }) => deviceId === this.#keys.device.deviceId)) return false;
      const commit = await this.crypto.removeDevices(state, gone);
      const notes = gone.map(
        (member): PendingNote => ({ kind: 'device-removed', mine: this.#isMine(member) }),
      );
      return this.#commit(record, record.groupId, commit, notes);
    });
  }

  #isMine({ accountId }: Pick<Member, 'accountId'>): boolean {
    return accountId === this.#keys.device.accountId;
  }

  async #commit(
    record: ConversationRecord,
    groupId: string,
    commit: PendingCommit,
    notes: readonly PendingNote[],
  ): Promise<boolean> {
    const pending: Pending = {
      kind: 'commit',
      conversationId: record.id,
      body: {
        groupId,
        epoch: commit.epoch,
        idem: uuidFrom(this.#ports.random(16)),
        commit: toBase64Url(commit.commit),
        groupInfo: toBase64Url(commit.groupInfo),
        ...(commit.welcome === undefined ? {} : { welcome: toBase64Url(commit.welcome) }),
      },
      next: this.crypto.encodeState(commit.next),
      notes,
    };
    await this.#store(record.place, pending);
    const won = (await this.#settle(record.place, pending)) === 'won';
    if (won) commit.wipe();
    return won;
  }

  async #store(place: number, pending: Pending): Promise<void> {
    await this.#ports.store.commit(new Batch().put('pending', placeKey(place), pending));
  }

  async #settle(place: number, pending: Pending): Promise<'won' | 'lost'> {
    const outcome = await perform(this.#ports.http, pending);
    if (outcome === 'lost') {
      await this.#ports.store.commit(new Batch().delete('pending', placeKey(place)));
      return 'lost';
    }
    const state = this.crypto.decodeState(pending.next);
    await this.#ports.book.change(async (change) => {
      const record = change.record(place);
      change.set({ ...record, groupId: pending.body.groupId, joined: true, wasJoined: true });
      change.batch.delete('pending', placeKey(place));
      this.put(change.batch, place, state);
      const at = Math.max(this.#ports.clock.now(), record.lastAt + 1);
      for (const note of pending.kind === 'commit' ? pending.notes : [])
        await addNote(change, place, uuidFrom(this.#ports.random(16)), at, note);
    });
    this.adopt(place, state);
    return 'won';
  }

  /** The key of what is told in passing in an epoch; it leaves the ratchet where it is. */
  async ephemeralKey(place: number): Promise<CryptoKey | null> {
    const state = await this.#state(place);
    if (state === null || !state.active) return null;
    const name = `${place}/${state.epoch}`;
    let key = this.#ephemeralKeys.get(name);
    if (key === undefined) {
      this.#ephemeralKeys.clear();
      key = this.crypto
        .exporter(state, 'accord/ephemeral/1', utf8('typing'), 32)
        .then((secret) =>
          crypto.subtle.importKey('raw', secret.slice(), 'AES-GCM', false, ['encrypt', 'decrypt']),
        );
      this.#ephemeralKeys.set(name, key);
    }
    return key;
  }
}
