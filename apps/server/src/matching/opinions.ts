/*
 * What sources say of a picture. An opinion is never a row that comes and goes: a source that takes its word back says so,
 * and that it did stays known. So "why was this blocked?" has an answer, and what a partner sent never becomes ours.
 */

/** `positive`: it is what the bank is about. `seed`: perhaps, a person should look. `negative`: it is not. */
export const categories = ['positive', 'seed', 'negative'] as const;
export type Category = (typeof categories)[number];

/** All opinions on one picture together. `none`: nobody says anything any more. */
export type Standing = 'positive' | 'seed' | 'negative' | 'disputed' | 'none';

export interface Opinion {
  readonly category: Category;
  /** Milliseconds since 1970 UTC, by the source's clock. */
  readonly at: number;
  readonly withdrawn: boolean;
  /** Given by people here, not by a partner. */
  readonly ours: boolean;
}

/** The order in which words of one time win: taking back, then what protects most. */
const weight = (opinion: Opinion): number =>
  opinion.withdrawn ? 3 : { positive: 2, seed: 1, negative: 0 }[opinion.category];

/** The word of one source that stands: the later one; of two of one time the one that takes back, else the graver. */
export function later<T extends Opinion>(one: T, other: T): T {
  if (one.at !== other.at) return one.at > other.at ? one : other;
  return weight(other) > weight(one) ? other : one;
}

/**
 * Weighs one standing opinion of each source. People here who looked outweigh partners; among equals, positive against
 * negative is disputed, and a seed counts only where nobody is sure.
 */
export function aggregate(opinions: Iterable<Opinion>): Standing {
  const standing = [...opinions].filter((opinion) => !opinion.withdrawn);
  const ours = standing.filter((opinion) => opinion.ours && opinion.category !== 'seed');
  const heard = new Set((ours.length > 0 ? ours : standing).map((opinion) => opinion.category));
  if (heard.has('positive')) return heard.has('negative') ? 'disputed' : 'positive';
  if (heard.has('negative')) return 'negative';
  return heard.has('seed') ? 'seed' : 'none';
}

/** Whether a picture of this standing is refused: in doubt for the person in it. */
export const blocks = (standing: Standing): boolean => standing === 'positive' || standing === 'disputed';
