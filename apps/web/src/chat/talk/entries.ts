import type { Entry, MessageEntry } from '../engine/api.ts';
import { LongList } from './long-list.ts';

/** The entries of a conversation that are loaded, in the order of their ranks. */
export type Entries = LongList<Entry>;

export const noEntries: Entries = LongList.of(({ id }) => id);

/** More changes than this come with a page of older entries: sorting is then cheaper than placing each. */
const many = 16;

/** Puts new and changed entries in, takes removed ones out; the list stays in the order of ranks. */
export function mergeEntries(
  now: Entries,
  changed: readonly Entry[],
  removed: readonly string[] = [],
): Entries {
  // Where an id is named twice, the last word counts.
  const latest = new Map(changed.map((entry) => [entry.id, entry]));
  const gone = new Set([...latest.keys(), ...removed]);
  if (gone.size > many) {
    const kept = now.slice().filter(({ id }) => !gone.has(id));
    const all = [...kept, ...latest.values()].sort((a, b) => (a.rank < b.rank ? -1 : 1));
    return noEntries.splice(0, 0, all);
  }
  let list = now;
  for (const id of gone) {
    const at = list.indexOf(id);
    if (at < 0) continue;
    const next = latest.get(id);
    const stays = next !== undefined && next.rank === list.at(at)?.rank;
    list = list.splice(at, 1, stays ? [next] : []);
    if (stays) latest.delete(id);
  }
  for (const entry of latest.values()) {
    let at = list.length;
    while (at > 0 && (list.at(at - 1)?.rank ?? '') > entry.rank) at -= 1;
    list = list.splice(at, 0, [entry]);
  }
  return list;
}

/** Sorts after every rank of the engine: a bubble that the engine has not placed yet stands last. */
const unplaced = '~';

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
    picture: null,
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

/** The rows of a list, to go on from when it changes. */
export interface Rows {
  readonly entries: Entries;
  readonly firstUnread: string | null;
  readonly rows: LongList<Row>;
}

export const noRows: Rows = { entries: noEntries, firstUnread: null, rows: LongList.of(({ key }) => key) };

/**
 * Entries with the days between them, and the divider before `firstUnread`. Of `before`, what was drawn last, all
 * rows stay that are the same now: those up to the first change are not even looked at.
 */
export function rowsOf(entries: Entries, firstUnread: string | null, before: Rows = noRows): Rows {
  const kept = before.firstUnread === firstUnread ? before.entries.sharedWith(entries) : 0;
  let above = kept === 0 ? undefined : entries.at(kept - 1);
  const from = above === undefined ? 0 : before.rows.indexOf(above.id) + 1;
  const drawn = before.rows.slice(from);
  const rows: Row[] = [];
  const push = (row: Row) => {
    const last = drawn[rows.length];
    rows.push(last !== undefined && alike(last, row) ? last : row);
  };
  let index = kept;
  let day = above === undefined ? { from: 0, to: 0 } : dayOf(above.at);
  for (const entry of entries.slice(kept)) {
    // A date is made once a day, not once a message: 20,000 of them are a frame.
    const newDay = entry.at < day.from || entry.at >= day.to;
    if (newDay) {
      day = dayOf(entry.at);
      push({ type: 'day', key: `day ${day.from} ${entry.id}`, at: day.from });
    }
    const divides = entry.id === firstUnread;
    if (divides) push({ type: 'new', key: 'new' });
    const follows = !newDay && !divides && above !== undefined && belongs(above, entry);
    push({ type: 'entry', key: entry.id, entry, index, follows });
    above = entry;
    index += 1;
  }
  return { entries, firstUnread, rows: before.rows.splice(from, before.rows.length - from, rows) };
}

/** Whether two rows with places in one list are drawn alike. */
function alike(one: Row, other: Row): boolean {
  if (one.key !== other.key || one.type !== 'entry' || other.type !== 'entry') return one.key === other.key;
  return one.entry === other.entry && one.index === other.index && one.follows === other.follows;
}

function belongs(before: Entry, entry: Entry): boolean {
  return (
    before.type === 'message' &&
    entry.type === 'message' &&
    before.mine === entry.mine &&
    entry.at - before.at < closeTogether
  );
}

/** From midnight to midnight, where this person is. */
function dayOf(at: number): { from: number; to: number } {
  const date = new Date(at);
  const from = date.setHours(0, 0, 0, 0);
  return { from, to: date.setDate(date.getDate() + 1) };
}
