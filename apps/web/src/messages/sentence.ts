import type { EngineErrorCode } from '../chat/engine/api.ts';
import type { Messages } from './index.ts';

/** The code of an error that crossed a boundary; anything else is a fault of ours. */
export function codeOf(error: unknown, t: Messages): EngineErrorCode {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && Object.hasOwn(t.errors, code) ? (code as EngineErrorCode) : 'internal';
}

/** What a person is told about an error, in their language; with the time to wait where it is known. */
export function sentenceOf(error: unknown, t: Messages): string {
  const code = codeOf(error, t);
  const wait = (error as { retryAfter?: unknown } | null | undefined)?.retryAfter;
  if (code !== 'slow_down' || typeof wait !== 'number') return t.errors[code];
  return `${t.errors[code]} ${t.waits.seconds(String(Math.ceil(wait)))}`;
}
