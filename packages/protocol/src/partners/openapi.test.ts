import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hma } from './hma.ts';
import { hmaDescription, v1Description } from './openapi.ts';
import { partnerScopes } from './route.ts';
import { v1 } from './v1.ts';

const docs = join(import.meta.dirname, '../../../../docs');
const described = { 'openapi.json': v1Description(), 'openapi-hma.json': hmaDescription() };

describe('the descriptions', () => {
  it.each(Object.keys(described) as (keyof typeof described)[])(
    'docs/%s is what the schemas say; else run `npm run openapi -w @accord/protocol`',
    (name) => expect(JSON.parse(readFileSync(join(docs, name), 'utf8'))).toEqual(described[name]),
  );

  it('refer to nothing that is not there', () => {
    for (const description of Object.values(described)) {
      const text = JSON.stringify(description);
      for (const [, name] of text.matchAll(/"\$ref":"#\/components\/(\w+\/\w+)"/g)) {
        const [kind = '', one = ''] = name?.split('/') ?? [];
        expect(description).toHaveProperty(['components', kind, one]);
      }
      expect(text).not.toMatch(/"\$ref":"#\/(?!components)/);
    }
  });
});

describe('the tables', () => {
  it('have one route for a method and a path, each with a scope, and name the parameters of their paths', () => {
    const all = [...Object.entries(v1), ...Object.entries(hma)];
    const seen = all.map(([, { method, path }]) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
    expect(new Set(seen).size).toBe(seen.length);
    for (const [name, route] of all) {
      expect(['anyone', 'key', ...partnerScopes], name).toContain(route.scope);
      const shape = 'params' in route ? Object.keys(route.params.shape) : [];
      expect(shape, name).toEqual([...route.path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter));
    }
  });
});
