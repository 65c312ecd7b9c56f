import type { Platform } from '../platform/platform.ts';
import { appealsIn, type Counted, countedIn, median, type Period } from './figures.ts';

/** Counts below this are not told; those above are told in steps of it. See ADR 18. */
export const leastShown = 5;
/** Times are told of this many cases and more. */
const leastForTimes = 10;

/** A count as it is shown: `0`, `few` for one to four, else the nearest step of five. */
export type Shown = number | 'few';

export function shown(count: number): Shown {
  if (count === 0) return 0;
  return count < leastShown ? 'few' : Math.round(count / leastShown) * leastShown;
}

/** Whole hours, of ten cases and more; null where there are fewer. */
function shownMedian(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  const middle = known.length < leastForTimes ? null : median(known);
  return middle === null ? null : Math.max(1, Math.round(middle));
}

/** What the public page says. Nothing on it is exact, and nothing of the month under way is on it. */
export interface PublicFigures {
  /** The twelve months that ended last. Milliseconds; `to` is the first instant after them. */
  readonly from: number;
  readonly to: number;
  readonly requests: Shown;
  readonly byPicture: Readonly<Record<'real' | 'fake' | 'threat' | 'unsure', Shown>>;
  /** Requests of each quarter, oldest first. */
  readonly quarters: readonly { readonly from: number; readonly requests: Shown }[];
  readonly blocked: Shown;
  readonly removed: Shown;
  readonly declined: Shown;
  readonly withdrawn: Shown;
  readonly late: Shown;
  readonly hoursToDecision: number | null;
  readonly hoursToGone: number | null;
  readonly appeals: Readonly<Record<'reporter' | 'uploader', Shown>>;
  readonly changed: Shown;
}

const monthStart = (year: number, month: number): Date => new Date(Date.UTC(year, month, 1));

/** The twelve calendar months (UTC) before the one that `now` is in. */
function lastTwelveMonths(now: number): Period {
  const today = new Date(now);
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
  return { from: monthStart(year - 1, month), to: monthStart(year, month) };
}

const sum = (cases: readonly Counted[], of: (each: Counted) => number): number =>
  cases.reduce((all, each) => all + of(each), 0);

export async function publicFigures(platform: Pick<Platform, 'db'>, now: number): Promise<PublicFigures> {
  const period = lastTwelveMonths(now);
  const [cases, appeals] = await Promise.all([countedIn(platform, period), appealsIn(platform, period)]);
  const requests = (of: readonly Counted[]) => shown(sum(of, (each) => each.requests));
  const count = (is: (each: Counted) => boolean) => shown(cases.filter(is).length);
  // What was asked and is not known to be one of these counts as not sure.
  const kinds = ['real', 'fake', 'threat'] as const;
  const kindOf = ({ picture }: Counted) => kinds.find((kind) => kind === picture) ?? 'unsure';
  const ofKind = (kind: string) => requests(cases.filter((each) => kindOf(each) === kind));
  const quarter = (at: number) => {
    const from = monthStart(period.from.getUTCFullYear(), period.from.getUTCMonth() + 3 * at);
    const months = [0, 1, 2].map((step) =>
      monthStart(from.getUTCFullYear(), from.getUTCMonth() + step)
        .toISOString()
        .slice(0, 7),
    );
    return { from: from.getTime(), requests: requests(cases.filter(({ month }) => months.includes(month))) };
  };
  return {
    from: period.from.getTime(),
    to: period.to.getTime(),
    requests: requests(cases),
    byPicture: {
      real: ofKind('real'),
      fake: ofKind('fake'),
      threat: ofKind('threat'),
      unsure: ofKind('unsure'),
    },
    quarters: [0, 1, 2, 3].map(quarter),
    blocked: count(({ blocked }) => blocked),
    removed: count(({ decision }) => decision === 'remove'),
    declined: count(({ decision }) => decision === 'decline'),
    withdrawn: count(({ decision, withdrawn }) => decision === null && withdrawn),
    late: count(({ late }) => late),
    hoursToDecision: shownMedian(cases.map(({ hoursToDecision }) => hoursToDecision)),
    hoursToGone: shownMedian(cases.map(({ hoursToGone }) => hoursToGone)),
    appeals: {
      reporter: shown(appeals.filter(({ side }) => side === 'reporter').length),
      uploader: shown(appeals.filter(({ side }) => side === 'uploader').length),
    },
    changed: shown(appeals.filter(({ outcome }) => outcome === 'reversed').length),
  };
}
