import type { Accounts } from '../accounts/index.ts';
import type { Gate } from '../gate/index.ts';
import type { Platform } from '../platform/platform.ts';
import type { Conversations, Presence } from './types.ts';

export type { Conversations, Presence } from './types.ts';

/** Milliseconds between two calls of `seen` for the accounts that have an open socket. */
export const seenEveryMs = 45_000;

/** Being there: profiles, search, requests to talk, reports. Joins accounts through their hooks. */
export declare function createPresence(
  platform: Platform,
  parts: { readonly accounts: Accounts; readonly gate: Gate; readonly conversations: Conversations },
): Presence;
