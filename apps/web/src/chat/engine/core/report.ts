import type { Entry } from '../api.ts';

/** What a report may hold, in characters; the contract refuses more. */
const limit = 4000;

/** The reporter's words, then the messages that they chose, oldest first; what does not fit is told. */
export function composeReport(words: string, entries: readonly Entry[]): string {
  const told = words.trim().slice(0, limit / 2);
  const quotes = entries
    .filter((entry) => entry.type === 'message')
    .map(({ at, mine, text, kind }) => {
      const said = text ?? `(${kind})`;
      return `[${new Date(at).toISOString()}] ${mine ? '>' : '<'} ${said}`;
    });
  const lines = told === '' ? [] : [told, ''];
  let left = limit - told.length - 40;
  for (const [index, quote] of quotes.entries()) {
    if (quote.length + 1 > left) {
      const part = quote.slice(0, Math.max(0, left - 1));
      if (part.length > 30) lines.push(part);
      lines.push(`[+ ${quotes.length - index}]`);
      break;
    }
    lines.push(quote);
    left -= quote.length + 1;
  }
  return lines.join('\n').trim();
}
