import { MATCH_DISTANCE, REVIEW_DISTANCE } from './hash.ts';
import type { VariantKind } from './variants.ts';

/** One banked hash of one picture that a question came near to. */
export interface Near {
  /** Which of the banked picture's hashes; any value that tells them apart. */
  readonly banked: number | string;
  /** What the asked hash was of. */
  readonly kind: VariantKind;
  readonly distance: number;
}

/** What the nearness of one banked picture means. */
export type Verdict = 'match' | 'review' | 'none';

/**
 * Weighs everything near that belongs to one banked picture. The whole, the block or a part within `MATCH_DISTANCE` is a
 * match. A region is a smaller thing: one may be an emblem or an ornament that two pictures share, so it takes two of
 * the banked picture's regions; a single one is for a person to look at.
 */
export function weigh(near: readonly Near[]): Verdict {
  const regions = new Set<number | string>();
  let closest = Number.POSITIVE_INFINITY;
  for (const { banked, kind, distance } of near) {
    closest = Math.min(closest, distance);
    if (distance > MATCH_DISTANCE) continue;
    if (kind !== 'region') return 'match';
    regions.add(banked);
  }
  if (regions.size >= 2) return 'match';
  return closest <= REVIEW_DISTANCE ? 'review' : 'none';
}
