import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, call, startApi } from '../partners/api.ts';
import { checkerboard, form } from './checkerboard.ts';

/*
 * The calls that HMA documents and tests, one after another against our routes, each with the answer that HMA gives; where ours
 * differs, the line says so and `docs/hma.md` says why.
 */

let api: ApiServer;
let key: string;
let pictures: Server;
let at: string;
let image1: Buffer;
beforeAll(async () => {
  image1 = await checkerboard(8);
  const files: Record<string, Buffer> = { '/image1.jpg': image1, '/image2.jpg': await checkerboard(16) };
  pictures = createServer((request, response) => {
    const file = files[request.url ?? ''];
    if (request.url === '/inside') response.writeHead(302, { location: 'http://127.0.0.2/' }).end();
    else if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(file);
  });
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  const { port } = pictures.address() as AddressInfo;
  at = `http://127.0.0.1:${port}`;
  api = await startApi({
    env: { ACCORD_FETCH_HOSTS: `127.0.0.1:${port}`, ACCORD_FETCH_PRIVATE: '127.0.0.1/32' },
  });
  key = await api.key(['hash', 'match', 'banks.read', 'banks.write', 'exchanges']);
});
afterAll(async () => {
  pictures.close();
  await api.close();
});

type Line = readonly [method: string, path: string, body: unknown, status: number, answer?: unknown];

/** Runs the lines in order and holds each answer against HMA's. */
async function replay(lines: readonly Line[]): Promise<void> {
  for (const [method, path, body, status, answer] of lines) {
    const got = await call(api.url, key, method, path, body);
    expect(`${method} ${path} ${got.status}`).toBe(`${method} ${path} ${status}`);
    if (answer !== undefined) expect(got.body, `${method} ${path}`).toEqual(answer);
    if (status >= 400) expect(got.body).toEqual({ message: expect.any(String) });
  }
}
const message = { message: expect.any(String) };
const bodyOf = async (method: string, path: string, body?: unknown) =>
  (await call(api.url, key, method, path, body)).body as Record<string, unknown>;

const [one, two] = [
  'facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318',
  'facd8bcb2a49bcebdec1985228d5ae84bcd006c187c598c720c2b087b3fdb318',
];
const bridge = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';
const blurred = 'f8f8f0cee0f4a84f06370a2a038f63f0b36e26d596621e1d33e6b39c4e9c9b22';
const five = '5'.repeat(64);

describe('HMA’s documented calls', () => {
  it('answer for the service itself', async () => {
    await replay([
      ['GET', '/status', undefined, 200, 'I-AM-ALIVE'],
      ['GET', '/status/live', undefined, 200, 'I-AM-ALIVE'],
      ['GET', '/', undefined, 302],
    ]);
    expect((await call(api.url, undefined, 'GET', '/')).headers.get('location')).toBe('/status');
    expect(await bodyOf('GET', '/openapi/openapi.json')).toMatchObject({
      info: { title: 'Open Media Match API' },
    });
    expect(await bodyOf('GET', '/site-map')).toEqual(
      expect.arrayContaining(['/c/bank/<bankName>', '/m/lookup']),
    );
  });

  it('make, change and remove banks', async () => {
    const desk = { name: 'DESK', matching_enabled_ratio: 1 };
    await replay([
      // HMA: [] on an empty service. Ours has the desk's bank, and keeps to itself the one of what is only claimed.
      ['GET', '/c/banks', undefined, 200, [desk]],
      ['POST', '/c/banks', { name: '01_TEST_BANK' }, 400],
      ['POST', '/c/banks', { name: 'my_test_bank' }, 400],
      [
        'POST',
        '/c/banks',
        { name: 'MY_TEST_BANK_01' },
        201,
        { matching_enabled_ratio: 1, name: 'MY_TEST_BANK_01' },
      ],
      ['POST', '/c/banks', { name: 'MY_TEST_BANK_01' }, 403],
      ['GET', '/c/banks', undefined, 200, [desk, { matching_enabled_ratio: 1, name: 'MY_TEST_BANK_01' }]],
      [
        'GET',
        '/c/bank/MY_TEST_BANK_01',
        undefined,
        200,
        { matching_enabled_ratio: 1, name: 'MY_TEST_BANK_01' },
      ],
      ['GET', '/c/bank/NOBODYS', undefined, 404],
      ['PUT', '/c/bank/MY_TEST_BANK_01', { name: '1_invalid_name' }, 400],
      ['PUT', '/c/bank/MY_TEST_BANK_01', { name: 'DESK' }, 403],
      ['PUT', '/c/bank/NOBODYS', { enabled: false }, 404],
      [
        'PUT',
        '/c/bank/MY_TEST_BANK_01',
        { name: 'RENAMED' },
        200,
        { name: 'RENAMED', matching_enabled_ratio: 1 },
      ],
      ['PUT', '/c/bank/RENAMED', { enabled: false }, 200, { name: 'RENAMED', matching_enabled_ratio: 0 }],
      // HMA: 200, and half of all lookups then miss by chance.
      ['PUT', '/c/bank/RENAMED', { enabled_ratio: 0.5 }, 400, message],
      ['PUT', '/c/bank/RENAMED', { enabled_ratio: 1 }, 200, { name: 'RENAMED', matching_enabled_ratio: 1 }],
      ['POST', '/c/banks', { name: 'OFF', enabled: false }, 201, { name: 'OFF', matching_enabled_ratio: 0 }],
      ['DELETE', '/c/bank/RENAMED', undefined, 200, { message: 'Done' }],
      ['DELETE', '/c/bank/RENAMED', undefined, 200, { message: 'Done' }],
      ['DELETE', '/c/bank/OFF', undefined, 200],
      // HMA has no desk: any of its banks can be removed.
      ['DELETE', '/c/bank/DESK', undefined, 403],
    ]);
  });

  it('bank hashes and find them at once', async () => {
    await replay([['POST', '/c/banks', { name: 'TEST_BANK' }, 201]]);
    const sizeBefore = (await bodyOf('GET', '/m/index/status?signal_type=pdq')).pdq as { size: number };
    const first = await bodyOf('POST', '/c/bank/TEST_BANK/signal', { pdq: bridge });
    expect(first).toEqual({ id: expect.any(Number), signals: { pdq: bridge } });
    const second = await bodyOf('POST', '/c/bank/TEST_BANK/signal', { pdq: blurred });
    const third = await bodyOf('POST', '/c/bank/TEST_BANK/signal', { pdq: one });
    await replay([
      // HMA: size follows the next build of the index, at most a minute later.
      [
        'GET',
        '/m/index/status?signal_type=pdq',
        undefined,
        200,
        { pdq: { present: true, built_to: expect.any(Number), size: sizeBefore.size + 3 } },
      ],
      ['GET', '/m/index/status?signal_type=nonsense', undefined, 400],
      [
        'GET',
        `/m/lookup?signal_type=pdq&signal=${one}`,
        undefined,
        200,
        { TEST_BANK: [{ bank_content_id: third.id, distance: '0' }] },
      ],
      [
        'GET',
        `/m/lookup?signal_type=pdq&signal=${bridge}&seed=abc&bypass_coinflip=true`,
        undefined,
        200,
        {
          TEST_BANK: [
            { bank_content_id: first.id, distance: '0' },
            { bank_content_id: second.id, distance: '2' },
          ],
        },
      ],
      ['GET', `/m/lookup?signal_type=pdq&signal=${five}`, undefined, 200, {}],
      ['GET', `/m/raw_lookup?signal_type=pdq&signal=${one}`, undefined, 200, { matches: [third.id] }],
      [
        'GET',
        `/m/raw_lookup?signal_type=pdq&signal=${one}&include_distance=True`,
        undefined,
        200,
        { matches: [{ bank_content_id: third.id, distance: '0' }] },
      ],
      ['GET', `/m/lookup?signal_type=pdq&signal=banana`, undefined, 400],
      ['GET', `/m/lookup?signal_type=nonsense&signal=${five}`, undefined, 400],
      ['GET', `/m/lookup`, undefined, 400],
      // HMA: 422 with a list, from its framework.
      ['GET', `/m/raw_lookup?signal_type=pdq`, undefined, 400],
      ['POST', '/c/bank/TEST_BANK/signal', {}, 400],
      ['POST', '/c/bank/TEST_BANK/signal', { pdq: 'banana' }, 400],
      ['POST', '/c/bank/TEST_BANK/signal', { nonsense: 'banana' }, 400],
      ['POST', '/c/bank/NOBODYS/signal', { pdq: bridge }, 404],
      // HMA: any bank.
      ['POST', '/c/bank/DESK/signal', { pdq: bridge }, 403],
      ['DELETE', '/c/bank/TEST_BANK', undefined, 200],
      ['GET', `/m/lookup?signal_type=pdq&signal=${one}`, undefined, 200, {}],
    ]);
  });

  it('filter by banks', async () => {
    for (const name of ['BANK_A', 'BANK_B', 'BANK_C']) {
      await replay([
        ['POST', '/c/banks', { name }, 201],
        ['POST', `/c/bank/${name}/signal`, { pdq: bridge }, 200],
      ]);
    }
    const asked = `signal_type=pdq&signal=${bridge}`;
    const banksOf = async (more: string) => Object.keys(await bodyOf('GET', `/m/lookup?${asked}${more}`));
    const rawOf = async (more: string) =>
      ((await bodyOf('GET', `/m/raw_lookup?${asked}${more}`)).matches as unknown[]).length;
    expect(await banksOf('')).toEqual(['BANK_A', 'BANK_B', 'BANK_C']);
    expect(await banksOf('&banks=BANK_A')).toEqual(['BANK_A']);
    expect(await banksOf('&banks=BANK_A,BANK_C')).toEqual(['BANK_A', 'BANK_C']);
    expect(await banksOf('&banks=NON_EXISTENT_BANK')).toEqual([]);
    expect([await rawOf(''), await rawOf('&banks=BANK_A'), await rawOf('&banks=BANK_A,BANK_B')]).toEqual([
      3, 1, 2,
    ]);
    expect(await rawOf('&banks=NON_EXISTENT_BANK')).toBe(0);
    // Switched off: silent in lookups, there in raw ones.
    await replay([['PUT', '/c/bank/BANK_A', { enabled: false }, 200]]);
    expect([await banksOf(''), await rawOf('')]).toEqual([['BANK_B', 'BANK_C'], 3]);
    for (const name of ['BANK_A', 'BANK_B', 'BANK_C'])
      await replay([['DELETE', `/c/bank/${name}`, undefined, 200]]);
  });

  it('bank pictures by address and by file, with notes and metadata', async () => {
    await replay([['POST', '/c/banks', { name: 'NEW_BANK' }, 201]]);
    const address = encodeURIComponent(`${at}/image1.jpg`);
    const { pdq } = await bodyOf('GET', `/h/hash?url=${address}&content_type=photo`);
    const path = `/c/bank/NEW_BANK/content?url=${address}&content_type=photo`;
    const added = await bodyOf('POST', path);
    expect(added).toEqual({ id: expect.any(Number), signals: { pdq } });
    const content = `/c/bank/NEW_BANK/content/${added.id}`;
    const bank = { name: 'NEW_BANK', matching_enabled_ratio: 1 };
    const plain = { id: added.id, disable_until_ts: 1, original_media_uri: null, bank };
    const metadata = {
      content_id: 'ext-1',
      content_uri: 'https://example.com/1',
      json: { nested: { key: 'v' } },
    };
    await replay([
      ['GET', content, undefined, 200, plain],
      ['GET', `${content}?include_signals=true`, undefined, 200, { ...plain, signals: { pdq } }],
      ['POST', path, { metadata: { invalid_metadata: 5 } }, 400],
      ['POST', path, { metadata, note: 'A note' }, 200, added],
      ['GET', content, undefined, 200, { ...plain, metadata, note: 'A note' }],
      ['GET', `${content}?include_metadata=false`, undefined, 200, { ...plain, note: 'A note' }],
      ['PUT', content, { note: 'Another' }, 200, { ...plain, metadata, note: 'Another' }],
      ['PUT', content, { note: '' }, 200],
      ['GET', content, undefined, 200, { ...plain, metadata }],
      ['PUT', content, { note: 'x'.repeat(256) }, 400],
      ['PUT', content, { disable_until_ts: 9_999_999_999 }, 400],
      ['PUT', content, { disable_until_ts: -1 }, 400],
      ['PUT', content, { disable_until_ts: 'soon' }, 400],
      ['POST', path, { note: 'x'.repeat(256) }, 400],
      ['POST', '/c/bank/NEW_BANK/content', undefined, 400],
      ['GET', '/c/bank/NEW_BANK/content/1', undefined, 404],
      ['GET', '/c/bank/NOBODYS/content/1', undefined, 404],
      // HMA does not look whether the content is of this bank.
      ['GET', `/c/bank/DESK/content/${added.id}`, undefined, 404],
    ]);
    const year = Math.floor(Date.now() / 1000) + 365 * 86_400;
    const lookup = `/m/lookup?signal_type=pdq&signal=${pdq}`;
    const found = { NEW_BANK: [{ bank_content_id: added.id, distance: '0' }] };
    await replay([
      ['GET', lookup, undefined, 200, found],
      ['PUT', content, { disable_until_ts: year }, 200, { ...plain, metadata, disable_until_ts: year }],
      ['GET', lookup, undefined, 200, {}],
      ['GET', `/m/raw_lookup?signal_type=pdq&signal=${pdq}`, undefined, 200, { matches: [added.id] }],
      ['PUT', content, { disable_until_ts: 1 }, 200],
      ['GET', `/m/lookup?url=${address}`, undefined, 200, { pdq: found }],
      ['GET', `/m/lookup?url=${address}&signal_type=pdq`, undefined, 200, found],
      ['POST', '/m/lookup?bypass_coinflip=true', form('photo', image1), 200, { pdq: found }],
      ['POST', '/h/hash', form('photo', image1), 200, { pdq }],
      ['DELETE', content, undefined, 200, { deleted: 1 }],
      ['DELETE', content, undefined, 200, { deleted: 0 }],
      ['GET', lookup, undefined, 200, {}],
      ['GET', content, undefined, 404],
    ]);
    const again = await bodyOf(
      'POST',
      '/c/bank/NEW_BANK/content',
      form('photo', image1, { note: 'By file' }),
    );
    expect(again.signals).toEqual({ pdq });
    expect((await bodyOf('GET', `/c/bank/NEW_BANK/content/${again.id}`)).note).toBe('By file');
    await replay([
      ['POST', '/c/bank/NEW_BANK/content', form('photo', image1, { metadata: 'no json' }), 400],
      ['DELETE', '/c/bank/NEW_BANK', undefined, 200],
    ]);
  });

  it('know files by MD5', async () => {
    const md5 = '9e107d9d372bb6826bd81d3542a419d6';
    const dog = Buffer.from('The quick brown fox jumps over the lazy dog');
    await replay([
      ['POST', '/c/banks', { name: 'VIDEOS' }, 201],
      ['POST', '/h/hash', form('video', dog), 200, { video_md5: md5 }],
      ['POST', '/m/lookup', form('video', dog), 200, { video_md5: {} }],
    ]);
    const added = await bodyOf('POST', '/c/bank/VIDEOS/signal', {
      video_md5: md5.toUpperCase(),
      note: 'Fox',
    });
    const found = { VIDEOS: [{ bank_content_id: added.id, distance: '-' }] };
    expect(added.signals).toEqual({ video_md5: md5 });
    await replay([
      ['POST', '/m/lookup', form('video', dog), 200, { video_md5: found }],
      ['GET', `/m/lookup?signal_type=video_md5&signal=${md5}`, undefined, 200, found],
      ['GET', `/m/raw_lookup?signal_type=video_md5&signal=${md5}`, undefined, 200, { matches: [added.id] }],
      ['POST', '/c/bank/VIDEOS/signal', { video_md5: md5, pdq: bridge }, 400],
      ['DELETE', `/c/bank/VIDEOS/content/${added.id}`, undefined, 200, { deleted: 1 }],
      ['GET', `/m/lookup?signal_type=video_md5&signal=${md5}`, undefined, 200, {}],
      ['DELETE', '/c/bank/VIDEOS', undefined, 200],
    ]);
  });

  it('compare hashes', async () => {
    await replay([
      ['POST', '/m/compare', { pdq: [one, two] }, 200, { pdq: [true, { distance: 9 }] }],
      ['POST', '/m/compare', { pdq: [one, five] }, 200, { pdq: [false, { distance: expect.any(Number) }] }],
      ['POST', '/m/compare', ['banana'], 400],
      ['POST', '/m/compare', { pdq: 'banana' }, 400],
      ['POST', '/m/compare', { pdq: [] }, 400],
      ['POST', '/m/compare', { pdq: ['banana', 'banana'] }, 400],
      ['POST', '/m/compare', { pdq: [one, two, one] }, 400],
      ['POST', '/m/compare', { nonsense: [one, two] }, 400],
    ]);
  });

  it('refuse files and addresses that are none', async () => {
    const flat = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } })
      .png()
      .toBuffer();
    await replay([
      ['POST', '/h/hash', form('photo', flat), 200, { pdq: '' }],
      ['POST', '/h/hash', form('photo', Buffer.from('no picture')), 400],
      ['POST', '/h/hash', form('nonsense', image1), 400],
      ['POST', '/h/hash', new FormData(), 400],
      ['POST', '/h/hash', undefined, 400],
      ['POST', '/h/hash?types=video_md5', form('photo', image1), 400],
      ['POST', '/h/hash?types=,', form('photo', image1), 400],
      ['GET', `/h/hash?url=${encodeURIComponent(`${at}/absent`)}`, undefined, 400],
      ['GET', `/h/hash?url=${encodeURIComponent(`${at}/image1.jpg`)}&content_type=nonsense`, undefined, 400],
      // HMA: 422, from its framework.
      ['GET', '/h/hash', undefined, 400],
    ]);
    const both = form('photo', image1);
    both.append('photo', new Blob([image1 as Uint8Array<ArrayBuffer>]), 'two.jpg');
    await replay([['POST', '/h/hash', both, 400]]);
    // HMA fetches any of these: its guard looks at the name alone, and only where a list was given.
    const unsafe = { message: 'Invalid or unsafe URL provided' };
    for (const address of [
      'http://169.254.169.254/latest/meta-data/',
      'http://localhost:5432/',
      'http://127.0.0.2/',
      `${at}/inside`,
      'http://example.com/',
      'ftp://example.com',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'not a url',
      'http://example.com:abc',
    ]) {
      await replay([['GET', `/h/hash?url=${encodeURIComponent(address)}`, undefined, 400, unsafe]]);
    }
  });

  it('tell of types and exchanges', async () => {
    await replay([
      [
        'GET',
        '/c/signal_type',
        undefined,
        200,
        [
          { name: 'pdq', enabled_ratio: 1 },
          { name: 'video_md5', enabled_ratio: 1 },
        ],
      ],
      [
        'GET',
        '/c/content_type',
        undefined,
        200,
        [
          { name: 'photo', enabled: true },
          { name: 'video', enabled: true },
        ],
      ],
      ['PUT', '/c/signal_type/pdq', { enabled_ratio: 1 }, 204],
      // HMA: 204, and the type stays on all the same.
      ['PUT', '/c/signal_type/pdq', { enabled_ratio: 0 }, 400],
      ['PUT', '/c/signal_type/nonsense', { enabled_ratio: 1 }, 400],
      ['GET', '/c/signal_type/index?signal_type=nonsense', undefined, 400],
      ['GET', '/c/exchange/NOBODYS', undefined, 404],
      ['GET', '/c/exchange/NOBODYS/status', undefined, 404],
      ['GET', '/c/exchanges/api/nonsense', undefined, 400],
    ]);
    const index = {
      db_size: expect.any(Number),
      index_size: expect.any(Number),
      index_out_of_date: false,
      newest_db_item: expect.any(Number),
      index_built_to: expect.any(Number),
    };
    await replay([['GET', '/c/signal_type/index', undefined, 200, { pdq: index, video_md5: index }]]);
  });
});
