import type { Book, Changed } from './book.ts';
import { markOf, textOf } from './cell.ts';
import type { ConversationRecord } from './records.ts';

export interface Hit {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly text: string;
}

interface Indexed extends Hit {
  readonly folded: string;
}

const portion = 500;
const mostHits = 200;

/** Letters without case and marks: « é » finds « E ». */
const fold = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().normalize('NFC');

/** Search in what this device can read; the index lives in memory and is made when it is first asked for. */
export class Search {
  readonly #book: Book;
  readonly #index = new Map<number, Promise<Map<string, Indexed>>>();

  constructor(book: Book) {
    this.#book = book;
  }

  /** Messages with all of the words, newest first. */
  async find(record: ConversationRecord, words: string): Promise<Hit[]> {
    const wanted = fold(words).split(/\s+/u).filter(Boolean);
    if (wanted.length === 0) return [];
    const index = await this.#of(record);
    return [...index.values()]
      .filter(({ folded }) => wanted.every((word) => folded.includes(word)))
      .sort((a, b) => b.at - a.at || b.seq - a.seq)
      .slice(0, mostHits)
      .map(({ id, seq, at, text }) => ({ id, seq, at, text }));
  }

  /** Keeps what is indexed in step. */
  changed({ record, entries, removed }: Changed): void {
    const index = this.#index.get(record.place);
    if (index === undefined) return;
    void index.then((texts) => {
      for (const id of removed) texts.delete(id);
      for (const entry of entries)
        if (entry.type === 'message') {
          if (entry.text === null) texts.delete(entry.id);
          else texts.set(entry.id, { ...entry, text: entry.text, folded: fold(entry.text) });
        }
    });
  }

  clear(): void {
    this.#index.clear();
  }

  #of(record: ConversationRecord): Promise<Map<string, Indexed>> {
    let index = this.#index.get(record.place);
    if (index === undefined) {
      index = this.#read(record);
      this.#index.set(record.place, index);
      index.catch(() => this.#index.delete(record.place));
    }
    return index;
  }

  async #read({ place }: ConversationRecord): Promise<Map<string, Indexed>> {
    const texts = new Map<string, Indexed>();
    for (let before: number | undefined, more = true; more; ) {
      const cells = await this.#book.cells(place, {
        limit: portion,
        ...(before === undefined ? {} : { before }),
      });
      more = cells.length === portion;
      before = cells.at(-1)?.seq;
      for (const { cell, seq } of cells) {
        const text = textOf(cell);
        if (text !== null)
          texts.set(cell.id, { id: cell.id, seq, at: markOf(cell).at, text, folded: fold(text) });
      }
    }
    return texts;
  }
}
