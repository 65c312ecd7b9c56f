import type { Body } from '@accord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator, type Deviations } from '../authenticator.ts';
import { Client, codeOf } from '../client.ts';
import {
  base64url,
  deviceProof,
  freshName,
  newAccount,
  newDevice,
  random,
  registrationBody,
  signIn,
} from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

let server: TestServer;
let now = Date.parse('2026-11-23T12:00:00Z');

beforeAll(async () => {
  server = await startServer({ clock: () => now });
});
afterAll(() => server.close());

async function begun(authenticator = new Authenticator(server.url), pseudonym = freshName()) {
  const client = new Client(server.url);
  const reply = await client.call('accounts.registration.begin', { body: { pseudonym } });
  const made = await registrationBody(reply, authenticator);
  const { ceremonyId } = reply;
  const finish = (change: Partial<Body<'accounts.registration.finish'>> = {}, id = ceremonyId) =>
    client.call('accounts.registration.finish', {
      params: { ceremonyId: id },
      body: { ...made.body, ...change },
    });
  return { client, reply, ...made, finish };
}

describe('registration', () => {
  it('makes an account whose session is bound to its first device', async () => {
    const { client, reply, body, device, finish } = await begun();
    const me = await finish();
    expect(me).toEqual({
      id: reply.accountId,
      pseudonym: me.pseudonym,
      identityPublicKey: body.identityPublicKey,
      boxPublicKey: body.boxPublicKey,
      device: {
        id: device.deviceId,
        name: 'Phone',
        addedAt: now,
        lastSeenAt: now,
        current: true,
      },
      adult: null,
    });
    expect(await client.call('accounts.me', {})).toEqual(me);
  });

  it('asks for a discoverable passkey, user verification and no attestation, of our own host', async () => {
    const { reply } = await begun();
    expect(reply.options).toMatchObject({
      rp: { id: 'localhost', name: 'Accord' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  });

  it('gives a cookie that no script reads and no other site sends', async () => {
    const { client, reply, body } = await begun();
    const params = { ceremonyId: reply.ceremonyId };
    const answer = await client.answer('accounts.registration.finish', { params, body });
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^accord_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
    const { rows } = await server.database.pool.query('select * from session');
    expect(JSON.stringify(rows)).not.toContain(client.token);
  });

  it('marks the cookie Secure where the public address is https', async () => {
    const env = { ACCORD_PUBLIC_URL: 'https://accord.example', ACCORD_PORT: '0' };
    await using secure = await startServer({ env });
    const origin = 'https://accord.example';
    const post = (url: string, payload: object) =>
      secure.app.inject({ method: 'POST', url, payload, headers: { origin } });
    const begun = (await post('/api/accounts/registrations', { pseudonym: freshName() })).json();
    const { body } = await registrationBody(begun, new Authenticator(origin));
    const answer = await post(`/api/accounts/registrations/${begun.ceremonyId}`, body);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['set-cookie']).toMatch(/; Secure/);
  });

  it.each<[string, Deviations]>([
    ['another origin', { origin: 'https://elsewhere.example' }],
    ['another site', { rpId: 'elsewhere.example' }],
    ['another challenge', { challenge: base64url(random(32)) }],
    ['another ceremony', { type: 'webauthn.get' }],
    ['a person who is not verified', { userVerified: false }],
    ['nobody present', { userPresent: false }],
    ['an attestation', { attestation: { fmt: 'apple', attStmt: new Map([['x5c', [random(40)]]]) } }],
    ['certificates', { attestation: { fmt: 'packed', attStmt: new Map([['x5c', [random(40)]]]) } }],
    ['a format of its own', { attestation: { fmt: 'nonsense', attStmt: new Map() } }],
  ])('refuses a passkey from %s', async (_, deviations) => {
    const authenticator = new Authenticator(server.url);
    const { reply, finish } = await begun(authenticator);
    const credential = authenticator.create(reply.options, deviations);
    expect(await codeOf(finish({ credential }))).toBe('ceremony_failed');
  });

  it('lets a ceremony be used once, however it ends', async () => {
    const good = await begun();
    await good.finish();
    expect(await codeOf(good.finish())).toBe('ceremony_failed');
    const bad = await begun();
    expect(await codeOf(bad.finish({ credential: { id: 'x', rawId: 'x', type: 'public-key' } }))).toBe(
      'ceremony_failed',
    );
    expect(await codeOf(bad.finish())).toBe('ceremony_failed');
  });

  it('lets of two finishes at once one pass', async () => {
    const { finish } = await begun();
    const ends = await Promise.all([codeOf(finish()), codeOf(finish()), codeOf(finish())]);
    expect(ends.sort()).toEqual(['ceremony_failed', 'ceremony_failed', 'no refusal']);
  });

  it('ends a ceremony after five minutes', async () => {
    const { finish } = await begun();
    now += 5 * 60_000;
    expect(await codeOf(finish())).toBe('ceremony_failed');
  });

  it('takes no ceremony of another kind or of nobody', async () => {
    const { finish } = await begun();
    const other = await new Client(server.url).call('accounts.signIn.begin', { body: {} });
    expect(await codeOf(finish({}, other.ceremonyId))).toBe('ceremony_failed');
    expect(await codeOf(finish({}, crypto.randomUUID()))).toBe('ceremony_failed');
  });

  it('keeps a name for one person, look-alikes included', async () => {
    await newAccount(server, 'Camille.B');
    const client = new Client(server.url);
    for (const pseudonym of ['Camille.B', 'CAMILLE_B', 'cаmille-b', 'ＣamilleB']) {
      expect(await codeOf(client.call('accounts.registration.begin', { body: { pseudonym } }))).toBe(
        'pseudonym_taken',
      );
    }
  });

  it('gives a name that two want at once to one of them', async () => {
    const pseudonym = freshName();
    const both = await Promise.all([begun(undefined, pseudonym), begun(undefined, pseudonym)]);
    const ends = await Promise.all(both.map(({ finish }) => codeOf(finish())));
    expect(ends.sort()).toEqual(['no refusal', 'pseudonym_taken']);
  });

  it('refuses a device or a box that the identity key does not vouch for, and stores nothing', async () => {
    const stranger = await begun();
    const { finish, reply, identity } = await begun();
    expect(await codeOf(finish({ device: stranger.body.device }))).toBe('bad_certificate');
    const other = await begun();
    expect(await codeOf(other.finish({ boxSignature: stranger.body.boxSignature }))).toBe('bad_key_material');
    const short = await begun();
    expect(await codeOf(short.finish({ boxPublicKey: base64url(random(32)) }))).toBe('bad_key_material');
    const foreign = await begun();
    const device = await newDevice(crypto.randomUUID(), identity);
    expect(await codeOf(foreign.finish({ device: { ...foreign.body.device, id: device.deviceId } }))).toBe(
      'bad_certificate',
    );
    const found = await server.platform.db
      .selectFrom('account')
      .select('id')
      .where('id', 'in', [reply.accountId, other.reply.accountId, foreign.reply.accountId])
      .execute();
    expect(found).toEqual([]);
  });
});

describe('signing in', () => {
  it('finds the account by its passkey alone, without a device unless its key signs', async () => {
    const member = await newAccount(server, freshName());
    const plain = await signIn(server, member.authenticator);
    expect(plain.reply.me).toMatchObject({ id: member.id, device: null });
    expect(plain.reply.wrappedIdentity).toMatch(/^[\w-]+$/);
    const bound = await signIn(server, member.authenticator, member.device);
    expect(bound.reply.me.device).toMatchObject({ id: member.device.deviceId, current: true });
    expect(await bound.client.call('accounts.me', {})).toEqual(bound.reply.me);
  });

  it('gives a session without device to a proof that is not of this ceremony, account and device', async () => {
    const member = await newAccount(server, freshName());
    const other = await newAccount(server, freshName());
    const client = new Client(server.url);
    for (const proof of [
      deviceProof(crypto.randomUUID(), member.device),
      { ...deviceProof(crypto.randomUUID(), member.device), signature: base64url(new Uint8Array(64)) },
      undefined,
    ]) {
      const { ceremonyId, options } = await client.call('accounts.signIn.begin', { body: {} });
      const device = proof ?? deviceProof(ceremonyId, other.device);
      const body = { credential: member.authenticator.get(options), device };
      const { me } = await client.call('accounts.signIn.finish', { params: { ceremonyId }, body });
      expect(me).toMatchObject({ id: member.id, device: null });
    }
  });

  it.each<[string, Deviations]>([
    ['another origin', { origin: 'https://elsewhere.example' }],
    ['another site', { rpId: 'elsewhere.example' }],
    ['another challenge', { challenge: base64url(random(32)) }],
    ['another ceremony', { type: 'webauthn.create' }],
    ['a person who is not verified', { userVerified: false }],
    ['another account', { userHandle: base64url(random(16)) }],
  ])('refuses an assertion from %s', async (_, deviations) => {
    const { authenticator } = await newAccount(server, freshName());
    const client = new Client(server.url);
    const { ceremonyId, options } = await client.call('accounts.signIn.begin', { body: {} });
    const credential = authenticator.get(options, deviations);
    const call = client.call('accounts.signIn.finish', { params: { ceremonyId }, body: { credential } });
    expect(await codeOf(call)).toBe('ceremony_failed');
    expect(client.token).toBeUndefined();
  });

  it('answers a passkey that it does not know like one that fails', async () => {
    const known = await newAccount(server, freshName());
    const stranger = new Authenticator(server.url);
    stranger.create({ challenge: 'x', rp: { id: 'localhost' }, user: { id: base64url(random(16)) } });
    const client = new Client(server.url);
    const answers = [];
    for (const authenticator of [stranger, known.authenticator]) {
      const { ceremonyId, options } = await client.call('accounts.signIn.begin', { body: {} });
      const credential = authenticator.get(options, { challenge: 'another' });
      const { status, text } = await client.answer('accounts.signIn.finish', {
        params: { ceremonyId },
        body: { credential },
      });
      answers.push({ status, text });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toEqual({ status: 400, text: '{"code":"ceremony_failed"}' });
  });

  it('refuses a counter that does not rise, and one ceremony twice', async () => {
    const authenticator = new Authenticator(server.url, { counting: true });
    await newAccount(server, freshName(), authenticator);
    await signIn(server, authenticator);
    const client = new Client(server.url);
    const attempt = async (counter: number) => {
      const { ceremonyId, options } = await client.call('accounts.signIn.begin', { body: {} });
      const body = { credential: authenticator.get(options, { counter }) };
      return codeOf(client.call('accounts.signIn.finish', { params: { ceremonyId }, body }));
    };
    expect(await attempt(2)).toBe('ceremony_failed');
    expect(await attempt(0)).toBe('ceremony_failed');
    expect(await attempt(9)).toBe('no refusal');
    expect((await Promise.all([attempt(10), attempt(10), attempt(10)])).sort()).toEqual([
      'ceremony_failed',
      'ceremony_failed',
      'no refusal',
    ]);
  });
});
