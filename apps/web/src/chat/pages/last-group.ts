/** What is typed of a code, without what does not matter. */
const bare = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();

/** Whether `typed` is the last group of `code`, whatever its case and dashes. */
export function isLastGroup(typed: string, code: string): boolean {
  const last = code.split('-').at(-1) ?? '';
  return last !== '' && bare(typed) === bare(last);
}
