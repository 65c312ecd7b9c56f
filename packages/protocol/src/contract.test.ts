import { describe, expect, it } from 'vitest';
import { contract } from './contract.ts';
import { errorStatus } from './errors.ts';
import { line, pseudonym, text } from './primitives.ts';
import { routes } from './routes.ts';

describe('the contract', () => {
  it('gives every route its shapes and no shape without a route', () => {
    expect(Object.keys(contract).sort()).toEqual(Object.keys(routes).sort());
  });

  it('has one route for a method and a path', () => {
    const seen = Object.values(routes).map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('names exactly the parameters that the path has', () => {
    for (const [name, { path }] of Object.entries(routes)) {
      const shapes: { params?: { shape: object } } = contract[name as keyof typeof contract] as never;
      const inPath = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter);
      expect(Object.keys(shapes.params?.shape ?? {}), name).toEqual(inPath);
    }
  });

  it('lets nothing that talks answer to less than a proof', () => {
    for (const [name, route] of Object.entries(routes)) {
      if (/^(presence|delivery)\./.test(name)) expect(route.access, name).toBe('talking');
    }
  });

  it('asks nobody who they are where pictures are matched', () => {
    for (const [name, route] of Object.entries(routes)) {
      expect(route.access === 'anonymous', name).toBe(name.startsWith('matching.'));
    }
  });

  it('asks for a proof to send or see a picture, and for less to take back, to report or to answer without an account', () => {
    const less = new Set([
      'media.pictures.list',
      'media.pictures.revoke',
      'media.pictures.revokeAll',
      'media.consents.list',
      'media.consents.read',
      'media.consents.cancel',
      'media.links.read',
      'media.links.view',
      'media.links.blob',
      'media.links.answer',
      'media.records.read',
      'media.records.withdraw',
      'media.keys.read',
      'media.reports.create',
    ]);
    for (const [name, route] of Object.entries(routes)) {
      if (name.startsWith('media.')) expect(route.access !== 'talking', name).toBe(less.has(name));
    }
  });

  it('maps every refusal to a status that a client handles as a refusal', () => {
    for (const [code, status] of Object.entries(errorStatus)) {
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(status, code).toBeLessThan(600);
    }
  });
});

describe('the words that people type', () => {
  it.each(['ada', 'Zoé-71', 'сова_7', '海の音', 'a.b'])('%s is a pseudonym', (name) => {
    expect(pseudonym.parse(name)).toBe(name.normalize('NFC'));
  });
  it.each([
    '',
    'ab',
    'a b c',
    '-ada',
    'ada-',
    'a'.repeat(25),
    'ada\u202eeve',
    '<ada>',
    'ada\n'.concat('x y'),
  ])('%j is none', (name) => expect(pseudonym.safeParse(name).success).toBe(false));
  it('keeps line breaks of a text and refuses other control characters', () => {
    expect(text(20).parse(' one\ntwo ')).toBe('one\ntwo');
    expect(text(20).safeParse('a\u0000b').success).toBe(false);
  });
  it('refuses half a character, which no canonical form can hold, and takes a whole one', () => {
    for (const shape of [line(20), text(20)]) {
      expect(shape.safeParse('a\ud800b').success).toBe(false);
      expect(shape.parse('a😀b')).toBe('a😀b');
    }
  });
});
