import { safetyCode } from '@accord/group-crypto';
import { type Conversation, EngineError, type TimelinePage, timerChoices } from '../api.ts';
import { addNote, applyArrival, moveRead } from './apply.ts';
import type { Book, Change } from './book.ts';
import { fromBase64Url, toBase64Url, uuidFrom } from './bytes.ts';
import { markOf } from './cell.ts';
import { type Content, later, textLimit } from './content.ts';
import type { Courier } from './courier.ts';
import type { Keys } from './keys.ts';
import type { Clock, Http, Random } from './ports.ts';
import { type ConversationRecord, keyState } from './records.ts';
import type { Hit, Search } from './search.ts';
import type { Typing } from './typing.ts';

interface TalkPorts {
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly courier: Courier;
  readonly search: Search;
  readonly typing: Typing;
  readonly keys: Keys;
  readonly mayTell: () => boolean;
  readonly keyAccepted: (record: ConversationRecord) => void;
}

type In<T> = T & { readonly conversationId: string };

/** What a person does in a conversation. Everything said is durable before it resolves. */
export class Talk {
  readonly #ports: TalkPorts;
  readonly #codes = new Map<string, Promise<string>>();

  constructor(ports: TalkPorts) {
    this.#ports = ports;
  }

  timeline(input: In<{ before?: number; until?: string; limit?: number }>): Promise<TimelinePage> {
    return this.#ports.book.timeline(this.#record(input), input);
  }

  async send(input: In<{ id: string; text: string; replyTo?: string }>): Promise<void> {
    const record = this.#writable(input);
    const text = readText(input.text);
    await this.#say(record, (now) => ({
      kind: 'text',
      id: input.id,
      text,
      ...(input.replyTo === undefined ? {} : { replyTo: input.replyTo }),
      written: this.#now(now),
      ...(now.timer === 0 ? {} : { expires: now.timer }),
      kf: toBase64Url(this.#ports.random(32)),
    }));
  }

  async edit(input: In<{ messageId: string; text: string }>): Promise<void> {
    const record = this.#writable(input);
    const text = readText(input.text);
    await this.#own(record, input.messageId);
    const id = this.#id();
    await this.#say(record, () => ({ kind: 'edit', id, target: input.messageId, text }));
  }

  async react(input: In<{ messageId: string; emoji: string | null }>): Promise<void> {
    const record = this.#writable(input);
    const { messageId: target, emoji } = input;
    if (emoji !== null && (emoji.length === 0 || emoji.length > 32))
      throw new EngineError('invalid_input', { field: 'emoji' });
    const id = this.#id();
    await this.#say(record, () => ({ kind: 'reaction', id, target, emoji }));
  }

  async deleteForBoth(input: In<{ messageId: string }>): Promise<void> {
    const { book, courier } = this.#ports;
    const record = this.#record(input);
    const placed = await this.#own(record, input.messageId);
    if (placed.cell.out !== null) {
      const done = await book.change(async (change) => {
        const withdrawn = courier.withdraw(change, input.messageId);
        if (withdrawn !== null) change.remove(placed);
        return withdrawn;
      });
      if (done !== null) {
        done();
        return;
      }
    }
    const id = this.#id();
    await this.#say(this.#writable(input), () => ({ kind: 'delete', id, target: input.messageId }));
  }

  async retry(input: In<{ messageId: string }>): Promise<void> {
    this.#writable(input);
    await this.#ports.courier.retry(input.messageId);
  }

  async setTimer(input: In<{ seconds: number }>): Promise<void> {
    const record = this.#writable(input);
    const { seconds } = input;
    if (!timerChoices.some((choice) => choice === seconds))
      throw new EngineError('invalid_input', { field: 'seconds' });
    if (seconds === record.timer) return;
    const id = this.#id();
    await this.#say(record, () => ({ kind: 'timer', id, seconds }));
  }

  async markRead(input: In<{ upTo: string }>): Promise<void> {
    const { book, keys } = this.#ports;
    const record = this.#record(input);
    const placed = await book.find(input.upTo);
    if (placed === undefined || placed.place !== record.place) return;
    const mark = markOf(placed.cell);
    await book.change(async (change) => {
      if (!(await moveRead(change, keys.device.accountId, record.place, mark))) return;
      const now = change.record(record.place);
      change.set({ ...now, owed: { ...now.owed, read: later(now.owed.read, mark) } });
    });
  }

  async setDraft(input: In<{ text: string }>): Promise<void> {
    const record = this.#record(input);
    if (record.draft === input.text) return;
    await this.#change(record, (now) => ({ ...now, draft: input.text.slice(0, textLimit) }));
  }

  async typing(input: In<unknown>): Promise<void> {
    const record = this.#record(input);
    if (this.#ports.mayTell() && !record.closed && !record.blocked)
      await this.#ports.typing.tell(record.place);
  }

  find(input: In<{ words: string }>): Promise<Hit[]> {
    return this.#ports.search.find(this.#record(input), input.words);
  }

  async safetyCode(input: In<unknown>): Promise<{ code: string; state: Conversation['key'] }> {
    const record = this.#record(input);
    const theirs = record.offeredKey ?? record.peer.identityPublicKey;
    const { accountId, identityPublicKey } = this.#ports.keys.device;
    let code = this.#codes.get(theirs);
    if (code === undefined) {
      const peer = { accountId: record.peer.accountId, identityPublicKey: fromBase64Url(theirs) };
      code = safetyCode({ accountId, identityPublicKey }, peer);
      this.#codes.set(theirs, code);
    }
    return { code: await code, state: keyState(record) };
  }

  async setVerified(input: In<{ verified: boolean }>): Promise<void> {
    const { verified } = input;
    const record = this.#record(input);
    if (record.offeredKey !== null) throw new EngineError('identity_changed');
    const id = this.#id();
    await this.#ports.book.change(async (change) => {
      const now = change.record(record.place);
      change.set({ ...now, verified, keyChanged: verified ? false : now.keyChanged });
      if (verified && !now.verified)
        await addNote(change, record.place, id, this.#now(now), { kind: 'verified' });
    });
  }

  async acceptKey(input: In<unknown>): Promise<void> {
    const record = this.#record(input);
    await this.#change(record, (now) =>
      now.offeredKey === null
        ? now
        : {
            ...now,
            peer: { ...now.peer, identityPublicKey: now.offeredKey },
            offeredKey: null,
            verified: false,
            keyChanged: true,
          },
    );
    this.#ports.keyAccepted(record);
  }

  async close(input: In<unknown>): Promise<void> {
    const record = this.#record(input);
    await this.#ports.http.call('delivery.conversations.close', { params: { conversationId: record.id } });
    await this.#change(record, (now) => ({ ...now, closed: true }));
  }

  async block(input: In<unknown>): Promise<void> {
    const record = this.#record(input);
    await this.#ports.http.call('accounts.blocks.add', { body: { accountId: record.peer.accountId } });
    await this.#change(record, (now) => ({ ...now, blocked: true }));
  }

  /** Queues what another part says in a conversation. */
  async say(conversationId: string, content: Content): Promise<void> {
    await this.#say(this.#writable({ conversationId }), () => content);
  }

  /** A conversation in which something can be said. @throws {EngineError} */
  writable(conversationId: string): ConversationRecord {
    return this.#writable({ conversationId });
  }

  #record({ conversationId }: In<unknown>): ConversationRecord {
    const record = this.#ports.book.byId(conversationId);
    if (record === undefined) throw new EngineError('not_found');
    return record;
  }

  #writable(input: In<unknown>): ConversationRecord {
    const record = this.#record(input);
    if (record.closed || record.blocked) throw new EngineError('conversation_closed');
    if (record.offeredKey !== null) throw new EngineError('identity_changed');
    return record;
  }

  async #own(record: ConversationRecord, messageId: string) {
    const placed = await this.#ports.book.find(messageId);
    const mine = placed?.cell.base?.author === this.#ports.keys.device.accountId;
    if (placed === undefined || placed.place !== record.place || !mine) throw new EngineError('not_found');
    return placed;
  }

  /** Stores a content with its place in the outbox in one transaction, then lets it go. */
  async #say(record: ConversationRecord, make: (now: ConversationRecord) => Content): Promise<void> {
    const { book, courier, keys } = this.#ports;
    const me = keys.device.accountId;
    const leave = await book.change(async (change) => {
      const now = change.record(record.place);
      const content = make(now);
      if (content.kind === 'text' && (await change.find(content.id)) !== undefined) return null;
      await applyArrival(change, me, { place: record.place, author: me, at: this.#now(now), content });
      if (content.kind === 'text') await this.#queued(change, record.place, content.id);
      return courier.enqueue(change, record.place, content);
    });
    leave?.();
  }

  async #queued(change: Change, place: number, id: string): Promise<void> {
    await change.update(place, id, (cell) => ({ ...cell, out: { state: 'queued', failure: null } }));
    const now = change.record(place);
    if (now.draft !== '') change.set({ ...now, draft: '' });
  }

  #change(record: ConversationRecord, work: (now: ConversationRecord) => ConversationRecord): Promise<void> {
    return this.#ports.book.change(async (change) => change.set(work(change.record(record.place))));
  }

  /** After everything that is there, whatever this device's clock says. */
  #now(record: ConversationRecord): number {
    return Math.max(this.#ports.clock.now(), record.lastAt + 1);
  }

  #id(): string {
    return uuidFrom(this.#ports.random(16));
  }
}

function readText(typed: string): string {
  const text = typed
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  if (text.length === 0 || text.length > textLimit) throw new EngineError('invalid_input', { field: 'text' });
  return text;
}
