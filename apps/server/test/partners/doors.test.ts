import { hma, type PartnerRoute, type PartnerScope, partnerScopes, v1 } from '@accord/protocol/partners';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeApiKey } from '../../src/partners/index.ts';
import { type ApiServer, call, startApi } from './api.ts';

/* Every route of the interfaces for other platforms, from their tables: without a key, with another's, with garbage. */

const tables: Readonly<Record<string, Readonly<Record<string, PartnerRoute>>>> = { hma, v1 };
const routes = Object.entries(tables).flatMap(([table, all]) =>
  Object.entries(all).map(([name, route]) => ({ name: `${table} ${name}`, table, route })),
);
const guarded = routes.filter(({ route }) => route.scope !== 'anyone');
const scoped = guarded.filter(({ route }) => route.scope !== 'key');

let api: ApiServer;
/** May everything. */
let all: string;
beforeAll(async () => {
  api = await startApi();
  all = await api.key(partnerScopes);
});
afterAll(() => api.close());

/** A path with ids of the right shape that are nobody's. */
const pathOf = ({ path }: PartnerRoute): string =>
  path
    .replace(/:(\w*Id)\b/g, (_, id: string) => (id === 'contentId' ? '77' : crypto.randomUUID()))
    .replace(/:\w+/g, 'NOBODYS');
const ask = (key: string | undefined, route: PartnerRoute, body?: unknown) =>
  call(api.url, key, route.method, pathOf(route), route.method === 'GET' ? undefined : body);

describe('without a key', () => {
  it.each(guarded)('$name asks for one, whatever is sent', async ({ route, table }) => {
    const wrong = `${all.slice(0, -1)}${all.endsWith('A') ? 'B' : 'A'}`;
    const unknown = all.replace(/_\w{8}_/, '_00000000_');
    const answers = [];
    for (const key of [undefined, 'nonsense', wrong, unknown, `${all}A`, '']) {
      for (const body of [undefined, { nonsense: true }]) {
        const { status, body: answer } = await ask(key, route, body);
        answers.push({ status, answer });
      }
    }
    const told = table === 'hma' ? { message: 'key_required' } : { code: 'key_required' };
    for (const answer of answers) expect(answer).toEqual({ status: 401, answer: told });
  });

  it('nobody learns which paths there are', async () => {
    for (const path of [
      '/c/nothing',
      '/api/v1/nothing',
      '/dev/factory_reset',
      '/ui/',
      '/api/cases',
      '/health',
    ]) {
      expect((await call(api.url, undefined, 'GET', path)).status, path).toBe(401);
      expect((await call(api.url, all, 'GET', path)).status, path).toBe(404);
    }
  });

  it('what is for anyone tells nothing of anyone', async () => {
    for (const { route, name } of routes.filter(({ route }) => route.scope === 'anyone')) {
      expect([200, 302], name).toContain((await ask(undefined, route)).status);
    }
  });
});

describe('with a key of other scopes', () => {
  it.each(scoped)('$name is absent, whatever is sent', async ({ route }) => {
    const others = partnerScopes.filter((scope) => scope !== route.scope);
    const key = await api.key(others as PartnerScope[]);
    const absent = await call(api.url, key, route.method, '/c/nothing');
    for (const body of [undefined, { nonsense: true }]) {
      const { status, body: answer } = await ask(key, route, body);
      expect(status).toBe(404);
      expect(Object.values(answer as object)).toEqual(Object.values(absent.body as object));
    }
  });
});

describe('with garbage', () => {
  it.each(guarded)('$name refuses or answers, and nothing breaks', async ({ route }) => {
    const junk = [
      { nonsense: true, items: 'x', pdq: 7, name: {}, note: [] },
      [],
      'x'.repeat(300),
      '{"unended": ',
      new Uint8Array(2000).fill(0xff),
      null,
    ];
    for (const body of junk) {
      const { status } = await ask(all, route, body);
      expect(status, JSON.stringify(body)).toBeLessThan(500);
      if (!['GET', 'DELETE'].includes(route.method) && route.body !== undefined) {
        expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
      }
    }
    const query = `?${['url', 'signal', 'types', 'banks', 'state', 'after', 'content_type']
      .map((name) => `${name}=%00%ff&${name}=2`)
      .join('&')}`;
    const { status } = await call(api.url, all, route.method, `${pathOf(route)}${query}`);
    expect(status).toBeLessThan(500);
  });
});

describe('a key', () => {
  it('is taken as a bearer token, and as the password that an address carries', async () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    for (const authorization of [`Bearer ${all}`, basic(`accord:${all}`), basic(`${all}:`), basic(all)]) {
      const answer = await fetch(`${api.url}/c/banks`, { headers: { authorization } });
      expect(answer.status, authorization.slice(0, 8)).toBe(200);
    }
    for (const authorization of [all, `Digest ${all}`, basic(`${all}:wrong`)]) {
      const answer = await fetch(`${api.url}/c/banks`, { headers: { authorization } });
      expect(answer.status, authorization.slice(0, 8)).toBe(401);
    }
  });

  it('is not kept: only what cannot be turned back into it', async () => {
    const rows = await api.server.platform.db.selectFrom('api_key').selectAll().execute();
    const kept = JSON.stringify(rows);
    expect(kept).not.toContain(all.slice(-43));
    expect(all).toMatch(/^accord_[0-9a-z]{8}_[\w-]{43}$/);
  });

  it('opens nothing a second after it was revoked', async () => {
    const key = await api.key(['banks.read']);
    expect((await call(api.url, key, 'GET', '/c/banks')).status).toBe(200);
    const id = key.slice(7, 15);
    expect(await revokeApiKey(api.server.platform.db, id, Date.now())).toBe(true);
    expect(await revokeApiKey(api.server.platform.db, id, Date.now())).toBe(false);
    await expect
      .poll(async () => (await call(api.url, key, 'GET', '/c/banks')).status, {
        timeout: 5000,
        interval: 100,
      })
      .toBe(401);
  });

  it('sees the banks that it names, and never by default what is only claimed', async () => {
    const { banks } = api.server.running.features.matching;
    await banks.create({ name: 'SEEN', purpose: 'review', source: 'x', owner: 'own' });
    await banks.create({ name: 'UNSEEN', purpose: 'blocking', source: 'x', owner: 'own' });
    const hash = Buffer.alloc(32, 0x5a);
    const signal = { hash, quality: 90, opinion: { category: 'positive', at: new Date() } } as const;
    for (const name of ['SEEN', 'UNSEEN', 'CLAIMED']) await banks.addSignals(name, [signal]);
    const namesOf = async (key: string) => {
      const asked = `/m/lookup?signal_type=pdq&signal=${hash.toString('hex')}`;
      const found = Object.keys((await call(api.url, key, 'GET', asked)).body as object);
      const listed = (await call(api.url, key, 'GET', '/c/banks')).body as { name: string }[];
      return [found, listed.map(({ name }) => name).filter((name) => name !== 'DESK')];
    };
    const scopes: PartnerScope[] = ['match', 'banks.read', 'banks.write'];
    expect(await namesOf(all)).toEqual([
      ['SEEN', 'UNSEEN'],
      ['SEEN', 'UNSEEN'],
    ]);
    const narrow = await api.key(scopes, { banks: ['SEEN'] });
    expect(await namesOf(narrow)).toEqual([['SEEN'], ['SEEN']]);
    expect(await namesOf(await api.key(scopes, { banks: ['CLAIMED'] }))).toEqual([['CLAIMED'], ['CLAIMED']]);
    for (const [method, path, body] of [
      ['GET', '/c/bank/UNSEEN', undefined],
      ['PUT', '/c/bank/UNSEEN', { enabled: false }],
      ['POST', '/c/bank/UNSEEN/signal', { pdq: hash.toString('hex') }],
    ] as const) {
      const forbidden = await call(api.url, narrow, method, path, body);
      const absent = await call(api.url, narrow, method, path.replace('UNSEEN', 'NOBODYS'), body);
      expect([forbidden.status, absent.status]).toEqual([404, 404]);
    }
    await call(api.url, narrow, 'DELETE', '/c/bank/UNSEEN');
    expect((await banks.list()).map(({ name }) => name)).toContain('UNSEEN');
  });
});

it('is limited by its own measure, and says how long to wait', async () => {
  const limited = await startApi({ env: { ACCORD_RATE_LIMITS: 'true' } });
  try {
    const slow = await limited.key(['banks.read'], { perMinute: 3 });
    const other = await limited.key(['banks.read'], { perMinute: 3 });
    const ask = (key: string) => call(limited.url, key, 'GET', '/c/banks');
    expect([(await ask(slow)).status, (await ask(slow)).status, (await ask(slow)).status]).toEqual([
      200, 200, 200,
    ]);
    const refused = await ask(slow);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(other)).status).toBe(200);
  } finally {
    await limited.close();
  }
});

it('listens nowhere without the operator’s word', async () => {
  await using off = await (await import('../support.ts')).startServer();
  expect(await off.running.features.partners.listen()).toBeUndefined();
});
