/** Markup that was escaped. */
export interface Html {
  readonly html: string;
}

type Value = string | number | Html | readonly Value[] | null | false;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const text = (value: Value): string => {
  if (value === null || value === false) return '';
  if (typeof value === 'object') return 'html' in value ? value.html : value.map(text).join('');
  return String(value).replaceAll(/[&<>"']/g, (char) => escapes[char] ?? char);
};

/** Markup with values in it: whatever is no markup of ours is text, in an attribute too, as long as that is quoted. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html => ({
  html: parts.reduce((all, part, index) => all + text(values[index - 1] ?? '') + part),
});
