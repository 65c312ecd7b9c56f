import type { SendRefusal } from '@accord/protocol/socket';
import type { EngineErrorCode } from '../api.ts';
import type { Content } from './content.ts';

/*
 * What waits to leave. A message is `waiting` until the group's keys sealed it under a number `n`, then it is
 * the very same bytes until the server answers. After `unavailable` nobody knows whether it was stored: the same
 * bytes go again under the same number, and the server lets no later one pass before. Any other refused number
 * is never used again: the server remembers only its highest, and would take a repeated lower one for stored.
 */

export interface Attempt {
  readonly n: number;
  readonly epoch: number;
  readonly ciphertext: Uint8Array;
}

export interface OutboxEntry {
  /** Order of writing on this device. */
  readonly order: number;
  /** The conversation's number on this device. */
  readonly place: number;
  readonly content: Content;
  readonly attempt: Attempt | null;
  /** Refusals in a row. */
  readonly refusals: number;
  /** Set when it waits for the person. */
  readonly failed: EngineErrorCode | null;
}

export type OutboxEvent =
  | { readonly type: 'sealed'; readonly attempt: Attempt }
  | { readonly type: 'refused'; readonly n: number; readonly code: SendRefusal }
  | { readonly type: 'sent'; readonly n: number }
  | { readonly type: 'failed'; readonly code: EngineErrorCode }
  | { readonly type: 'retry' };

/** What has to happen before the next attempt. */
export type Remedy = 'none' | 'catch-up' | 'evict' | 'wait';

/** After so many refusals in a row the person is asked. */
export const patience = 12;

/**
 * The entry after `event`; `gone` when it left for good, the same entry where the event is not about its
 * present attempt.
 */
export function step(entry: OutboxEntry, event: OutboxEvent): OutboxEntry | 'gone' {
  switch (event.type) {
    case 'sealed':
      return entry.attempt === null && entry.failed === null ? { ...entry, attempt: event.attempt } : entry;
    case 'sent':
      return entry.attempt?.n === event.n ? 'gone' : entry;
    case 'refused': {
      if (entry.attempt?.n !== event.n || event.code === 'unavailable') return entry;
      const refusals = entry.refusals + 1;
      const final = finalCode(event.code, refusals);
      return { ...entry, attempt: null, refusals, failed: final };
    }
    case 'failed':
      return { ...entry, attempt: null, failed: event.code };
    case 'retry':
      return entry.failed === null ? entry : { ...entry, failed: null, refusals: 0 };
  }
}

function finalCode(code: SendRefusal, refusals: number): EngineErrorCode | null {
  if (code === 'too_large' || code === 'invalid_input') return code;
  return refusals >= patience ? code : null;
}

/** What helps against a refusal. */
export function remedyFor(code: SendRefusal): Remedy {
  if (code === 'wrong_epoch' || code === 'not_found') return 'catch-up';
  if (code === 'removal_pending') return 'evict';
  return code === 'unavailable' ? 'wait' : 'none';
}

/** Sealed and not answered, in the order in which the numbers were given: what is sent again after a cut. */
export function unanswered(entries: Iterable<OutboxEntry>): (OutboxEntry & { attempt: Attempt })[] {
  const sealed = [...entries].filter(
    (entry): entry is OutboxEntry & { attempt: Attempt } => entry.attempt !== null,
  );
  return sealed.sort((a, b) => a.attempt.n - b.attempt.n);
}

/** What may be sealed next: the first of each conversation that waits, in order of writing. */
export function sealable(entries: Iterable<OutboxEntry>, open: (place: number) => boolean): OutboxEntry[] {
  return [...entries]
    .filter((entry) => entry.attempt === null && entry.failed === null && open(entry.place))
    .sort((a, b) => a.order - b.order);
}
