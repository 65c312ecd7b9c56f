import type { Platform } from '../platform/platform.ts';
import type { Rules } from './may-talk.ts';
import type { AgeSetup } from './setup.ts';
import { spend } from './spent.ts';
import type { Tries } from './tries.ts';
import type { TrustedList } from './trusted-list.ts';
import type { AgeMethod, AgeVerdict, Gate, Outcome, ProofRequest } from './types.ts';

/** What the parts of this feature share. */
export interface Parts {
  readonly platform: Platform;
  readonly setup: AgeSetup;
  /** By id, in the operator's order. */
  readonly methods: ReadonlyMap<string, AgeMethod>;
  readonly rules: Rules;
  readonly pepper: Uint8Array;
  /** Where the wallet is on. */
  readonly list: TrustedList | undefined;
  readonly adultState: Gate['adultState'];
  readonly tries: Tries;
  readonly count: (kind: AgeMethod['kind'], outcome: Outcome) => void;
}

/** A proof that came back, and what it is judged by. */
export interface Shown {
  readonly method: AgeMethod;
  readonly response: unknown;
  readonly request: ProofRequest;
  readonly accountId: string;
}

/** Ends that are nobody's failed try. */
const noTry: readonly Outcome[] = ['accepted', 'declined', 'list_missing', 'not_judged'];

/** Judges what came back, and spends it: whether it makes an adult. Counted either way, told to nobody. */
export async function conclude(parts: Parts, { method, response, request, accountId }: Shown) {
  const { platform, tries, count } = parts;
  // What proves nothing has no tries to use up.
  const counted = method.kind !== 'test';
  if (counted && !(await tries.take(accountId))) {
    count(method.kind, 'tries_used_up');
    return false;
  }
  let outcome: Outcome = 'not_judged';
  try {
    const verdict = await method.judge(response, request, platform.clock());
    outcome = await outcomeOf(platform, verdict);
  } finally {
    count(method.kind, outcome);
    if (counted && noTry.includes(outcome)) await tries.giveBack(accountId);
  }
  return outcome === 'accepted';
}

async function outcomeOf(platform: Platform, verdict: AgeVerdict): Promise<Outcome> {
  if (!verdict.ok) return verdict.code;
  if (verdict.spent === null) return 'accepted';
  return (await spend(platform, verdict.spent)) ? 'accepted' : 'spent';
}
