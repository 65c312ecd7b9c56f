import { day } from '@accord/age-proof/testing';
import { malleated } from '@accord/age-proof/testing/wallet';
import type { Reply } from '@accord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../../src/gate/index.ts';
import { dayOf, endOfDay } from '../../src/gate/may-talk.ts';
import { type Client, codeOf } from '../client.ts';
import { addressOf, freshName, newAccount, signIn } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import {
  answerByApp,
  beginByWallet,
  browserAnswer,
  codeIn,
  finish,
  issuerNow,
  postAnswer,
  proveByWallet,
  requestOf,
  type TestIssuer,
  testIssuer,
} from './issuer.ts';

let server: TestServer;
let issuer: TestIssuer;
let now = issuerNow;
const minute = 60_000;
const protocols = ['openid4vp-v1-unsigned', 'org-iso-mdoc'] as const;

beforeAll(async () => {
  issuer = await testIssuer();
  server = await startServer({
    clock: () => now,
    env: { ACCORD_AGE_METHODS: 'wallet', ACCORD_AGE_POLICY: 'eu', ACCORD_DATA: issuer.folder },
  });
});
afterAll(async () => {
  await server.close();
  await issuer[Symbol.asyncDispose]();
});

const someone = () => newAccount(server, freshName());
/** How proofs ended so far, by their precise codes: counters are the only place that has them. */
const counted = async (outcome: string): Promise<number> => {
  const text = await server.platform.metrics.getSingleMetricAsString('accord_age_proofs_total');
  const line = new RegExp(`method="wallet",outcome="${outcome}"} (\\d+)`).exec(text);
  return Number(line?.[1] ?? 0);
};

describe('a wallet through the browser', () => {
  it.each(protocols)('opens the gate by %s', async (protocol) => {
    const { client } = await someone();
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('proof_required');
    const begun = await beginByWallet(client, 'browser');
    const answer = await browserAnswer(begun, await issuer.wallet(), protocol, server.url);
    const { adult } = await finish(client, begun, answer);
    expect(adult.method).toBe('wallet');
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('no refusal');
  });

  it.each(protocols)(
    'refuses a minor, another origin, an older request and another account’s, by %s',
    async (protocol) => {
      const [{ client }, other] = [await someone(), await someone()];
      const show = async (adult: boolean, origin: string) => {
        const begun = await beginByWallet(client, 'browser');
        const answer = await browserAnswer(begun, await issuer.wallet(adult), protocol, origin);
        return codeOf(finish(client, begun, answer));
      };
      expect(await show(false, server.url)).toBe('proof_refused');
      expect(await show(true, 'https://elsewhere.example')).toBe('proof_refused');
      const [older, newer] = [await beginByWallet(client, 'browser'), await beginByWallet(client, 'browser')];
      const answer = await browserAnswer(older, await issuer.wallet(), protocol, server.url);
      expect(await codeOf(finish(client, newer, answer))).toBe('proof_refused');
      expect(await codeOf(finish(other.client, older, answer))).toBe('proof_refused');
      const theirs = await beginByWallet(other.client, 'browser');
      expect(await codeOf(finish(other.client, theirs, answer))).toBe('proof_refused');
      now += 5 * minute;
      expect(await codeOf(finish(client, older, answer))).toBe('proof_refused');
      expect(await codeOf(client.call('presence.profile.read', {}))).toBe('proof_required');
    },
  );

  it('takes a response once: neither again, nor after it was altered', async () => {
    const { client } = await someone();
    const begun = await beginByWallet(client, 'browser');
    const answer = await browserAnswer(begun, await issuer.wallet(), 'org-iso-mdoc', server.url);
    const ends = await Promise.all([1, 2, 3].map(() => codeOf(finish(client, begun, answer))));
    expect(ends.sort()).toEqual(['no refusal', 'proof_refused', 'proof_refused']);
  });

  it('takes an attestation from one account alone, malleated or not, and from the same one not again', async () => {
    const wallet = await issuer.wallet();
    const first = await someone();
    const begun = await beginByWallet(first.client, 'browser');
    await finish(first.client, begun, await browserAnswer(begun, wallet, 'org-iso-mdoc', server.url));
    const before = await counted('spent');
    const second = await someone();
    for (const change of [(response: Uint8Array) => response, malleated]) {
      for (const { client } of [second, first]) {
        const again = await beginByWallet(client, 'browser');
        const asked = requestOf(again, 'openid4vp-v1-unsigned');
        const data = await wallet.openid4vp(asked, server.url, change);
        const answer = JSON.stringify({ protocol: 'openid4vp-v1-unsigned', data });
        expect(await codeOf(finish(client, again, answer))).toBe('proof_refused');
      }
    }
    expect(await counted('spent')).toBe(before + 4);
    expect(await codeOf(second.client.call('presence.profile.read', {}))).toBe('proof_required');
  });

  it('refuses whatever else comes, alike', async () => {
    const { client } = await someone();
    const some = await beginByWallet(client, 'browser');
    const good = await browserAnswer(some, await issuer.wallet(), 'openid4vp-v1-unsigned', server.url);
    const { protocol, data } = JSON.parse(good) as {
      protocol: string;
      data: { vp_token: { age: [string] } };
    };
    const [token] = data.vp_token.age;
    const other = token.endsWith('A') ? 'Q' : 'A';
    const bent: unknown[] = [
      {},
      [],
      null,
      7,
      'x',
      { protocol: 'x', data },
      { protocol: 'org-iso-mdoc', data },
      { protocol, data: null },
      { protocol, data: { vp_token: {} } },
      { protocol, data: { vp_token: { age: [token, token] } } },
      { protocol, data: { vp_token: { age: [token], more: [token] } } },
      { protocol, data: { vp_token: { age: [`${token.slice(0, -1)}${other}`] } } },
      { protocol, data: { vp_token: { age: [token.slice(0, token.length / 2)] } } },
      { protocol, data: { vp_token: { age: ['A'.repeat(100_000)] } } },
    ];
    for (const body of [...bent.map((one) => JSON.stringify(one)), '', '{', '\u0000']) {
      // Each by an account of its own, which has tries left.
      const one = (await someone()).client;
      const begun = await beginByWallet(one, 'browser');
      expect(await codeOf(finish(one, begun, body)), body.slice(0, 60)).toBe('proof_refused');
    }
    const begun = await beginByWallet(client, 'browser');
    expect(await codeOf(finish(client, begun, 'A'.repeat(128 * 1024 + 1)))).toBe('invalid_input');
  });
});

describe('a wallet app', () => {
  it('opens the gate by a link, for the browser that began and has the code that it came back with', async () => {
    const member = await someone();
    const { client } = member;
    const begun = await beginByWallet(client, 'link');
    expect(addressOf(begun).protocol).toBe('av:');
    expect(begun.expiresAt).toBe(now + 2 * minute);
    const state = () => client.call('gate.await', { params: { proofId: begun.proofId } });
    expect(await state()).toEqual({ state: 'waiting' });
    const back = await answerByApp(begun, await issuer.wallet());
    expect(back?.origin).toBe(server.url);
    expect(back?.search).toBe(`?proof=${begun.proofId}`);
    expect(await state()).toEqual({ state: 'answered' });
    const elsewhere = await signIn(server, member.authenticator, member.device);
    const params = { proofId: begun.proofId };
    expect(await elsewhere.client.call('gate.await', { params })).toEqual({ state: 'over' });
    expect(await codeOf(finish(elsewhere.client, begun, codeIn(back)))).toBe('proof_refused');
    expect((await finish(client, begun, codeIn(back))).adult.method).toBe('wallet');
  });

  it('does not open it to who only lured somebody into answering', async () => {
    const { client } = await someone();
    for (const response of ['', 'A'.repeat(43), 'x']) {
      const begun = await beginByWallet(client, 'link');
      expect(await answerByApp(begun, await issuer.wallet())).toBeDefined();
      expect(await codeOf(finish(client, begun, response))).toBe('proof_refused');
    }
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('proof_required');
  });

  it('opens the gate by a code on a screen, in the browser that shows it, for two minutes', async () => {
    const [{ client }, other] = [await someone(), await someone()];
    const begun = await beginByWallet(client, 'code');
    expect(begun.expiresAt).toBe(now + 2 * minute);
    const params = { proofId: begun.proofId };
    // The phone is told no way back: there, nobody is signed in.
    expect(await answerByApp(begun, await issuer.wallet())).toBeUndefined();
    expect(await other.client.call('gate.await', { params })).toEqual({ state: 'over' });
    expect(await codeOf(finish(other.client, begun, ''))).toBe('proof_refused');
    expect(await client.call('gate.await', { params })).toEqual({ state: 'answered' });
    expect((await finish(client, begun, '')).adult.method).toBe('wallet');

    const late = await beginByWallet(client, 'code');
    now += 2 * minute;
    const { responseUri, fields } = await (await issuer.wallet()).redirect(addressOf(late).href);
    expect((await postAnswer(responseUri, fields)).status).toBe(404);
    expect(await client.call('gate.await', { params: { proofId: late.proofId } })).toEqual({ state: 'over' });
    expect(await codeOf(finish(client, late, ''))).toBe('proof_refused');
  });

  it('is heard once, with the state of its request, whatever it says', async () => {
    const { client } = await someone();
    const begun = await beginByWallet(client, 'code');
    const { responseUri, fields } = await (await issuer.wallet()).redirect(addressOf(begun).href);
    const without = new URLSearchParams(fields);
    without.delete('state');
    const guessed = new URLSearchParams(fields);
    guessed.set('state', 'A'.repeat(43));
    for (const junk of [without, guessed, new URLSearchParams(), new URLSearchParams({ state: '' })]) {
      expect((await postAnswer(responseUri, junk)).status).toBe(404);
    }
    const elsewhere = responseUri.replace(begun.proofId, crypto.randomUUID());
    expect((await postAnswer(elsewhere, fields)).status).toBe(404);
    expect((await postAnswer(responseUri.replace(begun.proofId, 'x'), fields)).status).toBe(404);
    const huge = new URLSearchParams({ state: fields.get('state') ?? '', vp_token: 'A'.repeat(200_000) });
    expect((await postAnswer(responseUri, huge)).status).toBe(413);
    const json = await fetch(responseUri, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).toBe(404);
    const answers = await Promise.all([1, 2, 3].map(() => postAnswer(responseUri, fields)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    expect((await finish(client, begun, '')).adult.method).toBe('wallet');
    expect((await postAnswer(responseUri, fields)).status).toBe(404);
  });

  it('may say no, and shows nobody else’s nor an older answer', async () => {
    const { client } = await someone();
    const declined = await beginByWallet(client, 'code');
    const told = await (await issuer.wallet()).redirect(addressOf(declined).href);
    const no = new URLSearchParams({ error: 'access_denied', state: told.fields.get('state') ?? '' });
    const before = await counted('declined');
    expect((await postAnswer(told.responseUri, no)).status).toBe(200);
    expect(await counted('declined')).toBe(before + 1);
    expect(await codeOf(finish(client, declined, ''))).toBe('proof_refused');

    const stale = await beginByWallet(client, 'code');
    const wallet = await issuer.wallet();
    const signed = await wallet.redirect(addressOf(stale).href, undefined, 'A'.repeat(43));
    const refused = await counted('device_signature');
    expect((await postAnswer(signed.responseUri, signed.fields)).status).toBe(200);
    expect(await counted('device_signature')).toBe(refused + 1);
    expect(await codeOf(finish(client, stale, ''))).toBe('proof_refused');
  });

  it('does not answer a request that the browser was to answer', async () => {
    const { client } = await someone();
    const begun = await beginByWallet(client, 'browser');
    const uri = `${server.url}/api/gate/answers/${begun.proofId}`;
    expect((await postAnswer(uri, new URLSearchParams({ state: 'x', vp_token: '{}' }))).status).toBe(404);
    const answer = await browserAnswer(begun, await issuer.wallet(), 'org-iso-mdoc', server.url);
    expect(await codeOf(finish(client, begun, answer))).toBe('no refusal');
  });
});

describe('three refused proofs of an account', () => {
  const refuse = async (client: Client, begun: Reply<'gate.begin'>) => {
    const answer = await browserAnswer(begun, await issuer.wallet(false), 'org-iso-mdoc', server.url);
    return codeOf(finish(client, begun, answer));
  };

  it('are all for a day, however many come at once, and a good one is none of them', async () => {
    const { client } = await someone();
    await proveByWallet(issuer, client);
    const begun = await Promise.all([1, 2, 3, 4, 5].map(() => beginByWallet(client, 'browser')));
    const before = [await counted('claim_false'), await counted('tries_used_up')];
    const ends = await Promise.all(begun.map((one) => refuse(client, one)));
    expect(ends).toEqual(Array(5).fill('proof_refused'));
    expect([await counted('claim_false'), await counted('tries_used_up')]).toEqual([
      (before[0] ?? 0) + 3,
      (before[1] ?? 0) + 2,
    ]);
    const left = Math.ceil((endOfDay(dayOf(now)) - now) / 1000);
    for (const way of ['browser', 'link', 'code'] as const) {
      const refused = await client.answer('gate.begin', { body: { method: 'wallet', way } });
      expect(refused.text).toBe(`{"code":"proofs_used_up","retryAfter":${left}}`);
    }
    // Nobody else is held up by it, and neither is what was proved before.
    await proveByWallet(issuer, (await someone()).client);
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('no refusal');
    now += day;
    await proveByWallet(issuer, client);
  });

  it('do not count a person who says no, nor what came too late', async () => {
    const { client } = await someone();
    for (let i = 0; i < 4; i += 1) {
      const begun = await beginByWallet(client, 'code');
      const { responseUri, fields } = await (await issuer.wallet()).redirect(addressOf(begun).href);
      const no = new URLSearchParams({ error: 'access_denied', state: fields.get('state') ?? '' });
      expect((await postAnswer(responseUri, no)).status).toBe(200);
      const late = await beginByWallet(client, 'browser');
      now += 5 * minute;
      expect(await refuse(client, late)).toBe('proof_refused');
    }
    await proveByWallet(issuer, client);
  });

  it('are kept without whose they are, and only for the day', async () => {
    const { id, client } = await someone();
    await refuse(client, await beginByWallet(client, 'browser'));
    const { db } = server.platform;
    const rows = await db.selectFrom('proof_try').selectAll().execute();
    const today = rows.filter((row) => row.day === dayOf(now));
    expect(today.length).toBeGreaterThan(0);
    const bare = id.replaceAll('-', '');
    for (const { tag } of rows) expect(tag.toString('hex')).not.toContain(bare);
    now += day;
    for (const one of createGate(server.platform).purges) await one.run(now);
    expect(await db.selectFrom('proof_try').selectAll().execute()).toEqual([]);
  });
});

describe('what is kept', () => {
  it('is four fields of the account, and tags that say nothing of whose they are or when they came', async () => {
    const member = await someone();
    await proveByWallet(issuer, member.client);
    const { db } = server.platform;
    const kept = await db.selectFrom('adult').selectAll().where('account_id', '=', member.id).execute();
    expect(kept).toEqual([
      {
        account_id: member.id,
        until: new Date(now + 90 * day).toISOString().slice(0, 10),
        method: 'wallet',
        policy: 'eu/1',
        verified_on: new Date(now).toISOString().slice(0, 10),
      },
    ]);
    const { rows } = await server.database.pool.query(
      "select column_name from information_schema.columns where table_name = 'proof_spent' order by 1",
    );
    expect(rows.map((row) => row.column_name)).toEqual(['expires_on', 'tag']);
    const spent = await db.selectFrom('proof_spent').selectAll().execute();
    expect(spent.length).toBeGreaterThan(3);
    // Attestations of one month end on one day: that of their own end would be a mark of theirs.
    expect(new Set(spent.map((row) => row.expires_on)).size).toBe(1);
    expect(
      await db.selectFrom('proof_request').select('id').where('account_id', '=', member.id).execute(),
    ).toEqual([]);
  });

  it('goes when it could not be shown any more', async () => {
    const { db } = server.platform;
    now += 100 * day;
    await purge();
    expect(await db.selectFrom('proof_spent').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('adult').selectAll().execute()).toEqual([]);
  });

  const purge = async () => {
    for (const one of createGate(server.platform).purges) await one.run(now);
  };
});
