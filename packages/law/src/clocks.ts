/** What a clock measures from. */
export type ClockStart =
  | 'receipt'
  | 'valid_request'
  | 'restriction'
  | 'complaint'
  | 'order'
  | 'knowledge'
  | 'filed';

/** What happens when a clock runs out. */
export type OnBreach = 'alarm' | 'report' | 'escalate' | 'release';

/** One deadline as a law, or our own promise where the law says "timely", sets it. */
export interface ClockRule {
  readonly law: LawId;
  readonly starts: ClockStart;
  /** Elapsed hours from the start. Never calendar days: across the autumn change two days are 49 hours. */
  readonly hours: number;
  /** Hours after the start at which somebody is told, ascending, the last one included in `hours`. */
  readonly alarms: readonly number[];
  /** Hour at which a picture that nobody has decided on is blocked by itself; absent where it is not. */
  readonly protectAt?: number;
  /** Whether force majeure or a question to the authority stops it. */
  readonly pausable: boolean;
  readonly onBreach: OnBreach;
  /** True where the number of hours is ours, because the law says "without undue delay". */
  readonly ours: boolean;
  /** False: an operator turns it on who answers to that law. */
  readonly byDefault: boolean;
}

export type LawId = 'us-tida' | 'us-2258a' | 'eu-dsa' | 'uk-osa' | 'fr-lcen' | 'in-it-rules';

/**
 * The deadlines. Sources: Pub. L. 119-12 §3(a)(3) (48 h from a valid request); Online Safety Act 2023 s.10(3A)
 * (48 h from the report); Regulation (EU) 2022/2065 art. 16(4)–(6), 17, 20 ("without undue delay", "timely");
 * LCEN art. 6-1 (24 h from the order; a question suspends it); 18 U.S.C. 2258A(a), (h) (report, preserve a year);
 * India's IT Rules 2021, rule 3(2)(b).
 */
export const clockRules = {
  'us-tida': rule('us-tida', 'valid_request', 48, { alarms: [24, 36, 44], protectAt: 36, onBreach: 'alarm' }),
  'uk-osa': rule('uk-osa', 'receipt', 48, { alarms: [24, 36, 44], protectAt: 36, onBreach: 'alarm' }),
  'eu-16-ack': rule('eu-dsa', 'receipt', 1, { onBreach: 'report', ours: true }),
  'eu-16': rule('eu-dsa', 'receipt', 24, { alarms: [12, 20], onBreach: 'report', ours: true }),
  'eu-20': rule('eu-dsa', 'complaint', 7 * 24, { alarms: [5 * 24], onBreach: 'report', ours: true }),
  'fr-6-1': rule('fr-lcen', 'order', 24, { alarms: [12, 20], onBreach: 'escalate', pausable: true }),
  'us-2258a': rule('us-2258a', 'knowledge', 24, { alarms: [4, 12, 20], onBreach: 'escalate', ours: true }),
  'us-preserve': rule('us-2258a', 'filed', 365 * 24, { onBreach: 'release' }),
  'in-3-2-b': rule('in-it-rules', 'receipt', 2, { alarms: [1], onBreach: 'alarm', byDefault: false }),
} as const satisfies Record<string, ClockRule>;

export type ClockId = keyof typeof clockRules;

export const clockIds = Object.keys(clockRules) as ClockId[];

interface Rest {
  readonly onBreach: OnBreach;
  readonly alarms?: readonly number[];
  readonly protectAt?: number;
  readonly pausable?: boolean;
  readonly ours?: boolean;
  readonly byDefault?: boolean;
}

function rule(law: LawId, starts: ClockStart, hours: number, rest: Rest): ClockRule {
  return { law, starts, hours, alarms: [], pausable: false, ours: false, byDefault: true, ...rest };
}

/** Milliseconds in an hour. Of UTC, which has no summer time; leap seconds are not counted in it either. */
const hourMs = 3_600_000;

/** A clock that runs, or did. Instants are milliseconds since 1970 UTC. */
export interface Clock {
  readonly startedAt: number;
  /** Milliseconds that it stood still so far. */
  readonly pausedMs: number;
  readonly pausedSince: number | null;
  /** When what it waits for was done; null while it runs. */
  readonly metAt: number | null;
  /** Hours of the alarms that were told. */
  readonly told: readonly number[];
}

export const startClock = (startedAt: number): Clock => ({
  startedAt,
  pausedMs: 0,
  pausedSince: null,
  metAt: null,
  told: [],
});

/** The instant at which `hours` have run on the clock; none (`Infinity`) while it stands. */
export function hourAt(clock: Clock, hours: number): number {
  if (clock.pausedSince !== null) return Number.POSITIVE_INFINITY;
  return clock.startedAt + clock.pausedMs + hours * hourMs;
}

/** When it runs out; `Infinity` while it stands. */
export const dueAt = (id: ClockId, clock: Clock): number => hourAt(clock, clockRules[id].hours);

/** Milliseconds left at `now`; negative once it ran out. A clock that stands keeps what it had. */
export function leftMs(id: ClockId, clock: Clock, now: number): number {
  const seen = clock.pausedSince ?? now;
  return clock.startedAt + clock.pausedMs + clockRules[id].hours * hourMs - seen;
}

/** Stops the clock. Does nothing to one that stands, is met, or may not be stopped. */
export function pauseClock(id: ClockId, clock: Clock, now: number): Clock {
  if (!clockRules[id].pausable || clock.pausedSince !== null || clock.metAt !== null) return clock;
  return { ...clock, pausedSince: Math.max(now, clock.startedAt) };
}

/** Lets it run on. */
export function resumeClock(clock: Clock, now: number): Clock {
  if (clock.pausedSince === null) return clock;
  const stood = Math.max(0, now - clock.pausedSince);
  return { ...clock, pausedSince: null, pausedMs: clock.pausedMs + stood };
}

/** What was waited for is done. The first time counts. */
export function meetClock(clock: Clock, now: number): Clock {
  return clock.metAt === null ? { ...clock, metAt: now } : clock;
}

/** Two of one kind become one: the earlier start wins, and nothing that one of them gained by standing still. */
export function earliest(one: Clock, other: Clock): Clock {
  const [first, second] = one.startedAt <= other.startedAt ? [one, other] : [other, one];
  const open = first.metAt === null && second.metAt === null;
  return {
    startedAt: first.startedAt,
    pausedMs: Math.min(first.pausedMs, second.pausedMs),
    pausedSince: open && first.pausedSince !== null && second.pausedSince !== null ? first.pausedSince : null,
    metAt: open ? null : Math.min(first.metAt ?? Infinity, second.metAt ?? Infinity),
    told: [...new Set([...first.told, ...second.told])].sort((a, b) => a - b),
  };
}

/** Hours of a clock at which something is told: its alarms, then its end. */
const marksOf = (id: ClockId): readonly number[] => [...clockRules[id].alarms, clockRules[id].hours];

/** The marks that are due at `now` and were not told yet, ascending. */
export function dueMarks(id: ClockId, clock: Clock, now: number): number[] {
  if (clock.metAt !== null) return [];
  return marksOf(id).filter((hours) => hourAt(clock, hours) <= now && !clock.told.includes(hours));
}

/** When the clock next has something to tell; null when it is met, stands, or has told all. */
export function nextMark(id: ClockId, clock: Clock): number | null {
  if (clock.metAt !== null || clock.pausedSince !== null) return null;
  const next = marksOf(id).find((hours) => !clock.told.includes(hours));
  return next === undefined ? null : hourAt(clock, next);
}
