import type { Gate } from '../gate/types.ts';
import type { Limiter } from '../platform/limiter.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Passkeys } from './passkeys.ts';
import type { Sessions } from './sessions.ts';
import type { AccountHooks, AfterCommit } from './types.ts';

/** What the handlers of this feature share. */
export interface Parts {
  readonly platform: Platform;
  readonly gate: Pick<Gate, 'adultState' | 'forget' | 'passkeysWent'>;
  readonly passkeys: Passkeys;
  readonly sessions: Sessions;
  readonly hooks: readonly AccountHooks[];
  /** For calls without a session: by network address. */
  readonly strangers: Limiter;
}

/** Runs one hook of every feature in order, inside the transaction; what they left for after the commit. */
export async function runHooks(
  hooks: readonly AccountHooks[],
  run: (hook: AccountHooks) => Promise<AfterCommit | undefined> | undefined,
): Promise<AfterCommit[]> {
  const after: AfterCommit[] = [];
  for (const hook of hooks) {
    const then = await run(hook);
    if (then !== undefined) after.push(then);
  }
  return after;
}

/** What a unique constraint that is hit means to the caller. */
const collisions: ReadonlyMap<string, () => Refusal> = new Map([
  ['account_pseudonym_key_key', () => new Refusal('pseudonym_taken')],
  ['account_pkey', () => new Refusal('ceremony_failed')],
  ['passkey_pkey', () => new Refusal('ceremony_failed')],
  ['device_pkey', () => new Refusal('invalid_input', { field: 'device.id' })],
  ['return_code_pkey', () => new Refusal('invalid_input', { field: 'recovery.id' })],
]);

/** Runs a transaction's work; a collision of unique values becomes its refusal. */
export async function refusingCollisions<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const constraint = (error as { constraint?: unknown } | null)?.constraint;
    const refusal = typeof constraint === 'string' ? collisions.get(constraint) : undefined;
    throw refusal?.() ?? error;
  }
}
