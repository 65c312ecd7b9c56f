/** Full case folding, near enough, in no locale: `ß` is `ss`, the final sigma a sigma. */
const fold = (text: string): string => text.toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/**
 * Text as it is searched: compatibility forms, case and accents don't count (« élan » is found by « ELAN »), in
 * any locale and in a database of any collation.
 */
export function searchText(...parts: readonly string[]): string {
  // Case before marks: a mark may become a letter with it (the iota of « ᾳ »). And after: NFKD may bring capitals.
  return fold(fold(parts.join(' ')).normalize('NFKD').replaceAll(/\p{M}/gu, ''));
}

/** The words of a query as patterns of `like`, each to be found anywhere; at most eight. */
export function likePatterns(words: string): string[] {
  return searchText(words)
    .split(/\s+/u)
    .filter((word) => word !== '')
    .slice(0, 8)
    .map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`);
}
