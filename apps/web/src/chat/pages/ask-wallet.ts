/*
 * The Digital Credentials API (W3C): the browser asks the wallet for us, and binds its answer to our origin.
 * TypeScript's library does not know it yet.
 */

interface Request {
  readonly protocol: string;
  readonly data: unknown;
}

interface DigitalCredential {
  readonly protocol: string;
  readonly data: unknown;
}

/** Why nothing came. */
export type Problem = 'declined' | 'stopped' | 'late' | 'unable';

/** Whether this browser has the API at all; whether a wallet answers shows only when one asks. */
export const canAskBrowser = (): boolean =>
  typeof (globalThis as { DigitalCredential?: unknown }).DigitalCredential === 'function';

/** Why a question was stopped that nobody stopped. */
const timeRanOut = new DOMException('the time ran out', 'TimeoutError');

/** The least that a person needs to find their wallet and their finger, in ms. */
const leastPatience = 30_000;

/**
 * Asks for one of the requests to be answered. Call it from a click.
 * @param controller stops it; it also stops by itself at `until` (ms), for one unanswered request blocks the next
 * @returns what `gate.finish` takes
 * @throws whatever the browser says: see {@link problemOf}
 */
export async function askBrowser(
  requests: readonly Request[],
  controller: AbortController,
  until: number,
): Promise<string> {
  const timer = setTimeout(() => controller.abort(timeRanOut), Math.max(leastPatience, until - Date.now()));
  try {
    const options = { digital: { requests }, mediation: 'required', signal: controller.signal };
    const answer = (await navigator.credentials.get(
      options as CredentialRequestOptions,
    )) as unknown as DigitalCredential | null;
    if (answer === null) throw new DOMException('nothing came', 'NotAllowedError');
    return JSON.stringify({ protocol: answer.protocol, data: answer.data });
  } finally {
    clearTimeout(timer);
  }
}

/** @param signal of what {@link askBrowser} was given */
export function problemOf(error: unknown, signal: AbortSignal): Problem {
  if (signal.aborted) return signal.reason === timeRanOut ? 'late' : 'stopped';
  const name = error instanceof Error ? error.name : '';
  return name === 'NotAllowedError' ? 'declined' : 'unable';
}
