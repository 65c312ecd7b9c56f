import type { Platform } from '../platform/platform.ts';
import { categoryNames, otherName, totalName } from './category-names.ts';
import { appealsIn, type Counted, type CountedAppeal, countedIn, median, type Period } from './figures.ts';
import { applicability, type ComplaintKind, categoriesOf, complaintKinds, headerOf } from './template.ts';

/** One part of the report: RFC 4180, UTF-8. */
interface ReportFile {
  readonly name: string;
  readonly text: string;
}

export interface YearlyReport {
  readonly files: readonly ReportFile[];
  /** Cells that count one to four: exact, as the law asks, and to be looked at before they are published (ADR 18). */
  readonly smallCells: number;
}

export interface ReportOf {
  readonly year: number;
  /** Who provides the service, and what it is called. */
  readonly provider: string;
  readonly service: string;
  /** Days as `YYYY-MM-DD`; the last is empty where there was no report before. */
  readonly publishedOn: string;
  readonly previousOn: string;
}

type Cell = string | number | null;
type Row = readonly Cell[];

const cellText = (cell: Cell): string => {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** RFC 4180: commas, double quotes, CRLF after each row. */
export const csv = (rows: readonly Row[]): string =>
  rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');

const hours = (value: number | null): Cell => (value === null ? null : Math.round(value * 100) / 100);

/** Where a request counts: what its notifier says it is. Of somebody under 18 it is that first. */
function categoryOf({ childSafety, picture }: Counted): string {
  if (childSafety) {
    const kind = picture === 'fake' ? '_DEEPFAKE' : '';
    return `STATEMENT_CATEGORY_PROTECTION_OF_MINORS/KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL${kind}`;
  }
  if (picture === null) return 'STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE';
  const keyword = {
    fake: 'KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE',
    threat: 'KEYWORD_OTHER',
  }[picture];
  return `STATEMENT_CATEGORY_CYBER_VIOLENCE/${keyword ?? 'KEYWORD_NON_CONSENSUAL_IMAGE_SHARING'}`;
}

const threatened = 'Threat to share an intimate picture';

/** What is counted where, for whoever reads the report. */
const countedHere: Readonly<Record<string, string>> = {
  'STATEMENT_CATEGORY_CYBER_VIOLENCE/KEYWORD_NON_CONSENSUAL_IMAGE_SHARING':
    'By what the notifier says; also where they can not tell whether the picture is real',
  'STATEMENT_CATEGORY_CYBER_VIOLENCE/KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE': 'By what the notifier says',
  'STATEMENT_CATEGORY_CYBER_VIOLENCE/KEYWORD_OTHER': threatened,
  'STATEMENT_CATEGORY_PROTECTION_OF_MINORS/KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL':
    'Where the person in the picture is said to be under 18, whatever else it is',
};

const nameOf = (code: string): string =>
  categoryNames[code.replace(/^(STATEMENT_CATEGORY|KEYWORD)_/, '')] ?? otherName;

/** Part 2: what the other parts' codes mean, and what is counted under them here. */
const categories = (): Row[] => [
  ['TOTAL', totalName, 'TOTAL', ''],
  ...categoriesOf.all.flatMap(({ code, keywords }, at): Row[] => {
    const label = `Category ${at + 1}`;
    return [
      [label, nameOf(code), code, ''],
      ...keywords.map((keyword, below): Row => {
        const letter = String.fromCharCode('a'.charCodeAt(0) + below);
        return [`${label}${letter}`, nameOf(keyword), keyword, countedHere[`${code}/${keyword}`] ?? ''];
      }),
    ];
  }),
];

/** The rows of a part that goes by categories: the total, each category, each of its sub-categories. */
function byCategory(
  categories: (typeof categoriesOf)[keyof typeof categoriesOf],
  cases: readonly Counted[],
  row: (code: string, other: string, of: readonly Counted[]) => Row,
): Row[] {
  const within = (path: string) => cases.filter((each) => `${categoryOf(each)}/`.startsWith(`${path}/`));
  return [
    row('TOTAL', '', cases),
    ...categories.flatMap(({ code, keywords }) => [
      row(code, '', within(code)),
      ...keywords.map((keyword) => {
        const other = keyword === 'KEYWORD_OTHER' && code === 'STATEMENT_CATEGORY_CYBER_VIOLENCE';
        return row(keyword, other ? threatened : '', within(`${code}/${keyword}`));
      }),
    ]),
  ];
}

const sum = (cases: readonly Counted[], of: (each: Counted) => number): number =>
  cases.reduce((all, each) => all + of(each), 0);
const blank = (count: number): null[] => Array.from({ length: count }, () => null);

interface Drawing {
  readonly service: string;
  readonly period: string;
}

function orders({ service, period }: Drawing, cases: readonly Counted[]): Row[] {
  const ordered = cases.filter((each) => each.orders > 0);
  return byCategory(categoriesOf.orders, ordered, (code, other, of) => [
    applicability.all,
    service,
    period,
    code,
    other,
    'TOTAL',
    sum(of, (each) => each.orders),
    sum(of, ({ items }) => items),
    // Recorded as they come in; the authority is told by whoever records it.
    null,
    hours(median(of.map(({ hoursFromOrder }) => hoursFromOrder))),
    0,
    null,
    null,
    ...blank(3),
    code === 'TOTAL' ? 'Hours' : null,
    ...blank(3),
  ]);
}

function notices({ service, period }: Drawing, cases: readonly Counted[]): Row[] {
  return byCategory(categoriesOf.notices, cases, (code, other, of) => [
    applicability.hosting,
    service,
    period,
    code,
    other,
    sum(of, ({ requests }) => requests),
    0,
    sum(of, ({ items }) => items),
    0,
    hours(median(of.map(({ hoursToGone }) => hoursToGone))),
    null,
    of.filter(({ decision }) => decision === 'remove').length,
    0,
    0,
    0,
    ...blank(4),
    code === 'TOTAL' ? 'Hours from the request to the end of the search for copies' : null,
    ...blank(5),
  ]);
}

const ownMeasures = (
  { service, period }: Drawing,
  categories: (typeof categoriesOf)['ownIllegal' | 'ownTerms'],
): Row[] =>
  byCategory(categories, [], (code) => [
    applicability.all,
    service,
    period,
    code,
    '',
    ...Array.from({ length: 16 }, () => 0),
    ...blank(16),
  ]);

/** Which complaints a row of part 7 is about: a sender's is against a removal, a notifier's against the lack of one. */
const complaintsOf: Readonly<Record<ComplaintKind, (appeal: CountedAppeal) => boolean>> = {
  all: () => true,
  restricted: ({ side }) => side === 'uploader',
  suspended: () => false,
  account: () => false,
  monetised: () => false,
  notActed: ({ side }) => side === 'reporter',
  notActedFlagger: () => false,
};

function appeals({ service, period }: Drawing, all: readonly CountedAppeal[]): Row[] {
  const { platforms } = applicability;
  const row = (section: string, indicator: string, scope: string, value: Cell, note = ''): Row => [
    section === inside && indicator === complaintKinds.all && scope === 'Total number'
      ? applicability.all
      : platforms,
    service,
    period,
    section,
    indicator,
    scope,
    value,
    note,
  ];
  const inside = 'Internal complaints mechanism';
  const outside = 'Out-of-court dispute settlement bodies';
  const repeated = 'Suspensions imposed on repeated offenders';
  const kinds = Object.keys(complaintKinds) as ComplaintKind[];
  const complaints = kinds.flatMap((kind) => {
    const of = all.filter(complaintsOf[kind]);
    const came = (outcome: CountedAppeal['outcome']) => of.filter((each) => each.outcome === outcome).length;
    const text = complaintKinds[kind];
    return [
      row(inside, text, 'Total number', of.length),
      row(inside, text, 'Decisions upheld', came('upheld')),
      row(inside, text, 'Decisions partially reversed', 0),
      row(inside, text, 'Decisions reversed', came('reversed')),
      row(inside, text, 'Median time', hours(median(of.map((each) => each.hours))), 'Hours'),
      ...(kind === 'all'
        ? [
            row(inside, text, 'Decision omitted', 0),
            row(
              inside,
              'Number of restrictions newly imposed as a result of an internal complaint',
              'Total number',
              all.filter(({ side, outcome }) => side === 'reporter' && outcome === 'reversed').length,
            ),
          ]
        : []),
    ];
  });
  const disputes = 'Number of disputes submitted to out-of-court dispute settlement bodies';
  const unknown = 'To be filled in: bodies write to the provider';
  return [
    ...complaints,
    ...[
      'Total number',
      'Decisions upheld',
      'Decisions partially reversed',
      'Decisions reversed',
      'Median time',
      'Decision omitted',
      'Percentage of outcomes implemented',
    ].map((scope) => row(outside, disputes, scope, null, unknown)),
    ...[
      'Number of suspensions enacted for the provision of manifestly illegal content ',
      'Number of suspensions enacted for the provision of manifestly unfounded notices',
      'Number of suspensions enacted for the provision of manifestly unfounded complaints',
    ].map((indicator) => row(repeated, indicator, 'Total number', null, 'To be filled in')),
  ];
}

function automated({ service, period }: Drawing, cases: readonly Counted[]): Row[] {
  const section = 'Use of automated means for content moderation';
  const blocked = cases.filter((each) => each.blocked).length;
  const decided = cases.filter(({ decision }) => decision === 'remove').length;
  const accuracy = ['Accuracy', 'Precision', 'Recall'].map(
    (name) => [`Accuracy of the automated means - ${name}`, null, ''] as const,
  );
  const interim =
    'Interim blocks on a plausible request, until a person has decided: nothing is removed by a machine';
  const measures = (solely: number, others: number, note: string) =>
    [
      ['Number of measures solely taken by automated means ', solely, note],
      ['Number of measures not taken by automated means', others, ''],
      ...accuracy,
    ] as const;
  const processed = (all: number) =>
    [
      ['Number of notices solely processed by automated means ', 0, ''],
      ['Number of notices not processed by automated means', all, ''],
      ...accuracy,
    ] as const;
  const scopes = [
    [applicability.all, 'Total number', measures(blocked, decided, interim)],
    [applicability.all, 'Own-initiative ', measures(0, 0, '')],
    [applicability.hosting, 'NAM Total', processed(sum(cases, ({ requests }) => requests))],
    [applicability.platforms, 'NAM Trusted Flagger', processed(0)],
  ] as const;
  return scopes.flatMap(([whom, scope, rows]) =>
    rows.map(
      ([indicator, value, note]): Row => [whom, service, period, section, indicator, scope, value, note],
    ),
  );
}

/** What Accord does by itself, whoever runs it. */
const qualities: readonly (readonly [indicator: string, value: string])[] = [
  [
    'Summary of the content moderation engaged in at the providers’ own initiative',
    'None. Conversations are end-to-end encrypted: the provider sees what a person reports and nothing else.',
  ],
  [
    "Meaningful and comprehensible information regarding content moderation engaged in at the providers' own initiative",
    'None. A picture is looked at by a moderator after a request or a member’s report.',
  ],
  [
    'Qualitative description of the automated means',
    'A picture’s perceptual hash (PDQ) is held against those of pictures that were decided on, or that a request protects until it is decided. A sending that comes near is refused before anything leaves the device. No classifier looks at pictures or words.',
  ],
  [
    'Qualitative description of indicators of accuracy and possible rate of error of automated means',
    'The match is measured on edited pictures and on pairs of unlike ones; recall by kind of edit and false matches are published with the software. No sample of this service’s own pictures is taken: they are encrypted.',
  ],
  [
    'Specification of the precise purposes to apply automated means',
    'To keep a picture that was removed, or that somebody plausibly asked to have removed, from being sent again.',
  ],
  [
    'Safeguards applied to the use of automated means',
    'A block ends with the decision of a person. Whoever is refused gets a code, under which signed records of the agreement of those in the picture can be shown to whoever decides, while a request that protects the picture is open. Requests that are protected unseen are limited in number.',
  ],
];

const partNames = {
  identification: '1_report_identification.csv',
  categories: '2_categories_names.csv',
  orders: '3_member_states_orders.csv',
  notices: '4_notices.csv',
  ownIllegal: '5_own_initiative_illegal.csv',
  ownTerms: '6_own_initiative_TC.csv',
  appeals: '7_appeals_and_recidivism.csv',
  automated: '8_automated_means.csv',
  qualitative: '11_qualitative.csv',
} as const;

const yearOf = (year: number): Period => ({
  from: new Date(Date.UTC(year, 0, 1)),
  to: new Date(Date.UTC(year + 1, 0, 1)),
});

/** The yearly report of art. 15 and 24 DSA, part by part. Exact counts: the law asks for those. */
export async function yearlyReport(platform: Pick<Platform, 'db'>, of: ReportOf): Promise<YearlyReport> {
  const [cases, complaints] = await Promise.all([
    countedIn(platform, yearOf(of.year)),
    appealsIn(platform, yearOf(of.year)),
  ]);
  const [first, last] = [`${of.year}-01-01`, `${of.year}-12-31`];
  const drawing = { service: of.service, period: `${first}/${last}` };
  const { all } = applicability;
  const identified = [
    ['Name of the service provider', of.provider],
    ['Date of the publication of the report', of.publishedOn],
    ['Date of the publication of the latest previous report', of.previousOn],
    ['Starting date of reporting period', first],
    ['Ending date of reporting period', last],
  ].map(([indicator = '', value = '']): Row => [all, of.service, indicator, value]);
  const counted = {
    orders: orders(drawing, cases),
    notices: notices(drawing, cases),
    appeals: appeals(drawing, complaints),
    automated: automated(drawing, cases),
  };
  const parts: Record<keyof typeof partNames, readonly Row[]> = {
    identification: [headerOf.identification, ...identified],
    categories: [headerOf.categories, ...categories()],
    orders: [headerOf.orders, ...counted.orders],
    notices: [headerOf.notices, ...counted.notices],
    ownIllegal: [headerOf.ownIllegal, ...ownMeasures(drawing, categoriesOf.ownIllegal)],
    ownTerms: [headerOf.ownTerms, ...ownMeasures(drawing, categoriesOf.ownTerms)],
    appeals: [headerOf.indicators, ...counted.appeals],
    automated: [headerOf.indicators, ...counted.automated],
    qualitative: [
      headerOf.qualitative,
      ...qualities.map(([indicator, value]): Row => [all, of.service, drawing.period, indicator, value]),
    ],
  };
  const cells = Object.values(counted).flat(2);
  return {
    files: Object.entries(parts).map(([part, rows]) => ({
      name: partNames[part as keyof typeof partNames],
      text: csv(rows),
    })),
    smallCells: cells.filter((cell) => Number.isInteger(cell) && Number(cell) > 0 && Number(cell) < 5).length,
  };
}
