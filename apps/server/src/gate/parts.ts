import type { Platform } from '../platform/platform.ts';
import type { Rules } from './may-talk.ts';
import type { AgeSetup } from './setup.ts';
import { spend } from './spent.ts';
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
  readonly count: (kind: AgeMethod['kind'], outcome: Outcome) => void;
}

/** Judges what came back, and spends it: whether it makes an adult. Counted either way, told to nobody. */
export async function conclude(
  parts: Parts,
  method: AgeMethod,
  response: unknown,
  request: ProofRequest,
): Promise<boolean> {
  const verdict = await method.judge(response, request, parts.platform.clock());
  const outcome = await outcomeOf(parts.platform, verdict);
  parts.count(method.kind, outcome);
  return outcome === 'accepted';
}

async function outcomeOf(platform: Platform, verdict: AgeVerdict): Promise<Outcome> {
  if (!verdict.ok) return verdict.code;
  if (verdict.spent === null) return 'accepted';
  return (await spend(platform, verdict.spent)) ? 'accepted' : 'spent';
}
