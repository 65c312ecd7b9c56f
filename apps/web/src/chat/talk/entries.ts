import type { Entry, MessageEntry } from '../engine/api.ts';

/** A conversation's loaded entries in order, with their ids at hand. */
export interface Entries {
  readonly list: readonly Entry[];
  readonly byId: ReadonlyMap<string, Entry>;
}

export const noEntries: Entries = { list: [], byId: new Map() };

/** Sorts after every rank of the engine: a bubble that the engine has not placed yet stands last. */
const unplaced = '~';

/**
 * Puts new and changed entries in, takes removed ones out. Most changes are appended at the end or replace an
 * entry where it stands: neither sorts.
 */
export function mergeEntries(
  now: Entries,
  changed: readonly Entry[],
  removed: readonly string[] = [],
): Entries {
  if (changed.length === 0 && removed.length === 0) return now;
  const byId = new Map(now.byId);
  for (const id of removed) byId.delete(id);
  for (const entry of changed) byId.set(entry.id, entry);
  const inPlace =
    removed.length === 0 && changed.every((entry) => now.byId.get(entry.id)?.rank === entry.rank);
  if (inPlace) return { list: now.list.map((entry) => byId.get(entry.id) ?? entry), byId };
  const last = now.list.at(-1);
  const fresh = changed.every(
    ({ id, rank }) => !now.byId.has(id) && (last === undefined || rank > last.rank),
  );
  if (removed.length === 0 && fresh) return { list: [...now.list, ...sorted(changed)], byId };
  return { list: sorted([...byId.values()]), byId };
}

const sorted = (entries: readonly Entry[]) =>
  [...entries].sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));

let written = 0;

/** The bubble of a message in the frame after Enter, before the engine has it. */
export function optimistic(
  id: string,
  text: string,
  replyTo: MessageEntry['replyTo'],
  now: number,
): MessageEntry {
  written += 1;
  return {
    type: 'message',
    id,
    seq: Number.MAX_SAFE_INTEGER,
    rank: `${unplaced}${String(written).padStart(12, '0')}`,
    at: now,
    mine: true,
    text,
    kind: 'text',
    replyTo,
    reactions: [],
    history: [],
    editedAt: null,
    state: 'queued',
    failure: null,
    expiresAt: null,
    firstLine: false,
  };
}

/** A line of the timeline as it is drawn. */
export type Row =
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | { readonly type: 'new'; readonly key: string }
  | {
      readonly type: 'entry';
      readonly key: string;
      readonly entry: Entry;
      /** Place among the entries, from 0. */
      readonly index: number;
      /** Written by the same person shortly after the one above: stands closer to it. */
      readonly follows: boolean;
    };

const closeTogether = 5 * 60_000;

/** Entries with the days between them, and the divider before `firstUnread`. */
export function rowsOf(entries: readonly Entry[], firstUnread: string | null): Row[] {
  const rows: Row[] = [];
  let before: Entry | null = null;
  for (const [index, entry] of entries.entries()) {
    const newDay = before === null || dayOf(before.at) !== dayOf(entry.at);
    if (newDay) rows.push({ type: 'day', key: `day ${dayOf(entry.at)} ${entry.id}`, at: entry.at });
    const divides = entry.id === firstUnread;
    if (divides) rows.push({ type: 'new', key: 'new' });
    rows.push({
      type: 'entry',
      key: entry.id,
      entry,
      index,
      follows: !newDay && !divides && before !== null && belongs(before, entry),
    });
    before = entry;
  }
  return rows;
}

function belongs(before: Entry, entry: Entry): boolean {
  return (
    before.type === 'message' &&
    entry.type === 'message' &&
    before.mine === entry.mine &&
    entry.at - before.at < closeTogether
  );
}

const dayOf = (at: number): number => {
  const date = new Date(at);
  return date.getFullYear() * 400 + date.getMonth() * 31 + date.getDate();
};
