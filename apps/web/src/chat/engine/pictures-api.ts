import type { Depiction, SealedMediaCode } from '@accord/sealed-media';
import type { EngineErrorCode, ReportReason } from './api.ts';

/*
 * Pictures as the pages see them. The engine seals, attests, sends, fetches and opens; decoding, hashing and drawing are
 * the tab's own (`pictures/studio`). A picture is named by the message that carries it.
 */

/** Why a picture that came is not shown. Each has its own sentence; none is told to anybody else. */
export type PictureRefusal =
  | SealedMediaCode
  /** The delivery service did not vouch for the message. */
  | 'tag_missing'
  /** Taken back, expired or seen as often as it may be: the server says no more than that. */
  | 'gone'
  /** The matching service no longer lets it be shown. */
  | 'no_longer_allowed'
  /** Its sender names others in it and shows no yes of theirs. */
  | 'yes_missing'
  | 'picture_unreadable';

/** What the descriptor says: the sender's word, held against the server's and the own hash when it is opened. */
export interface PictureFacts {
  readonly blobId: string;
  readonly width: number;
  readonly height: number;
  readonly depicts: Depiction;
  readonly maxViews: number | null;
  readonly expiresAt: number | null;
  /** Yeses of people in it that came with it. */
  readonly yeses: number;
  /** Too plain or too small to be told from others: nobody could check it against known pictures. */
  readonly unverifiable: boolean;
}

export type PictureMode = 'ask' | 'always' | 'never';

/** Hashes of 32 bytes, one after another; see the contract of `matching.attest`. */
export interface Asked {
  readonly turned: Uint8Array;
  readonly parts: Uint8Array;
  readonly against: Uint8Array;
  readonly wholes: Uint8Array;
}

/** A picture in its one form, ready to be sealed. */
export interface Prepared {
  readonly bytes: Uint8Array;
  readonly type: 'image/jpeg';
  readonly width: number;
  readonly height: number;
  readonly hash: Uint8Array;
  readonly quality: number;
  readonly asked: Asked;
  readonly kept: Uint8Array;
  readonly anchors: Uint8Array;
  readonly thumbnail: Uint8Array;
}

/** Somebody in the picture who is asked before it leaves. */
export type Depicted =
  | { readonly kind: 'member'; readonly accountId: string; readonly pseudonym: string }
  | { readonly kind: 'link'; readonly name: string };

export interface PictureTerms {
  /** Seconds from the sending; null: until it is taken back. */
  readonly lasts: number | null;
  readonly maxViews: number | null;
  readonly depicts: Depiction;
}

/**
 * Where an own picture stands. `refused`: the matching service does not let it pass. `declined`: somebody in it said no,
 * or nothing. `failed` waits for the person.
 */
export type SendingStep =
  | 'checking'
  | 'asking'
  | 'waiting'
  | 'uploading'
  | 'sending'
  | 'sent'
  | 'refused'
  | 'declined'
  | 'failed';

export interface AskedPerson {
  readonly consentId: string;
  readonly name: string;
  readonly member: boolean;
  readonly state: 'waiting' | 'yes' | 'no' | 'withdrawn';
  /** The one-time link, while it waits, for the sender to hand over. */
  readonly link: string | null;
  /** Their signed yes as base64url CBOR, for the sender to show. */
  readonly record: string | null;
}

export interface SendingLook {
  readonly step: SendingStep;
  /** 0–1 of the upload. */
  readonly progress: number;
  readonly failure: EngineErrorCode | null;
  /** Under which a refusal can be asked about. */
  readonly appeal: string | null;
  readonly people: readonly AskedPerson[];
}

/** How a picture, or somebody's access to it, stands. */
type PictureState = 'open' | 'revoked' | 'expired' | 'used_up' | 'withdrawn' | 'closed' | 'removed';

/** An own picture that left, as the server last told: what its sender may know of its views. */
export interface SentLook {
  readonly state: PictureState;
  readonly views: number;
  readonly lastView: number | null;
}

/** What a bubble shows of a picture. */
export interface PictureLook extends PictureFacts {
  readonly mine: boolean;
  /** Of an own one; null while it has not left, and where nothing was heard of it. */
  readonly sent: SentLook | null;
  /** A small JPEG on the sender's own device. */
  readonly thumbnail: Uint8Array | null;
  readonly sending: SendingLook | null;
  /** What this person decided about the sender's pictures, and about this one. */
  readonly mode: PictureMode;
  readonly accepted: boolean;
  readonly ended: boolean;
  readonly refusal: PictureRefusal | null;
  /** Null before the first view, and where there is no limit. */
  readonly viewsLeft: number | null;
  readonly seen: boolean;
  /** This person may share it with these people until then. */
  readonly grant: {
    readonly receivers: readonly { readonly accountId: string; readonly pseudonym: string }[];
    readonly until: number;
  } | null;
}

export type Opened =
  | {
      readonly outcome: 'open';
      readonly bytes: Uint8Array<ArrayBuffer>;
      /** The attested hash, which the drawn pixels are held against. */
      readonly hash: Uint8Array;
      /** The banks moved since: the matching service must be asked before drawing. */
      readonly askAgain: boolean;
      readonly viewsLeft: number | null;
      readonly expiresAt: number | null;
    }
  | { readonly outcome: 'refused'; readonly code: PictureRefusal };

/** One's own picture: where it is, who saw it when, how long still. */
export interface MyPicture {
  readonly blobId: string;
  /** Null where this device does not know the message. */
  readonly messageId: string | null;
  readonly thumbnail: Uint8Array | null;
  readonly createdAt: number;
  readonly state: PictureState;
  readonly depicts: Depiction;
  readonly maxViews: number | null;
  readonly expiresAt: number | null;
  readonly receivers: readonly {
    readonly accountId: string;
    readonly pseudonym: string;
    readonly state: PictureState;
    readonly views: readonly number[];
    readonly viewCount: number;
  }[];
  /** Names of those in it who said yes. */
  readonly people: readonly AskedPerson[];
  readonly grants: readonly GrantLook[];
}

export interface GrantLook {
  readonly id: string;
  readonly to: string;
  readonly names: readonly string[];
  readonly until: number;
}

/** A question to this person about a picture that they are in. */
export interface ConsentQuestion {
  readonly consentId: string;
  readonly askedBy: { readonly accountId: string; readonly pseudonym: string };
  readonly state: 'waiting' | 'yes' | 'no' | 'withdrawn';
  readonly askedAt: number;
  readonly lapsesAt: number;
  readonly answeredAt: number | null;
  readonly receivers: readonly { readonly accountId: string; readonly pseudonym: string }[];
  /** Until when the asker would have it seen; null: until it is taken back. */
  readonly until: number | null;
  /** The signed record as base64url CBOR, once the answer was yes. */
  readonly record: string | null;
}

export interface PicturesApi {
  /** Queues a picture; durable before it resolves. It leaves by itself when everybody asked has said yes. */
  send(input: {
    readonly conversationId: string;
    readonly id: string;
    readonly picture: Prepared;
    readonly terms: PictureTerms;
    readonly people: readonly Depicted[];
  }): Promise<void>;
  look(input: { readonly messageId: string }): Promise<PictureLook | null>;
  /** The receiver's yes: to this one, to all of this person's, or never. The sender is not told. */
  decide(input: { readonly messageId: string; readonly answer: 'once' | PictureMode }): Promise<void>;
  /** Checks, fetches, counts a view and opens. Nothing may be drawn before its hash was compared. */
  open(input: { readonly messageId: string }): Promise<Opened>;
  /** Asks the matching service with the hash of what would be drawn. */
  askAgain(input: {
    readonly messageId: string;
    readonly hash: Uint8Array;
    readonly quality: number;
    readonly asked: Asked;
  }): Promise<'show' | 'hide'>;
  /** The tab would not draw it. */
  refused(input: { readonly messageId: string; readonly code: PictureRefusal }): Promise<void>;
  /** Own pictures that have been sent, newest first, from the server and from this device. */
  mine(): Promise<readonly MyPicture[]>;
  /** Takes one back, or calls off one that has not left. */
  takeBack(input: { readonly blobId: string }): Promise<void>;
  takeBackAll(): Promise<{ readonly count: number }>;
  /** Lets the receiver of an own picture share it with other people of one's own. */
  grant(input: {
    readonly messageId: string;
    readonly receivers: readonly { readonly accountId: string; readonly pseudonym: string }[];
    readonly until: number;
  }): Promise<void>;
  withdrawGrant(input: { readonly id: string }): Promise<void>;
  questions(): Promise<readonly ConsentQuestion[]>;
  /** The copy that one is asked about, opened. */
  openQuestion(input: { readonly consentId: string }): Promise<Opened>;
  answer(input: {
    readonly consentId: string;
    readonly yes: boolean;
    /** Earlier than asked for; null: as asked. */
    readonly until: number | null;
  }): Promise<void>;
  withdrawYes(input: { readonly consentId: string }): Promise<void>;
  /** Which decisions about senders stand, other than asking. */
  senders(): Promise<readonly { readonly accountId: string; readonly mode: PictureMode }[]>;
  setSender(input: { readonly accountId: string; readonly mode: PictureMode }): Promise<void>;
  /** Reports messages and pictures with proof of who sent them. */
  report(input: {
    readonly conversationId: string;
    readonly messageIds: readonly string[];
    readonly reason: ReportReason;
    readonly words: string;
  }): Promise<{ readonly verified: boolean }>;
}
