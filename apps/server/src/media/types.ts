import type { RouteName } from '@accord/protocol';
import type { AccountHooks } from '../accounts/types.ts';
import type { Tx } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Handlers } from '../platform/http.ts';

type MediaRoute = Extract<RouteName, `media.${string}`>;

/** Why a picture, or one person's access to it, came to its end; see the protocol's `pictureState`. */
export type PictureEnd = 'revoked' | 'expired' | 'used_up' | 'withdrawn' | 'closed' | 'removed';

/** One reported message, as the server's own checks found it. */
export interface ReportedItem {
  readonly kind: 'picture' | 'text';
  /**
   * `verified`: this device sent exactly this, then. Otherwise the first check that failed: the tag's key is unknown or gone,
   * the tag is not ours, or the content is not what was committed to.
   */
  readonly proof: 'verified' | 'unknown_key' | 'tag_not_authentic' | 'franking_mismatch' | 'malformed';
  /** The account whose device it was; null where unproved, or deleted since. */
  readonly senderId: string | null;
  /** Milliseconds since 1970 UTC, as the tag says; null where unproved. */
  readonly sentAt: number | null;
  /** The words of a text; null for a picture. */
  readonly text: string | null;
  /** For a picture. `opened`: these are the very bytes that were sent; else why they could not be had. */
  readonly picture: {
    readonly blobId: string;
    readonly found: 'opened' | 'gone' | 'mismatch';
    /** PDQ as the sender declared it, hex, and its quality. */
    readonly pdq: string;
    readonly quality: number;
    readonly type: string;
    /** Where its bytes are in this report, for `openReportedPicture`; null unless opened. */
    readonly place: number | null;
  } | null;
}

/** A member's report with proof, opened for the desk. */
export interface OpenedReport {
  readonly id: string;
  /** Null once that account is deleted. */
  readonly byId: string | null;
  /** The account whose messages are proved; null where nothing is, or it is deleted. */
  readonly aboutId: string | null;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
  /** True when every message in it is proved. */
  readonly verified: boolean;
  readonly reason: string;
  readonly words: string;
  readonly items: readonly ReportedItem[];
}

/** A report as the list has it: nothing of its content. */
export type ReportHead = Omit<OpenedReport, 'words' | 'items'>;

/** What other features do in the very transaction in which pictures begin and end. */
export interface MediaHooks {
  /** A picture is about to be open to its receivers; false refuses it, for it was not attested. */
  opening?(tx: Tx, blobId: string): Promise<boolean>;
  /** These can't be opened any more. */
  ended?(tx: Tx, blobIds: readonly string[], why: PictureEnd): Promise<void>;
}

/** Sealed pictures: ciphertexts, half-keys, yeses, franking and reports. */
export interface Media {
  readonly handlers: Handlers<MediaRoute>;
  readonly purges: readonly Purge[];
  /** What it does when a device, an account or a block changes. */
  readonly accountHooks: AccountHooks;
  /** Adds another feature's part in a picture's life. Before the first request. */
  on(hooks: MediaHooks): void;
  /** Two accounts' conversation closed: within that transaction. What it returns runs after the commit. */
  conversationClosed(tx: Tx, oneId: string, otherId: string): Promise<() => void>;

  /**
   * Destroys the half-keys of these pictures, whoever sent them: a takedown. Effective when it resolves; those of them that
   * were open are returned.
   */
  remove(blobIds: readonly string[]): Promise<readonly string[]>;
  /** Keeps pictures from being opened while a case is decided, without destroying anything; `thaw` undoes it. */
  freeze(blobIds: readonly string[]): Promise<void>;
  thaw(blobIds: readonly string[]): Promise<void>;
  /** Who sent a picture, to whom, and in what state it is; undefined for one that is not known (any more). */
  lookUp(blobId: string): Promise<
    | {
        readonly ownerId: string | null;
        readonly receiverIds: readonly string[];
        readonly state: 'open' | PictureEnd;
        readonly frozen: boolean;
      }
    | undefined
  >;

  /** Reports with proof, oldest first. */
  reports(filter: { readonly closed: boolean }): Promise<readonly ReportHead[]>;
  /** Opens one for a moderator; undefined when there is none. */
  openReport(reportId: string): Promise<OpenedReport | undefined>;
  /** The bytes of a reported picture, opened for a moderator. */
  openReportedPicture(
    reportId: string,
    place: number,
  ): Promise<{ readonly type: string; readonly bytes: Buffer } | undefined>;
  /** Ends a report: its evidence is destroyed, its head stays a year. */
  closeReport(reportId: string): Promise<boolean>;

  /** Goes on with what a process that was killed had begun to take back. */
  start(): void;
  close(): Promise<void>;
}
