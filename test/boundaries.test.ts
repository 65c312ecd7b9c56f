import { describe, expect, it } from 'vitest';
import { crossings, specifiersOf, waysAround } from './boundaries.ts';
import { sourcesOf } from './sources.ts';

const rulesOf = (path: string, text: string) => crossings([{ path, text }]).map(({ rule }) => rule);

describe('the repository', () => {
  const sources = sourcesOf('.ts', '.tsx');

  it('is read at all', () => {
    const paths = sources.map(({ path }) => path);
    expect(paths).toContain('apps/server/src/compose.ts');
    expect(paths).toContain('packages/protocol/src/index.ts');
    expect(sources.flatMap(({ text }) => specifiersOf(text)).length).toBeGreaterThan(100);
  });

  it('crosses no boundary', () => {
    expect(crossings(sources)).toEqual([]);
  });

  it('has one way out over HTTP', () => {
    expect(waysAround(sources)).toEqual([]);
  });

  it('has no file of more than 400 lines', () => {
    const long = sourcesOf('.ts', '.tsx', '.mjs', '.css', '.sql')
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });
});

describe('specifiers', () => {
  it.each([
    ["import a from 'x';", ['x']],
    ["import {\n  a,\n  b,\n} from './y.ts';", ['./y.ts']],
    ["import 'side';", ['side']],
    ["export * from './z.ts';", ['./z.ts']],
    ["type T = import('deep/type').T;", ['deep/type']],
    ["const m = await import('lazy');", ['lazy']],
    ["const r = require.resolve('found');", ['found']],
    ["// import a from 'comment'\n/* import 'another' */", []],
    ["const word = 'important';", []],
  ])('of %j', (text, expected) => {
    expect(specifiersOf(text)).toEqual(expected);
  });
});

describe('a crossing is seen when', () => {
  it.each([
    ['packages/protocol/src/x.ts', "import fs from 'node:fs';", 'a package imports no node: module'],
    ['packages/protocol/src/x.ts', "import '@accord/server';", 'a package imports no app'],
    [
      'packages/protocol/src/x.ts',
      "import '../../../apps/server/src/index.ts';",
      'a package reaches another by its name, not by a path',
    ],
    ['packages/protocol/src/x.ts', "import '@accord/group-crypto';", 'a package depends downwards only'],
    [
      'packages/perceptual/src/x.ts',
      "import '../../protocol/src/index.ts';",
      'a package reaches another by its name, not by a path',
    ],
    [
      'apps/server/src/gate/x.ts',
      "import '../accounts/sessions.ts';",
      "a feature uses another's index alone",
    ],
    ['apps/server/src/gate/x.ts', "import '../compose.ts';", 'a feature does not know how it is composed'],
    [
      'apps/server/src/platform/x.ts',
      "import '../gate/index.ts';",
      'the platform knows nothing of what stands on it',
    ],
    [
      'apps/server/src/platform/x.ts',
      "import '../compose.ts';",
      'the platform knows nothing of what stands on it',
    ],
    ['apps/server/src/matching/x.ts', "import '../accounts/index.ts';", 'matching never learns of accounts'],
    ['apps/server/src/gate/x.ts', "import '@accord/web';", 'the server imports no other app'],
    [
      'apps/server/src/gate/x.ts',
      "import '../../../web/src/x.ts';",
      'the server reaches others by their name, not by a path',
    ],
    ['apps/web/src/x.ts', "import '@accord/server';", 'the web imports no other app'],
    [
      'apps/web/src/x.ts',
      "import '../../server/src/index.ts';",
      'the web reaches others by their name, not by a path',
    ],
  ])('%s has %s', (path, text, rule) => {
    expect(rulesOf(path, text)).toEqual([rule]);
  });

  it('two features need each other, even by way of a third', () => {
    const found = crossings([
      { path: 'apps/server/src/a/index.ts', text: "import { b } from '../b/index.ts';" },
      { path: 'apps/server/src/b/index.ts', text: "import { c } from '../c/index.ts';" },
      { path: 'apps/server/src/c/index.ts', text: "import { a } from '../a/index.ts';" },
    ]);
    expect(found.map(({ rule }) => rule)).toEqual([
      'a and b need each other',
      'b and c need each other',
      'c and a need each other',
    ]);
  });
});

describe('a way around the one that is bounded', () => {
  const around = (text: string, path = 'apps/server/src/gate/x.ts') =>
    waysAround([{ path, text }]).length === 1;
  it.each([
    "const answer = await fetch('https://a.example');",
    'const f = globalThis.fetch;',
    "import { request } from 'node:https';",
    "import { type IncomingMessage, request as ask } from 'node:http';",
    "import http from 'node:http';",
    "import * as net from 'node:net';",
    "import { connect } from 'node:tls';",
    "import { request } from 'undici';",
  ])('is seen in %s', (text) => {
    expect(around(text)).toBe(true);
    expect(around(text, 'apps/server/src/platform/outside.ts')).toBe(false);
  });
  it.each([
    '// fetch(it)',
    'const fetched = await guarded.fetch(it); prefetch(it);',
    "import type { Socket } from 'node:net';",
    "import { createServer, type Server } from 'node:http';",
    "import { isIP, type Socket } from 'node:net';",
  ])('is not seen in %s', (text) => {
    expect(around(text)).toBe(false);
  });
});

describe('nothing is seen when', () => {
  it.each([
    ['packages/group-crypto/test/x.ts', "import fs from 'node:fs';"],
    ['packages/perceptual/scripts/build.ts', "import fs from 'node:fs';"],
    ['packages/perceptual/src/decode-node/x.ts', "import fs from 'node:fs';"],
    ['apps/server/src/gate/x.ts', "import '../accounts/index.ts';"],
    ['apps/server/src/gate/x.ts', "import '../platform/bus.ts';"],
    ['apps/server/src/gate/x.ts', "import '@accord/protocol';"],
    ['apps/server/src/compose.ts', "import './gate/index.ts';"],
    ['apps/web/test/x.test.ts', "import '../../server/test/support.ts';"],
    ['apps/web/src/chat/x.ts', "import '../trusted.ts'; import '@accord/group-crypto';"],
  ])('%s has %s', (path, text) => {
    expect(rulesOf(path, text)).toEqual([]);
  });

  it('two features share types only', () => {
    expect(
      crossings([
        { path: 'apps/server/src/a/index.ts', text: "import type { B } from '../b/index.ts';" },
        { path: 'apps/server/src/b/index.ts', text: "import { a } from '../a/index.ts';" },
      ]),
    ).toEqual([]);
  });
});
