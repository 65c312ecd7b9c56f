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

/** Who is in a picture, as its sender says. */
export const depictions = ['me', 'me_and_others', 'others', 'nobody'] as const;

/** What a receiver decided about somebody's pictures. */
export const pictureModes = ['ask', 'always', 'never'] as const;
