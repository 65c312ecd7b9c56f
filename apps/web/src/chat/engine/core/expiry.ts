import { type Book, expired } from './book.ts';
import { expiryOf } from './cell.ts';
import type { Clock } from './ports.ts';

/** Never sleeps longer than this: timers of days are not kept by browsers. */
const longest = 60_000;
const portion = 200;

/** Removes messages whose time is up, from the screen and from this device. */
export class Expiry {
  readonly #book: Book;
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;
  #next = Number.POSITIVE_INFINITY;

  constructor(book: Book, clock: Clock) {
    this.#book = book;
    this.#clock = clock;
  }

  /** A message that vanishes at `at` is there. */
  expect(at: number, trouble: (error: unknown) => void): void {
    if (at >= this.#next && this.#cancel !== null) return;
    this.#next = at;
    this.#cancel?.();
    this.#cancel = this.#clock.after(Math.max(0, Math.min(at - this.#clock.now(), longest)), () => {
      this.#cancel = null;
      this.#next = Number.POSITIVE_INFINITY;
      void this.sweep(trouble).catch(trouble);
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Removes what is over everywhere, and sets the alarm for what comes next. */
  async sweep(trouble: (error: unknown) => void): Promise<void> {
    let next = Number.POSITIVE_INFINITY;
    for (const { place } of this.#book.all()) {
      for (let before: number | undefined, more = true; more; ) {
        const cells = await this.#book.cells(place, {
          limit: portion,
          ...(before === undefined ? {} : { before }),
        });
        more = cells.length === portion;
        before = cells.at(-1)?.seq;
        const over = expired(cells, this.#clock.now());
        if (over.length > 0)
          await this.#book.change(async (change) => {
            for (const placed of over) change.remove(placed);
          });
        for (const placed of cells) {
          const at = over.includes(placed) ? null : expiryOf(placed.cell);
          if (at !== null) next = Math.min(next, at);
        }
      }
    }
    if (next < Number.POSITIVE_INFINITY) this.expect(next, trouble);
  }
}
