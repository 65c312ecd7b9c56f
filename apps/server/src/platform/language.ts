/** The languages that we speak. */
export type Language = 'fr' | 'en';

/** The language of `Accept-Language` (RFC 9110 §12.5.4) that we speak; English when neither is named before the other. */
export function preferredLanguage(header: string | undefined): Language {
  const weights = new Map<string, number>();
  for (const part of (header ?? '').split(',')) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const language = range.split('-')[0] ?? '';
    const q = parameters.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find((value) => value !== undefined);
    const weight = q === undefined ? 1 : Number(q);
    weights.set(language, Math.max(weights.get(language) ?? 0, Number.isNaN(weight) ? 0 : weight));
  }
  return (weights.get('fr') ?? 0) > (weights.get('en') ?? 0) ? 'fr' : 'en';
}
