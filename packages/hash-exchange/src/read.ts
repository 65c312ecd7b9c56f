import { bad } from './types.ts';

/** A JSON object's field, or undefined for anything else. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws {ExchangeError} */
export function parseJson(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('the answer is no JSON');
  }
  return isFields(value) ? value : bad('the answer is no JSON object');
}

/** Text as it is; a number as it was written, where that is exact. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

export function wholeOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textsOf = (value: unknown): string[] =>
  listOf(value).filter((each): each is string => typeof each === 'string');

/** Hexadecimal values are the same in capitals. */
export const plainValue = (value: string): string =>
  /^[0-9A-Fa-f]+$/.test(value) ? value.toLowerCase() : value;

export const isPdq = (value: string): boolean => /^[0-9a-f]{64}$/.test(value);

/**
 * Milliseconds since 1970 UTC of an instant as peers write it. One without a zone is UTC, whatever the zone of this machine.
 */
export function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const plain = text.trim();
  if (!/^\d{4}-\d\d-\d\d/.test(plain)) return undefined;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(plain) || plain.length === 10;
  const at = Date.parse(zoned ? plain : `${plain}Z`);
  return Number.isNaN(at) ? undefined : at;
}
