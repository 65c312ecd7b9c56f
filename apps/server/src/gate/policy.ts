/** Where the people are whom an operator serves. `other`: anywhere else, held to the strictest of all. */
const jurisdictions = ['fr', 'eu', 'uk', 'other'] as const;
export type Jurisdiction = (typeof jurisdictions)[number];

/** What a jurisdiction asks of the gate. */
export interface AgePolicy {
  /** Kept with each proof: one that was judged by other rules is none. */
  readonly version: string;
  readonly minMethods: number;
  /** At least one method is double-blind. */
  readonly doubleBlind: boolean;
  /** Nobody whom the operator runs proves ages: it is a third party's to do. */
  readonly independent: boolean;
  /** Whether an age that is estimated counts beside one that is verified. */
  readonly estimates: boolean;
  /** What opens talk to a session: any passkey ceremony of it, or a proof given in it. */
  readonly reopen: 'passkey' | 'proof';
  readonly idleMinutes: number | null;
  readonly openHours: number | null;
  /** Days that a proof is good for. */
  readonly days: number;
  /** Proofs of one account that may be refused on one day; null: nobody counts. */
  readonly tries: number | null;
}

/**
 * - France: ARCOM's deliberation 2024-20 of 9 October 2024: two methods, one double-anonymous, by third parties, at each access.
 * - EU: guidelines on art. 28(1) of the DSA (OJ C/2025/5519): verification, not estimation; a stored result with
 *   WebAuthn in front of it (EU age verification profile §2.3); re-identification every three months (annex A).
 * - UK: "highly effective" methods of the Online Safety Act, estimation among them.
 *
 * Three tries a day are ours: account farming needs many. Twelve hours are ours: no session stays open for longer without the
 * person. So are the thirty days of France's proofs.
 */
const asked: Readonly<Record<Exclude<Jurisdiction, 'other'>, AgePolicy>> = {
  fr: {
    version: 'fr/1',
    minMethods: 2,
    doubleBlind: true,
    independent: true,
    estimates: false,
    reopen: 'proof',
    idleMinutes: 60,
    openHours: 12,
    days: 30,
    tries: 3,
  },
  eu: {
    version: 'eu/1',
    minMethods: 1,
    doubleBlind: false,
    independent: false,
    estimates: false,
    reopen: 'passkey',
    idleMinutes: null,
    openHours: 12,
    days: 90,
    tries: 3,
  },
  uk: {
    version: 'uk/1',
    minMethods: 1,
    doubleBlind: false,
    independent: false,
    estimates: true,
    reopen: 'passkey',
    idleMinutes: null,
    openHours: 12,
    days: 90,
    tries: 3,
  },
};

/** Of the test method alone, which proves nothing: nothing is asked of it. */
export const trialPolicy: AgePolicy = {
  version: 'test/1',
  minMethods: 0,
  doubleBlind: false,
  independent: false,
  estimates: true,
  reopen: 'passkey',
  idleMinutes: null,
  openHours: null,
  days: 90,
  tries: null,
};

/** The lower of two limits, where null is none. */
const lower = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.min(one, other);

function strictest(one: AgePolicy, other: AgePolicy): AgePolicy {
  return {
    version: one.version === other.version ? one.version : `${one.version}+${other.version}`,
    minMethods: Math.max(one.minMethods, other.minMethods),
    doubleBlind: one.doubleBlind || other.doubleBlind,
    independent: one.independent || other.independent,
    estimates: one.estimates && other.estimates,
    reopen: one.reopen === 'proof' || other.reopen === 'proof' ? 'proof' : 'passkey',
    idleMinutes: lower(one.idleMinutes, other.idleMinutes),
    openHours: lower(one.openHours, other.openHours),
    days: Math.min(one.days, other.days),
    tries: lower(one.tries, other.tries),
  };
}

/** The strictest of what the named jurisdictions ask; of no name, the trial's. */
export function policyFor(names: readonly Jurisdiction[]): AgePolicy {
  const { fr, eu, uk } = asked;
  const all = { fr, eu, uk, other: { ...[eu, uk].reduce(strictest, fr), version: 'other/1' } };
  const [first, ...more] = jurisdictions.filter((name) => names.includes(name)).map((name) => all[name]);
  return first === undefined ? trialPolicy : more.reduce(strictest, first);
}
