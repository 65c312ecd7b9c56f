import type { Book } from './book.ts';
import { fromUtf8, utf8 } from './bytes.ts';
import type { Groups } from './groups.ts';
import type { Link } from './link.ts';
import type { Clock, Random } from './ports.ts';
import { seal, unseal } from './seal.ts';

/** Told at most this often, shown this long, in ms. */
const tellEvery = 3_000;
const shownFor = 5_500;

interface TypingPorts {
  readonly book: Book;
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly me: string;
  readonly changed: () => void;
}

/**
 * "Is writing": sealed under a key of the group's epoch that leaves the ratchet alone, never stored, dropped
 * when anything is in its way. Only members have the key; which of them wrote it is their own word.
 */
export class Typing {
  readonly #ports: TypingPorts;
  readonly #groups: Groups;
  readonly #told = new Map<number, number>();
  readonly #shown = new Map<number, () => void>();

  constructor(ports: TypingPorts, groups: Groups) {
    this.#ports = ports;
    this.#groups = groups;
  }

  isTyping(place: number): boolean {
    return this.#shown.has(place);
  }

  async tell(place: number): Promise<void> {
    const { clock, link, book, random, me } = this.#ports;
    const record = book.byPlace(place);
    const last = this.#told.get(place) ?? 0;
    if (!record?.joined || record.groupId === null || clock.now() - last < tellEvery) return;
    this.#told.set(place, clock.now());
    const key = await this.#groups.ephemeralKey(place);
    if (key === null) return;
    const body = await seal(key, record.groupId, utf8(JSON.stringify({ kind: 'typing', from: me })), random);
    link.ephemeral(record.groupId, body);
  }

  async take(groupId: string, body: Uint8Array): Promise<void> {
    const record = this.#ports.book.byGroup(groupId);
    if (record === undefined || record.closed) return;
    try {
      const key = await this.#groups.ephemeralKey(record.place);
      if (key === null) return;
      const said: unknown = JSON.parse(fromUtf8(await unseal(key, groupId, body)));
      const { kind, from } = said as { kind?: unknown; from?: unknown };
      if (kind === 'typing' && from === record.peer.accountId) this.#show(record.place);
    } catch {
      // Of another epoch, or garbage: it is only a hint.
    }
  }

  /** One's own message went out: what is written next is told at once. */
  said(place: number): void {
    this.#told.delete(place);
  }

  /** What was being written has come. */
  ended(place: number): void {
    this.#shown.get(place)?.();
    if (this.#shown.delete(place)) this.#ports.changed();
  }

  stop(): void {
    for (const cancel of this.#shown.values()) cancel();
    this.#shown.clear();
  }

  #show(place: number): void {
    const before = this.#shown.get(place);
    before?.();
    this.#shown.set(
      place,
      this.#ports.clock.after(shownFor, () => this.ended(place)),
    );
    if (before === undefined) this.#ports.changed();
  }
}
