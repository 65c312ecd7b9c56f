const firstMs = 1000;
const longestMs = 60 * 60_000;

/** Statuses after which the same request may be made again. */
export const isPassing = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);

/** `Retry-After` in ms: seconds, or a date (RFC 9110 §10.2.3); undefined where there is none that can be read. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) || !/[a-z]{3}/i.test(text) ? undefined : Math.max(0, at - now);
}

/**
 * How long to wait before the next try: doubling from a second to an hour, and anywhere in the upper half of it, so that many who
 * were refused together do not come back together. Never sooner than the peer asked. `random` is from [0, 1).
 */
export function backOffMs(tries: number, random: number, asked?: number): number {
  const most = Math.min(longestMs, firstMs * 2 ** Math.min(tries, 20));
  const own = most / 2 + (most / 2) * random;
  return Math.round(Math.max(own, Math.min(asked ?? 0, 24 * longestMs)));
}
