import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicFigures, yearlyReport } from '../../src/transparency/index.ts';
import { leastShown, shown } from '../../src/transparency/shown.ts';
import { categoriesOf } from '../../src/transparency/template.ts';
import { csv } from '../../src/transparency/yearly.ts';
import { file, give, newStaff, remove } from '../cases/staff.ts';
import type { Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

const hour = 3_600_000;
let server: TestServer;
let mod: Member;
let now = Date.UTC(2025, 10, 3, 12);

beforeAll(async () => {
  server = await startServer({ clock: () => now });
  mod = await newStaff(server, 'moderator', 'child_safety');
});
afterAll(() => server.close());

const report = () =>
  yearlyReport(server.platform, {
    year: 2025,
    provider: 'Example, "the" provider',
    service: 'Accord',
    publishedOn: '2026-02-01',
    previousOn: '',
  });

/** RFC 4180, read back. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  rows.pop();
  return rows;
}

async function part(name: string): Promise<Record<string, string>[]> {
  const { files } = await report();
  const [header = [], ...rows] = rowsOf(files.find((each) => each.name.includes(name))?.text ?? '');
  for (const row of rows) expect(row).toHaveLength(header.length);
  return rows.map((row) => Object.fromEntries(header.map((column, at) => [column, row[at] ?? ''])));
}

describe('what is published', () => {
  beforeAll(async () => {
    // Twelve fakes, six of them gone after two hours and six after six; a real one that is declined; a child; one of the year after.
    const fakes = [];
    for (let n = 0; n < 12; n += 1) fakes.push(await file(server, { kind: 'fake', pictures: [] }));
    now += 2 * hour;
    for (const { caseId } of fakes.slice(0, 6)) await give(mod, caseId, remove);
    now += 4 * hour;
    for (const { caseId } of fakes.slice(6)) await give(mod, caseId, remove);
    const weak = await file(server, { kind: 'real', signature: '', contact: '', goodFaith: false });
    await give(mod, weak.caseId, { kind: 'decline', ground: 'not_intimate', words: 'w' });
    const desk = server.running.features.cases.desk;
    await desk.appeal(await desk.open(weak.number, weak.pin ?? '', '127.0.0.1'), 'Look again.');
    await file(server, { minor: 'yes', kind: 'real' });
    const [one, other] = [await file(server, { kind: 'threat' }), await file(server, { kind: 'threat' })];
    await give(mod, one.caseId, { kind: 'merge', into: other.caseId });
    now = Date.UTC(2026, 0, 1, 0, 0, 1);
    await file(server, { kind: 'fake' });
    now = Date.UTC(2026, 1, 1);
  });

  it('fills the Regulation’s templates: each row and column of them, and what happened in that year alone', async () => {
    const notices = await part('4_notices');
    expect(notices).toHaveLength(1 + 14 + 75 + 1);
    const of = (code: string) => notices.find((row) => row['Category of illegal content'] === code);
    const received = 'Number of notices received ';
    expect(of('TOTAL')?.[received]).toBe('16');
    expect(of('KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE')).toMatchObject({
      [received]: '12',
      'Median time to take action': '4',
      'Number of actions taken on the basis of the law': '12',
      'Reporting period': '2025-01-01/2025-12-31',
    });
    expect(of('STATEMENT_CATEGORY_CYBER_VIOLENCE')?.[received]).toBe('15');
    expect(of('KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL')?.[received]).toBe('1');
    expect(of('STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE')?.[received]).toBe('0');
    const appeals = await part('7_appeals');
    expect(appeals).toHaveLength(47);
    expect(
      appeals
        .filter(({ Scope, Value }) => Scope === 'Total number' && Value === '1')
        .map(({ Indicator }) => Indicator),
    ).toEqual([
      'Number of complaints submitted to the internal-complaints mechanism',
      'Complaint regarding a decision not to take action on a notice submitted in accordance with Article 16',
    ]);
    const automated = await part('8_automated');
    expect(automated).toHaveLength(20);
    // Those with a picture’s hash or an address are protected as they come in.
    expect(Number(automated[0]?.Value)).toBeGreaterThan(0);
    expect((await part('1_report'))[0]).toMatchObject({ Value: 'Example, "the" provider' });
    const names = await part('2_categories');
    expect(names).toHaveLength(1 + 17 + 82);
    expect(
      names.filter((row) => row['Category description'] === 'Not captured by any other sub-category'),
    ).toHaveLength(15);
    expect(
      names
        .slice(1)
        .map((row) => row['Category label'])
        .slice(0, 5),
    ).toEqual(['Category 1', 'Category 1a', 'Category 1b', 'Category 1c', 'Category 2']);
    expect(names.at(-1)).toMatchObject({
      'Category label': 'Category 17',
      'Category description': 'Type of alleged illegal content not specified by the notifier',
    });
    expect(await part('3_member')).toHaveLength(1 + 14 + 75 + 1);
    expect(await part('5_own')).toHaveLength(1 + 14 + 75);
    expect(await part('6_own')).toHaveLength(1 + 15 + 82);
    expect((await report()).smallCells).toBeGreaterThan(0);
  });

  it('is told to the public rounded, without the month under way, without one that could be found', async () => {
    const figures = await publicFigures(server.platform, now);
    expect(figures).toMatchObject({
      from: Date.UTC(2025, 1, 1),
      to: Date.UTC(2026, 1, 1),
      requests: 15,
      byPicture: { real: 'few', fake: 15, threat: 'few', unsure: 0 },
      removed: 10,
      declined: 'few',
      appeals: { reporter: 'few', uploader: 0 },
      hoursToDecision: 2,
      hoursToGone: 4,
    });
    const before = await publicFigures(server.platform, Date.UTC(2025, 10, 30));
    expect(before).toMatchObject({ requests: 0, hoursToDecision: null });
    const counts = JSON.stringify(figures).match(/(?<=[a-z]":)\d+(?=[,}])/g) ?? [];
    const small = counts.map(Number).filter((count) => count < 10_000 && count % leastShown !== 0);
    // The two times are in whole hours.
    expect(small).toEqual([2, 4]);
  });

  it('outlives the cases', async () => {
    const before = await report();
    await server.platform.db.deleteFrom('desk_case').execute();
    expect(await report()).toEqual(before);
  });
});

describe('the page', () => {
  it('says so in both languages, without an account', async () => {
    for (const [path, words] of [
      ['/desk/figures', 'about 15'],
      ['/signaler/figures', 'environ 15'],
    ] as const) {
      const response = await fetch(new URL(path, server.url));
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(words);
    }
  });
});

describe('a count', () => {
  it('is never told exactly, nor can one more or less be seen in most', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (count) => {
        const told = shown(count);
        if (told === 'few') expect(count > 0 && count < leastShown).toBe(true);
        else {
          expect(told % leastShown).toBe(0);
          expect(Math.abs(told - count)).toBeLessThanOrEqual(leastShown / 2);
        }
      }),
    );
  });
});

describe('CSV', () => {
  it('reads back what was written, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), { minLength: 1 }),
        (rows) => {
          expect(rowsOf(csv(rows))).toEqual(rows);
        },
      ),
    );
  });
  it('has the categories that the Commission’s database has', () => {
    expect(categoriesOf.ownTerms).toHaveLength(15);
  });
});
