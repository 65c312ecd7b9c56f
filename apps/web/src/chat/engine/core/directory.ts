import type { Reply } from '@accord/protocol';
import { ApiError } from '../../../api/client.ts';
import { addNote, applyArrival } from './apply.ts';
import type { Book, Change } from './book.ts';
import { uuidFrom } from './bytes.ts';
import type { Groups } from './groups.ts';
import type { Keys } from './keys.ts';
import { Lane } from './lane.ts';
import type { Clock, Http, Random } from './ports.ts';
import { type ConversationRecord, newRecord } from './records.ts';
import type { Store } from './store.ts';

type ServerConversation = Reply<'delivery.conversations.read'>;

/** The first line of a request, kept until its conversation opens. */
export interface StoredLine {
  readonly requestId: string;
  readonly peer: string;
  readonly mine: boolean;
  readonly line: string;
  readonly createdAt: number;
}

interface DirectoryPorts {
  readonly store: Store;
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  /** The group of a conversation is as it should be: what waits may go. */
  readonly settled: (place: number) => void;
  readonly trouble: (error: unknown) => void;
}

/** A welcome may be on its way: how long it is waited for before this device joins by itself, in ms. */
const welcomePatience = 4_000;
const retryAfter = 3_000;

/**
 * Keeps the conversations in step with the server: learns of new ones, founds or joins their groups, evicts
 * devices that left, sees a changed key.
 */
export class Directory {
  readonly #ports: DirectoryPorts;
  readonly #groups: Groups;
  readonly #keys: Keys;
  readonly #lane = new Lane();
  readonly #timers = new Map<number, () => void>();
  #stopped = false;

  constructor(ports: DirectoryPorts, groups: Groups, keys: Keys) {
    this.#ports = ports;
    this.#groups = groups;
    this.#keys = keys;
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Learns what the server knows, and nothing more. @throws {ApiError} */
  discover(): Promise<void> {
    return this.#lane.run(async () => {
      await this.#list();
    });
  }

  /** Learns, then sees to every group. @throws {ApiError} */
  reconcile(): Promise<void> {
    return this.#lane.run(async () => {
      const conversations = await this.#list();
      await this.#learnBlocks();
      for (const conversation of conversations) await this.#tend(conversation);
    });
  }

  /** Whom this person blocks, on whichever device they did it. */
  async #learnBlocks(): Promise<void> {
    const { blocks } = await this.#ports.http.call('accounts.blocks.list');
    const blocked = new Set(blocks.map(({ accountId }) => accountId));
    const differ = this.#ports.book.all().filter((each) => each.blocked !== blocked.has(each.peer.accountId));
    if (differ.length > 0)
      await this.#ports.book.change(async (change) => {
        for (const { place, peer } of differ)
          change.set({ ...change.record(place), blocked: blocked.has(peer.accountId) });
      });
  }

  /** Looks at one conversation's group again soon. */
  look(record: ConversationRecord, after = 0): void {
    if (this.#stopped || this.#timers.has(record.place)) return;
    const cancel = this.#ports.clock.after(after, () => {
      this.#timers.delete(record.place);
      void this.#lane.run(() => this.#lookNow(record)).catch(this.#ports.trouble);
    });
    this.#timers.set(record.place, cancel);
  }

  /** This device cannot follow: it forgets its state and comes back as itself. */
  async lostTrack(record: ConversationRecord): Promise<void> {
    await this.#ports.book.change(async (change) => {
      change.set({ ...change.record(record.place), joined: false });
      this.#groups.drop(change.batch, record.place);
    });
    this.look(record);
  }

  async #lookNow(record: ConversationRecord): Promise<void> {
    const conversation = await this.#ports.http.call('delivery.conversations.read', {
      params: { conversationId: record.id },
    });
    await this.#learn([conversation]);
    await this.#tend(conversation);
  }

  async #list(): Promise<readonly ServerConversation[]> {
    const { conversations } = await this.#ports.http.call('delivery.conversations.list');
    await this.#learn(conversations);
    const there = new Set(conversations.map(({ id }) => id));
    const gone = this.#ports.book.all().filter(({ id, closed }) => !closed && !there.has(id));
    if (gone.length > 0)
      await this.#ports.book.change(async (change) => {
        for (const { place } of gone) change.set({ ...change.record(place), closed: true });
      });
    return conversations;
  }

  async #learn(conversations: readonly ServerConversation[]): Promise<void> {
    const { book } = this.#ports;
    await book.change(async (change) => {
      let place = book.nextPlace();
      for (const conversation of conversations) {
        const known = book.byId(conversation.id);
        // Of somebody who left before this device came there is nothing to show.
        if (known === undefined) await this.#create(change, place++, conversation);
        else await this.#update(change, known, conversation);
      }
    });
  }

  async #create(change: Change, place: number, conversation: ServerConversation): Promise<void> {
    const { id, with: party, createdAt, closed, group } = conversation;
    if (party === null) return;
    const { pseudonym, identityPublicKey } = party;
    // A key that was pinned in an earlier conversation with the same person stays pinned.
    const former = this.#ports.book.all().find(({ peer }) => peer.accountId === party.id);
    const pinned = former?.peer.identityPublicKey ?? identityPublicKey;
    const peer = { accountId: party.id, pseudonym, identityPublicKey: pinned };
    change.set({
      ...newRecord(place, id, peer, createdAt),
      closed,
      groupId: group?.groupId ?? null,
      verified: former?.verified ?? false,
    });
    if (pinned !== identityPublicKey) await this.#keyChanged(change, place, identityPublicKey);
    const lines = await this.#ports.store.range<StoredLine>('lines');
    const line = lines
      .map(({ value }) => value)
      .filter((each) => each.peer === party.id && each.createdAt <= createdAt)
      .sort((a, b) => b.createdAt - a.createdAt)[0];
    if (line === undefined) return;
    change.batch.delete('lines', line.requestId);
    const me = this.#keys.device.accountId;
    await applyArrival(change, me, {
      place,
      author: line.mine ? me : party.id,
      at: line.createdAt,
      content: { kind: 'text', id: line.requestId, text: line.line },
      firstLine: true,
    });
    // It was read when the request was answered, and there is nobody to tell.
    const readMark = { at: line.createdAt, id: line.requestId };
    const none = { delivered: null, read: null };
    change.set({ ...change.record(place), readMark, unread: 0, firstUnread: null, owed: none });
  }

  async #update(change: Change, known: ConversationRecord, conversation: ServerConversation): Promise<void> {
    const groupId = conversation.group?.groupId ?? known.groupId;
    const { pseudonym, identityPublicKey } = conversation.with ?? known.peer;
    const same =
      known.closed === conversation.closed && known.groupId === groupId && known.peer.pseudonym === pseudonym;
    if (!same)
      change.set({
        ...change.record(known.place),
        closed: conversation.closed,
        groupId,
        peer: { ...known.peer, pseudonym },
      });
    const theirs = known.offeredKey ?? known.peer.identityPublicKey;
    if (conversation.with !== null && identityPublicKey !== theirs)
      await this.#keyChanged(change, known.place, identityPublicKey);
  }

  async #keyChanged(change: Change, place: number, offered: string): Promise<void> {
    const record = change.record(place);
    const back = offered === record.peer.identityPublicKey;
    change.set({ ...record, offeredKey: back ? null : offered });
    if (back) return;
    const at = Math.max(this.#ports.clock.now(), record.lastAt + 1);
    await addNote(change, place, uuidFrom(this.#ports.random(16)), at, { kind: 'identity-changed' });
  }

  /** Founds, joins or cleans up one group. */
  async #tend({ id, closed, group }: ServerConversation): Promise<void> {
    const record = this.#ports.book.byId(id);
    if (record === undefined || closed || record.offeredKey !== null || this.#stopped) return;
    try {
      if (group === null) {
        if (!(await this.#groups.found(record))) this.look(record, retryAfter * 10);
      } else await this.#keepUp(record, group);
    } catch (error) {
      // Seen again with the next connection; the other conversations must not wait for this one.
      if (error instanceof ApiError && error.code !== 'offline') this.look(record, retryAfter);
      else throw error;
    }
    const now = this.#ports.book.byPlace(record.place);
    if (now?.joined === true) this.#ports.settled(record.place);
  }

  async #keepUp(record: ConversationRecord, group: NonNullable<ServerConversation['group']>): Promise<void> {
    const mine = this.#keys.device.deviceId;
    const epoch = await this.#groups.epoch(record.place);
    const follows = epoch !== null && record.joined;
    if (group.leaving.includes(mine)) return;
    const isMember = group.members.includes(mine);
    const behind = follows && (!isMember || epoch < group.epoch);
    if (!follows || behind) {
      // A welcome or a commit may be on its way here; a device that no group knows has nothing to wait for.
      if (isMember && this.#waitMore(record.place, group.epoch)) return this.look(record, welcomePatience);
      this.#waited.delete(record.place);
      if (!(await this.#groups.join(record))) this.look(record, retryAfter);
      return;
    }
    this.#waited.delete(record.place);
    if (group.leaving.length > 0 && !(await this.#groups.evict(record, group.leaving)))
      this.look(record, retryAfter);
  }

  readonly #waited = new Map<number, number>();

  /** True the first time that this epoch is waited for. */
  #waitMore(place: number, epoch: number): boolean {
    const first = this.#waited.get(place) !== epoch;
    this.#waited.set(place, epoch);
    return first;
  }
}
