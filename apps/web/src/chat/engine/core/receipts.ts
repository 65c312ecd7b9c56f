import type { EngineSettings } from '../api.ts';
import type { Book } from './book.ts';
import { uuidFrom } from './bytes.ts';
import type { Content } from './content.ts';
import type { Courier } from './courier.ts';
import type { Clock, Random } from './ports.ts';

/** Receipts of this long are told together, in ms. */
const gather = 1_200;

/** Tells the other side what arrived and what was read: late, together, and only where the person agrees. */
export class Receipts {
  readonly #ports: { readonly book: Book; readonly clock: Clock; readonly random: Random };
  readonly #courier: Courier;
  readonly #settings: () => EngineSettings;
  #waiting: (() => void) | null = null;

  constructor(
    ports: { readonly book: Book; readonly clock: Clock; readonly random: Random },
    courier: Courier,
    settings: () => EngineSettings,
  ) {
    this.#ports = ports;
    this.#courier = courier;
    this.#settings = settings;
  }

  stop(): void {
    this.#waiting?.();
    this.#waiting = null;
  }

  /** Something is owed somewhere. */
  due(trouble: (error: unknown) => void): void {
    this.#waiting ??= this.#ports.clock.after(gather, () => {
      this.#waiting = null;
      void this.#flush().catch(trouble);
    });
  }

  async #flush(): Promise<void> {
    const { sendDelivered, sendRead } = this.#settings();
    for (const { place, owed, closed, joined } of this.#ports.book.all()) {
      if (closed || !joined || (owed.delivered === null && owed.read === null)) continue;
      const left = await this.#ports.book.change(async (change) => {
        const record = change.record(place);
        const { delivered, read } = record.owed;
        change.set({ ...record, owed: { delivered: null, read: null } });
        const told: Content = {
          kind: 'receipt',
          id: uuidFrom(this.#ports.random(16)),
          ...(delivered !== null && sendDelivered ? { delivered } : {}),
          ...(read !== null && sendRead ? { read } : {}),
        };
        const empty = told.delivered === undefined && told.read === undefined;
        return empty ? null : this.#courier.enqueue(change, place, told);
      });
      left?.();
    }
  }
}
