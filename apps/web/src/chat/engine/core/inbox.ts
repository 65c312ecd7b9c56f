import { GroupCryptoError, type GroupState, inspectWelcome, type Processed } from '@accord/group-crypto';
import { type Arrival, addNote, applyArrival } from './apply.ts';
import type { Book, Change } from './book.ts';
import { toHex, uuidFrom } from './bytes.ts';
import { decodeContent } from './content.ts';
import { proofOf } from './franking.ts';
import type { Groups } from './groups.ts';
import type { StoredPackage } from './key-packages.ts';
import type { Keys } from './keys.ts';
import type { Item } from './link.ts';
import type { Clock, Random } from './ports.ts';
import type { ConversationRecord } from './records.ts';
import type { Store } from './store.ts';

interface InboxPorts {
  readonly store: Store;
  readonly book: Book;
  readonly clock: Clock;
  readonly random: Random;
  /** Learns of conversations that this device does not know yet. @throws {ApiError} */
  readonly discover: () => Promise<void>;
  /** This device cannot follow the group any more. */
  readonly lostTrack: (record: ConversationRecord) => void;
  /** Pictures and grants that came are known to who looks after them; what it gives is called when all is stored. */
  readonly pictures: { arrived(change: Change, arrival: Arrival): (() => void) | undefined };
  /** The group's state moved on: what waits may be sealed now. */
  readonly advanced: (record: ConversationRecord) => void;
}

/** Ids kept to know an item that comes again; the ratchet knows the rest. */
const remembered = 256;

/** Takes what the server delivers: decrypts, applies and stores, each item once. */
export class Inbox {
  readonly #ports: InboxPorts;
  readonly #groups: Groups;
  readonly #keys: Keys;
  #seen: string[] = [];

  constructor(ports: InboxPorts, groups: Groups, keys: Keys) {
    this.#ports = ports;
    this.#groups = groups;
    this.#keys = keys;
  }

  async load(): Promise<void> {
    this.#seen = (await this.#ports.store.get<string[]>('vault', 'seen')) ?? [];
  }

  /** Resolves when the item is stored for good, or will never be of use. @throws when it must come again */
  async take(item: Item): Promise<void> {
    const { book, discover } = this.#ports;
    const id = String(item.id);
    if (this.#seen.includes(id)) return;
    if (book.byGroup(item.groupId) === undefined) await discover();
    const record = book.byGroup(item.groupId);
    if (record === undefined) return;
    await this.#groups.with(record.place, async (state) => {
      if (item.kind === 'welcome') await this.#welcome(record, item, state);
      else if (state !== null) await this.#message(record, item, state);
    });
  }

  async #welcome(record: ConversationRecord, item: Item, state: GroupState | null): Promise<void> {
    if (state?.active) return;
    const bundle = await this.#addressed(item.body);
    if (bundle === null) return;
    try {
      const joined = await this.#groups.crypto.joinFromWelcome({
        welcome: item.body,
        device: this.#keys.device,
        keyPackage: bundle.stored,
        now: item.at,
      });
      await this.#commit(item, async (change) => {
        change.set({ ...change.record(record.place), joined: true, wasJoined: true });
        this.#groups.put(change.batch, record.place, joined);
        if (!bundle.stored.lastResort) change.batch.delete('keyPackages', bundle.ref);
      });
      this.#groups.adopt(record.place, joined);
      this.#ports.advanced(record);
    } catch (error) {
      if (!(error instanceof GroupCryptoError)) throw error;
      this.#ports.lostTrack(record);
    }
  }

  async #addressed(welcome: Uint8Array): Promise<{ ref: string; stored: StoredPackage } | null> {
    let refs: readonly Uint8Array[];
    try {
      refs = inspectWelcome(welcome).refs;
    } catch {
      return null;
    }
    for (const ref of refs.map(toHex)) {
      const stored = await this.#ports.store.get<StoredPackage>('keyPackages', ref);
      if (stored !== undefined) return { ref, stored };
    }
    return null;
  }

  async #message(record: ConversationRecord, item: Item, state: GroupState): Promise<void> {
    let processed: Processed;
    try {
      const clock = { now: this.#ports.clock.now(), sentAt: item.at };
      processed = await this.#groups.crypto.process(state, item.body, clock);
    } catch (error) {
      if (!(error instanceof GroupCryptoError)) throw error;
      if (isLost(error, item, state)) this.#ports.lostTrack(record);
      return;
    }
    let stored: (() => void) | undefined;
    await this.#commit(item, async (change) => {
      this.#groups.put(change.batch, record.place, processed.state);
      if (processed.kind === 'application') stored = await this.#content(change, record, item, processed);
      else if (processed.kind === 'commit') await this.#membership(change, record, item, processed);
    });
    this.#groups.adopt(record.place, processed.state);
    processed.wipe();
    stored?.();
    if (processed.kind === 'commit') this.#ports.advanced(record);
    if (!processed.state.active) this.#ports.lostTrack(record);
  }

  async #content(
    change: Change,
    record: ConversationRecord,
    item: Item,
    processed: Extract<Processed, { kind: 'application' }>,
  ): Promise<(() => void) | undefined> {
    const content = decodeContent(processed.plaintext);
    if (content === null) return undefined;
    const author = processed.sender.accountId;
    const me = this.#keys.device.accountId;
    const { authenticatedData, sender, epoch } = processed;
    const proof = await proofOf(content, {
      authenticatedData,
      franking: item.franking,
      deviceId: sender.deviceId,
      groupId: item.groupId,
      epoch,
      at: item.at,
    });
    await applyArrival(change, me, { place: record.place, author, at: item.at, content, proof });
    return this.#ports.pictures.arrived(change, { place: record.place, author, at: item.at, content });
  }

  async #membership(
    change: Change,
    record: ConversationRecord,
    item: Item,
    processed: Extract<Processed, { kind: 'commit' }>,
  ): Promise<void> {
    const me = this.#keys.device.accountId;
    const back = new Set(processed.external ? processed.removed.map(({ deviceId }) => deviceId) : []);
    const tell = (kind: 'device-added' | 'device-removed', accountId: string) =>
      addNote(change, record.place, uuidFrom(this.#ports.random(16)), item.at, {
        kind,
        mine: accountId === me,
      });
    for (const { accountId, deviceId } of processed.added)
      if (!back.has(deviceId)) await tell('device-added', accountId);
    if (!processed.external)
      for (const { accountId } of processed.removed) await tell('device-removed', accountId);
    if (!processed.state.active) change.set({ ...change.record(record.place), joined: false });
  }

  /** The state, what the item brought, and that it was taken: one transaction. */
  async #commit(item: Item, work: (change: Change) => Promise<void>): Promise<void> {
    const seen = [...this.#seen.slice(1 - remembered), String(item.id)];
    await this.#ports.book.change(async (change) => {
      await work(change);
      change.batch.put('vault', 'seen', seen);
    });
    this.#seen = seen;
  }
}

/** Failures after which nothing of this group can be read until this device joins anew. */
function isLost(error: GroupCryptoError, item: Item, state: GroupState): boolean {
  switch (error.code) {
    case 'own_message':
    case 'replayed':
    case 'too_old':
      return false;
    case 'wrong_epoch':
      return item.epoch > state.epoch;
    case 'too_far_ahead':
      return true;
    default:
      // A message that nobody can read says nothing about our state; a commit that we can't follow does.
      return item.kind === 'commit' && item.epoch >= state.epoch;
  }
}
