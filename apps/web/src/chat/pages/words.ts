import type { spokenLanguages } from '@accord/protocol/words';
import type { Language } from '../../messages/index.ts';

const names = new Map<Language, Intl.DisplayNames>();

/** The name of a spoken language, in the language of the page: "French", « français ». */
export function nameOfLanguage(code: (typeof spokenLanguages)[number], language: Language): string {
  const known = names.get(language) ?? new Intl.DisplayNames(language, { type: 'language' });
  names.set(language, known);
  return known.of(code) ?? code;
}
