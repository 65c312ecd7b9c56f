import { isDeepStrictEqual } from 'node:util';
import type { Checkpoint, Cursor, Page, Update } from '@accord/hash-exchange';
import { backOffMs } from '@accord/hash-exchange';
import type { Updateable } from 'kysely';
import { databaseLocks } from '../platform/locks.ts';
import { alone } from '../platform/rounds.ts';
import type { Tables } from '../platform/tables.ts';
import { askForPage, faultOf, SyncError } from './ask.ts';
import { keysFor } from './keys.ts';
import { type Peer, peerOf } from './kinds.ts';
import { findList, type ListPart, readList } from './list-source.ts';
import type { Parts } from './parts.ts';
import { type ExchangeRow, keepPage, sweepSome } from './store.ts';
import { beThrifty } from './thrift.ts';
import type { SyncOutcome } from './types.ts';

const minuteMs = 60_000;
/**
 * After so many pages a fetch is a long one. Some of each page outlives the young generation, and V8 would let that pile up to what the
 * whole server uses.
 */
const longPages = 4;
/** A page that can't be read this often in a row is asked for from its window's beginning. */
const badBeforeRestart = 3;

/** How far a fetch has come, for whoever waits. */
export type Watch = (sofar: { readonly pages: number; readonly records: number }) => void;

interface Fetch {
  row: ExchangeRow;
  readonly signal: AbortSignal;
  readonly watch: Watch;
  pages: number;
  records: number;
  /** Set once it has proved to be a long one. */
  restored?: () => void;
}

const rowOf = (parts: Parts, id: number): Promise<ExchangeRow | undefined> =>
  parts.db.selectFrom('exchange').selectAll().where('id', '=', id).executeTakeFirst();

/**
 * Fetches from one peer until there is nothing more, or to the page at which something is in the way; the next call goes on from
 * there. Null when another process is at it.
 */
export async function syncExchange(
  parts: Parts,
  id: number,
  { signal, watch = () => {} }: { readonly signal: AbortSignal; readonly watch?: Watch },
): Promise<SyncOutcome | null> {
  let outcome: SyncOutcome | null = null;
  await alone(parts, databaseLocks.exchangeFetch + id, async () => {
    const row = await rowOf(parts, id);
    if (row !== undefined) outcome = await attempt(parts, row, signal, watch);
  });
  return outcome;
}

async function attempt(
  parts: Parts,
  before: ExchangeRow,
  signal: AbortSignal,
  watch: Watch,
): Promise<SyncOutcome> {
  const fetch: Fetch = { row: before, signal, watch, pages: 0, records: 0 };
  const ended = (fault: SyncOutcome['fault'], complete = false): SyncOutcome => ({
    complete,
    pages: fetch.pages,
    records: fetch.records,
    fault,
  });
  if (!before.enabled) return ended('off');
  const { kind } = before;
  try {
    fetch.row = await begin(parts, before);
    if (kind === 'list') await fetchList(parts, fetch);
    else await fetchPages(parts, fetch, kind);
    await parts.settled();
    if (signal.aborted) return ended(null);
    await complete(parts, fetch.row);
    return ended(null, true);
  } catch (error) {
    await parts.settled().catch(() => {});
    if (signal.aborted) return ended(null);
    const fault = faultOf(error);
    // Somebody wanted it so: no failure, and nothing to wait for.
    if (fault === 'off') return ended('off');
    parts.count({ what: 'fault', kind, fault });
    await putOff(parts, fetch.row, error, fetch.pages > 0);
    return ended(fault);
  } finally {
    fetch.restored?.();
  }
}

/** Long without contact, deletions are lost: then everything is fetched anew, and what it does not name is gone. */
const isStale = ({ contact_at: at }: ExchangeRow, staleAfterMs: number, now: number): boolean =>
  at !== null && now - at.getTime() > staleAfterMs;

const staleAfterMs: Readonly<Record<ExchangeRow['kind'], number>> = {
  stopncii: 30 * 24 * 60 * minuteMs,
  ncmec: 30 * 24 * 60 * minuteMs,
  threatexchange: 85 * 24 * 60 * minuteMs,
  list: Number.POSITIVE_INFINITY,
};

async function begin(parts: Parts, row: ExchangeRow): Promise<ExchangeRow> {
  const now = parts.clock();
  const stale = isStale(row, staleAfterMs[row.kind], now);
  // A list is always the whole one.
  const anew = stale || (row.cursor === null && (row.kind === 'list' || row.checkpoint === null));
  return change(parts, row, {
    tried_at: new Date(now),
    ...(anew && fromTheBeginning(row)),
    ...(stale && { checkpoint: null }),
  });
}

/** A round of everything: what it does not name is taken back at its end. */
const fromTheBeginning = ({ round }: ExchangeRow) => ({ cursor: null, whole: true, round: round + 1 });

const change = (
  { db }: Parts,
  { id }: ExchangeRow,
  set: Updateable<Tables['exchange']>,
): Promise<ExchangeRow> =>
  db.updateTable('exchange').set(set).where('id', '=', id).returningAll().executeTakeFirstOrThrow();

async function complete(parts: Parts, row: ExchangeRow): Promise<void> {
  const now = parts.clock();
  const wait = parts.config.minutes * minuteMs * (1 + parts.random() / 10);
  await parts.db
    .updateTable('exchange')
    .set({
      cursor: null,
      whole: false,
      completed_at: new Date(now),
      contact_at: new Date(now),
      failures: 0,
      fault: null,
      next_at: new Date(now + wait),
    })
    .where('id', '=', row.id)
    .execute();
}

async function putOff(parts: Parts, row: ExchangeRow, error: unknown, progressed: boolean): Promise<void> {
  const asked = error instanceof SyncError ? error.waitMs : undefined;
  const failures = progressed ? 1 : row.failures + 1;
  const wait = backOffMs(failures + 1, parts.random(), asked);
  await parts.db
    .updateTable('exchange')
    .set({ failures, fault: faultOf(error), next_at: new Date(parts.clock() + wait) })
    .where('id', '=', row.id)
    .execute();
}

interface Kept {
  readonly updates: readonly Update[];
  readonly unread: number;
  readonly cursor: Cursor | null;
  readonly checkpoint?: Checkpoint | undefined;
}

async function keep(parts: Parts, fetch: Fetch, order: Peer['order'], page: Kept): Promise<void> {
  const { updates, unread, cursor, checkpoint } = page;
  const now = parts.clock();
  await parts.db
    .transaction()
    .execute((tx) => keepPage(tx, fetch.row, { updates, order, progress: { cursor, checkpoint }, now }));
  fetch.pages += 1;
  fetch.records += updates.length;
  if (fetch.pages === longPages) fetch.restored = beThrifty();
  parts.count({ what: 'page', kind: fetch.row.kind, records: updates.length, unread });
  fetch.watch(fetch);
}

/** What is kept as the cursor while what a fetch of everything did not name is taken back. */
const sweeping: Cursor = { sweep: true };

async function sweep(parts: Parts, { row, signal }: Fetch): Promise<void> {
  let swept = 1;
  while (swept > 0 && !signal.aborted) {
    swept = await parts.db.transaction().execute((tx) => sweepSome(tx, row, parts.clock()));
  }
}

async function fetchPages(
  parts: Parts,
  fetch: Fetch,
  kind: Exclude<ExchangeRow['kind'], 'list'>,
): Promise<void> {
  const { row } = fetch;
  if (row.cursor?.sweep !== true) {
    const keys = await keysFor(parts.config, row.name);
    if (keys === undefined) throw new SyncError('no_keys');
    await followPages(parts, fetch, peerOf(kind, row.settings, keys));
  }
  if (row.whole && !fetch.signal.aborted) await sweep(parts, fetch);
}

/** Where to go on: at the page that was left, unless it can't be had any more. */
async function cursorOf(parts: Parts, { protocol, settings }: Peer, row: ExchangeRow): Promise<Cursor> {
  const now = parts.clock();
  const { cursor, checkpoint, failures, fault } = row;
  if (cursor === null) return protocol.begin(settings, checkpoint, now);
  const stuck = fault === 'bad_answer' && failures >= badBeforeRestart && failures % badBeforeRestart === 0;
  if (protocol.isFresh(cursor, now) && !stuck) return cursor;
  const again = protocol.restart(cursor);
  await parts.db
    .updateTable('exchange')
    .set({ cursor: JSON.stringify({ ...again, at: now }) })
    .where('id', '=', row.id)
    .execute();
  return again;
}

async function followPages(parts: Parts, fetch: Fetch, peer: Peer): Promise<void> {
  const { row, signal } = fetch;
  const { protocol, settings } = peer;
  const ask = async (cursor: Cursor): Promise<Page> => {
    const asking = { kind: row.kind, sign: peer.sign, signal };
    const text = await askForPage(parts, asking, protocol.request(settings, cursor));
    return protocol.read(settings, cursor, text);
  };
  let restarted = false;
  let cursor: Cursor | null = await cursorOf(parts, peer, row);
  let asked: Promise<Page> = ask(cursor);
  while (cursor !== null && !signal.aborted) {
    let page: Page;
    try {
      page = await asked;
    } catch (error) {
      // A page in the middle that the peer does not know any more: once more from its window's beginning.
      const lost =
        error instanceof SyncError &&
        error.fault === 'refused' &&
        [400, 404, 410].includes(error.status ?? 0);
      const again: Cursor = protocol.restart(cursor);
      if (!lost || restarted || JSON.stringify(again) === JSON.stringify(cursor)) throw error;
      restarted = true;
      cursor = again;
      asked = ask(cursor);
      continue;
    }
    const next: Cursor | null = page.next;
    // The next page is on its way while this one is kept.
    if (next !== null) asked = ask(next);
    asked.catch(() => {});
    await keep(parts, fetch, peer.order, {
      ...page,
      cursor: next ?? (row.whole ? sweeping : null),
    });
    cursor = next;
  }
}

/** What is kept of a list that is being read: which list, and how many of its lines were. */
interface ListCursor {
  readonly mark: Checkpoint;
  readonly lines: number;
}

const listCursorOf = ({ cursor }: ExchangeRow): ListCursor | null =>
  cursor?.sweep === true ? null : (cursor as unknown as ListCursor | null);

/** The same list as before a kill, as far as its size and date or its server's tags tell. */
const isSame = (one: Checkpoint, other: Checkpoint): boolean =>
  isDeepStrictEqual(one, other) && Object.values(one).some((mark) => mark !== null);

async function fetchList(parts: Parts, fetch: Fetch): Promise<void> {
  const { signal } = fetch;
  if (fetch.row.cursor?.sweep !== true) {
    const keys = await keysFor(parts.config, fetch.row.name);
    const left = listCursorOf(fetch.row);
    const since = left === null ? fetch.row.checkpoint : null;
    const found = await findList(parts, fetch.row, { keys, signal, since });
    if (found === null) return;
    const goesOn = left !== null && isSame(left.mark, found.mark);
    // Half of a list that is another by now says nothing of what the new one has no more.
    if (left !== null && !goesOn) fetch.row = await change(parts, fetch.row, fromTheBeginning(fetch.row));
    const at = parts.clock();
    let last: ListPart | undefined;
    for await (const part of readList(fetch.row, found, { at, skip: goesOn ? left.lines : 0 })) {
      if (last !== undefined) {
        const cursor = { mark: found.mark, lines: last.lines };
        await keep(parts, fetch, 'told', { ...last, cursor });
      }
      if (signal.aborted) return;
      last = part;
    }
    const checkpoint = { ...found.mark, at };
    if (last !== undefined) await keep(parts, fetch, 'told', { ...last, cursor: sweeping, checkpoint });
  }
  if (!signal.aborted) await sweep(parts, fetch);
}
