import type { EngineStatus } from './engine/api.ts';

/**
 * - `anyone`: nothing is asked;
 * - `strangers`: those who are signed in go on to the people;
 * - `members`: signed in on an enrolled device;
 * - `adults`: members with a proof of age.
 */
export type Audience = 'anyone' | 'strangers' | 'members' | 'adults';

/** Where somebody at `stage` goes instead, or null where they may stay. The server decides; this only leads. */
export function detour(audience: Audience, status: Pick<EngineStatus, 'stage' | 'hasKeys'>): string | null {
  const { stage, hasKeys } = status;
  if (audience === 'anyone') return null;
  if (audience === 'strangers') {
    if (stage === 'ready' || stage === 'unreachable') return '/people';
    if (stage === 'no-proof') return '/gate';
    return null;
  }
  if (stage === 'signed-out') return hasKeys ? '/sign-in' : '/';
  if (stage === 'no-device') return '/return';
  if (stage === 'no-proof' && audience === 'adults') return '/gate';
  return null;
}
