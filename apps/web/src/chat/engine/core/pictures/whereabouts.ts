import { ApiError } from '../../../../api/client.ts';
import type { SentLook } from '../../pictures-api.ts';
import type { Http } from '../ports.ts';
import { Batch, type Store } from '../store.ts';
import { sentKey } from './records.ts';

interface WhereaboutsPorts {
  readonly store: Store;
  readonly http: Http;
  readonly changed: (messageId: string) => void;
}

/**
 * What the server says of own pictures that left: how often each was seen, and whether it still can be. Asked once for each that is
 * looked at, and again once something may have happened to it; the last answer is kept for when nobody answers.
 */
export class Whereabouts {
  readonly #ports: WhereaboutsPorts;
  readonly #asked = new Set<string>();

  constructor(ports: WhereaboutsPorts) {
    this.#ports = ports;
  }

  /** As last heard; null while nothing is known. */
  async of(messageId: string, blobId: string): Promise<SentLook | null> {
    const known = (await this.#ports.store.get<SentLook>('pictures', sentKey(blobId))) ?? null;
    if (!this.#asked.has(blobId)) {
      this.#asked.add(blobId);
      void this.#ask(messageId, blobId, known);
    }
    return known;
  }

  /** Something happened to one of them. */
  forget(): void {
    this.#asked.clear();
  }

  async #ask(messageId: string, blobId: string, known: SentLook | null): Promise<void> {
    const { http, store, changed } = this.#ports;
    try {
      const { pictures } = await http.call('media.pictures.list', { query: { blobId } });
      const [picture] = pictures;
      // After a while the server forgets what ended.
      if (picture === undefined) return;
      const { state, receivers } = picture;
      const views = receivers.reduce((sum, { viewCount }) => sum + viewCount, 0);
      const last = receivers.flatMap((receiver) => receiver.views).reduce((a, b) => Math.max(a, b), 0);
      const heard: SentLook = { state, views, lastView: views === 0 ? null : last };
      if (JSON.stringify(heard) === JSON.stringify(known)) return;
      await store.commit(new Batch().put('pictures', sentKey(blobId), heard));
      changed(messageId);
    } catch (error) {
      // Asked again with the next look.
      this.#asked.delete(blobId);
      if (!(error instanceof ApiError)) throw error;
    }
  }
}
