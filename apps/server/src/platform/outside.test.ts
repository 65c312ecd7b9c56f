import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from './address-policy.ts';
import { askOutside, OutsideError, type OutsidePolicy, textOf } from './outside.ts';

let origin = '';
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (request.url === '/elsewhere') response.writeHead(302, { location: '/inside' }).end();
  else if (request.url === '/endless') response.writeHead(200).end(Buffer.alloc(2000));
  else if (request.url === '/cut') {
    response.writeHead(200, { 'content-length': '10' }).write('half');
    setTimeout(() => response.destroy(), 20);
  } else if (request.url === '/silent') return;
  else response.writeHead(200).end('here');
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const get = { method: 'GET', headers: {} };
const anywhere = (loopback: boolean): OutsidePolicy => ({ allows: () => true, loopback });
const codeOf = (call: Promise<unknown>) =>
  call.then(
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
    expect(await textOf(await askOutside(`${origin}/a`, get, anywhere(true)), 100)).toBe('here');
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
      expect(await codeOf(askOutside(address, get, anywhere(false))), address).toBe('not_allowed');
    }
    expect(asked.length).toBe(before);
  });

  it('goes where the policy says, with no name or password in the address', async () => {
    const policy: OutsidePolicy = { allows: (url) => url.origin === origin, loopback: true };
    expect(await codeOf(askOutside(`${origin}/`, get, policy))).toBe('answered');
    const port = new URL(origin).port;
    for (const address of [`http://a:b@127.0.0.1:${port}/`, `http://localhost:${port}/`]) {
      expect(await codeOf(askOutside(address, get, policy)), address).toBe('not_allowed');
    }
  });

  it('follows no redirect, reads no endless answer, and takes half an answer for none', async () => {
    const here = anywhere(true);
    expect((await askOutside(`${origin}/elsewhere`, get, here)).statusCode).toBe(302);
    expect(asked).not.toContain('/inside');
    expect(await codeOf(askOutside(`${origin}/endless`, get, here).then((it) => textOf(it, 1999)))).toBe(
      'too_large',
    );
    expect(await codeOf(askOutside(`${origin}/cut`, get, here).then((it) => textOf(it, 1999)))).toBe('away');
    expect(await codeOf(askOutside(`${origin}/silent`, { ...get, patienceMs: 50 }, here))).toBe('away');
  });
});
