import { openBox, sealToBox } from '@accord/group-crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccounts } from '../../src/accounts/index.ts';
import { createGate } from '../../src/gate/index.ts';
import type { BusEvents } from '../../src/platform/bus.ts';
import { createPresence } from '../../src/presence/index.ts';
import { Client, codeOf } from '../client.ts';
import { base64url, freshName, type Member, newAccount, newMember, random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

let server: TestServer;
/** A second process on the same database. */
let twin: TestServer;
let now = Date.parse('2026-11-23T12:00:00Z');
const hour = 3_600_000;

beforeAll(async () => {
  const clock = () => now;
  const env = { ACCORD_REQUESTS_PER_DAY: '3' };
  server = await startServer({ clock, env });
  twin = await startServer({ clock, env, database: server.database });
});
afterAll(async () => {
  await twin.close();
  await server.close();
});

const fromBase64url = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
const line = () => base64url(random(64));
const ask = (from: Member, to: { readonly id: string }, sealedLine = line()) =>
  from.client.call('presence.requests.create', { body: { to: to.id, sealedLine } });
const accept = (member: Member, requestId: string) =>
  member.client.call('presence.requests.accept', { params: { requestId }, body: {} });
const hide = (member: Member, requestId: string) =>
  member.client.call('presence.requests.hide', { params: { requestId }, body: {} });
const requests = (member: Member) => member.client.call('presence.requests.list', {});
const block = (member: Member, other: Member) =>
  member.client.call('accounts.blocks.add', { body: { accountId: other.id } });
const pair = async () =>
  [await newMember(server, freshName()), await newMember(server, freshName())] as const;

/** The same person at the other process. */
function atTwin(member: Member): Member {
  return { ...member, client: new Client(twin.url, member.client.token) };
}

async function notices(work: () => Promise<unknown>): Promise<BusEvents['notice'][]> {
  const told: BusEvents['notice'][] = [];
  const stop = server.platform.bus.subscribe('notice', (event) => told.push(event));
  await work();
  stop();
  return told;
}

const conversationsOf = async (member: Member) =>
  (await member.client.call('delivery.conversations.list', {})).conversations;

describe('a request to talk', () => {
  it('carries a line that only the other can read, and opens a conversation when accepted', async () => {
    const [ada, ben] = await pair();
    const person = await ada.client.call('presence.people.read', { params: { accountId: ben.id } });
    const context = new TextEncoder().encode(`${ada.id} ${ben.id}`);
    const words = new TextEncoder().encode('Bonjour, on parle de la mer ?');
    const sealed = await sealToBox(fromBase64url(person.boxPublicKey), words, context);
    const sent = await ask(ada, ben, base64url(sealed));
    expect(sent).toMatchObject({
      from: { id: ada.id },
      to: { id: ben.id },
      createdAt: now,
      lapsesAt: now + 72 * hour,
    });

    const { incoming, outgoing } = await requests(ben);
    expect(outgoing).toEqual([]);
    expect(incoming.map((request) => request.id)).toEqual([sent.id]);
    const received = fromBase64url(incoming[0]?.sealedLine ?? '');
    expect(await openBox(ben.identity.privateKey, received, context)).toEqual(words);
    expect((await requests(ada)).outgoing).toEqual([sent]);

    const { conversationId } = await accept(ben, sent.id);
    for (const member of [ada, ben]) {
      expect((await conversationsOf(member)).map((conversation) => conversation.id)).toEqual([
        conversationId,
      ]);
      const { incoming, outgoing } = await requests(member);
      expect([...incoming, ...outgoing]).toEqual([]);
    }
    expect(await accept(ben, sent.id)).toEqual({ conversationId });
  });

  it('waits once in each direction: asking again answers alike and costs nothing', async () => {
    const [ada, ben] = await pair();
    const sent = await ask(ada, ben);
    expect(await ask(ada, ben)).toEqual(sent);
    const { leftToday, outgoing } = await requests(ada);
    expect(leftToday).toBe(2);
    expect(outgoing).toEqual([sent]);
  });

  it('that crosses another is shown on both sides; either yes answers both', async () => {
    const [ada, ben] = await pair();
    const [hers, his] = [await ask(ada, ben), await ask(ben, ada)];
    for (const [member, incoming, outgoing] of [
      [ada, his, hers],
      [ben, hers, his],
    ] as const) {
      const list = await requests(member);
      expect(list.incoming.map((request) => request.id)).toEqual([incoming.id]);
      expect(list.outgoing.map((request) => request.id)).toEqual([outgoing.id]);
    }
    const { conversationId } = await accept(ada, his.id);
    expect(await accept(ben, hers.id)).toEqual({ conversationId });
  });

  it('opens one conversation however many accept at once, at two processes', async () => {
    for (let round = 0; round < 3; round += 1) {
      const [ada, ben] = await pair();
      const [hers, his] = [await ask(ada, ben), await ask(ben, ada)];
      const [adaThere, benThere] = [atTwin(ada), atTwin(ben)];
      const opened = await Promise.all([
        accept(ada, his.id),
        accept(ben, hers.id),
        accept(adaThere, his.id),
        accept(benThere, hers.id),
        accept(ada, his.id),
        accept(benThere, hers.id),
      ]);
      expect(new Set(opened.map(({ conversationId }) => conversationId)).size).toBe(1);
      expect(await conversationsOf(ada)).toHaveLength(1);
    }
  });

  it('lapses after 72 hours, and may be made again', async () => {
    const [ada, ben] = await pair();
    const sent = await ask(ada, ben);
    now += 72 * hour - 1;
    const [a, b] = [await again(ada), await again(ben)];
    expect((await requests(b)).incoming).toHaveLength(1);
    now += 1;
    expect((await requests(b)).incoming).toEqual([]);
    expect((await requests(a)).outgoing).toEqual([]);
    expect(await codeOf(accept(b, sent.id))).toBe('not_found');
    expect(await codeOf(hide(b, sent.id))).toBe('not_found');
    expect((await ask(a, b)).id).not.toBe(sent.id);
  });

  it('is nobody else’s to see, accept or hide', async () => {
    const [ada, ben] = await pair();
    const eve = await newMember(server, freshName());
    const sent = await ask(ada, ben);
    for (const member of [ada, eve]) {
      for (const route of ['presence.requests.accept', 'presence.requests.hide'] as const) {
        const foreign = await member.client.answer(route, { params: { requestId: sent.id }, body: {} });
        const absent = await member.client.answer(route, {
          params: { requestId: crypto.randomUUID() },
          body: {},
        });
        expect([foreign.status, foreign.text]).toEqual([absent.status, absent.text]);
        expect(foreign.text).toBe('{"code":"not_found"}');
      }
    }
    expect((await requests(eve)).incoming).toEqual([]);
  });

  it('that is hidden looks to the other as if it waited', async () => {
    const [ada, ben] = await pair();
    const sent = await ask(ada, ben);
    const before = await requests(ada);
    await hide(ben, sent.id);
    await hide(ben, sent.id);
    expect((await requests(ben)).incoming).toEqual([]);
    expect(await requests(ada)).toEqual(before);
    expect(await ask(ada, ben)).toEqual(sent);
    expect(await codeOf(accept(ben, sent.id))).toBe('not_found');
  });

  it('reaches nobody who is oneself, absent, unproved or blocked', async () => {
    const [ada, ben] = await pair();
    const unproved = await newAccount(server, freshName());
    await block(ada, ben);
    const answers = [];
    for (const id of [ada.id, crypto.randomUUID(), unproved.id, ben.id]) {
      const body = { to: id, sealedLine: line() };
      const { status, text } = await ada.client.answer('presence.requests.create', { body });
      answers.push(`${status} ${text}`);
    }
    expect(new Set(answers)).toEqual(new Set(['404 {"code":"not_found"}']));
    expect((await requests(ada)).leftToday).toBe(3);
  });

  it('is not to be accepted from somebody one blocked or whose proof is gone', async () => {
    const [ada, ben] = await pair();
    const sent = await ask(ada, ben);
    await block(ben, ada);
    expect((await requests(ben)).incoming).toEqual([]);
    expect(await codeOf(accept(ben, sent.id))).toBe('not_found');
    await ben.client.call('accounts.blocks.remove', { params: { accountId: ada.id } });
    await server.platform.db.deleteFrom('adult').where('account_id', '=', ada.id).execute();
    expect((await requests(ben)).incoming).toEqual([]);
    expect(await codeOf(accept(ben, sent.id))).toBe('not_found');
  });
});

/** A sign of life after the clock has moved: the session slides. */
async function again(member: Member): Promise<Member> {
  await member.client.call('accounts.me', {});
  return member;
}

describe('the limit of a day', () => {
  it('holds however many come at once, at two processes, and frees itself', async () => {
    const ada = await newMember(server, freshName());
    const others = [];
    for (let i = 0; i < 9; i += 1) others.push(await newAccount(server, freshName()));
    for (const other of others) {
      await server.platform.db
        .insertInto('adult')
        .values({
          account_id: other.id,
          until: '2027-01-01',
          method: 'test',
          policy: 'test/1',
          verified_on: '2026-11-23',
        })
        .execute();
    }
    const there = atTwin(ada);
    // Connections that are open already let the requests meet.
    await Promise.all(others.map((_, i) => requests(i % 2 === 0 ? ada : there)));
    const ends = await Promise.all(others.map((other, i) => codeOf(ask(i % 2 === 0 ? ada : there, other))));
    expect(ends.filter((end) => end === 'no refusal')).toHaveLength(3);
    expect(ends.filter((end) => end === 'requests_used_up')).toHaveLength(6);
    expect((await requests(ada)).leftToday).toBe(0);

    const left = others[ends.indexOf('requests_used_up')] ?? ada;
    now += hour;
    const body = { to: left.id, sealedLine: line() };
    const refused = await ada.client.answer('presence.requests.create', { body });
    expect(refused.text).toBe(`{"code":"requests_used_up","retryAfter":${23 * 3600}}`);
    now += 23 * hour;
    expect((await requests(ada)).leftToday).toBe(3);
    expect(await codeOf(ask(ada, left))).toBe('no refusal');
  });
});

describe('somebody who was blocked', () => {
  /** Everything that `viewer` can ask about `other`, byte for byte, with what names the two taken out. */
  async function view(viewer: Member, other: Member): Promise<string[]> {
    const plain = (text: string) =>
      [other.id, other.pseudonym, other.boxPublicKey, base64url(other.identity.publicKey)]
        .reduce((out, secret) => out.replaceAll(secret, '~'), text)
        .replaceAll(/"boxSignature":"[\w-]{86}"/g, '"boxSignature":"~"')
        .replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id":"-"');
    const answers = [
      await viewer.client.answer('presence.people.read', { params: { accountId: other.id } }),
      await viewer.client.answer('presence.people.list', { query: { words: other.pseudonym } }),
      await viewer.client.answer('presence.people.list', {
        query: { words: other.pseudonym, online: 'true' },
      }),
      await viewer.client.answer('presence.requests.create', { body: { to: other.id, sealedLine: 'AAAA' } }),
      await viewer.client.answer('presence.requests.create', { body: { to: other.id, sealedLine: 'BBBB' } }),
      await viewer.client.answer('presence.requests.list'),
      await viewer.client.answer('accounts.blocks.list'),
      await viewer.client.answer('delivery.conversations.list'),
    ];
    return answers.map(
      ({ status, text, headers }) => `${status} ${[...headers.keys()].sort()} ${plain(text)}`,
    );
  }

  it('cannot tell: every answer is that of somebody who hides whether they are here', async () => {
    const [ada, blocker] = await pair();
    const [eva, hiding] = await pair();
    const write = (member: Member, showOnline: boolean) =>
      member.client.call('presence.profile.write', {
        body: { about: 'La mer.', languages: ['fr'], seeking: ['talk'], showOnline, listed: true },
      });
    await write(blocker, true);
    await write(hiding, false);
    await block(blocker, ada);

    const told = await notices(async () => {
      expect(await view(ada, blocker)).toEqual(await view(eva, hiding).then((seen) => swap(seen, eva, ada)));
    });
    const forBlocker = told.filter((event) => event.accountIds?.includes(blocker.id));
    expect(forBlocker).toEqual([]);
    expect(told.some((event) => event.accountIds?.includes(hiding.id))).toBe(true);

    expect((await requests(blocker)).incoming).toEqual([]);
    expect((await requests(hiding)).incoming).toHaveLength(1);
    now += 72 * hour;
    await again(ada);
    await again(eva);
    expect((await requests(ada)).outgoing).toEqual((await requests(eva)).outgoing);
  });

  /** The control's answers with the viewer's own name and keys in place of the control viewer's. */
  function swap(answers: string[], from: Member, to: Member): string[] {
    const pairs: [string, string][] = [
      [from.id, to.id],
      [from.pseudonym, to.pseudonym],
      [from.boxPublicKey, to.boxPublicKey],
      [base64url(from.identity.publicKey), base64url(to.identity.publicKey)],
    ];
    return answers.map((answer) => pairs.reduce((out, [one, other]) => out.replaceAll(one, other), answer));
  }

  it('sees an earlier request of the blocker wait, and may accept it like any other', async () => {
    const [ada, blocker] = await pair();
    const sent = await ask(blocker, ada);
    await block(blocker, ada);
    expect((await requests(ada)).incoming.map((request) => request.id)).toEqual([sent.id]);
    const told = await notices(() => accept(ada, sent.id));
    expect(told.flatMap((event) => event.accountIds ?? [])).not.toContain(blocker.id);
    expect(await conversationsOf(ada)).toHaveLength(1);
  });

  it('is found again by whoever takes the block back, with the request that still waits', async () => {
    const [ada, blocker] = await pair();
    await block(blocker, ada);
    await block(blocker, ada);
    const sent = await ask(ada, blocker);
    expect((await requests(blocker)).incoming).toEqual([]);
    await blocker.client.call('accounts.blocks.remove', { params: { accountId: ada.id } });
    expect((await requests(blocker)).incoming.map((request) => request.id)).toEqual([sent.id]);
  });

  it('is somebody who exists, and not oneself', async () => {
    const member = await newMember(server, freshName());
    for (const accountId of [member.id, crypto.randomUUID()]) {
      expect(await codeOf(member.client.call('accounts.blocks.add', { body: { accountId } }))).toBe(
        'not_found',
      );
    }
  });
});

describe('housekeeping', () => {
  it('leaves no request that lapsed, and every one that waits', async () => {
    const [ada, ben] = await pair();
    await ask(ada, ben);
    now += 72 * hour;
    const sent = await ask(await again(ben), ada);
    const gate = createGate(server.platform);
    const accounts = createAccounts(server.platform, gate);
    const conversations = {
      openConversation: () => Promise.reject(new Error('not asked for here')),
      findOpenConversation: () => Promise.reject(new Error('not asked for here')),
    };
    for (const purge of createPresence(server.platform, { accounts, gate, conversations }).purges) {
      expect(await purge.run(now)).toBeGreaterThan(0);
    }
    const left = await server.platform.db.selectFrom('talk_request').select('id').execute();
    expect(left).toContainEqual({ id: sent.id });
    expect((await requests(ada)).incoming.map((request) => request.id)).toEqual([sent.id]);
  });
});
