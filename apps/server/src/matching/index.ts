import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Matching } from './types.ts';

export type { Matching } from './types.ts';

const notYet = async (): Promise<never> => {
  throw new Refusal('unavailable');
};

/** Known pictures, registered pictures, and the word that one may be sent. Never learns who asks. */
export function createMatching(): Pick<Matching, 'handlers'> {
  const handlers: Handlers<keyof Matching['handlers']> = {
    'matching.attest': notYet,
    'matching.recheck': notYet,
    'matching.ownership': notYet,
    'matching.grants.withdraw': notYet,
    'matching.keys': notYet,
  };
  return { handlers };
}
