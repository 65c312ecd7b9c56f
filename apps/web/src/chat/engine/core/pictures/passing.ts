import { readAttestation } from '@accord/sealed-media';
import type { EngineErrorCode } from '../../api.ts';
import type { OwnPicture } from './records.ts';

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

/** Nothing more to do before somebody does something. */
export const isAtRest = ({ step }: OwnPicture): boolean =>
  step === 'sent' || step === 'refused' || step === 'declined' || step === 'failed';

/** A message that came too late so often meets a way, or a clock, that trying again does not mend. */
const mostLate = 3;

/**
 * An own picture whose message the server took at `at`, by its clock. Where its attestation had run out on the way, no receiver
 * shows it: it goes again under the same id, with a fresh one.
 */
export function afterAnswer(own: OwnPicture, at: number): OwnPicture {
  if (own.attestation === null || at <= readAttestation(own.attestation).exp) return { ...own, step: 'sent' };
  const late = (own.late ?? 0) + 1;
  const back = { ...own, late, enqueued: false, attestation: null };
  return late <= mostLate ? back : { ...back, step: 'failed', failure: 'engine_timeout' };
}
