import type { Sources } from './help-lines.ts';

/** A number that answers now. */
interface EmergencyNumber {
  readonly number: string;
  readonly where: { readonly fr: string; readonly en: string };
  readonly sources: Sources;
}

const on = '2026-11-28';

/** Read as the help lines were: in archived copies of these pages, never dialled. */
export const emergencyNumbers: readonly EmergencyNumber[] = [
  {
    number: '112',
    where: { fr: 'dans l’Union européenne', en: 'in the European Union' },
    sources: [{ address: 'http://europa.eu/rapid/press-release_MEMO-05-363_en.htm?locale=en', on }],
  },
  {
    number: '17',
    where: { fr: 'en France', en: 'in France' },
    // A town's copy of the government's own page F33953.
    sources: [{ address: 'https://premeaux-prissey.fr/Particuliers/F33953', on }],
  },
  {
    number: '999',
    where: { fr: 'au Royaume-Uni', en: 'in the United Kingdom' },
    sources: [
      {
        address:
          'https://www.ofcom.org.uk/complaints/online-services-sites-apps/sites-and-apps/child-sexual-exploitation-abuse',
        on,
      },
    ],
  },
  {
    number: '911',
    where: { fr: 'aux États-Unis et au Canada', en: 'in the United States and Canada' },
    sources: [{ address: 'https://www.fcc.gov/consumer-information', on }],
  },
];

/** All of them as a part of a sentence. */
export const emergencyWords = (language: 'fr' | 'en'): string =>
  emergencyNumbers.map(({ number, where }) => `${number} ${where[language]}`).join(', ');
