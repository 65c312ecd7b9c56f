/** One part of the ring of 256 bits: `width` bits wide, its first `address` bits choose a bucket. */
export interface Part {
  readonly width: number;
  readonly address: number;
}

/**
 * Largest number of hashes for which a plan is used, with the address bits of its 16 parts of 16 bits; none = read every
 * row. Measured with radius 31 and 90 % misses (docs/hash-index.md): fewer address bits keep all heads in the cache while
 * buckets are short. Unequal plans with 14 parts of 18 and 19 bits took more than twice as long at 10^7.
 */
const PLANS: readonly { readonly upTo: number; readonly address: number | undefined }[] = [
  { upTo: 2_048, address: undefined },
  { upTo: 32_768, address: 10 },
  { upTo: 262_144, address: 12 },
  { upTo: Number.POSITIVE_INFINITY, address: 16 },
];

/** The parts for `count` hashes. */
export function planFor(count: number): readonly Part[] {
  const plan = PLANS.find(({ upTo }) => count <= upTo);
  if (plan?.address === undefined) return [];
  const { address } = plan;
  return Array.from({ length: 16 }, () => ({ width: 16, address }));
}

/** The number of hashes at which the plan for `count` hashes ends. */
export function planLimit(count: number): number {
  return PLANS.find(({ upTo }) => count <= upTo)?.upTo ?? Number.POSITIVE_INFINITY;
}
