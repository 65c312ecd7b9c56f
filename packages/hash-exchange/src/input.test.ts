import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs, isPassing, retryAfterMs } from './back-off.ts';
import { cellsOf, listReader } from './list.ts';
import { parseXml } from './xml.ts';

describe('XML', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "x"><!ENTITY y "${'&x;'.repeat(10)}">]><a>&y;</a>`;
  it.each([
    ['an entity bomb', bomb],
    ['an entity from outside', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['a document type after the root', '<a/><!doctype a>'],
    ['half a document', '<a><b>'],
    ['crossed tags', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['nothing', '   '],
    ['text alone', 'hello'],
    ['elements without end', '<a>'.repeat(5000) + '</a>'.repeat(5000)],
  ])('%s is refused', (_, text) => {
    expect(() => parseXml(text)).toThrow(/^the answer/);
  });

  it('is text: nothing becomes a number, an only child is a child, an escape is undone once', () => {
    const root = parseXml('<x:a xmlns:x="u" id="007"> 0012 <b>1e5</b><b/>&amp;amp;<c>true</c></x:a>');
    expect(root).toMatchObject({ name: 'a', attributes: { id: '007' }, text: '0012 &amp;' });
    expect(root.children.map(({ name, text }) => [name, text])).toEqual([
      ['b', '1e5'],
      ['b', ''],
      ['c', 'true'],
    ]);
  });

  it('of any kind is read or refused, never anything else', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '/', 'a', '&', ';', '"', '=', ' ', '!', '[') }),
        (text) => {
          try {
            parseXml(text);
          } catch (error) {
            expect(error).toMatchObject({ name: 'ExchangeError' });
          }
        },
      ),
    );
  });
});

describe('a list', () => {
  const hash = 'ab'.repeat(32);
  const settings = { type: 'pdq', category: 'positive', source: 'LIST' } as const;
  const read = (...lines: string[]) => {
    const reader = listReader(settings, 7);
    return lines.map((line) => reader.line(line)).filter((update) => update !== null);
  };
  it('is a hash on each line, a table, or JSON on each line', () => {
    const [plain] = read('# a comment', '', hash.toUpperCase());
    expect(plain).toEqual({
      key: `pdq:${hash}:LIST`,
      at: 7,
      withdrawn: false,
      signals: [{ type: 'pdq', value: hash }],
      opinions: [{ source: 'LIST', category: 'positive', tags: [], said: '' }],
    });
    const [table, gone] = read(
      'hash,category,tags,source',
      `${hash},negative,"a;b, c",X`,
      `${hash},withdrawn,,X`,
    );
    expect(table).toMatchObject({ opinions: [{ source: 'X', category: 'negative', tags: ['a', 'b, c'] }] });
    expect(gone).toMatchObject({ withdrawn: true, key: table?.key });
    const [json, digits] = read(
      JSON.stringify({ type: 'md5', value: 'FACE'.repeat(8), category: 'unheard of' }),
      JSON.stringify({ type: 'md5', value: '12345678901234567890123456789012' }),
    );
    expect(json).toMatchObject({
      signals: [{ type: 'md5', value: 'face'.repeat(8) }],
      opinions: [{ category: 'seed', said: 'unheard of' }],
    });
    expect(digits?.signals[0]?.value).toBe('12345678901234567890123456789012');
  });

  it.each(['<html>', 'zz', '{"hash":5', '{"hash":12}', '[]', hash.slice(1)])(
    '%j is no line of one',
    (line) => {
      expect(() => read(line)).toThrow(/^a line/);
    },
  );

  it('has cells as RFC 4180 writes them', () => {
    expect(cellsOf('a,"b ""c"", d",, e ')).toEqual(['a', 'b "c", d', '', 'e']);
  });
});

describe('waiting', () => {
  it('doubles, is spread, and is never shorter than the peer asked', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.option(fc.nat(10_000_000), { nil: undefined }),
        (tries, random, asked) => {
          const ms = backOffMs(tries, random, asked);
          expect(ms).toBeGreaterThanOrEqual(Math.min(1000 * 2 ** tries, 3_600_000) / 2 - 1);
          expect(ms).toBeGreaterThanOrEqual(asked ?? 0);
          expect(ms).toBeLessThanOrEqual(Math.max(3_600_000, asked ?? 0));
        },
      ),
    );
  });

  it('reads seconds and dates', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
    expect(retryAfterMs('Thu, 01 Jan 2025 00:01:00 GMT', now)).toBe(0);
    expect([undefined, '', 'soon', '-1', '1.5'].map((text) => retryAfterMs(text, now))).toEqual(
      Array(5).fill(undefined),
    );
  });

  it('is for what passes', () => {
    expect([200, 301, 400, 401, 403, 404, 408, 425, 429, 500, 501, 503].filter(isPassing)).toEqual([
      408, 425, 429, 500, 503,
    ]);
  });
});
