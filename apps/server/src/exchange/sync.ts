import type { Checkpoint, Cursor, Page, Update } from '@accord/hash-exchange';
import { backOffMs } from '@accord/hash-exchange';
import { databaseLocks } from '../platform/locks.ts';
import { alone } from '../platform/rounds.ts';
import { askForPage, faultOf, SyncError } from './ask.ts';
import { keysFor } from './keys.ts';
import { type Peer, peerOf } from './kinds.ts';
import { findList, readList } from './list-source.ts';
import type { Parts } from './parts.ts';
import { type ExchangeRow, keepPage, sweepSome } from './store.ts';
import type { SyncOutcome } from './types.ts';

const minuteMs = 60_000;
/** A page that can't be read this often in a row is asked for from its window's beginning. */
const badBeforeRestart = 3;

/** How far a fetch has come, for whoever waits. */
export type Watch = (sofar: { readonly pages: number; readonly records: number }) => void;

interface Fetch {
  readonly row: ExchangeRow;
  readonly signal: AbortSignal;
  readonly watch: Watch;
  pages: number;
  records: number;
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
  const row = await begin(parts, before);
  const fetch: Fetch = { row, signal, watch, pages: 0, records: 0 };
  try {
    if (row.kind === 'list') await fetchList(parts, fetch);
    else await fetchPages(parts, fetch, row.kind);
    await parts.settled();
    if (signal.aborted) return { complete: false, pages: fetch.pages, records: fetch.records, fault: null };
    await complete(parts, row);
    return { complete: true, pages: fetch.pages, records: fetch.records, fault: null };
  } catch (error) {
    await parts.settled().catch(() => {});
    if (signal.aborted) return { complete: false, pages: fetch.pages, records: fetch.records, fault: null };
    const fault = faultOf(error);
    parts.count({ what: 'fault', kind: row.kind, fault });
    await putOff(parts, row, error, fetch.pages > 0);
    return { complete: false, pages: fetch.pages, records: fetch.records, fault };
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
  // A list is always the whole one, and is begun anew after a kill: it has no pages to go on from.
  const anew =
    stale ||
    (row.kind === 'list' && row.cursor?.sweep !== true) ||
    (row.cursor === null && row.checkpoint === null);
  return parts.db
    .updateTable('exchange')
    .set({
      tried_at: new Date(now),
      ...(anew && { cursor: null, whole: true, round: row.round + 1 }),
      ...(stale && { checkpoint: null }),
    })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

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

async function fetchList(parts: Parts, fetch: Fetch): Promise<void> {
  const { row, signal } = fetch;
  const keys = await keysFor(parts.config, row.name);
  if (row.cursor?.sweep !== true) {
    const found = await findList(parts, row, { keys, signal });
    if (found === null) return;
    const at = parts.clock();
    let last: { readonly updates: readonly Update[]; readonly unread: number } | undefined;
    for await (const part of readList(row, found, at)) {
      if (last !== undefined) await keep(parts, fetch, 'told', { ...last, cursor: null });
      if (signal.aborted) return;
      last = part;
    }
    const checkpoint = { ...found.mark, at };
    if (last !== undefined) await keep(parts, fetch, 'told', { ...last, cursor: sweeping, checkpoint });
  }
  if (!signal.aborted) await sweep(parts, fetch);
}
