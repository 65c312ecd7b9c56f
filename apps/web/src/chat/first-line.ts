/** The longest first line of a request, in characters as people count them (code points). */
export const firstLineLimit = 200;

/** A first line as it is sent: one line, no spaces around, NFC. */
export const asFirstLine = (typed: string): string => typed.replace(/\s+/gu, ' ').trim().normalize('NFC');

/** Characters used of the limit. */
export const firstLineLength = (typed: string): number => [...asFirstLine(typed)].length;
