/** A text for each plural category that a language has; `#` stands for the number. */
export interface PluralForms {
  readonly one: string;
  readonly other: string;
  /** French and others: large numbers (« 1 000 000 de … »). */
  readonly many?: string;
}

/** A function from a number to its text in `language` (BCP 47), by the CLDR's plural rules. */
export function pluralIn(language: string): (count: number, forms: PluralForms) => string {
  const rules = new Intl.PluralRules(language);
  const format = new Intl.NumberFormat(language);
  return (count, forms) => {
    const category = rules.select(count);
    const form =
      category === 'one' ? forms.one : category === 'many' ? (forms.many ?? forms.other) : forms.other;
    return form.replace('#', format.format(count));
  };
}
