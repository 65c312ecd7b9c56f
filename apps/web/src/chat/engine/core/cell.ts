import { type Descriptor, decodeDescriptor } from '@accord/sealed-media';
import type { EngineErrorCode, Entry, MessageEntry, MessageState, Note, Quote } from '../api.ts';
import type { PictureFacts } from '../pictures-api.ts';
import { asUuid, fromBase64Url } from './bytes.ts';
import { before, type Content, type Mark, type Newer } from './content.ts';
import type { Proof } from './franking.ts';

/*
 * One place in a timeline as everything that was said about it. Events are merged in any order, any number of
 * times, and give the same cell; what is shown is derived. Whether an edit or a deletion may count is judged
 * when showing, for its target may arrive later.
 */

/** A picture's descriptor with what is shown of it; null until a picture of one's own is ready to leave. */
interface BasePicture extends PictureFacts {
  readonly descriptor: string | null;
  /** When its attestation ends: a message that reached the server later is shown by nobody. */
  readonly vouchedUntil?: number;
}

interface Base {
  readonly author: string;
  readonly at: number;
  readonly kind: 'text' | 'newer' | 'picture';
  readonly text: string | null;
  readonly replyTo: string | null;
  /** Seconds; 0 keeps it. */
  readonly expires: number;
  readonly firstLine: boolean;
  readonly written: number;
  readonly picture?: BasePicture;
  /** For a report; absent where the other side's app committed to nothing. */
  readonly proof?: Proof;
}

interface Edit {
  readonly id: string;
  readonly author: string;
  readonly at: number;
  readonly text: string;
}

interface Reaction {
  readonly id: string;
  readonly at: number;
  readonly emoji: string | null;
}

export interface Cell {
  readonly id: string;
  readonly base: Base | null;
  readonly edits: readonly Edit[];
  readonly deletedBy: readonly string[];
  readonly reactions: Readonly<Record<string, Reaction>>;
  readonly note: { readonly at: number; readonly note: Note } | null;
  /** Set while this device is still to deliver it. */
  readonly out: { readonly state: 'queued' | 'failed'; readonly failure: EngineErrorCode | null } | null;
}

/** A content with who said it and when; own ones carry this device's clock until the server answered. */
export interface Said {
  readonly author: string;
  readonly at: number;
  readonly content: Content | Newer;
  readonly firstLine?: boolean;
  readonly proof?: Proof | null;
}

export const emptyCell = (id: string): Cell => ({
  id,
  base: null,
  edits: [],
  deletedBy: [],
  reactions: {},
  note: null,
  out: null,
});

/** The cell that a content speaks about; null where it is about none (receipts, timers). */
export function targetOf(content: Content | Newer): string | null {
  switch (content.kind) {
    case 'text':
    case 'picture':
    case 'newer':
      return content.id;
    case 'edit':
    case 'delete':
    case 'reaction':
      return content.target;
    default:
      return null;
  }
}

/** Merges one event. Commutative, associative and idempotent for events that are settled. */
export function merge(cell: Cell, said: Said): Cell {
  const { content, author, at } = said;
  switch (content.kind) {
    case 'text':
    case 'picture':
    case 'newer':
      return mergeBase(cell, said);
    case 'edit': {
      const edit = { id: content.id, author, at, text: content.text };
      const same = cell.edits.find((known) => known.id === edit.id && known.author === author);
      if (same !== undefined && !precedes([at, edit.text], [same.at, same.text])) return cell;
      const edits = [...cell.edits.filter((known) => known !== same), edit];
      return { ...cell, edits: edits.sort((a, b) => (precedes(rank(a), rank(b)) ? -1 : 1)) };
    }
    case 'delete':
      if (cell.deletedBy.includes(author)) return cell;
      return { ...cell, deletedBy: [...cell.deletedBy, author].sort() };
    case 'reaction': {
      const known = cell.reactions[author];
      const next = { id: content.id, at, emoji: content.emoji };
      if (known !== undefined && !precedes(rankOf(known), rankOf(next))) return cell;
      return { ...cell, reactions: { ...cell.reactions, [author]: next } };
    }
    default:
      return cell;
  }
}

type Rank = readonly (string | number)[];

/** Lexicographic order of tuples: one total order, so that contradicting events meet the same end everywhere. */
function precedes(a: Rank, b: Rank): boolean {
  for (const [index, value] of a.entries()) {
    const other = b[index];
    if (other === undefined) return false;
    if (value !== other) return value < other;
  }
  return false;
}

const rank = (edit: Edit): Rank => [edit.at, edit.id, edit.author];
const rankOf = (reaction: Reaction): Rank => [reaction.at, reaction.id, reaction.emoji ?? ''];
/** Whether a picture's proof had run out when the server took its message. */
export const isLate = ({ at, picture }: Pick<Base, 'at' | 'picture'>): boolean =>
  picture?.vouchedUntil !== undefined && at > picture.vouchedUntil;

const rankOfBase = (base: Base): Rank => [
  isLate(base) ? 1 : 0,
  base.at,
  base.author,
  base.kind,
  base.text ?? base.picture?.descriptor ?? '',
  base.replyTo ?? '',
];

/** Ids are the author's choice: where two messages carry one id, the first keeps it, unless it was a picture sent too late. */
function mergeBase(cell: Cell, { content, author, at, firstLine, proof }: Said): Cell {
  if (content.kind !== 'text' && content.kind !== 'newer' && content.kind !== 'picture') return cell;
  const picture = content.kind === 'picture' ? pictureOf(content.descriptor) : null;
  const { expires = 0, written = 0 } = content.kind === 'newer' ? {} : content;
  const base: Base = {
    author,
    at,
    // A descriptor that can't be read says no more than a kind that is not known.
    kind: content.kind === 'picture' && picture === null ? 'newer' : content.kind,
    text: content.kind === 'text' ? content.text : null,
    replyTo: content.kind === 'text' ? (content.replyTo ?? null) : null,
    expires,
    firstLine: firstLine ?? false,
    written,
    ...(picture === null ? {} : { picture }),
    ...(proof === undefined || proof === null ? {} : { proof }),
  };
  if (cell.base !== null && !precedes(rankOfBase(base), rankOfBase(cell.base))) return cell;
  return { ...cell, base };
}

function pictureOf(descriptor: string): BasePicture | null {
  try {
    const read = decodeDescriptor(fromBase64Url(descriptor));
    return { ...factsOf(read), descriptor, vouchedUntil: read.attestation.exp };
  } catch {
    return null;
  }
}

/** Below this quality a hash says little: the sender's app could not be checked, and the receiver is told. */
const leastQuality = 50;

/** What is shown of a picture before it is opened. */
const factsOf = (d: Descriptor): PictureFacts => ({
  blobId: asUuid(d.blobId),
  width: d.width,
  height: d.height,
  depicts: d.terms.depicts,
  maxViews: d.terms.maxViews,
  expiresAt: d.terms.expiresAt,
  yeses: d.consents.length,
  unverifiable: d.q < leastQuality,
});

/** Replaces this device's clock by the server's instant in what the content `id` left in the cell. */
export function settle(cell: Cell, id: string, author: string, at: number): Cell {
  const mine = cell.reactions[author];
  const own = cell.base !== null && cell.id === id && cell.base.author === author;
  return {
    ...cell,
    base: own && cell.base !== null ? { ...cell.base, at } : cell.base,
    out: own ? null : cell.out,
    edits: cell.edits
      .map((edit) => (edit.id === id && edit.author === author ? { ...edit, at } : edit))
      .sort((a, b) => (precedes(rank(a), rank(b)) ? -1 : 1)),
    reactions: mine?.id === id ? { ...cell.reactions, [author]: { ...mine, at } } : cell.reactions,
  };
}

/** What the view of a cell depends on besides the cell. */
export interface Eye {
  readonly me: string;
  readonly now: number;
  /** Up to where the other side says that messages arrived, and were read. */
  readonly delivered: Mark | null;
  readonly read: Mark | null;
  readonly quote: (id: string) => Quote;
}

/** When the cell vanishes; null for never. */
export function expiryOf(cell: Cell): number | null {
  return cell.base === null || cell.base.expires === 0 ? null : cell.base.at + cell.base.expires * 1000;
}

/** The text as it stands now; null where there is none to show. */
export function textOf(cell: Cell): string | null {
  const { base } = cell;
  if (base === null || cell.deletedBy.includes(base.author)) return null;
  return cell.edits.filter((edit) => edit.author === base.author).at(-1)?.text ?? base.text;
}

/** The point that a receipt names when it reaches up to this cell. */
export function markOf(cell: Cell): Mark {
  return { at: cell.base?.at ?? cell.note?.at ?? 0, id: cell.id };
}

/**
 * The order of a timeline, as text that compares like it: the server's instant, then, for what came to it in one
 * instant, the author and the order in which they wrote.
 */
export function rankOfCell(cell: Cell): string {
  const digits = (value: number) => value.toString(36).padStart(9, '0');
  const { at } = markOf(cell);
  return [digits(at), cell.base?.author ?? '', digits(cell.base?.written ?? 0), cell.id].join('/');
}

/** What a person sees; null where there is nothing to see (no base yet, or expired). */
export function view(cell: Cell, seq: number, eye: Eye): Entry | null {
  if (cell.note !== null) return { type: 'note', id: cell.id, seq, rank: rankOfCell(cell), ...cell.note };
  const { base } = cell;
  const expiresAt = expiryOf(cell);
  if (base === null || (expiresAt !== null && expiresAt <= eye.now)) return null;
  const deleted = cell.deletedBy.includes(base.author);
  const edits = cell.edits.filter((edit) => edit.author === base.author);
  const entry: MessageEntry = {
    type: 'message',
    id: cell.id,
    seq,
    rank: rankOfCell(cell),
    at: base.at,
    mine: base.author === eye.me,
    text: textOf(cell),
    kind: deleted ? 'deleted' : base.kind,
    picture: deleted || base.picture === undefined ? null : factsIn(base.picture),
    replyTo: deleted || base.replyTo === null ? null : eye.quote(base.replyTo),
    reactions: deleted ? [] : reactionsOf(cell, eye.me),
    history: deleted ? [] : historyOf(base, edits),
    editedAt: deleted ? null : (edits.at(-1)?.at ?? null),
    state: stateOf(cell, base, eye),
    failure: cell.out?.failure ?? null,
    expiresAt: cell.out === null ? expiresAt : null,
    firstLine: base.firstLine,
  };
  return entry;
}

export function factsIn({ descriptor: _, vouchedUntil: __, ...facts }: BasePicture): PictureFacts {
  return facts;
}

function reactionsOf(cell: Cell, me: string): MessageEntry['reactions'] {
  return Object.entries(cell.reactions)
    .filter(([, reaction]) => reaction.emoji !== null)
    .sort(([, a], [, b]) => (precedes(rankOf(a), rankOf(b)) ? -1 : 1))
    .map(([author, reaction]) => ({ emoji: reaction.emoji ?? '', mine: author === me }));
}

function historyOf(base: Base, edits: readonly Edit[]): MessageEntry['history'] {
  if (edits.length === 0 || base.text === null) return [];
  return [{ at: base.at, text: base.text }, ...edits.slice(0, -1).map(({ at, text }) => ({ at, text }))];
}

function stateOf(cell: Cell, base: Base, eye: Eye): MessageState {
  if (base.author !== eye.me) return 'received';
  if (cell.out !== null) return cell.out.state;
  if (base.firstLine || (eye.read !== null && !before(eye.read, base))) return 'read';
  return eye.delivered !== null && !before(eye.delivered, base) ? 'delivered' : 'sent';
}
