import type { Notice, SendRefusal } from '@accord/protocol/socket';
import type { Conversation, EngineEvent, EngineSettings } from '../api.ts';
import { Book, type Changed } from './book.ts';
import { Courier } from './courier.ts';
import { Directory } from './directory.ts';
import { Expiry } from './expiry.ts';
import { Groups } from './groups.ts';
import { Inbox } from './inbox.ts';
import { keepKeyPackages } from './key-packages.ts';
import type { Keys } from './keys.ts';
import { Link } from './link.ts';
import { Desk } from './pictures/desk.ts';
import { Pictures } from './pictures/pictures.ts';
import { type Ports, StorageError } from './ports.ts';
import { Receipts } from './receipts.ts';
import { Requests } from './requests.ts';
import { Search } from './search.ts';
import { Batch, type Store } from './store.ts';
import { Talk } from './talk.ts';
import { Typing } from './typing.ts';

export interface SessionHooks {
  changed(changed: readonly Changed[]): void;
  /** Summaries changed without a change of records (typing). */
  stirred(): void;
  connection(): void;
  requests(): void;
  devices(): void;
  /** Something else that pages want to know. */
  tell(event: EngineEvent): void;
  ended(reason: 'session_required' | 'proof_required'): void;
  trouble(error: unknown): void;
}

const standardSettings: EngineSettings = { sendDelivered: true, sendRead: true, sendTyping: true };

const keyPackagesEvery = 6 * 3_600_000;

/** Everything that works while this browser is a device: built on its keys, gone with them. */
export class Session {
  readonly book: Book;
  readonly link: Link;
  readonly talk: Talk;
  readonly requests: Requests;
  readonly groups: Groups;
  readonly pictures: Pictures;
  readonly desk: Desk;
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #keys: Keys;
  readonly #hooks: SessionHooks;
  readonly #inbox: Inbox;
  readonly #courier: Courier;
  readonly #directory: Directory;
  readonly #receipts: Receipts;
  readonly #typing: Typing;
  readonly #expiry: Expiry;
  readonly #search: Search;
  #settings: EngineSettings = standardSettings;
  #upkeep: (() => void) | null = null;

  constructor(ports: Ports, store: Store, keys: Keys, hooks: SessionHooks) {
    const { http, clock, random } = ports;
    const me = keys.device.accountId;
    const trouble = hooks.trouble;
    this.#ports = ports;
    this.#store = store;
    this.#keys = keys;
    this.#hooks = hooks;
    this.book = new Book(store, clock);
    const base = { store, book: this.book, http, clock, random };
    this.groups = new Groups(base, keys);
    this.link = new Link(ports, {
      item: (item) => this.#take(item),
      sent: (n, at) => this.#courier.sent(n, at),
      refused: (n: number, code: SendRefusal, epoch: number) => this.#courier.refused(n, code, epoch),
      ephemeral: (groupId, body) => void this.#typing.take(groupId, body),
      notice: (notice) => this.#notice(notice),
      open: () => {
        this.#courier.reconnected();
        this.pictures.reconnected();
      },
      caughtUp: () => this.#caughtUp(),
      state: () => hooks.connection(),
      ended: (reason) => hooks.ended(reason),
    });
    const look = (record: Parameters<Directory['look']>[0]) => this.#directory.look(record);
    const onBook = { ...base, me, link: this.link };
    this.pictures = new Pictures({
      ...base,
      keys,
      trouble,
      courier: () => this.#courier,
      tell: hooks.tell,
      say: (conversationId, content) => this.talk.say(conversationId, content),
      writable: (conversationId) => this.talk.writable(conversationId),
    });
    this.desk = new Desk({ ...base, viewings: this.pictures.viewings });
    const { sendings } = this.pictures;
    this.#courier = new Courier({ ...onBook, look, trouble, pictures: sendings }, this.groups);
    const settled = (place: number) => this.#courier.release(place);
    this.#directory = new Directory({ ...base, settled, trouble }, this.groups, keys);
    this.#inbox = new Inbox(
      {
        ...base,
        discover: () => this.#directory.discover(),
        lostTrack: (record) => void this.#directory.lostTrack(record).catch(trouble),
        pictures: this.pictures,
        advanced: (record) => this.#courier.release(record.place),
      },
      this.groups,
      keys,
    );
    this.#receipts = new Receipts(base, this.#courier, () => this.#settings);
    this.#typing = new Typing({ ...onBook, changed: () => hooks.stirred() }, this.groups);
    this.#expiry = new Expiry(this.book, clock);
    this.#search = new Search(this.book);
    this.requests = new Requests(store, http, keys);
    this.talk = new Talk({
      ...base,
      courier: this.#courier,
      search: this.#search,
      typing: this.#typing,
      keys,
      mayTell: () => this.#settings.sendTyping,
      keyAccepted: look,
    });
    this.book.onChanged = (changed) => this.#changed(changed);
  }

  get settings(): EngineSettings {
    return this.#settings;
  }

  /** Reads what is kept; from here on everything but the network works. */
  async load(): Promise<void> {
    this.#settings = { ...standardSettings, ...(await this.#store.get<EngineSettings>('vault', 'settings')) };
    await this.book.load(this.#keys.device.accountId);
    await this.#inbox.load();
    await this.#courier.load();
    await this.pictures.load();
    await this.#expiry.sweep(this.#hooks.trouble);
  }

  async writeSettings(settings: EngineSettings): Promise<void> {
    const { sendDelivered, sendRead, sendTyping } = settings;
    const kept = { sendDelivered, sendRead, sendTyping };
    await this.#store.commit(new Batch().put('vault', 'settings', kept));
    this.#settings = kept;
  }

  start(): void {
    this.link.start();
  }

  stop(): void {
    this.link.stop();
    this.#courier.stop();
    this.pictures.stop();
    this.#directory.stop();
    this.#receipts.stop();
    this.#typing.stop();
    this.#expiry.stop();
    this.#upkeep?.();
    this.#upkeep = null;
  }

  summaries(): Conversation[] {
    return this.book.summaries((place) => this.#typing.isTyping(place));
  }

  /** After a request was accepted: the conversation is there before anybody asks for it. */
  reconcile(): Promise<void> {
    return this.#directory.reconcile();
  }

  discover(): Promise<void> {
    return this.#directory.discover();
  }

  /** What cannot be kept is not acknowledged and comes again; meanwhile the person learns why nothing comes. */
  async #take(item: Parameters<Inbox['take']>[0]): Promise<void> {
    try {
      await this.#inbox.take(item);
    } catch (error) {
      if (error instanceof StorageError) this.#hooks.trouble(error);
      throw error;
    }
  }

  #changed(changed: readonly Changed[]): void {
    for (const change of changed) {
      this.#search.changed(change);
      if (change.entries.some((entry) => entry.type === 'message' && !entry.mine))
        this.#typing.ended(change.record.place);
      if (change.entries.some((entry) => entry.type === 'message' && entry.mine))
        this.#typing.said(change.record.place);
      for (const entry of change.entries)
        if (entry.type === 'message' && entry.expiresAt !== null)
          this.#expiry.expect(entry.expiresAt, this.#hooks.trouble);
      const { delivered, read } = change.record.owed;
      if (delivered !== null || read !== null) this.#receipts.due(this.#hooks.trouble);
    }
    this.#hooks.changed(changed);
  }

  #caughtUp(): void {
    this.#guard(() => this.#directory.reconcile());
    this.#hooks.requests();
    this.pictures.asked();
    this.#keepKeyPackages();
    this.#receipts.due(this.#hooks.trouble);
  }

  #keepKeyPackages(): void {
    this.#upkeep?.();
    this.#upkeep = this.#ports.clock.after(keyPackagesEvery, () => this.#keepKeyPackages());
    this.#guard(() => keepKeyPackages({ ...this.#ports, store: this.#store }, this.groups, this.#keys));
  }

  #notice(notice: Notice): void {
    const { kind } = notice;
    if (kind === 'pictures') this.#guard(() => this.pictures.ended(notice.ended));
    else if (kind === 'consents') this.pictures.asked();
    else if (kind === 'conversations' || kind === 'removal') this.#guard(() => this.#directory.reconcile());
    else if (kind === 'requests') this.#hooks.requests();
    else if (kind === 'devices') {
      this.#hooks.devices();
      this.#guard(() => this.#directory.reconcile());
    } else if (kind === 'session_ended') this.#hooks.ended('session_required');
    else if (kind === 'proof_required') this.#hooks.ended('proof_required');
  }

  #guard(work: () => Promise<void>): void {
    void work().catch(this.#hooks.trouble);
  }
}
