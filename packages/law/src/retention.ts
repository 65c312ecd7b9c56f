const dayMs = 86_400_000;

/** What is kept of a case, for how long after it closed (days), and why. `legalHold` and `preserve` keep all of it longer. */
export const retention = {
  /** Events, decisions, sweep logs, messages: FTC guidance on the TAKE IT DOWN Act advises three years. */
  evidence: { days: 3 * 365, source: 'Pub. L. 119-12; FTC guidance' },
  /** Name and contact of whoever asked: until the six months for complaints are over (DSA art. 20(1)). */
  identity: { days: 183, source: 'Regulation (EU) 2022/2065, art. 20(1)' },
  /** Counts and times without names, for the yearly report (Regulation (EU) 2024/2835: five years). */
  figures: { days: 5 * 365 + 2, source: 'Regulation (EU) 2024/2835' },
  /** Contents of a report on the abuse of a child, after it was filed (18 U.S.C. 2258A(h)). */
  preserve: { days: 365, source: '18 U.S.C. 2258A(h)' },
} as const;

export type RetentionClass = keyof typeof retention;

export interface Keeping {
  readonly closedAt: number | null;
  readonly legalHold: boolean;
  /** End of a preservation that the law orders, in ms. */
  readonly preservedUntil: number | null;
}

/** The first instant (ms) at which this class of data may go; null: not as long as things stand. */
export function mayGoAt(kind: RetentionClass, keeping: Keeping): number | null {
  if (keeping.legalHold || keeping.closedAt === null) return null;
  const own = keeping.closedAt + retention[kind].days * dayMs;
  return Math.max(own, keeping.preservedUntil ?? 0);
}

/** Milliseconds in which either side may object to a decision (DSA art. 20(1): at least six months). */
export const complaintMs = 183 * dayMs;
