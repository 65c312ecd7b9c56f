/** Languages a member can say they speak (ISO 639-1). */
export const spokenLanguages = [
  'fr',
  'en',
  'de',
  'es',
  'it',
  'pt',
  'nl',
  'ar',
  'pl',
  'ro',
  'tr',
  'uk',
  'ru',
  'zh',
  'ja',
] as const;

/** What a member can say they look for. */
export const seekings = ['talk', 'friendship', 'dating', 'play', 'company'] as const;

/** Why somebody is reported. */
export const reportReasons = [
  'harassment',
  'unwanted_pictures',
  'ncii',
  'minor',
  'impersonation',
  'spam',
  'other',
] as const;
