import { GroupCryptoError } from '@accord/group-crypto';
import { limits } from '@accord/protocol/limits';
import type { SendRefusal } from '@accord/protocol/socket';
import type { EngineErrorCode } from '../api.ts';
import { applyArrival } from './apply.ts';
import type { Book, Change } from './book.ts';
import { settle, targetOf } from './cell.ts';
import { type Content, encodeContent } from './content.ts';
import { commitmentData } from './franking.ts';
import type { Groups } from './groups.ts';
import type { Link } from './link.ts';
import { type OutboxEntry, remedyFor, sealable, step, unanswered } from './outbox.ts';
import type { Clock } from './ports.ts';
import { type ConversationRecord, orderKey } from './records.ts';
import { Batch, type Store } from './store.ts';

interface CourierPorts {
  readonly store: Store;
  readonly book: Book;
  readonly clock: Clock;
  readonly link: Link;
  readonly me: string;
  /** The group must be looked at (closed, moved on, a device to evict) before anything more is sent there. */
  readonly look: (record: ConversationRecord) => void;
  /** Own pictures: whether what vouches for one still holds, and that its message left or came back unsent. */
  readonly pictures: {
    mayLeave(content: Content): boolean;
    sent(messageId: string, at: number): Promise<void>;
    calledBack(messageId: string): Promise<void>;
  };
  /** Storage or the server failed in the pump's own work. */
  readonly trouble: (error: unknown) => void;
}

const inFlight = 32;
const waitAfterUnavailable = 2_000;
const holdFor = 2_500;

/**
 * Brings what was written to the server, in the order of writing: seals, stores, then sends. One pump seals for
 * all conversations, so that the numbers leave in the order in which they rise.
 */
export class Courier {
  readonly #ports: CourierPorts;
  readonly #groups: Groups;
  readonly #entries = new Map<number, OutboxEntry>();
  /** Conversations that must not send before an epoch, or before an instant. */
  readonly #holds = new Map<number, { epoch: number; until: number }>();
  #nextOrder = 1;
  #nextN = 1;
  #pumping = false;
  #again = false;
  #resend = false;
  #stopped = false;

  constructor(ports: CourierPorts, groups: Groups) {
    this.#ports = ports;
    this.#groups = groups;
  }

  async load(): Promise<void> {
    for (const { value } of await this.#ports.store.range<OutboxEntry>('outbox')) {
      this.#entries.set(value.order, value);
      this.#nextOrder = Math.max(this.#nextOrder, value.order + 1);
    }
    this.#nextN = (await this.#ports.store.get<number>('vault', 'next-n')) ?? 1;
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * Queues a content inside a unit of work; returns what to call when that is durable. A receipt replaces one
   * that still waits.
   */
  enqueue(change: Change, place: number, content: Content): () => void {
    const former = content.kind === 'receipt' ? this.#waitingReceipt(place) : undefined;
    const order = former?.order ?? this.#nextOrder++;
    const merged = former === undefined ? content : { ...former.content, ...content, id: former.content.id };
    const entry: OutboxEntry = {
      order,
      place,
      content: merged as Content,
      attempt: null,
      refusals: 0,
      failed: null,
    };
    change.batch.put('outbox', orderKey(order), entry);
    return () => {
      this.#entries.set(order, entry);
      this.pump();
    };
  }

  #waitingReceipt(place: number): OutboxEntry | undefined {
    return [...this.#entries.values()].find(
      (entry) => entry.place === place && entry.content.kind === 'receipt' && entry.attempt === null,
    );
  }

  /** Whether a message is still on its way. */
  holds(messageId: string): boolean {
    return [...this.#entries.values()].some(({ content }) => content.id === messageId);
  }

  /** Tries the failed message again. */
  async retry(messageId: string): Promise<void> {
    for (const entry of this.#entries.values())
      if (entry.content.id === messageId && entry.failed !== null) {
        const next = step(entry, { type: 'retry' });
        if (next !== 'gone') await this.#keep(next);
      }
    this.pump();
  }

  /** A message that has not left and was deleted by its author need not leave. */
  withdraw(change: Change, messageId: string): (() => void) | null {
    for (const entry of this.#entries.values())
      if (entry.content.id === messageId && entry.attempt === null) {
        change.batch.delete('outbox', orderKey(entry.order));
        return () => this.#entries.delete(entry.order);
      }
    return null;
  }

  /** A new way to the server is open. */
  reconnected(): void {
    this.#resend = true;
    this.pump();
  }

  /** The group moved on, or somebody looked at it. */
  release(place: number): void {
    const hold = this.#holds.get(place);
    if (hold !== undefined) hold.until = 0;
    this.pump();
  }

  sent(n: number, at: number): void {
    const entry = this.#byNumber(n);
    if (entry === undefined) return;
    void this.#guard(() => this.#settled(entry, at));
  }

  refused(n: number, code: SendRefusal, epoch: number): void {
    const entry = this.#byNumber(n);
    if (entry === undefined) return;
    const next = step(entry, { type: 'refused', n, code });
    const remedy = remedyFor(code);
    if (remedy === 'wait') {
      this.#ports.clock.after(waitAfterUnavailable, () => this.reconnected());
      return;
    }
    const record = this.#ports.book.byPlace(entry.place);
    if (remedy !== 'none' && record !== undefined) {
      const until = this.#ports.clock.now() + holdFor;
      this.#holds.set(entry.place, { epoch: code === 'wrong_epoch' ? epoch : 0, until });
      this.#ports.clock.after(holdFor + 10, () => this.pump());
      if (code !== 'wrong_epoch' || epoch === 0) this.#ports.look(record);
    }
    void this.#guard(async () => {
      if (next !== 'gone') await this.#keep(next);
      this.pump();
    });
  }

  /** Seals and sends whatever can be. */
  pump(): void {
    this.#again = true;
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    void this.#guard(async () => {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#round();
      }
    }).finally(() => {
      this.#pumping = false;
    });
  }

  async #round(): Promise<void> {
    const { link } = this.#ports;
    if (!link.isOpen) return;
    if (this.#resend) {
      this.#resend = false;
      for (const entry of unanswered(this.#entries.values())) this.#send(entry, entry.attempt);
    }
    const open = new Set<number>();
    for (const { place } of this.#entries.values()) if (await this.#isOpen(place)) open.add(place);
    for (const entry of sealable(this.#entries.values(), (place) => open.has(place))) {
      // A new connection must first send again what has lower numbers.
      if (!link.isOpen || this.#resend || this.#stopped) return;
      if (!this.#ports.pictures.mayLeave(entry.content)) {
        await this.#callBack(entry);
        continue;
      }
      if (unanswered(this.#entries.values()).length >= inFlight) return;
      await this.#seal(entry);
    }
  }

  async #callBack(entry: OutboxEntry): Promise<void> {
    await this.#ports.book.change(async (change) => {
      change.batch.delete('outbox', orderKey(entry.order));
    });
    this.#entries.delete(entry.order);
    await this.#ports.pictures.calledBack(entry.content.id);
  }

  async #isOpen(place: number): Promise<boolean> {
    const record = this.#ports.book.byPlace(place);
    if (record === undefined || record.offeredKey !== null) return false;
    if (record.closed || record.blocked) {
      await this.#failAll(place, 'conversation_closed');
      return false;
    }
    if (!record.joined) return false;
    const hold = this.#holds.get(place);
    if (hold === undefined) return true;
    const epoch = await this.#groups.epoch(place);
    if ((hold.epoch === 0 || (epoch ?? 0) < hold.epoch) && hold.until > this.#ports.clock.now()) return false;
    this.#holds.delete(place);
    return true;
  }

  async #seal(entry: OutboxEntry): Promise<void> {
    const { store, book } = this.#ports;
    await this.#groups.with(entry.place, async (state) => {
      const groupId = book.byPlace(entry.place)?.groupId ?? null;
      if (state === null || !state.active || groupId === null || this.#entries.get(entry.order) !== entry)
        return;
      const sealed = await this.#encrypt(entry, state);
      if (sealed === null) return;
      const attempt = { n: this.#nextN, epoch: state.epoch, ciphertext: sealed.ciphertext };
      const next = step(entry, { type: 'sealed', attempt });
      if (next === 'gone') return;
      const batch = new Batch()
        .put('outbox', orderKey(entry.order), next)
        .put('vault', 'next-n', attempt.n + 1);
      this.#groups.put(batch, entry.place, sealed.state);
      await store.commit(batch);
      this.#nextN += 1;
      this.#groups.adopt(entry.place, sealed.state);
      sealed.wipe();
      this.#entries.set(entry.order, next);
      this.#send(next, attempt);
    });
  }

  async #encrypt(entry: OutboxEntry, state: Parameters<Groups['crypto']['encrypt']>[0]) {
    try {
      const committed = await commitmentData(entry.content);
      const sealed = await this.#groups.crypto.encrypt(state, encodeContent(entry.content), committed);
      if (sealed.ciphertext.length <= limits.messageBytes) return sealed;
      await this.#fail(entry, 'too_large');
    } catch (error) {
      if (!(error instanceof GroupCryptoError)) throw error;
      await this.#fail(entry, error.code === 'too_large' ? 'too_large' : 'internal');
    }
    return null;
  }

  #send(entry: OutboxEntry, { n, epoch, ciphertext }: NonNullable<OutboxEntry['attempt']>): void {
    const groupId = this.#ports.book.byPlace(entry.place)?.groupId;
    if (groupId === null || groupId === undefined) return;
    const oldest = Math.min(n, unanswered(this.#entries.values())[0]?.attempt.n ?? n);
    this.#ports.link.send({ type: 'send', n, oldest, groupId, epoch, body: ciphertext });
  }

  #byNumber(n: number): OutboxEntry | undefined {
    return [...this.#entries.values()].find(({ attempt }) => attempt?.n === n);
  }

  /** The server has it for good: its instant replaces this device's clock. */
  async #settled(entry: OutboxEntry, at: number): Promise<void> {
    const { book, me } = this.#ports;
    const { content, place, order } = entry;
    await book.change(async (change) => {
      change.batch.delete('outbox', orderKey(order));
      const target = targetOf(content);
      const record = change.record(place);
      change.set({ ...record, lastAt: Math.max(record.lastAt, at) });
      if (target !== null) await change.update(place, target, (cell) => settle(cell, content.id, me, at));
      else if (content.kind === 'timer') await applyArrival(change, me, { place, author: me, at, content });
    });
    this.#entries.delete(order);
    if (content.kind === 'picture') await this.#ports.pictures.sent(content.id, at);
    this.pump();
  }

  async #failAll(place: number, code: EngineErrorCode): Promise<void> {
    for (const entry of [...this.#entries.values()])
      if (entry.place === place && entry.failed === null && entry.attempt === null)
        await this.#fail(entry, code);
  }

  async #fail(entry: OutboxEntry, code: EngineErrorCode): Promise<void> {
    const next = step(entry, { type: 'failed', code });
    if (next !== 'gone') await this.#keep(next);
  }

  /** Stores the entry, and shows in its bubble whether it waits for the server or for the person. */
  async #keep(entry: OutboxEntry): Promise<void> {
    const shown = entry.content.kind === 'text' || entry.content.kind === 'picture';
    const silent = entry.failed !== null && !shown;
    await this.#ports.book.change(async (change) => {
      if (silent) change.batch.delete('outbox', orderKey(entry.order));
      else change.batch.put('outbox', orderKey(entry.order), entry);
      if (!shown) return;
      const out = {
        state: entry.failed === null ? ('queued' as const) : ('failed' as const),
        failure: entry.failed,
      };
      await change.update(entry.place, entry.content.id, (cell) => ({ ...cell, out }));
    });
    if (silent) this.#entries.delete(entry.order);
    else this.#entries.set(entry.order, entry);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#ports.trouble(error);
    }
  }
}
