import type { Conversation } from '../api.ts';
import type { Cell } from './cell.ts';
import type { Mark } from './content.ts';

/** A conversation as it lies, sealed, in the store. */
export interface ConversationRecord {
  /** Its number on this device, part of the keys of everything of it. */
  readonly place: number;
  readonly id: string;
  readonly peer: {
    readonly accountId: string;
    readonly pseudonym: string;
    /** Pinned on first use, base64url. */
    readonly identityPublicKey: string;
  };
  /** Another identity key that the server now names for the other side; nothing is sent until it is accepted. */
  readonly offeredKey: string | null;
  readonly verified: boolean;
  /** The key was changed and accepted: the code must be compared again. */
  readonly keyChanged: boolean;
  readonly createdAt: number;
  readonly closed: boolean;
  /** This person blocked the other one; for the other one nothing is closed. */
  readonly blocked: boolean;
  readonly groupId: string | null;
  /** This device has the group's state and follows it. */
  readonly joined: boolean;
  /** It had a state once: coming back is told in other words than coming first. */
  readonly wasJoined: boolean;
  readonly timer: number;
  /** What set the timer last. */
  readonly timerMark: Mark | null;
  readonly draft: string;
  readonly nextSeq: number;
  readonly count: number;
  /** The server's latest instant seen here. */
  readonly lastAt: number;
  readonly unread: number;
  readonly firstUnread: string | null;
  /** Up to where this person has read. */
  readonly readMark: Mark | null;
  /** Up to where the other side has received, and read. */
  readonly peerDelivered: Mark | null;
  readonly peerRead: Mark | null;
  /** Receipts that are still to be told. */
  readonly owed: { readonly delivered: Mark | null; readonly read: Mark | null };
}

export const newRecord = (
  place: number,
  id: string,
  peer: ConversationRecord['peer'],
  createdAt: number,
): ConversationRecord => ({
  place,
  id,
  peer,
  offeredKey: null,
  verified: false,
  keyChanged: false,
  createdAt,
  closed: false,
  blocked: false,
  groupId: null,
  joined: false,
  wasJoined: false,
  timer: 0,
  timerMark: null,
  draft: '',
  nextSeq: 1,
  count: 0,
  lastAt: 0,
  unread: 0,
  firstUnread: null,
  readMark: null,
  peerDelivered: null,
  peerRead: null,
  owed: { delivered: null, read: null },
});

/** Where a cell is stored. */
export interface Placed {
  readonly place: number;
  readonly seq: number;
}

export interface PlacedCell extends Placed {
  readonly cell: Cell;
}

const digits = (value: number, width: number) => value.toString(36).padStart(width, '0');

export const placeKey = (place: number): string => digits(place, 5);
export const cellKey = ({ place, seq }: Placed): string => `${digits(place, 5)}/${digits(seq, 9)}`;
/** Keys of all cells of a conversation before `seq`. */
export const cellRange = (place: number, before?: number): { from: string; to: string } => ({
  from: `${digits(place, 5)}/`,
  to: before === undefined ? `${digits(place, 5)}0` : cellKey({ place, seq: before }),
});
export const orderKey = (order: number): string => digits(order, 9);
export const seqOfKey = (key: string): number => Number.parseInt(key.slice(key.indexOf('/') + 1), 36);

/** The other side's key as a person is told. */
export function keyState(record: ConversationRecord): Conversation['key'] {
  if (record.offeredKey !== null || record.keyChanged) return 'changed';
  return record.verified ? 'verified' : 'unverified';
}
