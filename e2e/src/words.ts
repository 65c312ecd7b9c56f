import { en as consoleEn } from '../../apps/web/src/console/messages/en/index.ts';
import { fr as consoleFr } from '../../apps/web/src/console/messages/fr/index.ts';
import { en } from '../../apps/web/src/messages/en/index.ts';
import { fr } from '../../apps/web/src/messages/fr/index.ts';

/** The page's own texts: a journey finds things by the words that a person reads. */
export const messages = { en, fr };
export type Words = typeof en | typeof fr;

/** The console's own texts. */
export const consoleMessages = { en: consoleEn, fr: consoleFr };
