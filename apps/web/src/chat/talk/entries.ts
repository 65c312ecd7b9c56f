import type { Entry, MessageEntry } from '../engine/api.ts';

/** More changes than this come with a page of older entries: sorting is then cheaper than placing each. */
const many = 16;

/**
 * Puts new and changed entries in, takes removed ones out; the list stays in the order of ranks. What changes is
 * mostly near the end, so it is looked for from there.
 */
export function mergeEntries(
  now: readonly Entry[],
  changed: readonly Entry[],
  removed: readonly string[] = [],
): readonly Entry[] {
  if (changed.length === 0 && removed.length === 0) return now;
  // Where an id is named twice, the last word counts.
  const latest = new Map(changed.map((entry) => [entry.id, entry]));
  const gone = new Set([...latest.keys(), ...removed]);
  const list = [...now];
  for (let at = list.length - 1; at >= 0 && gone.size > 0; at -= 1) {
    const here = list[at];
    if (here === undefined || !gone.delete(here.id)) continue;
    const next = latest.get(here.id);
    if (next?.rank === here.rank) {
      list[at] = next;
      latest.delete(here.id);
    } else list.splice(at, 1);
  }
  if (latest.size > many) return [...list, ...latest.values()].sort((a, b) => (a.rank < b.rank ? -1 : 1));
  for (const entry of latest.values()) {
    let at = list.length;
    while (at > 0 && (list[at - 1]?.rank ?? '') > entry.rank) at -= 1;
    list.splice(at, 0, entry);
  }
  return list;
}

/** The entry with an id; most that are asked for are near the end. */
export const entryOf = (entries: readonly Entry[], id: string): Entry | undefined =>
  entries.findLast((entry) => entry.id === id);

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

/** The rows of a list, to go on from when it grows. */
export interface Rows {
  readonly entries: readonly Entry[];
  readonly firstUnread: string | null;
  readonly rows: readonly Row[];
}

export const noRows: Rows = { entries: [], firstUnread: null, rows: [] };

/** Entries with the days between them, and the divider before `firstUnread`; `before` is what was drawn last. */
export function rowsOf(entries: readonly Entry[], firstUnread: string | null, before: Rows = noRows): Rows {
  const grown =
    before.firstUnread === firstUnread &&
    before.entries.length <= entries.length &&
    before.entries.every((entry, index) => entry === entries[index]);
  const rows: Row[] = grown ? [...before.rows] : [];
  let index = grown ? before.entries.length : 0;
  let above = entries[index - 1];
  let day = above === undefined ? { from: 0, to: 0 } : dayOf(above.at);
  for (const entry of entries.slice(index)) {
    // A date is made once a day, not once a message: 20,000 of them are a frame.
    const newDay = entry.at < day.from || entry.at >= day.to;
    if (newDay) {
      day = dayOf(entry.at);
      rows.push({ type: 'day', key: `day ${day.from} ${entry.id}`, at: entry.at });
    }
    const divides = entry.id === firstUnread;
    if (divides) rows.push({ type: 'new', key: 'new' });
    const follows = !newDay && !divides && above !== undefined && belongs(above, entry);
    rows.push({ type: 'entry', key: entry.id, entry, index, follows });
    above = entry;
    index += 1;
  }
  return { entries, firstUnread, rows };
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
