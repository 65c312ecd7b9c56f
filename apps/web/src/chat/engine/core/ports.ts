import type { ClientFrame, ServerFrame } from '@accord/protocol/socket';
import type { call } from '../../../api/client.ts';

/*
 * What the engine's core takes from outside, so that it runs the same in a worker and in a test under Node.
 */

/** Fresh random bytes (`crypto.getRandomValues` outside of tests). */
export type Random = (length: number) => Uint8Array;

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Runs `task` after `ms`; the returned function calls it off. */
  after(ms: number, task: () => void): () => void;
}

/** The routes of the protocol; rejects with `ApiError` and nothing else. Replies are checked by the adapter. */
export interface Http {
  readonly call: typeof call;
}

interface SocketHandlers {
  opened(): void;
  frame(frame: ServerFrame): void;
  /** Once, for every end; `opened` tells whether it had ever been open. */
  closed(code: number): void;
}

export interface Socket {
  send(frame: ClientFrame): void;
  close(): void;
}

export type OpenSocket = (handlers: SocketHandlers) => Socket;

export const tables = [
  'vault',
  'conversations',
  'groups',
  'pending',
  'keyPackages',
  'messages',
  'places',
  'outbox',
  'lines',
  'pictures',
  'canonical',
] as const;
export type Table = (typeof tables)[number];

/** One change; `value: null` deletes. */
export interface RawWrite {
  readonly table: Table;
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface Range {
  /** Inclusive. */
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
  readonly limit?: number;
  readonly descending?: boolean;
}

/** Storage failed: `storage_full` where the quota is used up. Nothing of the write took effect. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: 'storage_full' | 'storage_failed';

  constructor(code: 'storage_full' | 'storage_failed', options?: { cause?: unknown }) {
    super(code, options);
    this.code = code;
  }
}

/** Keys and bytes, ordered by key. Every method rejects with {@link StorageError} only. */
export interface Backend {
  read(table: Table, key: string): Promise<Uint8Array | undefined>;
  range(table: Table, range: Range): Promise<{ key: string; value: Uint8Array }[]>;
  /** All or nothing, and durable when it resolves. */
  write(writes: readonly RawWrite[]): Promise<void>;
  /** The non-extractable AES-GCM key of this browser, made on first use. */
  wrappingKey(): Promise<CryptoKey>;
  /** Everything goes, the key too. */
  clear(): Promise<void>;
}

export interface Ports {
  readonly backend: Backend;
  readonly http: Http;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly random: Random;
  /** A failure of ours that nobody waits for. */
  readonly report?: (error: unknown) => void;
}
