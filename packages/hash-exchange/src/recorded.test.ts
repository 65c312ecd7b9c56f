import { beforeAll, describe, expect, it } from 'vitest';
import {
  ncmecEmpty,
  ncmecLater,
  ncmecPages,
  recordedHashes,
  stopNciiLater,
  stopNciiPages,
  threatUpdates,
} from '../testing/index.ts';
import { heard, type Known, merge, type Order, stands, unheard, voicesOf } from './merge.ts';
import { ncmec } from './ncmec.ts';
import { stopNcii, stopNciiBase } from './stopncii.ts';
import { threatExchange, threatExchangeBase } from './threat-exchange.ts';
import type { Checkpoint, Cursor, Page, Protocol } from './types.ts';

const [hashA, hashB, hashC, hashD, hashE] = recordedHashes;
const now = Date.UTC(2026, 10, 28);

/** Reads windows to their ends and merges what they say; `answers` are given one to each request. */
function follow<P>(
  protocol: Protocol<P>,
  settings: P,
  answers: readonly string[],
  order: Order,
  windows = 1,
): { truth: Map<string, Known>; checkpoint: Checkpoint; urls: string[]; pages: Page[] } {
  const truth = new Map<string, Known>();
  const urls: string[] = [];
  const pages: Page[] = [];
  let checkpoint: Checkpoint | null = null;
  let place = 0;
  const left = [...answers];
  for (let window = 0; window < windows; window += 1) {
    let cursor: Cursor | null = protocol.begin(settings, checkpoint, now);
    while (cursor !== null) {
      urls.push(protocol.request(settings, cursor).url);
      // Between two processes a cursor is text.
      const kept: Cursor = JSON.parse(JSON.stringify(cursor));
      const page: Page = protocol.read(settings, kept, left.shift() ?? '');
      pages.push(page);
      for (const update of page.updates) {
        place += 1;
        truth.set(update.key, merge(truth.get(update.key) ?? unheard, heard(update, place), order));
      }
      checkpoint = page.checkpoint ?? checkpoint;
      cursor = page.next;
    }
  }
  expect(left).toEqual([]);
  return { truth, checkpoint: checkpoint ?? {}, urls, pages };
}

const standing = (truth: ReadonlyMap<string, Known>): string[] =>
  [...truth].filter(([, known]) => stands(known)).map(([key]) => key);

describe.each(['UTC', 'America/New_York', 'Asia/Kathmandu'])('with the clock of %s', (zone) => {
  beforeAll(() => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    return () => {
      process.env.TZ = before;
    };
  });

  it('StopNCII’s pages come to what they say, and the next set begins at the smallest it named', () => {
    const settings = { base: stopNciiBase, pageSize: 800, self: 'Twitter' };
    const answers = [...stopNciiPages, stopNciiLater].map((page) => JSON.stringify(page));
    const { truth, urls, checkpoint, pages } = follow(stopNcii, settings, answers, 'clock', 2);
    expect(urls).toEqual([
      `${stopNciiBase}/FetchHashes?startTimestamp=10&pageSize=800`,
      `${stopNciiBase}/FetchHashes?startTimestamp=10&pageSize=800&nextPageToken=${stopNciiPages[0].nextPageToken}`,
      `${stopNciiBase}/FetchHashes?startTimestamp=1625167824&pageSize=800`,
    ]);
    expect(checkpoint).toEqual({ since: 1661426990 });
    expect(pages[0]?.checkpoint).toBeUndefined();
    expect(pages.map(({ unread }) => unread)).toEqual([0, 0, 0]);
    // Whoever took theirs back is gone, by its status.
    expect(standing(truth).sort()).toEqual(
      [
        `pdq:${hashB}`,
        `pdq:${hashC}`,
        `pdq:${hashD}`,
        'md5:facefacefacefacefacefacefaceface',
        'tmk:aaaa',
        'ImagePhotoDNA:p-dna',
      ].sort(),
    );
    const voices = (hash: string) =>
      voicesOf(truth.get(`pdq:${hash}`) ?? unheard).map(({ opinion: { source, category, said, tags } }) => [
        source,
        category,
        said,
        tags,
      ]);
    expect(voices(hashA)).toEqual([]);
    expect(voices(hashB)).toEqual([['case', 'seed', 'Received', []]]);
    expect(voices(hashC)).toEqual([
      ['case', 'seed', 'Active', []],
      ['Facebook', 'positive', 'Blocked', ['Nude', 'Objectionable']],
    ]);
    // The word that nobody knows is kept and costs nothing else; our own came back and is no second voice.
    expect(voices(hashD)).toEqual([
      ['case', 'seed', 'Active', ['region:UK']],
      ['TikTok', 'seed', 'Undefined', ['Tag-One', 'Tag-eight']],
    ]);
  });

  it('NCMEC’s pages come to what they say, in UTC, with an update older than what it replaces', () => {
    const settings = { base: 'https://exttest.cybertip.org/hashsharing', self: '9' };
    const { truth, urls, checkpoint } = follow(
      ncmec,
      settings,
      [...ncmecPages, ncmecLater, ncmecEmpty],
      'told',
      3,
    );
    const here = now / 1000 - 5;
    expect(urls[0]).toBe(
      `${settings.base}/v2/entries?from=1970-01-01T00%3A00%3A00.000Z&to=2026-11-27T23%3A59%3A55.000Z`,
    );
    expect(urls[1]).toBe(
      `${settings.base}/v2/entries?from=2017-10-20T00%3A00%3A00.000Z&to=2017-10-30T00%3A00%3A00.000Z&start=2001&size=1000&max=3000`,
    );
    expect(urls[4]).toContain('from=2026-11-27T23%3A59%3A55.000Z');
    expect(checkpoint).toEqual({ upTo: here });
    expect(standing(truth).sort()).toEqual(
      ['42-image1', '42-video1', '42-image10', '101-willupdate', '007-007', '42-large'].sort(),
    );
    const of = (key: string) => truth.get(key)?.stated?.update;
    expect(of('101-willupdate')?.opinions[0]).toMatchObject({ said: 'A2', tags: ['video', 'A2'] });
    expect(of('42-image1')?.at).toBe(Date.UTC(2017, 9, 24, 15));
    expect(of('42-large')?.at).toBe(Date.UTC(2019, 11, 1));
    expect(of('42-large')?.opinions[0]?.tags).toContain('elsewhere:tmk-pdqf');
    expect(of('007-007')?.signals).toEqual([{ type: 'pdq', value: hashE }]);
    expect(of('42-image10')?.signals).toContainEqual({ type: 'pdq', value: hashB });
    expect(
      of('42-image1')?.opinions.map(({ source, category, of: about }) => [source, category, about]),
    ).toEqual([
      ['42', 'positive', undefined],
      ['43', 'positive', 'md5'],
      ['42!', 'negative', 'sha1'],
    ]);
  });

  it('ThreatExchange’s updates come to what they say; a row without descriptors is a deletion', () => {
    const settings = { base: threatExchangeBase, privacyGroup: '77', pageSize: 2, self: '503' };
    const page = (at: number, next?: string) =>
      JSON.stringify({ data: threatUpdates[at], ...(next !== undefined && { paging: { next } }) });
    const next = `${threatExchangeBase}/77/threat_updates/?after=abc&limit=2`;
    const { truth, urls, checkpoint } = follow(
      threatExchange,
      settings,
      [page(0, `${next}&access_token=1%7Csecret`), page(1), page(2)],
      'clock',
      2,
    );
    expect(urls.map((url) => new URL(url).search.slice(0, 14))).toEqual([
      '?start_time=0&',
      '?after=abc&lim',
      '?start_time=17',
    ]);
    expect(urls.join()).not.toContain('secret');
    expect(checkpoint).toEqual({ since: 1700000041 });
    expect(standing(truth)).toEqual([`HASH_PDQ:${hashB}`, 'HASH_MD5:facefacefacefacefacefacefaceface']);
    expect(truth.get(`HASH_PDQ:${hashA}`)?.stated?.update.opinions).toEqual([
      { source: '502', category: 'positive', tags: [], said: 'HELPFUL' },
      { source: '503', category: 'positive', tags: [], said: 'HELPFUL', ours: true },
      { source: '504', category: 'negative', tags: [], said: 'DISAGREE_WITH_TAGS' },
      { source: '505', category: 'seed', tags: [], said: 'SOMETHING_NEW' },
      { source: '501', category: 'positive', tags: ['ncii', 'reviewed'], said: 'MALICIOUS' },
    ]);
    const md5 = truth.get('HASH_MD5:facefacefacefacefacefacefaceface') ?? unheard;
    expect(voicesOf(md5)).toMatchObject([
      { signal: { type: 'video_md5' }, opinion: { source: '502', category: 'negative' } },
    ]);
    expect(stands(truth.get(`HASH_PDQ:${hashC}`) ?? unheard)).toBe(false);
  });
});

describe('what is no answer', () => {
  const stop = { base: stopNciiBase, pageSize: 800 };
  const tx = { base: threatExchangeBase, privacyGroup: '77', pageSize: 2 };
  const ncm = { base: 'https://exttest.cybertip.org/hashsharing' };
  it.each([
    ['no JSON', () => stopNcii.read(stop, { since: 10 }, '<html>')],
    ['no records', () => stopNcii.read(stop, { since: 10 }, '{"hasMoreRecords":false}')],
    ['more, without a page', () => stopNcii.read(stop, {}, '{"hasMoreRecords":true,"hashRecords":[]}')],
    [
      'the same page again',
      () =>
        stopNcii.read(stop, { token: 't' }, '{"hasMoreRecords":true,"hashRecords":[],"nextPageToken":"t"}'),
    ],
    [
      'a next page elsewhere',
      () => threatExchange.read(tx, {}, '{"data":[],"paging":{"next":"https://evil.example/v21.0"}}'),
    ],
    ['no data', () => threatExchange.read(tx, {}, '{"error":{"message":"x"}}')],
    [
      'a next path elsewhere',
      () =>
        ncmec.read(
          ncm,
          ncmec.begin(ncm, null, now),
          '<queryResult><paging><next>@evil.example/v2/entries?a</next></paging></queryResult>',
        ),
    ],
    ['another document', () => ncmec.read(ncm, ncmec.begin(ncm, null, now), '<html><body/></html>')],
  ])('%s', (_, read) => {
    expect(read).toThrow(/^(the answer|more records|the next page|\w+ is missing)/);
  });
});

describe('NCMEC’s windows', () => {
  const settings = { base: 'https://exttest.cybertip.org/hashsharing' };
  const empty = '<queryResult><images count="0"/></queryResult>';
  const many = (max: number) =>
    `<queryResult><paging><next>/v2/entries?a=b&amp;start=1001&amp;size=1000&amp;max=${max}</next></paging></queryResult>`;
  it('shrink by four until the peer can hold one, and grow by two after several small ones', () => {
    let cursor: Cursor | null = ncmec.begin(settings, { upTo: 1_000_000 }, 2_000_005_000);
    const widths: number[] = [];
    const width = (at: Cursor) => Number(at.to) - Number(at.from);
    for (const answer of [many(5_000_000), many(2_000_000)]) {
      widths.push(width(cursor));
      const page: Page = ncmec.read(settings, cursor, answer);
      expect([page.updates, page.checkpoint]).toEqual([[], undefined]);
      cursor = page.next ?? {};
    }
    const checkpoints: unknown[] = [];
    while (cursor !== null) {
      widths.push(width(cursor));
      const page: Page = ncmec.read(settings, cursor, empty);
      checkpoints.push(page.checkpoint?.upTo);
      cursor = page.next;
    }
    expect(widths).toEqual([
      1_000_000, 250_000, 62_500, 62_500, 62_500, 62_500, 125_000, 125_000, 125_000, 125_000, 250_000,
    ]);
    expect(checkpoints.at(-1)).toBe(2_000_000);
    expect(checkpoints).toEqual([...checkpoints].sort());
  });
});
