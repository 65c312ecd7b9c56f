import { en } from '../../apps/web/src/messages/en/index.ts';
import { fr } from '../../apps/web/src/messages/fr/index.ts';

/** The page's own texts: a journey finds things by the words that a person reads. */
export const messages = { en, fr };
export type Words = typeof en | typeof fr;
