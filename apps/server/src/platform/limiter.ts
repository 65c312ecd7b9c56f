import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Refusal } from './refusal.ts';

/** A bucket: `burst` calls at once, refilled by `perMinute`. */
export interface Allowance {
  readonly burst: number;
  readonly perMinute: number;
}

export interface Limiter {
  /**
   * Counts one call, or one that costs as many. What costs more than a whole bucket passes when the bucket is full.
   * @throws {Refusal} `slow_down` when the bucket is empty
   */
  take(key: string, cost?: number): void;
  /** The same by network address, of which only a hash under a key of this process is held. */
  takeAddress(address: string): void;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets held at most; the oldest go first, so that a flood of addresses costs a bounded memory. */
const maxBuckets = 50_000;

/** Token buckets in this process's memory. Off (`enabled: false`) it lets everything through. */
export function createLimiter(
  allowance: Allowance,
  settings: { readonly enabled: boolean; readonly clock: () => number },
): Limiter {
  const buckets = new Map<string, Bucket>();
  const processKey = randomBytes(32);
  const perMs = allowance.perMinute / 60_000;

  const take = (key: string, asked = 1): void => {
    if (!settings.enabled) return;
    const cost = Math.min(asked, allowance.burst);
    const now = settings.clock();
    const found = buckets.get(key);
    const idle = found === undefined ? 0 : Math.max(0, now - found.at);
    const tokens = Math.min(allowance.burst, (found?.tokens ?? allowance.burst) + idle * perMs);
    if (tokens < cost) {
      throw new Refusal('slow_down', { retryAfter: Math.ceil((cost - tokens) / perMs / 1000) });
    }
    buckets.delete(key);
    buckets.set(key, { tokens: tokens - cost, at: now });
    if (buckets.size > maxBuckets) {
      const oldest = buckets.keys().next().value;
      if (oldest !== undefined) buckets.delete(oldest);
    }
  };
  return {
    take,
    takeAddress(address) {
      if (!settings.enabled) return;
      take(createHmac('sha256', processKey).update(household(address)).digest('base64url'));
    },
  };
}

/** A household gets a whole /64 of IPv6: its addresses count as one. */
export function household(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain) || plain.includes('.')) return plain.replace(/^.*:/, '');
  const [head = '', tail] = plain.split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = tail?.split(':').filter((group) => group !== '') ?? [];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
