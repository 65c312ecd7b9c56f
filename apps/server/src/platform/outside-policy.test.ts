import { createServer } from 'node:http';
import { type AddressInfo, BlockList } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayConnect, networks } from './address-policy.ts';
import { type OutsideError, type OutsideRequest, wayOut, wholeOf } from './outside.ts';
import { listedHosts, type OutsidePolicy } from './outside-policy.ts';

let port = 0;
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.headers.host}${request.url}`);
  const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to');
  if (to !== null) response.writeHead(302, { location: to }).end();
  else if (request.url === '/endless') response.writeHead(200).end(Buffer.alloc(300 * 1024));
  else if (request.url === '/silent') return;
  else response.writeHead(200, { 'content-type': 'image/png' }).end('picture');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A resolver of a test's own: each name's addresses, the next ones each time. */
const resolver =
  (names: Readonly<Record<string, readonly string[][]>>, seen: string[] = []) =>
  (
    host: string,
    _options: object,
    done: (error: Error | null, all: { address: string; family: number }[]) => void,
  ) => {
    const turns = names[host] ?? [];
    const addresses = turns[Math.min(seen.filter((one) => one === host).length, turns.length - 1)] ?? [];
    seen.push(host);
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

/** The whole answers under a policy. */
function fetcher(policy: OutsidePolicy) {
  const ask = wayOut(policy);
  return async (address: string, asked: OutsideRequest) => {
    const answer = await ask(address, asked);
    return { ...answer, body: await wholeOf(answer) };
  };
}

const asking = { mostBytes: 100 * 1024, wholeMs: 5000, redirects: 3 };
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'fetched',
    (error: OutsideError) => error.code,
  );
const loopback = ['127.0.0.0/8'];

describe('an address that is no machine of the internet', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::1',
    '2001:0:1::1',
    '2001:db8::1',
    '::127.0.0.1',
    'nonsense',
    '',
  ])('%s is not connected to', (address) => expect(mayConnect(address, new BlockList())).toBe(false));

  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    '%s is',
    (address) => expect(mayConnect(address, new BlockList())).toBe(true),
  );

  it('is when it is the operator’s word, however it is written', () => {
    const own = networks(['10.1.0.0/16', 'fd00:1::/32']);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203', 'fd00:1::5']) {
      expect(mayConnect(address, own), address).toBe(true);
    }
    expect(mayConnect('10.2.0.1', own)).toBe(false);
  });
});

describe('a fetch of what somebody named', () => {
  const on = (hosts: readonly string[], names: Parameters<typeof resolver>[0] = {}, own = loopback) =>
    fetcher(listedHosts(hosts, own, resolver(names) as never));

  it('reaches the hosts of the list', async () => {
    const fetched = on([`127.0.0.1:${port}`, `.inside.example:${port}`], {
      'a.inside.example': [['127.0.0.1']],
    });
    for (const host of ['127.0.0.1', 'a.inside.example']) {
      const answer = await fetched(`http://${host}:${port}/one`, asking);
      expect([answer.status, answer.body.toString(), answer.headers['content-type']]).toEqual([
        200,
        'picture',
        'image/png',
      ]);
    }
  });

  it('reaches nobody by default, and no other host, port or scheme than listed, however it is written', async () => {
    const before = asked.length;
    const names = { 'evil.example': [['127.0.0.1']], 'good.example': [['127.0.0.1']] };
    expect(await codeOf(on([], names)('http://good.example/', asking))).toBe('not_allowed');
    const fetched = on(['good.example', '*.example', `other.example:${port}`], names);
    for (const [address, code] of [
      ['http://evil.example/', 'not_allowed'],
      [`http://good.example:${port}/`, 'not_allowed'],
      [`http://good.example.evil.example/`, 'not_allowed'],
      [`http://evil.example/good.example`, 'not_allowed'],
      [`http://good.example@evil.example/`, 'not_allowed'],
      [`http://127.0.0.1:${port}/`, 'not_allowed'],
      [`http://2130706433:${port}/`, 'not_allowed'],
      [`http://[::1]:${port}/`, 'not_allowed'],
      ['ftp://good.example/', 'not_allowed'],
      ['file:///etc/passwd', 'not_allowed'],
      ['data:text/html,x', 'not_allowed'],
      ['javascript:alert(1)', 'not_allowed'],
      ['ws://good.example/', 'not_allowed'],
      ['//good.example', 'not_allowed'],
      ['good.example', 'not_allowed'],
      ['http://', 'not_allowed'],
      ['', 'not_allowed'],
    ] as const) {
      expect(await codeOf(fetched(address, asking)), address).toBe(code);
    }
    expect(asked.length).toBe(before);
  });

  it('refuses a name that leads inside, also beside an address outside, and literal addresses', async () => {
    const before = asked.length;
    const names = {
      'inside.example': [['127.0.0.1']],
      'both.example': [['93.184.216.34', '127.0.0.1']],
      'metadata.example': [['169.254.169.254']],
      'mapped.example': [['::ffff:127.0.0.1']],
      'none.example': [[]],
    };
    const fetched = on(
      ['*', ...Object.keys(names).map((name) => `${name}:${port}`), `127.0.0.1:${port}`],
      names,
      [],
    );
    for (const host of Object.keys(names)) {
      expect(await codeOf(fetched(`http://${host}:${port}/`, asking)), host).toBe('not_allowed');
    }
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
      '0',
    ]) {
      expect(await codeOf(fetched(`http://${host}/`, asking)), host).toBe('not_allowed');
    }
    expect(await codeOf(fetched(`http://127.0.0.1:${port}/`, asking))).toBe('not_allowed');
    expect(asked.length).toBe(before);
  });

  it('judges each redirect as the first address, and follows so many', async () => {
    const list = [`127.0.0.1:${port}`, `inside.example:${port}`, `good.example:${port}`];
    const names = { 'inside.example': [['127.0.0.2']], 'good.example': [['127.0.0.1']] };
    const fetched = on(list, names, ['127.0.0.1/32']);
    const to = (address: string) => `http://127.0.0.1:${port}/?to=${encodeURIComponent(address)}`;
    expect(await codeOf(fetched(to('/two'), asking))).toBe('fetched');
    expect(await codeOf(fetched(to(`http://good.example:${port}/three`), asking))).toBe('fetched');
    for (const [address, code] of [
      [`http://inside.example:${port}/no`, 'not_allowed'],
      [`http://127.0.0.2:${port}/no`, 'not_allowed'],
      [`http://elsewhere.example/no`, 'not_allowed'],
      ['file:///etc/passwd', 'not_allowed'],
      [to(to(to(to('/too-far')))), 'redirects'],
    ] as const) {
      expect(await codeOf(fetched(to(address), asking)), address).toBe(code);
    }
    expect(asked.filter((one) => /\/no$|too-far$/.test(one) && !one.includes('?to='))).toEqual([]);
    expect(await codeOf(fetched(to('/two'), { ...asking, redirects: 0 }))).toBe('redirects');
  });

  it('connects to the address that was checked, though the name leads inside a moment later', async () => {
    const seen: string[] = [];
    const names = { 'moving.example': [['93.184.216.34'], ['127.0.0.1']] };
    const resolve = resolver(names, seen) as never;
    const fetched = fetcher(listedHosts([`moving.example:${port}`], [], resolve));
    const before = asked.length;
    // Nobody answers at that address on this port: what counts is that it was asked for once, and that ours was not called.
    expect(await codeOf(fetched(`http://moving.example:${port}/`, { ...asking, wholeMs: 300 }))).toBe('away');
    expect(seen).toEqual(['moving.example']);
    expect(await codeOf(fetched(`http://moving.example:${port}/`, asking))).toBe('not_allowed');
    expect(asked.length).toBe(before);
  });

  it('takes no endless and no silent answer', async () => {
    const fetched = on([`127.0.0.1:${port}`]);
    expect(await codeOf(fetched(`http://127.0.0.1:${port}/endless`, asking))).toBe('too_large');
    expect(await codeOf(fetched(`http://127.0.0.1:${port}/silent`, { ...asking, wholeMs: 200 }))).toBe(
      'away',
    );
  });
});
