import { useLanguage } from '../../messages/index.ts';
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';

export type ConsoleMessages = typeof en;

/** The console's texts in the language in use. */
export function useConsoleMessages(): ConsoleMessages {
  return useLanguage().language === 'fr' ? fr : en;
}
