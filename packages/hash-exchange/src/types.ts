/*
 * What peers say of hashes, and the shape that every protocol of theirs is read into. Pure: bytes and clocks come in, requests
 * and pages go out.
 */

/** What one voice says. `seed`: it named the picture, and nobody who looked has said more. */
export type Category = 'positive' | 'seed' | 'negative';

/** A value to compare with, as the peer writes it. `pdq`, `md5`, … by our name; a type that we don't know keeps the peer's. */
export interface Signal {
  readonly type: string;
  /** Text, always: a hash of digits alone is no number. PDQ and other hexadecimal ones in lower case. */
  readonly value: string;
}

export interface Opinion {
  /** Who says so, unique within a record: the peer's name for a member, or `case` for the people who asked it for help. */
  readonly source: string;
  readonly category: Category;
  readonly tags: readonly string[];
  /** The peer's own word for it, also one that we don't know. */
  readonly said: string;
  /** Only of this type of the record's signals; of all when absent. */
  readonly of?: string;
  /** Given by ourselves, and come back: never taken for a second voice. */
  readonly ours?: boolean;
}

/** What a peer has to say of one of its records now. Replaces what it said before, as `merge` has it. */
export interface Update {
  /** Names the record within the exchange. */
  readonly key: string;
  /** Milliseconds since 1970 UTC, by the peer's clock. */
  readonly at: number;
  readonly withdrawn: boolean;
  readonly signals: readonly Signal[];
  readonly opinions: readonly Opinion[];
  /** What it takes to answer the peer about the record, by the peer's names. */
  readonly refs?: readonly string[];
}

/** Plain data that says how far a fetch has come. Kept between processes: no credential is ever in it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What is left to do of a fetch that began. Whoever keeps it adds `at`, when it was given, in ms. */
export type Cursor = { readonly [key: string]: Json };
/** From where the next fetch goes on. Moves only when a window is exhausted. */
export type Checkpoint = { readonly [key: string]: Json };

/** A request to a peer, without what proves who asks. */
export interface PeerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Which of the peer's keys opens it, where it has several. */
  readonly door: 'fetch' | 'submit' | 'feedback';
}

export interface Page {
  readonly updates: readonly Update[];
  /** Null: there is nothing more for now. */
  readonly next: Cursor | null;
  /** Set where a window came to its end with this page. */
  readonly checkpoint?: Checkpoint;
  /** Records that could not be read at all. */
  readonly unread: number;
}

/** How a peer is asked. `P` is what its settings say of it. */
export interface Protocol<P> {
  /** Where a fetch begins; from the beginning of everything without a checkpoint. `now`: ms since 1970 UTC. */
  begin(settings: P, checkpoint: Checkpoint | null, now: number): Cursor;
  /** The same window from its beginning, when its page can't be had any more. */
  restart(cursor: Cursor): Cursor;
  /** Whether the page that the cursor names may still be asked for. */
  isFresh(cursor: Cursor, now: number): boolean;
  request(settings: P, cursor: Cursor): PeerRequest;
  /** @throws {ExchangeError} `bad_answer` */
  read(settings: P, cursor: Cursor, text: string): Page;
  /** After so long without contact deletions are lost: everything is fetched anew. In ms. */
  readonly staleAfterMs: number;
  /** By the peer's clock: everything is here up to this instant, in ms; null where it has no clock. */
  upTo(checkpoint: Checkpoint): number | null;
}

/** Why nothing came of an exchange. The message says what of the answer is wrong and holds none of it. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly code: 'bad_answer' | 'not_supported';

  constructor(code: ExchangeError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws {ExchangeError} */
export function bad(what: string): never {
  throw new ExchangeError('bad_answer', what);
}
