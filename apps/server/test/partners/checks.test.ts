import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CheckResult,
  createPartnerClient,
  PartnerRefused,
  partnerLimits,
  v1Description,
} from '@accord/protocol/partners';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { near } from '../matching/pictures.ts';
import { bodies } from '../samples.ts';
import { type ApiServer, call, startApi } from './api.ts';
import * as examples from './examples.ts';

let api: ApiServer;
let key: string;
let client: ReturnType<typeof createPartnerClient>;
const known = randomBytes(32);
const positive = { category: 'positive', at: new Date(5) } as const;
beforeAll(async () => {
  api = await startApi();
  key = await api.key(['match']);
  client = createPartnerClient({ baseUrl: api.url, key });
  const { banks } = api.server.running.features.matching;
  await banks.create({ name: 'PARTNER', purpose: 'blocking', source: 'partner', owner: 'partner' });
  await banks.addSignals('PARTNER', [{ hash: known, quality: 90, opinion: { ...positive, tags: ['t'] } }]);
});
afterAll(() => api.close());

const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex');
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => {
      if (!(error instanceof PartnerRefused)) throw error;
      return `${error.code} ${error.field ?? ''}`.trim();
    },
  );
/** A harmless picture with much in it: waves, drawn by a formula. */
const drawing = (width: number, height: number): Promise<Buffer> => {
  const pixels = Buffer.alloc(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = [x / width, y / height];
      pixels[y * width + x] = 128 + 60 * Math.sin(9 * u + 20 * v * v) + 60 * Math.cos(14 * v - 6 * u * u * v);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
};

describe('a file', () => {
  it('is known byte for byte, by MD5 or SHA-256 or as it is, until that is taken back', async () => {
    const { banks } = api.server.running.features.matching;
    const file = await drawing(200, 160);
    const video = Buffer.from('a file that shows us nothing');
    const digest = (name: string, of: Buffer) => createHash(name).update(of).digest();
    const exact = (hash: Buffer) => ({ hash, exact: true, quality: 100, opinion: positive });
    await banks.addSignals('PARTNER', [exact(digest('md5', file)), exact(digest('sha256', video))]);
    const items = [
      { md5: hex(digest('md5', file)).toUpperCase() },
      { sha256: hex(digest('sha256', video)) },
      { picture: file.toString('base64') },
      { picture: video.toString('base64') },
      { md5: hex(digest('md5', video)) },
      // As long as a SHA-256, and another thing.
      { pdq: hex(digest('sha256', video)) },
    ];
    const told = async () =>
      (await client.call('checks.create', { body: { items } })).results.map(({ status, matches }) => [
        status,
        ...matches.map(({ kind, distance, standing, blocks }) =>
          [kind, distance, standing, blocks].join(' '),
        ),
      ]);
    const same = ['match', 'file 0 positive true'];
    expect(await told()).toEqual([same, same, same, same, ['none'], ['none']]);
    await banks.removeSignals('PARTNER', [digest('md5', file)], { exact: true });
    await banks.removeSignals('PARTNER', [digest('sha256', video)], { exact: true });
    expect(await told()).toEqual([['none'], ['none'], ['none'], ['refused'], ['none'], ['none']]);
  });
});

describe('checks', () => {
  it('answer each item in its place, with who says what', async () => {
    const { results, bankEpoch } = await client.call('checks.create', {
      body: {
        items: [
          { ref: 'a', pdq: hex(near(known, 31)) },
          { ref: 'b', pdq: hex(randomBytes(32)) },
          { pdq: hex(known).toUpperCase(), quality: 80 },
          { ref: 'c', pdq: hex(known), quality: 49 },
        ],
      },
    });
    expect(bankEpoch).toBeGreaterThan(0);
    expect(results).toMatchObject([
      {
        ref: 'a',
        status: 'match',
        matches: [
          {
            distance: 31,
            kind: 'whole',
            standing: 'positive',
            blocks: true,
            banks: ['PARTNER'],
            opinions: [
              {
                bank: 'PARTNER',
                source: 'partner',
                ours: false,
                category: 'positive',
                tags: ['t'],
                at: 5,
                withdrawn: false,
              },
            ],
          },
        ],
      },
      { ref: 'b', status: 'none', matches: [] },
      { status: 'match', matches: [{ distance: 0 }] },
      { ref: 'c', status: 'unverifiable', matches: [] },
    ]);
  });

  it('keep to banks, radius and limits', async () => {
    const items = [{ pdq: hex(near(known, 20)) }];
    const statusOf = async (more: object) =>
      (await client.call('checks.create', { body: { items, ...more } })).results[0]?.status;
    expect(await statusOf({ banks: ['PARTNER'], radius: 20 })).toBe('match');
    expect(await statusOf({ radius: 19 })).toBe('none');
    expect(await statusOf({ banks: ['DESK'] })).toBe('none');
    expect(await refused(statusOf({ banks: ['CLAIMED'] }))).toBe('invalid_input banks');
    expect(await refused(statusOf({ banks: ['NOBODYS'] }))).toBe('invalid_input banks');
    expect(await refused(statusOf({ radius: 47 }))).toBe('invalid_input radius');
    const many = Array.from({ length: partnerLimits.items + 1 }, () => ({ pdq: hex(known) }));
    expect(await refused(statusOf({ items: many }))).toBe('invalid_input items');
    expect(await refused(statusOf({ items: [] }))).toBe('invalid_input items');
    expect(await refused(statusOf({ items: [{ pdq: 'banana' }] }))).toMatch(/^invalid_input items/);
    const pictures = Array.from({ length: partnerLimits.pictures + 1 }, () => ({ picture: 'AAAA' }));
    expect(await refused(statusOf({ items: pictures }))).toBe('too_large items');
  });

  it('answer for a thousand at once as for each alone', async () => {
    const items = Array.from({ length: 1000 }, (_, at) => ({
      ref: String(at),
      pdq: hex(at % 7 === 0 ? near(known, at % 31) : randomBytes(32)),
    }));
    const { results } = await client.call('checks.create', { body: { items } });
    expect(results.map(({ ref }) => ref)).toEqual(items.map(({ ref }) => ref));
    for (const [at, { status }] of results.entries()) expect(status).toBe(at % 7 === 0 ? 'match' : 'none');
  });

  it('do not tell what is said in a bank that the key does not see', async () => {
    const { banks } = api.server.running.features.matching;
    const hash = randomBytes(32);
    await banks.addSignals('PARTNER', [
      { hash, quality: 90, opinion: { category: 'seed', at: new Date(1) } },
    ]);
    await banks.addSignals('CLAIMED', [{ hash, quality: 90, opinion: positive }]);
    const { results } = await client.call('checks.create', { body: { items: [{ pdq: hex(hash) }] } });
    expect(results[0]?.matches).toMatchObject([{ standing: 'seed', blocks: false, banks: ['PARTNER'] }]);
    expect(JSON.stringify(results)).not.toContain('CLAIMED');
  });
});

describe('a picture', () => {
  it('is hashed in memory and found, also mirrored and as a part, and nothing of it is kept', async () => {
    const file = await drawing(512, 384);
    const first = await client.checkPicture(new Uint8Array(file));
    expect(first).toMatchObject({ status: 'none', hash: { quality: expect.any(Number) }, matches: [] });
    const hash = Buffer.from(first.hash?.pdq ?? '', 'hex');
    const { banks } = api.server.running.features.matching;
    await banks.addSignals('PARTNER', [{ hash, quality: 90, opinion: positive }]);
    const edits = [
      file,
      await sharp(file).flop().jpeg({ quality: 60 }).toBuffer(),
      await sharp(file).resize(200).toBuffer(),
    ];
    const items = edits.map((edit, at) => ({ ref: String(at), picture: edit.toString('base64') }));
    const { results } = await client.call('checks.create', { body: { items } });
    expect(results.map(({ status }) => status)).toEqual(['match', 'match', 'match']);
    const { pool } = api.server.platform;
    const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from matching_hash');
    expect(rows[0]?.n).toBe(3);
  });

  it('that is none is refused by a code', async () => {
    const results = [
      await client.checkPicture(new TextEncoder().encode('no picture')),
      ...(await client.call('checks.create', { body: { items: [{ picture: 'AAAA' }] } })).results,
    ];
    for (const result of results) {
      expect(result).toEqual({ status: 'refused', code: 'picture.unsupported-format', matches: [] });
    }
    const flat = await sharp({ create: { width: 80, height: 80, channels: 3, background: '#888' } })
      .png()
      .toBuffer();
    expect(await client.checkPicture(new Uint8Array(flat))).toMatchObject({ status: 'unverifiable' });
    expect((await call(api.url, key, 'POST', '/api/v1/checks/picture')).status).toBe(400);
  });
});

describe('a stream', () => {
  it('answers while it goes on, in order', async () => {
    let sent = 0;
    const answers: CheckResult[] = [];
    async function* items() {
      for (; sent < 3000; sent += 1) {
        // The first answers are here before the last question is asked.
        if (sent === 2999) await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThan(0);
        yield { ref: String(sent), pdq: hex(sent % 100 === 0 ? known : randomBytes(32)) };
      }
    }
    for await (const answer of client.checkStream(items())) answers.push(answer);
    expect(answers.map(({ ref }) => ref)).toEqual(Array.from({ length: 3000 }, (_, at) => String(at)));
    expect(answers.filter(({ status }) => status === 'match').length).toBe(30);
  });

  it('refuses a line that is none, and goes on', async () => {
    const answer = await fetch(`${api.url}/api/v1/checks/stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      body: `{"pdq":"banana"}\n\nnonsense\n{"ref":"last","pdq":"${hex(known)}"}`,
    });
    const lines = (await answer.text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { status: 'refused', code: 'invalid_input' },
      { status: 'refused', code: 'invalid_input' },
      { ref: 'last', status: 'match' },
    ]);
  });
});

it('tells at the end of a stream why it ends', async () => {
  const answer = await fetch(`${api.url}/api/v1/checks/stream`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    body: 'x'.repeat(24 * 1024 * 1024),
  });
  expect(JSON.parse(await answer.text())).toEqual({ status: 'refused', code: 'too_large', matches: [] });
});

it('describes itself to anybody', async () => {
  const { status, body } = await call(api.url, undefined, 'GET', '/api/v1/openapi.json');
  expect([status, body]).toEqual([200, v1Description()]);
  expect(await client.call('status.read', {})).toMatchObject({
    key: key.slice(7, 15),
    scopes: ['match'],
    banks: ['DESK', 'PARTNER'],
  });
});

describe('the examples of docs/api.md', () => {
  const here = import.meta.dirname;
  const [docs, code] = ['../../../../docs/api.md', 'examples.ts'].map((path) =>
    readFileSync(join(here, path), 'utf8'),
  ) as [string, string];

  it('are those that are compiled here, word for word', () => {
    const blocks = [...docs.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
    expect(blocks.length).toBe(4);
    const flat = code.replaceAll(/^ {2}/gm, '');
    for (const block of blocks) {
      for (const [line, name = ''] of block.matchAll(
        /^import \{ (\w+) \} from '@accord\/protocol\/partners';\n\n/gm,
      )) {
        expect(code).toContain(` ${name}`);
        expect(flat).toContain(block.replace(line, '').trim());
      }
      if (!block.startsWith('import')) expect(flat).toContain(block.trim());
    }
  });

  it('do what they say', async () => {
    const both = await api.key(['match', 'notices']);
    const file = await drawing(300, 200);
    const pdq = Buffer.from((await client.checkPicture(new Uint8Array(file))).hash?.pdq ?? '', 'hex');
    const { banks } = api.server.running.features.matching;
    await banks.addSignals('PARTNER', [{ hash: pdq, quality: 90, opinion: positive }]);
    const [turnedDown, noted] = [[] as unknown[], [] as unknown[]];
    async function* items() {
      yield { ref: 'one', pdq: hex(known) };
    }
    const { results, result } = await examples.checks({
      baseUrl: api.url,
      key: both,
      base64: file.toString('base64'),
      bytes: new Uint8Array(file),
      items: items(),
      refuse: (ref) => turnedDown.push(ref),
      note: (ref, status) => noted.push([ref, status]),
    });
    expect(results.map(({ ref, status }) => [ref, status])).toEqual([
      ['upload-1', 'none'],
      ['upload-2', 'match'],
      ['upload-3', 'none'],
    ]);
    expect([result.status, turnedDown, noted]).toEqual(['match', ['upload-2'], [['one', 'match']]]);
    const own = createPartnerClient({ baseUrl: api.url, key: both });
    const { notice, state } = await examples.notices(own, bodies['cases.file']().request);
    expect([notice.reference, state]).toEqual(['ticket 7', 'valid']);
    // This server's operator lists no address.
    const webhook = examples.webhooks(own, 'https://example.org/accord');
    expect(await refused(webhook)).toBe('invalid_input url');
    const body = JSON.stringify({ type: 'ping', timestamp: new Date(0).toISOString(), data: { what: [] } });
    const headers = { 'webhook-id': 'one', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' };
    expect(await examples.receive(`whsec_${Buffer.alloc(32).toString('base64')}`, headers, body)).toBe(400);
  });
});
