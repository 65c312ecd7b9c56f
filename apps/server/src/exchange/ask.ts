import { backOffMs, ExchangeError, isPassing, type PeerRequest, retryAfterMs } from '@accord/hash-exchange';
import { ZodError } from 'zod';
import type { ExchangeConfig } from '../platform/config-exchange.ts';
import {
  type Bounds,
  type Outside,
  type OutsideAnswer,
  OutsideError,
  wayOut,
  wholeOf,
} from '../platform/outside.ts';
import { publicOrigins } from '../platform/outside-policy.ts';
import { SecretError } from '../platform/secret-setting.ts';
import { originsOfKind, type Sign } from './kinds.ts';
import type { Parts } from './parts.ts';
import { SwitchedOff } from './store.ts';
import type { ExchangeKind, SyncFault } from './types.ts';

/** Nothing came of a request. Holds no address, no header and nothing of the answer. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly fault: SyncFault;
  /** How long the peer asked us to wait, in ms. */
  readonly waitMs: number | undefined;
  readonly status: number | undefined;

  constructor(
    fault: SyncFault,
    more: { readonly waitMs?: number | undefined; readonly status?: number } = {},
  ) {
    super(more.status === undefined ? fault : `${fault} (${more.status})`);
    this.fault = fault;
    this.waitMs = more.waitMs;
    this.status = more.status;
  }
}

/** What an error comes to. Any that we don't know is a mistake of ours. */
export function faultOf(error: unknown): SyncFault {
  if (error instanceof SyncError) return error.fault;
  if (error instanceof SwitchedOff) return 'off';
  // Keys of another shape are none.
  if (error instanceof SecretError || error instanceof ZodError) return 'no_keys';
  if (error instanceof ExchangeError) return error.code === 'bad_answer' ? 'bad_answer' : 'not_allowed';
  if (error instanceof OutsideError) {
    if (error.code === 'too_large') return 'bad_answer';
    return error.code === 'not_allowed' ? error.code : 'away';
  }
  return 'internal';
}

/** One page: a thousand entries of NCMEC's are two megabytes. */
const pageBounds = { mostBytes: 64 * 1024 * 1024, headMs: 60_000, wholeMs: 10 * 60_000 };
const triesAtOnce = 3;
/** What a peer may make us wait before we leave it to the next round. */
const longestPauseMs = 10_000;

/** The way to the peers of each kind: its own origins and those that the operator named. */
export function waysOf({ origins, loopback }: ExchangeConfig): Readonly<Record<ExchangeKind, Outside>> {
  const to = (kind: ExchangeKind) =>
    wayOut(
      publicOrigins((origin) => originsOfKind[kind].has(origin) || origins.includes(origin), { loopback }),
    );
  return {
    stopncii: to('stopncii'),
    ncmec: to('ncmec'),
    threatexchange: to('threatexchange'),
    list: to('list'),
  };
}

/** Statuses that are answers: anything else is a refusal. */
function check({ status, headers, body }: OutsideAnswer, now: number, fine: readonly number[]): void {
  if (fine.includes(status)) return;
  body.destroy();
  const waitMs = retryAfterMs(headers['retry-after'], now);
  if (status === 429) throw new SyncError('slow_down', { waitMs, status });
  if (isPassing(status)) throw new SyncError('away', { waitMs, status });
  throw new SyncError('refused', { status });
}

export interface Asking {
  readonly kind: ExchangeKind;
  readonly sign: Sign;
  readonly signal?: AbortSignal;
}

/** One request, once. @throws {SyncError} `no_keys` where there is no key for this door */
export async function askOnce(
  parts: Parts,
  { kind, sign, signal }: Asking,
  request: PeerRequest,
  bounds: Bounds,
  fine: readonly number[] = [200],
): Promise<OutsideAnswer> {
  const proof = sign(request);
  if (proof === null) throw new SyncError('no_keys');
  const { method, url, headers, body } = request;
  const asked = {
    method,
    headers: { ...headers, ...proof },
    ...(signal !== undefined && { signal }),
    ...(body !== undefined && { body }),
  };
  const answer = await parts.ways[kind](url, { ...bounds, ...asked });
  check(answer, parts.clock(), fine);
  return answer;
}

/**
 * A page, asked for again a few times when what is in the way may pass. Longer waits are left to the next round.
 * @throws {SyncError} and what the platform throws
 */
export async function askForPage(parts: Parts, asking: Asking, request: PeerRequest): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return (await wholeOf(await askOnce(parts, asking, request, pageBounds))).toString('utf8');
    } catch (error) {
      const fault = faultOf(error);
      const asked = error instanceof SyncError ? error.waitMs : undefined;
      const wait = backOffMs(tries - 2, parts.random(), asked);
      const passing = fault === 'away' || fault === 'slow_down';
      if (!passing || tries === triesAtOnce || wait > longestPauseMs || asking.signal?.aborted === true)
        throw error;
      await parts.pause(wait, asking.signal);
    }
  }
}
