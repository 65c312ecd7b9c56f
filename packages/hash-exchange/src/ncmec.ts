import { readEntries } from './ncmec-entries.ts';
import { wholeOf } from './read.ts';
import { bad, type Cursor, type Page, type Protocol } from './types.ts';

/*
 * NCMEC's hash sharing, version 2. Its pages are in no order of time: a later page with an older time still speaks, and nothing
 * can be said to be here before a whole window of time was read.
 */

export interface NcmecSettings {
  readonly base: string;
  /** Our own member's number: our feedback comes back under it. */
  readonly self?: string | undefined;
}

/** Where each database is; each has a twin for tests. */
export const ncmecEnvironments = {
  industry: 'https://report.cybertip.org/hashsharing',
  industry_exploitative: 'https://report.cybertip.org/exploitative-hashsharing',
  npo: 'https://hashsharing.ncmec.org/npo',
  exploitative: 'https://hashsharing.ncmec.org/exploitative',
  generative_ai: 'https://hashsharing.ncmec.org/generative-ai-csam',
  generative_ai_exploitative: 'https://hashsharing.ncmec.org/generative-ai-exploitative',
  test_industry: 'https://exttest.cybertip.org/hashsharing',
  test_industry_exploitative: 'https://exttest.cybertip.org/exploitative-hashsharing',
  test_npo: 'https://hashsharing-test.ncmec.org/npo',
  test_exploitative: 'https://hashsharing-test.ncmec.org/exploitative',
  test_generative_ai: 'https://hashsharing-test.ncmec.org/generative-ai-csam',
  test_generative_ai_exploitative: 'https://hashsharing-test.ncmec.org/generative-ai-exploitative',
} as const;

const hourMs = 3_600_000;
/** How long a page's successor may be asked for. */
const nextLifeMs = 12 * hourMs;
/** What changes while we ask is left to the next fetch. */
const settlingSeconds = 5;
const entriesPerPage = 1000;
/** More entries than this in one window are too many for the peer's cursor: the window shrinks, fast; it grows slowly. */
const mostEntries = 400_000;
const shrink = 4;
const grow = 2;
/** Windows that bring less than two pages, one after another, before the next is wider. */
const lowBeforeGrowing = 4;

/** In UTC, whatever the zone of this machine. */
const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** The window that begins at `from`, as wide as `span`, and never beyond `target`. All in seconds. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly target: number;
  readonly span: number;
  /** Small windows so far, and entries in this one. */
  readonly low: number;
  readonly read: number;
}

const numberOf = (cursor: Cursor, name: string): number => wholeOf(cursor[name]) ?? 0;

const windowOf = (cursor: Cursor): Window => ({
  from: numberOf(cursor, 'from'),
  to: numberOf(cursor, 'to'),
  target: numberOf(cursor, 'target'),
  span: numberOf(cursor, 'span'),
  low: numberOf(cursor, 'low'),
  read: numberOf(cursor, 'read'),
});

const opening = ({ from, target, span, low }: Omit<Window, 'to' | 'read'>): Cursor => ({
  from,
  target,
  span,
  low,
  to: Math.min(target, from + span),
  read: 0,
});

/** How many entries the window has, by what its first page's successor says. */
function estimateOf(next: string, read: number): number {
  const query = new URLSearchParams(next.slice(next.indexOf('?') + 1));
  const [start, max] = [wholeOf(query.get('start')), wholeOf(query.get('max'))];
  return start === undefined || max === undefined ? read + 1 : Math.max(0, max - start) + read;
}

/** Where the next page is: a path of the same base, to be asked for as it is. @throws {ExchangeError} */
const nextOf = (next: string, cursor: Cursor): string => {
  if (!/^\/v2\/entries\?[\w.~!*'()%:@$,;=&+-]*$/.test(next)) bad('the next page is elsewhere');
  return next === cursor.next ? bad('the next page is this one') : next;
};

/** The window after one that is exhausted; wider after several that brought little, narrower after one that brought much. */
function following(window: Window): Cursor {
  const low = window.read < entriesPerPage * 2 ? window.low + 1 : 0;
  const wider = low >= lowBeforeGrowing;
  const close = window.read > mostEntries / shrink;
  const span = wider
    ? window.span * grow
    : close
      ? Math.max(1, Math.floor(window.span / shrink))
      : window.span;
  return opening({ from: window.to, target: window.target, span, low: wider ? 0 : low });
}

export const ncmec: Protocol<NcmecSettings> = {
  // NCMEC says nothing of how long it keeps what was deleted; StopNCII's month is taken for it.
  staleAfterMs: 30 * 24 * hourMs,

  begin(_settings, checkpoint, now) {
    const from = wholeOf(checkpoint?.upTo) ?? 0;
    const target = Math.max(from, Math.floor(now / 1000) - settlingSeconds);
    const span = wholeOf(checkpoint?.span) ?? target - from;
    return opening({ from, target, span: Math.max(1, span), low: 0 });
  },

  restart: (cursor) => opening(windowOf(cursor)),

  isFresh: (cursor, now) => cursor.next === undefined || now - numberOf(cursor, 'at') < nextLifeMs,

  request({ base }, cursor) {
    const { from, to } = windowOf(cursor);
    const query = new URLSearchParams({ from: dateOf(from), to: dateOf(to) });
    const path = typeof cursor.next === 'string' ? cursor.next : `/v2/entries?${query}`;
    return { method: 'GET', url: `${base}${path}`, headers: { accept: 'application/xml' }, door: 'fetch' };
  },

  read({ self }, cursor, text): Page {
    const { updates, unread, next } = readEntries(text, self);
    const window = windowOf(cursor);
    const read = window.read + updates.length + unread;
    const first = cursor.next === undefined;
    if (first && next !== '' && window.to - window.from > 1 && estimateOf(next, read) > mostEntries) {
      const span = Math.max(1, Math.floor((window.to - window.from) / shrink));
      // Not kept: the narrower windows bring these again.
      return {
        updates: [],
        unread: 0,
        next: opening({ ...window, span, low: 0 }),
      };
    }
    if (next !== '') return { updates, unread, next: { ...cursor, next: nextOf(next, cursor), read } };
    const checkpoint = { upTo: window.to };
    if (window.to >= window.target) return { updates, unread, next: null, checkpoint };
    const wider = following({ ...window, read });
    return {
      updates,
      unread,
      next: wider,
      checkpoint: { ...checkpoint, span: wholeOf(wider.span) ?? 1 },
    };
  },

  upTo: ({ upTo }) => (wholeOf(upTo) ?? 0) * 1000,
};
