import { errorStatus } from '@accord/protocol/errors';
import { reportReasons, seekings } from '@accord/protocol/words';
import { describe, expect, it } from 'vitest';
import { en as consoleEn } from '../console/messages/en/index.ts';
import { fr as consoleFr } from '../console/messages/fr/index.ts';
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';
import { pickLanguage } from './index.ts';
import { pluralIn } from './plural.ts';
import { codeOf, sentenceOf } from './sentence.ts';

/** Every text by its path; functions are called with arguments of every kind that they take. */
function texts(node: unknown, path: string, out = new Map<string, string>()): Map<string, string> {
  if (typeof node === 'string') out.set(path, node);
  else if (typeof node === 'function') {
    for (const count of [0, 1, 2, 1_000_000]) {
      const said: unknown = node(count, count);
      if (typeof said === 'object') texts(said, `${path}(${count})`, out);
      else out.set(`${path}(${count})`, String(said));
    }
  } else if (typeof node === 'object' && node !== null) {
    for (const [key, child] of Object.entries(node)) texts(child, path === '' ? key : `${path}.${key}`, out);
  }
  return out;
}

const english = texts({ ...en, console: consoleEn }, '');
const french = texts({ ...fr, console: consoleFr }, '');

describe('the catalogues', () => {
  it('have the same texts, none empty', () => {
    expect([...french.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of [...english, ...french]) expect(text.trim(), path).not.toBe('');
  });

  it('leave nothing in English in French but what is the same word', () => {
    const same = [...english].filter(([path, text]) => french.get(path) === text && /[a-z]{3}/i.test(text));
    const alike = new Set([
      'common.name',
      'account.steps.code',
      'account.back.code',
      'people.reasons.spam',
      'talk.menu.open',
      'talk.composer.label',
      'you.console.name',
      'console.title',
      'console.nav.label',
      'console.events.message',
      'console.case.contact',
    ]);
    const unexpected = same.filter(([path]) => !alike.has(path) && !/\(\d+\)$/.test(path));
    expect(unexpected).toEqual([]);
  });

  it('write French as it is written: apostrophes, no straight quotes, a space before ? ! ; :', () => {
    for (const [path, text] of french) {
      expect(text, path).not.toMatch(/['"]/);
      expect(text, path).not.toMatch(/[^\s ][?!;:](\s|$)/u);
      // That space keeps the line together.
      expect(text, path).not.toMatch(/\S [?!;:»]|« /u);
    }
  });

  it('write English with typographic apostrophes and quotes', () => {
    for (const [path, text] of english) expect(text, path).not.toMatch(/['"]/);
  });

  it('have a word for each of the protocol’s', () => {
    expect(Object.keys(fr.people.reasons).sort()).toEqual([...reportReasons].sort());
    expect(Object.keys(fr.people.seekingWords).sort()).toEqual([...seekings].sort());
  });
});

describe('sentences for errors', () => {
  it('exist for every code of the server, each its own', () => {
    const sentences = Object.keys(errorStatus).map((code) => sentenceOf({ code }, fr));
    expect(new Set(sentences).size).toBe(sentences.length);
    expect(sentences).not.toContain(undefined);
  });

  it('call everything unknown our own fault', () => {
    for (const error of [new Error('boom'), { code: 'toString' }, { code: 7 }, null, undefined, 'text']) {
      expect(codeOf(error, en)).toBe('internal');
      expect(sentenceOf(error, en)).toBe(en.errors.internal);
    }
  });

  it('say how long to wait where it is known', () => {
    expect(sentenceOf({ code: 'slow_down', retryAfter: 9.2 }, en)).toContain('10 s');
    expect(sentenceOf({ code: 'slow_down' }, en)).toBe(en.errors.slow_down);
  });
});

describe('the language', () => {
  it.each([
    ['fr', ['en'], 'fr'],
    [null, ['de-DE', 'fr-CA', 'en'], 'fr'],
    [null, ['EN-gb'], 'en'],
    [null, ['ja'], 'en'],
    ['ja', [], 'en'],
  ] as const)('chosen %s, preferred %j: %s', (chosen, preferred, expected) => {
    expect(pickLanguage(chosen, preferred)).toBe(expected);
  });

  it('counts by the rules of each: zero is singular in French, plural in English', () => {
    const forms = { one: '# a', other: '# b' };
    expect(pluralIn('fr')(0, forms)).toBe('0 a');
    expect(pluralIn('en')(0, forms)).toBe('0 b');
    expect(pluralIn('fr')(1_000_000, { ...forms, many: '# c' })).toMatch(/ c$/);
  });
});
