import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../../src/gate/index.ts';
import { dayOf } from '../../src/gate/may-talk.ts';
import type { BusEvents } from '../../src/platform/bus.ts';
import { type Client, codeOf } from '../client.ts';
import { addressOf, freshName, newAccount, newMember, proveAge, visitor, walletResponse } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

let server: TestServer;
let now = Date.parse('2026-11-23T12:00:00Z');
const minute = 60_000;

beforeAll(async () => {
  server = await startServer({ clock: () => now });
});
afterAll(() => server.close());

const begin = (client: Client) => client.call('gate.begin', { body: { method: 'test' } });
const finish = (client: Client, proofId: string, response: string) =>
  codeOf(client.call('gate.finish', { params: { proofId }, body: { response } }));

describe('the gate', () => {
  it('opens with a proof, for ninety days, to the end of the last', async () => {
    const { client } = await newAccount(server, freshName());
    expect(await client.call('gate.read', {})).toMatchObject({
      methods: [{ id: 'test', kind: 'test', available: true, doubleBlind: false }],
      adult: null,
      open: false,
    });
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('proof_required');
    const { adult } = await proveAge(client);
    expect(adult).toEqual({ until: Date.parse('2027-02-22T00:00:00Z'), method: 'test' });
    expect((await client.call('gate.read', {})).adult).toEqual(adult);
    expect((await client.call('accounts.me', {})).adult).toEqual(adult);
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('no refusal');
  });

  it('keeps the day, the method and the rules, and nothing else', async () => {
    const { id, client } = await newAccount(server, freshName());
    await proveAge(client);
    const rows = await server.platform.db
      .selectFrom('adult')
      .selectAll()
      .where('account_id', '=', id)
      .execute();
    expect(rows).toEqual([
      { account_id: id, until: '2027-02-21', method: 'test', policy: 'test/1', verified_on: '2026-11-23' },
    ]);
    const requests = await server.platform.db
      .selectFrom('proof_request')
      .selectAll()
      .where('account_id', '=', id)
      .execute();
    expect(requests).toEqual([]);
  });

  it('stays shut to those under age, who decline, or who answer anything else', async () => {
    const { client } = await newAccount(server, freshName());
    for (const answer of ['false', 'declined'] as const) {
      const begun = await begin(client);
      expect(await finish(client, begun.proofId, await walletResponse(begun, answer))).toBe('proof_refused');
    }
    for (const response of ['', 'true', '{}', 'eyJvdmVyMTgiOnRydWV9', 'A'.repeat(16_384)]) {
      const { proofId } = await begin(client);
      expect(await finish(client, proofId, response)).toBe('proof_refused');
    }
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('proof_required');
  });

  it('takes a response once, for its own request, of its own account, while it is fresh', async () => {
    const [one, other] = [await newAccount(server, freshName()), await newAccount(server, freshName())];
    const [first, second] = [await begin(one.client), await begin(one.client)];
    const response = await walletResponse(first);
    expect(await finish(one.client, second.proofId, response)).toBe('proof_refused');
    expect(await finish(other.client, first.proofId, response)).toBe('proof_refused');
    const theirs = await begin(other.client);
    expect(await finish(other.client, theirs.proofId, response)).toBe('proof_refused');
    expect(await finish(one.client, crypto.randomUUID(), response)).toBe('proof_refused');

    const ends = await Promise.all([1, 2, 3].map(() => finish(one.client, first.proofId, response)));
    expect(ends.sort()).toEqual(['no refusal', 'proof_refused', 'proof_refused']);
    expect(await finish(one.client, first.proofId, response)).toBe('proof_refused');
    expect(await codeOf(other.client.call('presence.profile.read', {}))).toBe('proof_required');

    const late = await begin(other.client);
    const stale = await walletResponse(late);
    now += 5 * minute;
    expect(await finish(other.client, late.proofId, stale)).toBe('proof_refused');
    const forgotten = await begin(other.client);
    now += 15 * minute;
    const fresh = await walletResponse(forgotten);
    expect(await finish(other.client, forgotten.proofId, fresh)).toBe('proof_refused');
  });

  it('refuses a response that was altered, and does not let it be tried again', async () => {
    const { client } = await newAccount(server, freshName());
    const begun = await begin(client);
    const response = await walletResponse(begun, 'false');
    const sealed = JSON.parse(Buffer.from(response, 'base64url').toString());
    const document = Buffer.from(sealed.document, 'base64url')
      .toString()
      .replace('"over18":false', '"over18":true');
    const forged = { ...sealed, document: Buffer.from(document).toString('base64url') };
    const altered = Buffer.from(JSON.stringify(forged)).toString('base64url');
    expect(await finish(client, begun.proofId, altered)).toBe('proof_refused');
    expect(await finish(client, begun.proofId, await walletResponse(begun))).toBe('proof_refused');
  });

  it('knows no method that is not configured', async () => {
    const { client } = await newAccount(server, freshName());
    for (const method of ['', 'wallet', 'toString', '__proto__']) {
      expect(await codeOf(client.call('gate.begin', { body: { method } }))).toBe('invalid_input');
    }
  });

  it('shuts when the proof runs out, says so once, and forgets it', async () => {
    const member = await newMember(server, freshName());
    const stays = await newMember(server, freshName());
    const gate = createGate(server.platform);
    const { until } = (await gate.adultState(visitor(member, now))) ?? { until: 0 };
    now = until - 1;
    expect(await codeOf(member.client.call('presence.profile.read', {}))).toBe('session_required');
    expect(await gate.adultState(visitor(member, now))).not.toBeNull();
    now = until;
    expect(await gate.adultState(visitor(member, now))).toBeNull();
    await expect(gate.assertMayTalk(visitor(member, now))).rejects.toThrow('proof_required');
    expect(await gate.adults(server.platform.db).where('account_id', '=', member.id).execute()).toEqual([]);

    await server.platform.db
      .updateTable('adult')
      .set({ until: '2099-01-01', verified_on: dayOf(now) })
      .where('account_id', '=', stays.id)
      .execute();
    const told: BusEvents['notice'][] = [];
    const stop = server.platform.bus.subscribe('notice', (event) => told.push(event));
    for (const purge of gate.purges) await purge.run(now);
    for (const purge of gate.purges) expect(await purge.run(now)).toBe(0);
    stop();
    expect(told).toHaveLength(1);
    expect(told[0]?.notice).toEqual({ kind: 'proof_required' });
    expect(told[0]?.accountIds).toContain(member.id);
    const left = await server.platform.db.selectFrom('adult').select('account_id').execute();
    expect(left).toEqual([{ account_id: stays.id }]);
  });

  it('takes back what a method let in when the operator turns that method off', async () => {
    const member = await newMember(server, freshName());
    const without = createGate({
      ...server.platform,
      config: { ...server.platform.config, ageMethods: [] },
    });
    expect(await without.adultState(visitor(member, now))).toBeNull();
    expect(await without.adults(server.platform.db).execute()).toEqual([]);
  });
});

describe('the test wallet', () => {
  const wallet = async (client: Client, language: string) => {
    return fetch(addressOf(await begin(client)), { headers: { 'accept-language': language } });
  };

  it('says loudly, in both languages, that it proves nothing, and runs no script', async () => {
    const { client } = await newAccount(server, freshName());
    for (const [language, lang, warning, adult] of [
      ['fr-FR,fr;q=0.9,en;q=0.5', 'fr', 'Ceci ne prouve rien.', 'J’ai plus de 18 ans'],
      ['en-GB,en;q=0.9,fr;q=0.5', 'en', 'This proves nothing.', 'I am over 18'],
      ['de', 'en', 'This proves nothing.', 'I am over 18'],
    ] as const) {
      const response = await wallet(client, language);
      const html = await response.text();
      expect(response.status).toBe(200);
      expect(html).toContain(`<html lang="${lang}">`);
      expect(html).toContain(warning);
      expect(html).toContain(adult);
      expect(html).not.toContain('<script');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
      expect(policy).not.toContain('script-src');
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('goes back to the gate with the response in the fragment, which no server sees', async () => {
    const { client } = await newAccount(server, freshName());
    const begun = await begin(client);
    const url = addressOf(begun);
    url.pathname = '/test-wallet/answer';
    url.searchParams.set('over18', 'true');
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(`${server.url}/gate`);
    expect(location.search).toBe(`?proof=${begun.proofId}`);
    expect(location.hash).toMatch(/^#response=[\w-]+$/);
  });

  it('repeats nothing that it was not given in its own shape', async () => {
    const proof = crypto.randomUUID();
    for (const query of [
      '',
      `?proof=${proof}`,
      `?proof=${proof}&nonce=%22%3E%3Cscript%3E`,
      `?proof=%22&nonce=${'A'.repeat(43)}`,
      `?proof=${proof}&nonce=${'A'.repeat(43)}&next=https://elsewhere.example`,
    ]) {
      for (const path of ['/test-wallet', '/test-wallet/answer']) {
        const response = await fetch(`${server.url}${path}${query}`, { redirect: 'manual' });
        expect(await response.text()).toBe('{"code":"invalid_input","field":"query"}');
        expect(response.status).toBe(400);
      }
    }
  });

  it('is absent where the method is not configured', async () => {
    await using without = await startServer({ env: { ACCORD_AGE_METHODS: '' } });
    const response = await fetch(`${without.url}/test-wallet`, { headers: { accept: 'application/json' } });
    expect(response.status).toBe(404);
    const { client } = await newAccount(without, freshName());
    expect((await client.call('gate.read', {})).methods).toEqual([]);
    expect(await codeOf(begin(client))).toBe('invalid_input');
  });
});
