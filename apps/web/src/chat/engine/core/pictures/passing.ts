import type { EngineErrorCode } from '../../api.ts';

/** Refusals that pass by themselves. */
const passing: ReadonlySet<EngineErrorCode> = new Set([
  'offline',
  'unavailable',
  'internal',
  'slow_down',
  'session_required',
  'device_required',
  'proof_required',
  'bad_upload',
  'wrong_offset',
]);

export const passes = (code: EngineErrorCode): boolean => passing.has(code);
