import type { Change } from './book.ts';
import { type Cell, markOf, merge, targetOf } from './cell.ts';
import { before, type Content, later, type Mark, type Newer } from './content.ts';
import type { Proof } from './franking.ts';

/** A content that came, or that this device says, with what is around it. */
export interface Arrival {
  readonly place: number;
  /** Account that says it, as the group's keys prove. */
  readonly author: string;
  readonly at: number;
  readonly content: Content | Newer;
  readonly firstLine?: boolean;
  /** What proves that it was sent, where it can be proved. */
  readonly proof?: Proof | null;
}

/** Merges a content into the conversation and keeps its counts. `me` is this account. */
export async function applyArrival(change: Change, me: string, arrival: Arrival): Promise<void> {
  const { place, author, at, content } = arrival;
  if (content.kind === 'receipt') {
    await applyReceipt(change, me, arrival, content);
    return;
  }
  if (content.kind === 'timer') {
    await applyTimer(change, me, arrival, content.seconds);
    return;
  }
  const target = targetOf(content);
  if (target === null) return;
  const known = await change.find(target);
  const isNew = known?.cell.base === null || known === undefined;
  const placed = await change.update(place, target, (cell) => merge(cell, arrival));
  if (placed === null) return;
  const record = change.record(place);
  const opens = content.kind === 'text' || content.kind === 'picture' || content.kind === 'newer';
  const seen = { ...record, lastAt: Math.max(record.lastAt, at) };
  if (!opens || author === me || !isNew) {
    change.set(seen);
    return;
  }
  const mark = markOf(placed.cell);
  const unread = record.readMark === null || before(record.readMark, mark);
  change.set({
    ...seen,
    unread: record.unread + (unread ? 1 : 0),
    firstUnread: unread ? (record.firstUnread ?? content.id) : record.firstUnread,
    owed: { ...record.owed, delivered: later(record.owed.delivered, mark) },
  });
}

async function applyReceipt(
  change: Change,
  me: string,
  { place, author }: Arrival,
  receipt: Extract<Content, { kind: 'receipt' }>,
): Promise<void> {
  const record = change.record(place);
  if (author === me) {
    // Another device of this person has read it.
    if (receipt.read !== undefined) await moveRead(change, me, place, receipt.read);
    return;
  }
  const { delivered, read } = receipt;
  const reachedHere = async (former: Mark | null, mark: Mark | undefined) =>
    mark === undefined ? former : later(former, await asKnownHere(change, place, mark));
  const peerDelivered = await reachedHere(record.peerDelivered, delivered);
  change.set({ ...record, peerDelivered, peerRead: await reachedHere(record.peerRead, read) });
}

/** After a lost answer the server named another instant to this device than to the receiver; the id tells. */
async function asKnownHere(change: Change, place: number, mark: Mark): Promise<Mark> {
  const named = await change.find(mark.id);
  const at = named?.place === place ? (named.cell.base?.at ?? 0) : 0;
  return { ...mark, at: Math.max(mark.at, at) };
}

/** How far back unread messages are counted; beyond, a badge says no more than "many". */
const countedBack = 1000;

/** Everything up to `mark` is read; counts what is not. */
export async function moveRead(change: Change, me: string, place: number, mark: Mark): Promise<boolean> {
  const record = change.record(place);
  if (record.readMark !== null && !before(record.readMark, mark)) return false;
  let unread = 0;
  let firstUnread: Mark | null = null;
  if (record.unread > 0)
    for (const { cell } of await change.latest(place, Math.min(countedBack, record.unread * 4 + 20))) {
      const here = markOf(cell);
      if (cell.base === null || cell.base.author === me || !before(mark, here)) continue;
      unread += 1;
      if (firstUnread === null || !before(firstUnread, here)) firstUnread = here;
    }
  change.set({ ...record, readMark: mark, unread, firstUnread: firstUnread?.id ?? null });
  return true;
}

async function applyTimer(change: Change, me: string, arrival: Arrival, seconds: number): Promise<void> {
  const { place, author, at, content } = arrival;
  const note = { kind: 'timer' as const, mine: author === me, seconds };
  await change.update(place, content.id, (cell) =>
    cell.note === null ? { ...cell, note: { at, note } } : cell,
  );
  const record = change.record(place);
  const mark = { at, id: content.id };
  if (record.timerMark !== null && before(mark, record.timerMark)) return;
  change.set({ ...record, timer: seconds, timerMark: mark, lastAt: Math.max(record.lastAt, at) });
}

/** A line of the system in the timeline; `id` makes it appear once. */
export async function addNote(
  change: Change,
  place: number,
  id: string,
  at: number,
  note: NonNullable<Cell['note']>['note'],
): Promise<void> {
  await change.update(place, id, (cell) => (cell.note === null ? { ...cell, note: { at, note } } : cell));
}
