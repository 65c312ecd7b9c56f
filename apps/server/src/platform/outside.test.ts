import { createServer } from 'node:http';
import { type AddressInfo, createServer as createRawServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from './address-policy.ts';
import { asFetch, type Outside, OutsideError, type OutsideRequest, wayOut, wholeOf } from './outside.ts';
import { listedHosts, operatorsOrigins, publicOrigins } from './outside-policy.ts';

let origin = '';
const asked: string[] = [];
const connections = new Set<unknown>();
const server = createServer(async (request, response) => {
  asked.push(request.url ?? '');
  connections.add(request.socket);
  const { url } = request;
  if (url === '/elsewhere') response.writeHead(302, { location: '/inside' }).end();
  else if (url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
  else if (url === '/long') response.writeHead(200).end(Buffer.alloc(2000));
  else if (url === '/said') response.writeHead(200, { 'content-length': '5000' }).write('x');
  else if (url === '/head') response.writeHead(200, { 'x-much': 'x'.repeat(17_000) }).end();
  else if (url === '/cut') {
    response.writeHead(200, { 'content-length': '10' }).write('half');
    setTimeout(() => response.destroy(), 20);
  } else if (url === '/endless' || url === '/trickle') {
    const [part, pauseMs] = url === '/endless' ? [Buffer.alloc(64 * 1024), 0] : ['.', 10];
    while (!response.destroyed && response.socket?.destroyed === false) {
      response.write(part);
      await sleep(pauseMs);
    }
  } else if (url === '/silent') return;
  else response.writeHead(200).end('here');
});
/** Says a head and never its end, a byte at a time. */
const slowHead = createRawServer((socket) => {
  socket.on('error', () => {}).write('HTTP/1.1 200 OK\r\nx: ');
  const timer = setInterval(() => socket.write('.'), 10);
  socket.on('close', () => clearInterval(timer));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => slowHead.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  slowHead.close();
});

const bounds = { mostBytes: 1999, wholeMs: 5000 };
const anywhere = (loopback: boolean) => wayOut(publicOrigins(() => true, { loopback }));
const codeOf = (ask: Outside, address: string, more: Partial<OutsideRequest> = {}) =>
  ask(address, { ...bounds, ...more })
    .then(wholeOf)
    .then(
      () => 'answered',
      (error: unknown) => (error instanceof OutsideError ? error.code : error),
    );

describe('an address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.100.100.200',
    '127.0.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    'localhost',
    '',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  it.each(['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('a request to the outside', () => {
  it('reaches this machine only where a test says so', async () => {
    const here = await anywhere(true)(`${origin}/a`, bounds);
    expect((await wholeOf(here)).toString()).toBe('here');
    const before = asked.length;
    const port = new URL(origin).port;
    for (const address of [
      `${origin}/a`,
      `https://127.0.0.1:${port}/`,
      // A name that resolves to this machine.
      `https://localhost:${port}/`,
      `https://[::1]:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      `https://2130706433:${port}/`,
      `https://0x7f.1:${port}/`,
      'https://169.254.169.254/latest/meta-data/',
      'http://example.com/',
      'file:///etc/hostname',
      'nothing',
    ]) {
      expect(await codeOf(anywhere(false), address), address).toBe('not_allowed');
    }
    expect(asked.length).toBe(before);
  });

  it('goes to the origins that the operator named and no other, with no name or password in the address', async () => {
    const ask = wayOut(operatorsOrigins([`${origin}/path`]));
    expect(await codeOf(ask, `${origin}/`)).toBe('answered');
    const { port } = new URL(origin);
    for (const address of [
      `http://a:b@127.0.0.1:${port}/`,
      `http://localhost:${port}/`,
      `https://127.0.0.1:${port}/`,
    ]) {
      expect(await codeOf(ask, address), address).toBe('not_allowed');
    }
  });

  it('ends with its bounds: bytes, whether counted or announced, and time, whatever comes meanwhile', async () => {
    const here = anywhere(true);
    const ends = async (path: string, wholeMs?: number) =>
      codeOf(
        here,
        path.startsWith('/') ? `${origin}${path}` : path,
        wholeMs === undefined ? {} : { wholeMs },
      );
    expect(await ends('/long')).toBe('too_large');
    expect(await ends('/said')).toBe('too_large');
    expect(await ends('/endless')).toBe('too_large');
    expect(await ends('/head')).toBe('away');
    expect(await ends('/cut')).toBe('away');
    expect(await ends('/silent', 50)).toBe('away');
    expect(await ends('/trickle', 100)).toBe('away');
    expect(await ends(`http://127.0.0.1:${(slowHead.address() as AddressInfo).port}/`, 100)).toBe('away');
    expect(await codeOf(here, `${origin}/silent`, { headMs: 50 })).toBe('away');
    const gone = AbortSignal.abort();
    expect(await codeOf(here, `${origin}/a`, { signal: gone })).toBe('away');
  });

  it('follows a redirect where it was said, and none to where it may not go', async () => {
    const ask = anywhere(true);
    expect((await ask(`${origin}/elsewhere`, bounds)).status).toBe(302);
    expect(asked).not.toContain('/inside');
    expect(await codeOf(ask, `${origin}/away`, { redirects: 3 })).toBe('not_allowed');
    expect(await codeOf(ask, `${origin}/elsewhere`, { redirects: 0 })).toBe('redirects');
    expect(await codeOf(ask, `${origin}/elsewhere`, { redirects: 1, method: 'POST' })).toBe('redirects');
    expect(await codeOf(ask, `${origin}/elsewhere`, { redirects: 1 })).toBe('answered');
    expect(asked).toContain('/inside');
  });

  it('keeps a connection for itself, and lets no other policy use it', async () => {
    const named = origin.replace('127.0.0.1', 'localhost');
    const kept = wayOut(operatorsOrigins([named], { keeps: true }));
    connections.clear();
    for (let n = 0; n < 3; n += 1) expect(await codeOf(kept, `${named}/kept`)).toBe('answered');
    expect(connections.size).toBe(1);
    const stranger = wayOut(listedHosts([new URL(named).host], []));
    expect(await codeOf(stranger, `${named}/kept`)).toBe('not_allowed');
  });

  it('is a fetch to those that want one', async () => {
    const ask = asFetch(anywhere(true), bounds);
    expect(
      await (await ask(`${origin}/a`, { method: 'POST', body: new URLSearchParams('a=b') })).text(),
    ).toBe('here');
    await expect(ask(`${origin}/endless`).then((answer) => answer.text())).rejects.toThrow(OutsideError);
  });
});
