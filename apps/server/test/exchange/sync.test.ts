import { ncmecPages, recordedHashes, stopNciiPages } from '@accord/hash-exchange/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Exchange, exchangeTools, type SyncOutcome } from '../../src/exchange/index.ts';
import type { Matching } from '../../src/matching/index.ts';
import { readConfig } from '../../src/platform/config.ts';
import { ask, byOwner, newKey } from '../matching/pictures.ts';
import { startServer, type TestServer } from '../support.ts';
import { World } from './world.ts';

const [hashA, hashB, hashC, hashD, hashE] = recordedHashes.map((hash) => Buffer.from(hash, 'hex')) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];
const minute = 60_000;
const day = 24 * 60 * minute;

let world: World;
let server: TestServer;
let exchange: Exchange;
let matching: Matching;
let now = 0;

// A server of its own for each group, so that each begins with peers that were never asked.
const fresh = async () => {
  now = Date.UTC(2026, 10, 28);
  world = await new World().start();
  server = await startServer({ clock: () => now, env: world.env });
  ({ exchange, matching } = server.running.features);
};
const over = async () => {
  await server.close();
  await world.stop();
};

const sync = (name: string): Promise<SyncOutcome | null> => exchange.sync(name);
const said = async (hash: Uint8Array) =>
  (await matching.banks.lookup(hash))
    .flatMap(({ opinions }) => opinions)
    .map(
      ({ bank, source, category, withdrawn }) =>
        `${bank}: ${source} ${category}${withdrawn ? ', withdrawn' : ''}`,
    );
const saidOfFile = async (md5: string) =>
  (await matching.banks.lookupFiles([Buffer.from(md5, 'hex')]))
    .flat()
    .flatMap(({ opinions }) => opinions.map(({ bank, source }) => `${bank}: ${source}`));
const standing = async (hash: Uint8Array) => (await matching.banks.lookup(hash))[0]?.standing ?? 'nothing';
const statusOf = async (name: string) => (await exchange.status()).find((one) => one.name === name);

describe('peers', () => {
  beforeAll(fresh);
  afterAll(over);

  it('are added with a bank of their own, at addresses that are allowed', async () => {
    const { specs } = world;
    for (const spec of Object.values(specs)) await exchange.create({ ...spec, tells: false });
    expect((await exchange.list()).map(({ name, enabled }) => [name, enabled])).toEqual([
      ['LIST', true],
      ['NCMEC', true],
      ['STOPNCII', true],
      ['TX', true],
    ]);
    const banks = await matching.banks.list();
    expect(banks.find(({ name }) => name === 'STOPNCII')).toMatchObject({
      purpose: 'blocking',
      source: 'StopNCII',
      owner: 'StopNCII',
    });
    const field = (spec: object, byOperator = false) =>
      exchange.create(spec as typeof specs.LIST, byOperator).then(
        () => 'made',
        (error: { code?: string; field?: string }) => [error.code, error.field].join(' '),
      );
    expect(await field(specs.LIST)).toBe('invalid_input name');
    expect(await field({ ...specs.LIST, name: 'L2', settings: { url: 'https://169.254.169.254/x' } })).toBe(
      'invalid_input settings.address',
    );
    expect(
      await field({ ...specs.STOPNCII, name: 'S2', settings: { base: 'https://evil.example/v1' } }),
    ).toBe('invalid_input settings.address');
    expect(
      await field({
        ...specs.STOPNCII,
        name: 'S2',
        settings: { base: specs.STOPNCII.settings.base, key: 'x' },
      }),
    ).toBe('invalid_input settings.stopncii');
    const file = { ...specs.LIST, name: 'F', settings: { path: '/etc/hostname' } };
    expect(await field(file)).toBe('invalid_input settings.path');
    expect(await field(file, true)).toBe('made');
    await exchange.remove('F');
    expect((await matching.banks.list()).map(({ name }) => name)).not.toContain('F');
  });

  it('StopNCII: what people asked it for is refused here at once, and no longer once they took it back', async () => {
    const owner = await newKey();
    const outcome = async (hash: Uint8Array) => ask(server.url, await byOwner(owner, hash));
    expect(await sync('STOPNCII')).toEqual({ complete: true, pages: 2, records: 3, fault: null });
    expect(await said(hashC)).toEqual(['STOPNCII: Facebook positive', 'STOPNCII: case positive']);
    const refused = await outcome(hashA);
    expect(refused.outcome).toBe('refused');
    const appeal = refused.outcome === 'refused' ? refused.appeal : new Uint8Array();
    expect(await matching.explain(appeal)).toMatchObject({
      reason: 'bank',
      matches: [
        {
          standing: 'positive',
          banks: ['STOPNCII'],
          opinions: [
            {
              bank: 'STOPNCII',
              source: 'case',
              ours: false,
              tags: ['Received'],
              confidence: 50,
              withdrawn: false,
            },
          ],
        },
      ],
    });
    expect(await sync('STOPNCII')).toMatchObject({ complete: true, records: 5 });
    // Gone within the one fetch that told it, and the reason for the refusal still says why.
    expect((await outcome(hashA)).outcome).toBe('attested');
    expect((await matching.explain(appeal))?.matches[0]).toMatchObject({
      standing: 'none',
      opinions: [{ source: 'case', withdrawn: true }],
    });
    expect(await standing(hashD)).toBe('disputed');
    expect(await said(hashD)).toEqual([
      'STOPNCII: TikTok seed',
      'STOPNCII: Twitter negative',
      'STOPNCII: case positive',
    ]);
    expect(await statusOf('STOPNCII')).toMatchObject({
      upTo: new Date(1661426990_000),
      records: 6,
      withdrawn: 1,
      underWay: false,
      fault: null,
      failures: 0,
    });
    expect(await exchange.records(hashA)).toMatchObject([{ exchange: 'STOPNCII', withdrawn: true }]);
    const starts = world.stopncii.heard.map(({ query }) => query.get('startTimestamp'));
    expect(starts).toEqual(['10', '10', '1625167824']);
  });

  it('NCMEC: the later page speaks, also with an older time; a hash of digits alone stays text', async () => {
    expect(await sync('NCMEC')).toEqual({ complete: true, pages: 4, records: 9, fault: null });
    expect(await statusOf('NCMEC')).toMatchObject({ records: 4, withdrawn: 3, upTo: new Date(now - 5000) });
    expect(await said(hashB)).toContain('NCMEC: 42 on 42-image10 positive');
    // The file itself is known, too, also of a video, until it is taken back.
    expect(await saidOfFile('b1a1'.padEnd(32, 'a1'))).toEqual(['NCMEC: 42 on 42-image10']);
    const both = ['STOPNCII: case', 'NCMEC: 101 on 101-willupdate'];
    expect(await saidOfFile('face'.repeat(8))).toEqual(both);
    expect(await saidOfFile('bace'.repeat(8))).toEqual([]);
    now += 10 * minute;
    expect(await sync('NCMEC')).toMatchObject({ complete: true, records: 2 });
    expect(await said(hashE)).toEqual(['NCMEC: 007 on 007-007 positive']);
    expect((await saidOfFile('face'.repeat(8))).at(-1)).toBe('NCMEC: 42 on 42-large');
    const { rows } = await server.database.pool.query<{
      key: string;
      said: { opinions: { said: string }[] };
    }>(
      `select key, said from exchange_record join exchange on id = exchange_id where name = 'NCMEC' and stands order by key`,
    );
    expect(rows.map(({ key, said: { opinions } }) => [key, opinions[0]?.said])).toEqual([
      ['007-007', 'B2'],
      ['101-willupdate', 'A2'],
      ['42-image1', 'A1'],
      ['42-image10', 'A1'],
      ['42-large', ''],
      ['42-video1', ''],
    ]);
    expect(world.ncmec.heard.at(-1)?.query.get('from')).toBe('2026-11-27T23:59:55.000Z');
  });

  it('ThreatExchange: each owner has a voice, our own is none, and a tombstone ends all', async () => {
    expect(await sync('TX')).toEqual({ complete: true, pages: 2, records: 4, fault: null });
    expect((await said(hashA)).filter((line) => line.startsWith('TX'))).toEqual([
      'TX: 501 positive',
      'TX: 502 positive',
      'TX: 503 positive',
      'TX: 504 negative',
      'TX: 505 seed',
    ]);
    expect(await standing(hashA)).toBe('disputed');
    expect(await sync('TX')).toMatchObject({ complete: true, records: 2 });
    expect(await standing(hashA)).toBe('nothing');
    expect(await statusOf('TX')).toMatchObject({ records: 2, withdrawn: 2, upTo: new Date(1700000041_000) });
    const everything = JSON.stringify([
      world.tx.heard.map(({ path, query }) => path + query),
      (await server.database.pool.query('select * from exchange')).rows,
    ]);
    expect(everything).not.toContain('secret');
  });

  it('a list: what is no longer on it was taken back; the same list is not read twice', async () => {
    const one = 'ab'.repeat(32);
    const two = 'cd'.repeat(32);
    const hash = (hex: string) => Buffer.from(hex, 'hex');
    world.list.lines = ['hash,category,tags', `${one},positive,"a;b"`, `${two},,`];
    expect(await sync('LIST')).toMatchObject({ complete: true, records: 2 });
    expect(await standing(hash(one))).toBe('positive');
    const heard = world.list.heard.length;
    expect(await sync('LIST')).toEqual({ complete: true, pages: 0, records: 0, fault: null });
    expect(world.list.heard.length).toBe(heard + 1);
    world.list.lines = ['hash,category,tags', `${two},,`];
    now += minute;
    expect(await sync('LIST')).toMatchObject({ complete: true });
    expect([await standing(hash(one)), await standing(hash(two))]).toEqual(['nothing', 'positive']);
    world.list.lines = ['hash,category,tags', `${one},seed,`, `${two},,`];
    now += minute;
    await sync('LIST');
    expect(await standing(hash(one))).toBe('seed');
    // One that came back empty, or as a page of another kind, takes nothing back.
    world.list.lines = ['hash,category,tags'];
    expect((await sync('LIST'))?.fault).toBe('empty_list');
    world.list.lines = ['<html>', '<p>'];
    expect((await sync('LIST'))?.fault).toBe('bad_answer');
    expect(await standing(hash(two))).toBe('positive');
    expect(await statusOf('LIST')).toMatchObject({ fault: 'bad_answer', failures: 2, records: 2 });
  });

  it('that are off are asked nothing and refuse nothing', async () => {
    expect(await standing(hashB)).toBe('positive');
    for (const name of ['STOPNCII', 'NCMEC', 'TX']) await exchange.enable(name, false);
    expect(await standing(hashB)).toBe('nothing');
    now += day;
    const heard = () => world.stopncii.heard.length + world.ncmec.heard.length + world.tx.heard.length;
    const before = heard();
    await exchange.rounds.round();
    expect(heard()).toBe(before);
    await exchange.remove('TX');
    expect((await exchange.list()).map(({ name }) => name)).toEqual(['LIST', 'NCMEC', 'STOPNCII']);
  });
});

describe('what is in the way', () => {
  beforeEach(async () => {
    await fresh();
    for (const spec of Object.values(world.specs)) await exchange.create(spec);
    // The server's own rounds leave them alone.
    await server.platform.db
      .updateTable('exchange')
      .set({ next_at: new Date(now + 1000 * day) })
      .execute();
    return over;
  });
  const pages = (name: 'STOPNCII' | 'NCMEC' | 'TX') =>
    ({ STOPNCII: world.stopncii, NCMEC: world.ncmec, TX: world.tx })[name];

  it('passes: a cut connection and a short wait are tried again at once, and nothing is lost', async () => {
    for (const [name, records] of [
      ['STOPNCII', 3],
      ['NCMEC', 9],
      ['TX', 4],
    ] as const) {
      pages(name).mischief.push(
        { kind: 'cut' },
        { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
      );
      expect(await sync(name), name).toMatchObject({ complete: true, records, fault: null });
    }
  });

  it('is left to a later round, which goes on at the same page: a long wait, errors, garbage in the middle', async () => {
    const fine = { kind: 'body', body: ncmecPages[0] } as const;
    const bomb = `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(100)}">]><queryResult>${'&x;'.repeat(1000)}</queryResult>`;
    const hour = { kind: 'status', status: 429, headers: { 'retry-after': '3600' } } as const;
    world.ncmec.mischief.push(fine, hour);
    expect(await sync('NCMEC')).toEqual({ complete: false, pages: 1, records: 4, fault: 'slow_down' });
    expect(await statusOf('NCMEC')).toMatchObject({
      underWay: true,
      upTo: null,
      fault: 'slow_down',
      nextAt: new Date(now + 60 * minute),
    });
    for (const body of [bomb, '<queryResult><images>', 'hello', '<html/>']) {
      world.ncmec.mischief.push({ kind: 'body', body });
      expect((await sync('NCMEC'))?.fault, body.slice(0, 20)).toBe('bad_answer');
    }
    world.ncmec.mischief.push({ kind: 'status', status: 401 });
    expect((await sync('NCMEC'))?.fault).toBe('refused');
    // Every try asked for the second page, until three had failed and the window is begun anew.
    const starts = world.ncmec.heard.map(({ query }) => query.get('start') ?? 'first');
    expect(starts).toEqual(['first', '2001', '2001', '2001', 'first', 'first', 'first']);
    expect(await sync('NCMEC')).toMatchObject({ complete: true, fault: null });
    expect(await statusOf('NCMEC')).toMatchObject({ records: 4, withdrawn: 3, failures: 0 });
  });

  it('is a page that the peer has forgotten: its window is read once more from the beginning', async () => {
    world.stopncii.mischief.push({
      kind: 'body',
      body: JSON.stringify({ ...stopNciiPages[0], nextPageToken: 'lost' }),
    });
    expect(await sync('STOPNCII')).toMatchObject({ complete: true, fault: null });
    expect(world.stopncii.heard.map(({ query }) => query.get('nextPageToken')?.slice(0, 4))).toEqual([
      undefined,
      'lost',
      undefined,
      'W3si',
    ]);
    expect(await statusOf('STOPNCII')).toMatchObject({ records: 3, underWay: false });
  });

  it('is a token that is too old by the time a process goes on', async () => {
    world.stopncii.mischief.push(
      { kind: 'body', body: JSON.stringify(stopNciiPages[0]) },
      { kind: 'status', status: 401 },
    );
    expect((await sync('STOPNCII'))?.fault).toBe('refused');
    now += 60 * minute;
    expect(await sync('STOPNCII')).toMatchObject({ complete: true, records: 3 });
    expect(world.stopncii.heard.map(({ query }) => query.has('nextPageToken'))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('is a month of silence: everything is fetched anew, and what it does not name is gone', async () => {
    await sync('STOPNCII');
    await sync('STOPNCII');
    expect(await standing(hashD)).toBe('disputed');
    now += 31 * day;
    expect(await sync('STOPNCII')).toMatchObject({ complete: true, records: 3 });
    expect(world.stopncii.heard.at(-2)?.query.get('startTimestamp')).toBe('10');
    expect([await standing(hashA), await standing(hashC), await standing(hashD)]).toEqual([
      // Taken back later than the page that names it once more: it stays so until the peer says otherwise.
      'nothing',
      'positive',
      'nothing',
    ]);
    // Told again with the time that it had, what was only not named is back; what a person took back is not.
    expect(await sync('STOPNCII')).toMatchObject({ complete: true, records: 5 });
    expect([await standing(hashA), await standing(hashD)]).toEqual(['nothing', 'disputed']);
  });

  it('is ours to mend: no keys, an address that is allowed no more', async () => {
    const bare = await startServer({
      clock: () => now,
      database: server.database,
      env: { ACCORD_EXCHANGE_LOOPBACK: 'true' },
    });
    try {
      const { exchange: other } = bare.running.features;
      expect((await other.sync('STOPNCII'))?.fault).toBe('no_keys');
      expect((await other.sync('LIST'))?.fault).toBe('not_allowed');
      for (const keys of ['{"STOPNCII":{"fetch":5}}', '{', '/nowhere/keys.json']) {
        const env = { ACCORD_EXCHANGE_KEYS: keys };
        const tools = exchangeTools(server.database.db, readConfig(env).exchange, () => now);
        expect((await tools.sync('STOPNCII'))?.fault, keys).toBe('no_keys');
      }
    } finally {
      await bare.close();
    }
  });

  it('is that it is switched off: a fetch under way keeps nothing more, also one that waits for its peer', async () => {
    const off = { NCMEC: 'off', STOPNCII: null } as const;
    for (const name of ['NCMEC', 'STOPNCII'] as const) {
      const peer = pages(name);
      peer.mischief.push({ kind: 'none' }, { kind: 'hold' });
      const held = new Promise<void>((resolve) => {
        peer.onRequest = () => peer.mischief[0]?.kind === 'hold' && resolve();
      });
      const fetch = exchange.sync(name);
      await held;
      if (name === 'STOPNCII') await exchange.enable(name, false);
      else {
        // Another process does: the page that comes is not kept.
        await server.database.pool.query('update exchange set enabled = false where name = $1', [name]);
        peer.letGo();
      }
      expect(await fetch).toMatchObject({ complete: false, fault: off[name] });
      peer.letGo();
      peer.onRequest = () => {};
      expect((await statusOf(name))?.records).toBeLessThanOrEqual(3);
      expect(await exchange.sync(name)).toMatchObject({ pages: 0, fault: 'off' });
      await exchange.enable(name, true);
      expect(await sync(name)).toMatchObject({ complete: true, fault: null });
    }
  });

  it('is another process at the same fetch: only one asks', async () => {
    world.tx.mischief.push({ kind: 'hold' });
    const first = sync('TX');
    while (world.tx.heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const other = await startServer({ clock: () => now, database: server.database, env: world.env });
    expect(await other.running.features.exchange.sync('TX')).toBeNull();
    world.tx.letGo();
    expect(await first).toMatchObject({ complete: true, records: 4 });
    await other.close();
  });
});
