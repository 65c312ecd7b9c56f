import type { Conversation, Entry, MessageEntry, Quote, TimelinePage } from '../api.ts';
import { type Cell, emptyCell, expiryOf, rankOfCell, textOf, view } from './cell.ts';
import { Lane } from './lane.ts';
import type { Clock } from './ports.ts';
import {
  type ConversationRecord,
  cellKey,
  cellRange,
  keyState,
  type Placed,
  type PlacedCell,
  placeKey,
  seqOfKey,
} from './records.ts';
import { Batch, type Store } from './store.ts';

/** What a change did, told after it is durable. */
export interface Changed {
  readonly record: ConversationRecord;
  readonly entries: readonly Entry[];
  readonly removed: readonly string[];
}

/**
 * One unit of work on conversations and messages: reads see what it wrote, and all of it is stored in one
 * transaction, together with whatever else is put into `batch`.
 */
export class Change {
  readonly batch = new Batch();
  readonly records = new Map<number, ConversationRecord>();
  readonly cells = new Map<string, PlacedCell>();
  readonly removed = new Map<string, Placed>();
  readonly #book: Book;

  constructor(book: Book) {
    this.#book = book;
  }

  /** The conversation as this unit of work sees it. */
  record(place: number): ConversationRecord {
    const record = this.records.get(place) ?? this.#book.byPlace(place);
    if (record === undefined) throw new RangeError('no such conversation');
    return record;
  }

  set(record: ConversationRecord): void {
    this.records.set(record.place, record);
    this.batch.put('conversations', placeKey(record.place), record);
  }

  async find(id: string): Promise<PlacedCell | undefined> {
    return this.cells.get(id) ?? (await this.#book.find(id));
  }

  /** The newest cells as they are stored. */
  latest(place: number, limit: number): Promise<PlacedCell[]> {
    return this.#book.cells(place, { limit });
  }

  /** Changes a cell, or makes it at the end of the conversation. */
  async update(place: number, id: string, change: (cell: Cell) => Cell): Promise<PlacedCell | null> {
    const known = await this.find(id);
    // An id of another conversation is not this sender's to speak about.
    if (known !== undefined && known.place !== place) return null;
    const former = known?.cell ?? emptyCell(id);
    const cell = change(former);
    if (cell === former) return known ?? null;
    const record = this.record(place);
    const placed = { place, seq: known?.seq ?? record.nextSeq, cell };
    const appears = isThere(cell) && !isThere(former);
    if (known === undefined || appears)
      this.set({
        ...record,
        nextSeq: known === undefined ? record.nextSeq + 1 : record.nextSeq,
        count: record.count + (appears ? 1 : 0),
      });
    this.cells.set(id, placed);
    this.batch.put('messages', cellKey(placed), cell);
    if (known === undefined) this.batch.put('places', id, { place, seq: placed.seq } satisfies Placed);
    return placed;
  }

  remove(placed: PlacedCell): void {
    const record = this.record(placed.place);
    if (isThere(placed.cell)) this.set({ ...record, count: Math.max(0, record.count - 1) });
    this.cells.delete(placed.cell.id);
    this.removed.set(placed.cell.id, placed);
    this.batch.delete('messages', cellKey(placed)).delete('places', placed.cell.id);
  }
}

/** How far back the screen is told of receipts; what is older shows when it is scrolled to. */
const reachedBack = 200;

const isThere = (cell: Cell): boolean => cell.base !== null || cell.note !== null;

/** Conversations and messages of this device. Records are in memory; messages are read as they are needed. */
export class Book {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #lane = new Lane();
  readonly #records = new Map<number, ConversationRecord>();
  readonly #last = new Map<number, Conversation['last']>();
  #me = '';
  /** Told of every change after it is durable. */
  onChanged: (changed: readonly Changed[]) => void = () => undefined;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async load(me: string): Promise<void> {
    this.#me = me;
    this.#records.clear();
    this.#last.clear();
    for (const { value } of await this.#store.range<ConversationRecord>('conversations')) {
      this.#records.set(value.place, value);
      this.#last.set(value.place, await this.#findLast(value));
    }
  }

  clear(): void {
    this.#records.clear();
    this.#last.clear();
  }

  all(): ConversationRecord[] {
    return [...this.#records.values()];
  }

  byPlace(place: number): ConversationRecord | undefined {
    return this.#records.get(place);
  }

  byId(id: string): ConversationRecord | undefined {
    return this.all().find((record) => record.id === id);
  }

  byGroup(groupId: string): ConversationRecord | undefined {
    return this.all().find((record) => record.groupId === groupId);
  }

  nextPlace(): number {
    return Math.max(0, ...this.#records.keys()) + 1;
  }

  async find(id: string): Promise<PlacedCell | undefined> {
    const placed = await this.#store.get<Placed>('places', id);
    if (placed === undefined) return undefined;
    const cell = await this.#store.get<Cell>('messages', cellKey(placed));
    return cell === undefined ? undefined : { ...placed, cell };
  }

  /** Runs one unit of work; nothing of it is seen by others before it is durable. */
  change<T>(work: (change: Change) => Promise<T>): Promise<T> {
    return this.#lane.run(async () => {
      const change = new Change(this);
      const result = await work(change);
      await this.#store.commit(change.batch);
      const reached = new Map<number, PlacedCell[]>();
      for (const [place, record] of change.records) {
        const cells = await this.#reached(this.#records.get(place), record);
        if (cells.length > 0) reached.set(place, cells);
        this.#records.set(place, record);
      }
      await this.#tell(change, reached);
      return result;
    });
  }

  /** Cells of a conversation, newest first. */
  async cells(place: number, options: { before?: number; limit: number }): Promise<PlacedCell[]> {
    const rows = await this.#store.range<Cell>('messages', {
      ...cellRange(place, options.before),
      limit: options.limit,
      descending: true,
    });
    return rows.map(({ key, value }) => ({ place, seq: seqOfKey(key), cell: value }));
  }

  /** Entries before `before`, at least back to the message `until`; in order of time. */
  async timeline(
    record: ConversationRecord,
    options: { before?: number | undefined; until?: string | undefined; limit?: number | undefined },
  ): Promise<TimelinePage> {
    const limit = Math.min(options.limit ?? 60, 500);
    const until = options.until === undefined ? undefined : await this.find(options.until);
    const target = until?.place === record.place ? until.seq : Number.POSITIVE_INFINITY;
    const found: PlacedCell[] = [];
    let earliest = options.before ?? record.nextSeq;
    for (let more = true; more; ) {
      const cells = await this.cells(record.place, { before: earliest, limit });
      found.push(...cells);
      earliest = cells.at(-1)?.seq ?? earliest;
      more = cells.length === limit && target < earliest;
    }
    const rest = await this.cells(record.place, { before: earliest, limit: 1 });
    return { entries: await this.entries(record, found), earlier: rest.length > 0, from: earliest };
  }

  /** What a person sees of the cells, in order of time. */
  async entries(record: ConversationRecord, placed: readonly PlacedCell[]): Promise<Entry[]> {
    const quotes = await this.#quotes(placed);
    const eye = {
      me: this.#me,
      now: this.#clock.now(),
      delivered: record.peerDelivered,
      read: record.peerRead,
      quote: (id: string) => quotes.get(id) ?? { id, mine: false, text: null },
    };
    return placed
      .map((each) => ({ ...each, rank: rankOfCell(each.cell) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ cell, seq }) => view(cell, seq, eye))
      .filter((entry) => entry !== null);
  }

  /** A conversation as the pages see it. */
  summary(record: ConversationRecord, typing: boolean): Conversation {
    return {
      id: record.id,
      with: { accountId: record.peer.accountId, pseudonym: record.peer.pseudonym },
      createdAt: record.createdAt,
      closed: record.closed || record.blocked,
      state: record.joined ? 'open' : record.wasJoined ? 'rejoining' : 'founding',
      unread: record.unread,
      firstUnread: record.firstUnread,
      last: this.#last.get(record.place) ?? null,
      draft: record.draft,
      timer: record.timer,
      typing,
      key: keyState(record),
      count: record.count,
    };
  }

  /** All conversations as the pages see them, the newest first. */
  summaries(isTyping: (place: number) => boolean): Conversation[] {
    return this.all()
      .map((record) => this.summary(record, isTyping(record.place)))
      .sort((a, b) => (b.last?.at ?? b.createdAt) - (a.last?.at ?? a.createdAt));
  }

  async #quotes(placed: readonly PlacedCell[]): Promise<Map<string, Quote>> {
    const quotes = new Map<string, Quote>();
    for (const { cell, place } of placed) {
      const id = cell.base?.replyTo;
      if (id === null || id === undefined || quotes.has(id)) continue;
      const target = await this.find(id);
      if (target === undefined || target.place !== place) continue;
      quotes.set(id, { id, mine: target.cell.base?.author === this.#me, text: textOf(target.cell) });
    }
    return quotes;
  }

  /** Own messages whose state a receipt has just changed. */
  async #reached(former: ConversationRecord | undefined, now: ConversationRecord): Promise<PlacedCell[]> {
    if (former === undefined) return [];
    const same =
      former.peerDelivered?.at === now.peerDelivered?.at && former.peerRead?.at === now.peerRead?.at;
    if (same) return [];
    const since = Math.min(former.peerDelivered?.at ?? 0, former.peerRead?.at ?? 0);
    const cells = await this.cells(now.place, { limit: reachedBack });
    return cells.filter(({ cell }) => cell.base?.author === this.#me && cell.base.at > since);
  }

  async #tell(change: Change, reached: ReadonlyMap<number, readonly PlacedCell[]>): Promise<void> {
    const places = new Set<number>(change.records.keys());
    for (const { place } of [...change.cells.values(), ...change.removed.values()]) places.add(place);
    const told: Changed[] = [];
    for (const place of places) {
      const record = this.#records.get(place);
      if (record === undefined) continue;
      const cells = [...change.cells.values()].filter((placed) => placed.place === place);
      for (const placed of reached.get(place) ?? [])
        if (!change.cells.has(placed.cell.id) && !change.removed.has(placed.cell.id)) cells.push(placed);
      this.#last.set(place, await this.#findLast(record));
      told.push({
        record,
        entries: await this.entries(record, cells),
        removed: [...change.removed].filter(([, placed]) => placed.place === place).map(([id]) => id),
      });
    }
    if (told.length > 0) this.onChanged(told);
  }

  async #findLast(record: ConversationRecord): Promise<Conversation['last']> {
    const page = await this.timeline(record, { limit: 12 });
    const entry = page.entries.findLast((each): each is MessageEntry => each.type === 'message');
    if (entry === undefined) return null;
    const { at, mine, text, kind, state } = entry;
    return { at, mine, text: text === null ? null : text.slice(0, 160), kind, state };
  }
}

/** Cells whose time is up at `now`. */
export const expired = (placed: readonly PlacedCell[], now: number): PlacedCell[] =>
  placed.filter(({ cell }) => {
    const at = cell.out === null ? expiryOf(cell) : null;
    return at !== null && at <= now;
  });
