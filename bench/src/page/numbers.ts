import { readFileSync } from 'node:fs';

/** The value that a share `q` (0 to 1) of the values does not exceed: nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export const p50 = (values: readonly number[]): number => quantile(values, 0.5);
export const p95 = (values: readonly number[]): number => quantile(values, 0.95);

/** One decimal, for tables. */
export const round = (value: number): number => Math.round(value * 10) / 10;

/** The load average of 1, 5 and 15 minutes, where the system tells it. */
export function loadAverage(): string {
  try {
    return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
  } catch {
    return 'unknown';
  }
}
