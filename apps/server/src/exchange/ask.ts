import type { IncomingMessage } from 'node:http';
import { backOffMs, ExchangeError, isPassing, type PeerRequest, retryAfterMs } from '@accord/hash-exchange';
import { ZodError } from 'zod';
import { askOutside, OutsideError, type OutsidePolicy, textOf } from '../platform/outside.ts';
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
  if (error instanceof OutsideError) return error.code === 'too_large' ? 'bad_answer' : error.code;
  return 'internal';
}

/** Bytes of one page at most: a thousand entries of NCMEC's are two megabytes. */
const mostPageBytes = 64 * 1024 * 1024;
const triesAtOnce = 3;
/** What a peer may make us wait before we leave it to the next round. */
const longestPauseMs = 10_000;

const policyOf = ({ config }: Pick<Parts, 'config'>, kind: ExchangeKind): OutsidePolicy => ({
  allows: ({ origin }) => originsOfKind[kind].has(origin) || config.origins.includes(origin),
  loopback: config.loopback,
});

const headerOf = (answer: IncomingMessage, name: string): string | undefined => {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** Statuses that are answers: anything else is a refusal. */
function check(answer: IncomingMessage, now: number, fine: readonly number[]): void {
  const status = answer.statusCode ?? 0;
  if (fine.includes(status)) return;
  answer.destroy();
  const waitMs = retryAfterMs(headerOf(answer, 'retry-after'), now);
  if (status === 429) throw new SyncError('slow_down', { waitMs, status });
  if (isPassing(status)) throw new SyncError('away', { waitMs, status });
  throw new SyncError('refused', { status });
}

export interface Asking {
  readonly kind: ExchangeKind;
  readonly sign: Sign;
  readonly signal: AbortSignal;
}

/** One request, once. @throws {SyncError} `no_keys` where there is no key for this door */
export async function askOnce(
  parts: Parts,
  { kind, sign, signal }: Asking,
  request: PeerRequest,
  fine: readonly number[] = [200],
): Promise<IncomingMessage> {
  const proof = sign(request);
  if (proof === null) throw new SyncError('no_keys');
  const { method, url, headers, body } = request;
  const asked = { method, headers: { ...headers, ...proof }, signal, ...(body !== undefined && { body }) };
  const answer = await askOutside(url, asked, policyOf(parts, kind));
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
      return await textOf(await askOnce(parts, asking, request), mostPageBytes);
    } catch (error) {
      const fault = faultOf(error);
      const asked = error instanceof SyncError ? error.waitMs : undefined;
      const wait = backOffMs(tries - 2, parts.random(), asked);
      const passing = fault === 'away' || fault === 'slow_down';
      if (!passing || tries === triesAtOnce || wait > longestPauseMs || asking.signal.aborted) throw error;
      await parts.pause(wait, asking.signal);
    }
  }
}
