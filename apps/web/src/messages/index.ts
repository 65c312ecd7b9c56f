import { createContext, useContext } from 'react';
import type { en } from './en/index.ts';

/** Every text of the page. English is the type: the compiler finds a missing French text. */
export type Messages = typeof en;
export const languages = ['fr', 'en'] as const;
export type Language = (typeof languages)[number];

/** The languages by their own names, as they are chosen from. */
export const languageNames: Record<Language, string> = { fr: 'Français', en: 'English' };

const storageKey = 'accord.language';

const isLanguage = (value: unknown): value is Language => languages.includes(value as Language);

/** The chosen language, else the first one of `preferred` (BCP 47) that we speak, else English. */
export function pickLanguage(chosen: string | null, preferred: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  for (const tag of preferred) {
    const base = tag.slice(0, 2).toLowerCase();
    if (isLanguage(base)) return base;
  }
  return 'en';
}

/** The language to start in. */
export function startLanguage(): Language {
  return pickLanguage(readChoice(), navigator.languages);
}

function readChoice(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

/** Keeps a choice of language on this device. */
export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Storage can be forbidden: the choice then lasts as long as the page.
  }
}

let current: Messages | null = null;

/** Loads a language (one file each) and makes it the document's. */
export async function loadMessages(language: Language): Promise<Messages> {
  const loaded: Messages =
    language === 'fr' ? (await import('./fr/index.ts')).fr : (await import('./en/index.ts')).en;
  current = loaded;
  document.documentElement.lang = language;
  return loaded;
}

/** The texts outside of components (toasts, titles). Only after the first `loadMessages`. */
export function messages(): Messages {
  if (current === null) throw new Error('no language is loaded yet');
  return current;
}

export interface LanguageState {
  readonly language: Language;
  readonly messages: Messages;
  readonly choose: (language: Language) => void;
}

export const LanguageContext = createContext<LanguageState | null>(null);

/** The language in use and the switch to another. */
export function useLanguage(): LanguageState {
  const state = useContext(LanguageContext);
  if (state === null) throw new Error('outside of LanguageProvider');
  return state;
}

/** The texts in the language in use. */
export function useMessages(): Messages {
  return useLanguage().messages;
}
