import { closeCodes } from '@accord/protocol/socket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, codeOf } from '../client.ts';
import { talking } from '../delivery/talk.ts';
import { freshName, type Member, newMember, proveAge, signIn } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

const minute = 60_000;
const hour = 60 * minute;
let ahead = 0;
const clock = () => Date.now() + ahead;

const talks = async (client: Client) =>
  (await codeOf(client.call('presence.profile.read', {}))) === 'no refusal';
const touch = (client: Client) => client.call('gate.touch', { body: {} });

/** Shows a passkey again within a session. */
async function check(client: Client, { authenticator }: Pick<Member, 'authenticator'>) {
  const { ceremonyId, options } = await client.call('accounts.checks.begin', { body: {} });
  const credential = authenticator.get(options);
  return client.call('accounts.checks.finish', { params: { ceremonyId }, body: { credential } });
}

describe('in France', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ clock, env: { ACCORD_AGE_METHODS: 'test', ACCORD_AGE_POLICY: 'fr' } });
  });
  afterAll(() => server.close());

  it('holds what comes while the proof is due, and hands all of it over once it is shown again', async () => {
    const { ada, blaise, groupId, members } = await talking(server);
    const wire = await blaise.arrive();
    ahead += 61 * minute;
    await proveAge(ada.client);
    server.platform.bus.publish('notice', {
      accountIds: members.map(({ id }) => id),
      notice: { kind: 'proof_required' },
    });
    expect(await wire.ended).toEqual({ code: closeCodes.proofRequired });
    expect(wire.notices).toEqual([{ kind: 'proof_required' }]);
    const from = await ada.arrive();
    const sent: Uint8Array[] = [];
    for (let i = 0; i < 3; i += 1) {
      const message = await ada.message(groupId);
      expect(await from.send(message)).toMatchObject({ type: 'sent' });
      sent.push(message.body);
    }
    expect(from.notices).toEqual([]);
    await from.close();
    const { client } = blaise;
    expect(await codeOf(client.call('delivery.inbox.list', {}))).toBe('proof_required');
    expect((await client.call('accounts.me', {})).adult).toBeNull();
    const { adult, open, terms } = await client.call('gate.read', {});
    expect([adult === null, open, terms.reopen]).toEqual([false, false, 'proof']);
    await proveAge(client);
    const again = await blaise.arrive();
    await again.until(({ items }) => items.length >= 3);
    const came = again.items.filter((item) => item.kind === 'message').map((item) => Buffer.from(item.body));
    expect(came).toEqual(sent.map((body) => Buffer.from(body)));
    await again.close();
  });

  it('asks for a proof in each session, and after an hour without a touch; a passkey is none', async () => {
    const member = await newMember(server, freshName());
    const { client } = member;
    const other = await signIn(server, member.authenticator, member.device);
    expect(other.reply.me.adult).toBeNull();
    expect([await talks(client), await talks(other.client)]).toEqual([true, false]);
    expect(await codeOf(touch(other.client))).toBe('proof_required');
    expect(await touch(client)).toEqual({ again: 300 });
    ahead += 50 * minute;
    await touch(client);
    ahead += 50 * minute;
    expect(await talks(client)).toBe(true);
    ahead += 10 * minute;
    expect(await talks(client)).toBe(false);
    expect(await codeOf(touch(client))).toBe('proof_required');
    expect((await check(client, member)).adult).toBeNull();
    expect(await talks(client)).toBe(false);
    await proveAge(client);
    expect(await talks(client)).toBe(true);
  });
});

describe('in the EU', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ clock, env: { ACCORD_AGE_METHODS: 'test', ACCORD_AGE_POLICY: 'eu' } });
  });
  afterAll(() => server.close());

  it('a passkey opens talk to a session, for twelve hours, and shown again for twelve more', async () => {
    const member = await newMember(server, freshName());
    const { client } = member;
    expect(await touch(client)).toEqual({ again: null });
    const other = await signIn(server, member.authenticator, member.device);
    expect(await talks(other.client)).toBe(true);
    ahead += 12 * hour;
    expect([await talks(client), await talks(other.client)]).toEqual([false, false]);
    expect((await client.call('gate.read', {})).terms.reopen).toBe('passkey');
    expect((await check(client, member)).adult).not.toBeNull();
    expect([await talks(client), await talks(other.client)]).toEqual([true, false]);
  });

  it('only one’s own passkey opens one’s own session, once', async () => {
    const [one, other] = [await newMember(server, freshName()), await newMember(server, freshName())];
    ahead += 12 * hour;
    expect(await codeOf(check(one.client, other))).toBe('ceremony_failed');
    const { ceremonyId, options } = await other.client.call('accounts.checks.begin', { body: {} });
    const body = { credential: other.authenticator.get(options) };
    const params = { ceremonyId };
    expect(await codeOf(one.client.call('accounts.checks.finish', { params, body }))).toBe('ceremony_failed');
    expect(await codeOf(other.client.call('accounts.checks.finish', { params, body }))).toBe(
      'ceremony_failed',
    );
    expect([await talks(one.client), await talks(other.client)]).toEqual([false, false]);
  });
});

describe('the practice statement', () => {
  it('is published to anybody, from the settings that hold', async () => {
    const env = { ACCORD_AGE_METHODS: 'test', ACCORD_AGE_POLICY: 'fr,uk', ACCORD_AGE_IDLE_MINUTES: '30' };
    await using server = await startServer({ clock, env });
    const answer = await fetch(`${server.url}/api/gate/statement`);
    expect(await answer.json()).toMatchObject({
      jurisdictions: ['fr', 'uk'],
      version: 'fr/1+uk/1',
      terms: { reopen: 'proof', idleMinutes: 30, openHours: 12, days: 30 },
      asks: { methods: 2, doubleBlind: true, estimates: false, reopen: 'proof' },
      methods: [{ id: 'test', kind: 'test' }],
      listUntil: null,
      listGraceDays: 7,
    });
  });

  it('says what the law asks for beside what the operator chose instead', async () => {
    const env = { ACCORD_AGE_METHODS: 'test', ACCORD_AGE_POLICY: 'fr', ACCORD_AGE_REOPEN: 'passkey' };
    await using server = await startServer({ clock, env });
    const answer = await fetch(`${server.url}/api/gate/statement`);
    expect(await answer.json()).toMatchObject({
      terms: { reopen: 'passkey' },
      asks: { reopen: 'proof' },
    });
  });
});
