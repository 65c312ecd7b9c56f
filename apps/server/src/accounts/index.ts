import type { Gate } from '../gate/types.ts';
import type { Platform } from '../platform/platform.ts';
import type { Accounts } from './types.ts';

export type { AccountHooks, Accounts, AfterCommit, LiveDevice, PublicAccount } from './types.ts';

/** Accounts by passkey. `gate` tells a person's own proof of age in `accounts.me`. */
export declare function createAccounts(platform: Platform, gate: Pick<Gate, 'adultState'>): Accounts;
