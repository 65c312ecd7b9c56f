import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardedFetch, ProviderAway } from './guarded-fetch.ts';

let origin = '';
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (request.url === '/elsewhere') response.writeHead(302, { location: '/inside' }).end();
  else if (request.url === '/endless') response.writeHead(200).end(Buffer.alloc(300 * 1024));
  else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('a guarded fetch', () => {
  it('reaches the origins it was given', async () => {
    const answer = await guardedFetch([origin])(`${origin}/token`, {});
    expect([answer.status, await answer.json()]).toEqual([200, {}]);
  });

  it('reaches no other, however it is written', async () => {
    const before = asked.length;
    const guarded = guardedFetch(['https://provider.example']);
    for (const address of [
      origin,
      'http://provider.example/',
      'https://provider.example:8443/',
      'https://provider.example.evil.example/',
      'https://evil.example@127.0.0.1/',
      'file:///etc/hostname',
      'http://169.254.169.254/latest/meta-data/',
    ]) {
      await expect(guarded(address, {}), address).rejects.toThrow(ProviderAway);
    }
    expect(asked.length).toBe(before);
  });

  it('follows no redirect and reads no endless answer', async () => {
    const guarded = guardedFetch([origin]);
    await expect(guarded(`${origin}/elsewhere`, {})).rejects.toThrow(ProviderAway);
    expect(asked).not.toContain('/inside');
    await expect(guarded(`${origin}/endless`, {})).rejects.toThrow(ProviderAway);
  });
});
