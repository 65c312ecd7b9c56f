import type { Body, Reply } from '@accord/protocol';
import type { ErrorCode } from '@accord/protocol/errors';
import type { PictureFacts, PicturesApi } from './pictures-api.ts';

/*
 * The engine as the pages see it. Keys, groups, messages and the socket live in a worker, once for all tabs
 * of a browser; what crosses to the page is plain data. Ids are lower-case UUIDs, instants are milliseconds
 * since 1970 UTC. Every method rejects with `EngineError` only.
 */

/** Everything a call can be refused for: the server's codes and the engine's own. */
export type EngineErrorCode =
  | ErrorCode
  /** The server could not be reached; what could be kept for later was kept. */
  | 'offline'
  /** This browser's storage is full: nothing was lost, nothing was sent. */
  | 'storage_full'
  /** This browser's storage failed or is forbidden. */
  | 'storage_failed'
  /** This browser holds no keys of the account: enrol it first (`account.returnWithCode`). */
  | 'no_keys'
  /** A recovery or link code that is mistyped: its check characters don't fit. */
  | 'code_malformed'
  /** The person closed the passkey window, or it timed out. */
  | 'passkey_cancelled'
  /** This browser has no passkeys. */
  | 'passkey_unsupported'
  /** Somebody's published keys do not belong together; nothing was sealed to them. */
  | 'keys_not_theirs'
  /** The other side's identity key is not the pinned one; see `conversations.acceptKey`. */
  | 'identity_changed'
  /** This browser holds the keys of another account: sign out there, or `account.forget()` it. */
  | 'other_account'
  /** The conversation was closed: reading stays. */
  | 'conversation_closed'
  /** No answer of the engine in time. */
  | 'engine_timeout';

/** A refusal. The sentence shown to a person is chosen by `code`. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  readonly field: string | undefined;
  /** Seconds until it is worth trying again. */
  readonly retryAfter: number | undefined;

  constructor(code: EngineErrorCode, more: { readonly field?: string; readonly retryAfter?: number } = {}) {
    super(code);
    this.code = code;
    this.field = more.field;
    this.retryAfter = more.retryAfter;
  }
}

export type Me = Reply<'accounts.me'>;
/** Another member as `presence` shows them. */
export type Person = Reply<'presence.people.read'>;
export type ReportReason = Body<'presence.reports.create'>['reason'];

/**
 * Where this browser stands, which decides what the app shows:
 * - `starting`: nothing known yet;
 * - `signed-out`: no session (`hasKeys` says whether a passkey alone brings this device back);
 * - `no-device`: signed in, but this browser holds no keys of the account: a code or another device is needed;
 * - `no-proof`: an enrolled device, but no valid proof of age;
 * - `ready`: may talk;
 * - `unreachable`: keys are here, the server is not: what is kept can be read and written, and is sent later.
 */
type Stage = 'starting' | 'signed-out' | 'no-device' | 'no-proof' | 'ready' | 'unreachable';

/** `fallback`: no socket gets through, messages travel by plain requests. */
export type Connection = 'off' | 'connecting' | 'online' | 'fallback' | 'offline';

/** One immutable snapshot; `engine.status()` returns the same object until something changes. */
export interface EngineStatus {
  readonly stage: Stage;
  readonly connection: Connection;
  readonly me: Me | null;
  /** The account whose keys this browser holds. */
  readonly keysOf: { readonly accountId: string; readonly deviceId: string } | null;
  readonly hasKeys: boolean;
  /** Unread messages in all conversations. */
  readonly unread: number;
  /** Requests that wait for an answer of this person. */
  readonly waitingRequests: number;
  /** Questions about pictures of this person that wait for an answer. */
  readonly waitingQuestions: number;
  /** Set while this browser's storage is full or fails. */
  readonly storage: 'ok' | 'storage_full' | 'storage_failed';
  /** The browser promised not to clear the storage by itself. */
  readonly persistent: boolean;
}

/** Before anything is known. */
export const starting: EngineStatus = {
  stage: 'starting',
  connection: 'off',
  me: null,
  keysOf: null,
  hasKeys: false,
  unread: 0,
  waitingRequests: 0,
  waitingQuestions: 0,
  storage: 'ok',
  persistent: false,
};

interface AccountApi {
  /**
   * Creates an account: asks for a passkey, makes the keys, enrols this browser. Call it from a click.
   * @returns the recovery code, to be shown once: 26 characters in groups (`XXXXX-XXXXX-…`)
   */
  register(input: { readonly pseudonym: string; readonly deviceName: string }): Promise<{
    readonly me: Me;
    readonly recoveryCode: string;
  }>;
  /**
   * Signs in by passkey; a browser without keys enrols by the passkey's PRF where it can.
   * `needs-code`: signed in, but the keys must come by a code (`returnWithCode`).
   */
  signIn(input: {
    readonly deviceName: string;
  }): Promise<{ readonly outcome: 'signed-in' | 'needs-code'; readonly me: Me }>;
  /**
   * Comes back by a recovery code, or with one more device by a link code (makes a new passkey).
   * @param code as typed; case, spaces, dashes and look-alike characters do not matter
   * @returns a new recovery code where a recovery code was used up, to be shown once
   */
  returnWithCode(input: { readonly code: string; readonly deviceName: string }): Promise<{
    readonly me: Me;
    readonly recoveryCode: string | null;
  }>;
  /** A code for one more device, good for ten minutes. */
  createLinkCode(): Promise<{ readonly code: string; readonly expiresAt: number }>;
  /** Replaces the recovery code; the former one ends. */
  replaceRecoveryCode(): Promise<{ readonly code: string }>;
  /** Takes this device out of the account and clears everything from this browser. */
  signOut(): Promise<void>;
  /** Clears this browser without asking the server: what it holds of an account is gone. */
  forget(): Promise<void>;
  /** Deletes the account, then clears this browser. */
  deleteAccount(): Promise<void>;
  /** Asks the server again who is signed in (after a proof of age, for instance). */
  refresh(): Promise<Me | null>;
}

/** A request to talk, opened. `line` is null where this device cannot read it (sent from another device). */
export interface TalkRequest {
  readonly id: string;
  readonly person: Person;
  readonly line: string | null;
  readonly createdAt: number;
  readonly lapsesAt: number;
}

export interface RequestsApi {
  list(): Promise<{
    readonly incoming: readonly TalkRequest[];
    readonly outgoing: readonly TalkRequest[];
    readonly leftToday: number;
  }>;
  /** Seals the first line (1–200 characters) for `person`, after checking that their keys are theirs. */
  send(input: { readonly person: Person; readonly line: string }): Promise<TalkRequest>;
  accept(requestId: string): Promise<{ readonly conversationId: string }>;
  /** Takes it out of sight; the other side sees it waiting until it lapses. */
  hide(requestId: string): Promise<void>;
}

/** `queued` waits for a connection; `failed` waits for the person (`retry`). */
export type MessageState = 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | 'received';

export interface Quote {
  readonly id: string;
  readonly mine: boolean;
  /** Null where the quoted message is not on this device, or was deleted. */
  readonly text: string | null;
}

export interface MessageEntry {
  readonly type: 'message';
  readonly id: string;
  /** Place on this device; pages ask for what is before it. */
  readonly seq: number;
  /** Entries are in the order of their ranks, which compare as text. */
  readonly rank: string;
  readonly at: number;
  readonly mine: boolean;
  /** Null when deleted, for a picture, or when it comes from a newer version of the app. */
  readonly text: string | null;
  readonly kind: 'text' | 'picture' | 'deleted' | 'newer';
  /** What is told of a picture before it is opened; `pictures.look` says where it stands. */
  readonly picture: PictureFacts | null;
  readonly replyTo: Quote | null;
  readonly reactions: readonly { readonly emoji: string; readonly mine: boolean }[];
  /** Former texts, oldest first; empty where it was never edited. */
  readonly history: readonly { readonly at: number; readonly text: string }[];
  readonly editedAt: number | null;
  readonly state: MessageState;
  readonly failure: EngineErrorCode | null;
  readonly expiresAt: number | null;
  /** The first line of the request that opened the conversation. */
  readonly firstLine: boolean;
}

/** What a line of the system tells. */
export type Note =
  | { readonly kind: 'device-added' | 'device-removed'; readonly mine: boolean }
  /** This device joined here; earlier messages stay on the devices that have them. */
  | { readonly kind: 'joined-here' }
  /** This device found its place again; what came in between may be on other devices. */
  | { readonly kind: 'rejoined' }
  | { readonly kind: 'timer'; readonly mine: boolean; readonly seconds: number }
  | { readonly kind: 'identity-changed' }
  | { readonly kind: 'verified' };

interface NoteEntry {
  readonly type: 'note';
  readonly id: string;
  readonly seq: number;
  readonly rank: string;
  readonly at: number;
  readonly note: Note;
}

export type Entry = MessageEntry | NoteEntry;

/** Seconds that a message lives after it was sent; 0 keeps it. */
export const timerChoices = [0, 3_600, 86_400, 604_800, 2_592_000] as const;

export interface Conversation {
  readonly id: string;
  readonly with: { readonly accountId: string; readonly pseudonym: string };
  readonly createdAt: number;
  readonly closed: boolean;
  /** `founding` until the other side or this device could set it up; messages wait in the queue. */
  readonly state: 'founding' | 'open' | 'rejoining';
  readonly unread: number;
  /** Id of the first unread message, for the divider. */
  readonly firstUnread: string | null;
  readonly last: {
    readonly at: number;
    readonly mine: boolean;
    readonly text: string | null;
    readonly kind: MessageEntry['kind'];
    readonly state: MessageState;
  } | null;
  readonly draft: string;
  readonly timer: number;
  readonly typing: boolean;
  /** Other side's safety code: compared, not yet compared, or changed since it was pinned. */
  readonly key: 'unverified' | 'verified' | 'changed';
  /** Messages and notes on this device. */
  readonly count: number;
}

export interface TimelinePage {
  readonly entries: readonly Entry[];
  /** There is more before this page; ask for it with `before: from`. */
  readonly earlier: boolean;
  readonly from: number;
}

interface ConversationsApi {
  list(): Promise<readonly Conversation[]>;
  /** The last entries, or those before `before`; in order of time. */
  timeline(input: {
    readonly conversationId: string;
    readonly before?: number;
    /** Goes back at least as far as this message. */
    readonly until?: string;
    readonly limit?: number;
  }): Promise<TimelinePage>;
  /**
   * Queues a message, durable before it resolves. `id` comes from the caller, so that a repeated call stores
   * and sends once.
   */
  send(input: {
    readonly conversationId: string;
    readonly id: string;
    readonly text: string;
    readonly replyTo?: string;
  }): Promise<void>;
  edit(input: {
    readonly conversationId: string;
    readonly messageId: string;
    readonly text: string;
  }): Promise<void>;
  /** `emoji: null` takes the reaction back. */
  react(input: {
    readonly conversationId: string;
    readonly messageId: string;
    readonly emoji: string | null;
  }): Promise<void>;
  deleteForBoth(input: { readonly conversationId: string; readonly messageId: string }): Promise<void>;
  /** Tries a failed message again. */
  retry(input: { readonly conversationId: string; readonly messageId: string }): Promise<void>;
  /** Everything up to `upTo` (a message id) was seen on screen. */
  markRead(input: { readonly conversationId: string; readonly upTo: string }): Promise<void>;
  setDraft(input: { readonly conversationId: string; readonly text: string }): Promise<void>;
  /** The person is writing; call it as often as keys are pressed. */
  typing(input: { readonly conversationId: string }): Promise<void>;
  setTimer(input: { readonly conversationId: string; readonly seconds: number }): Promise<void>;
  /** Messages of this conversation with all of the words, newest first. */
  search(input: {
    readonly conversationId: string;
    readonly words: string;
  }): Promise<
    readonly { readonly id: string; readonly seq: number; readonly at: number; readonly text: string }[]
  >;
  /** 60 digits in 12 groups, alike on both sides. */
  safetyCode(input: { readonly conversationId: string }): Promise<{
    readonly code: string;
    readonly state: Conversation['key'];
  }>;
  setVerified(input: { readonly conversationId: string; readonly verified: boolean }): Promise<void>;
  /** After `identity_changed`: goes on with the new key, unverified. */
  acceptKey(input: { readonly conversationId: string }): Promise<void>;
  close(input: { readonly conversationId: string }): Promise<void>;
  /** Blocks the other side; the conversation closes. */
  block(input: { readonly conversationId: string }): Promise<void>;
}

/** Kept on this device. */
export interface EngineSettings {
  /** Tell others that their messages arrived. */
  readonly sendDelivered: boolean;
  /** Tell others that their messages were read. */
  readonly sendRead: boolean;
  readonly sendTyping: boolean;
}

interface SettingsApi {
  read(): Promise<EngineSettings>;
  write(settings: EngineSettings): Promise<void>;
  /** Everything this device holds, as a JSON file. */
  exportData(): Promise<Blob>;
}

export type EngineEvent =
  | { readonly type: 'status'; readonly status: EngineStatus }
  | { readonly type: 'conversations'; readonly conversations: readonly Conversation[] }
  | {
      readonly type: 'timeline';
      readonly conversationId: string;
      /** New and changed entries, in order of time. */
      readonly entries: readonly Entry[];
      readonly removed: readonly string[];
    }
  /** Requests to talk changed: ask for the list again. */
  | { readonly type: 'requests' }
  /** The account's devices changed: ask for the list again. */
  | { readonly type: 'devices' }
  /** Pictures changed, by their messages; empty: any may have. `dark`: blobs that can no longer be seen. */
  | { readonly type: 'pictures'; readonly messageIds: readonly string[]; readonly dark: readonly string[] }
  /** A question about a picture, or an answer to one: ask for the lists again. */
  | { readonly type: 'questions' };

export interface Engine {
  readonly account: AccountApi;
  readonly requests: RequestsApi;
  readonly conversations: ConversationsApi;
  readonly pictures: PicturesApi;
  readonly settings: SettingsApi;
  /** Now; made for `useSyncExternalStore`. */
  status(): EngineStatus;
  /** All conversations as last told, newest first; made for `useSyncExternalStore`. */
  known(): readonly Conversation[];
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Waits until the stage is known (not `starting`). */
  ready(): Promise<EngineStatus>;
  /** Ends the worker; the next tab takes over. */
  stop(): void;
}
