import type { Body, Query } from '@accord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccounts } from '../../src/accounts/index.ts';
import { createGate } from '../../src/gate/index.ts';
import { createPresence, type Presence } from '../../src/presence/index.ts';
import { pageSize } from '../../src/presence/people.ts';
import { codeOf } from '../client.ts';
import { freshName, type Member, newAccount, newMember } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

let server: TestServer;
let presence: Presence;
let now = Date.parse('2026-11-23T12:00:00Z');
const hour = 3_600_000;

beforeAll(async () => {
  server = await startServer({ clock: () => now });
  presence = presenceOf(server);
});
afterAll(() => server.close());

/** The part of presence that the socket layer calls, on the server's own database and clock. */
function presenceOf({ platform }: TestServer): Presence {
  const gate = createGate(platform);
  const accounts = createAccounts(platform, gate);
  const conversations = {
    openConversation: () => Promise.reject(new Error('not asked for here')),
    findOpenConversation: () => Promise.reject(new Error('not asked for here')),
  };
  return createPresence(platform, { accounts, gate, conversations });
}

const profile = (change: Partial<Body<'presence.profile.write'>> = {}): Body<'presence.profile.write'> => ({
  about: '',
  languages: [],
  seeking: [],
  showOnline: true,
  listed: true,
  ...change,
});
const write = (member: Member, change: Partial<Body<'presence.profile.write'>>) =>
  member.client.call('presence.profile.write', { body: profile(change) });
const search = async (viewer: Member, query: Query<'presence.people.list'>) =>
  (await viewer.client.call('presence.people.list', { query })).people.map((person) => person.id);

describe('a profile', () => {
  it('begins empty and listed, and is kept as written', async () => {
    const member = await newMember(server, freshName());
    expect(await member.client.call('presence.profile.read', {})).toEqual(profile());
    const written = profile({
      about: 'J’aime la mer.\nEt le vent.',
      languages: ['fr', 'en'],
      seeking: ['talk', 'friendship'],
      showOnline: false,
      listed: false,
    });
    expect(await write(member, { ...written, languages: ['fr', 'en', 'fr'] })).toEqual(written);
    expect(await member.client.call('presence.profile.read', {})).toEqual(written);
  });

  it('holds no time of somebody who hides whether they are here', async () => {
    const member = await newMember(server, freshName());
    await presence.seen([member.id]);
    await write(member, { showOnline: false });
    await presence.seen([member.id]);
    await presence.left(member.id);
    const row = await server.platform.db
      .selectFrom('profile')
      .select('online_until')
      .where('account_id', '=', member.id)
      .executeTakeFirst();
    expect(row).toEqual({ online_until: null });
  });
});

describe('who is here', () => {
  it('shows while a socket is open and a little after, and not to those from whom it is hidden', async () => {
    const [one, other] = [await newMember(server, freshName()), await newMember(server, freshName())];
    const online = async () =>
      (await other.client.call('presence.people.read', { params: { accountId: one.id } })).online;
    expect(await online()).toBe(false);
    await presence.seen([one.id, other.id]);
    expect(await online()).toBe(true);
    now += 89_999;
    expect(await online()).toBe(true);
    now += 1;
    expect(await online()).toBe(false);
    await presence.seen([one.id]);
    await presence.left(one.id);
    expect(await online()).toBe(false);
    await write(one, { showOnline: false });
    expect(await online()).toBe(null);
    await write(one, { showOnline: true });
    expect(await online()).toBe(true);
  });

  it('is kept by two processes at once without one stopping the other', async () => {
    const members = [];
    for (let i = 0; i < 4; i += 1) members.push(await newAccount(server, freshName()));
    const ids = members.map((member) => member.id);
    const rounds = Array.from({ length: 30 }, (_, i) =>
      presence.seen(i % 2 === 0 ? ids : [...ids].reverse()),
    );
    await Promise.all([...rounds, ...ids.map((id) => presence.left(id))]);
    await presence.seen([]);
  });
});

describe('search', () => {
  it('finds words anywhere in a name or a profile, in any case and without accents', async () => {
    const viewer = await newMember(server, freshName());
    const tag = freshName();
    const member = await newMember(server, `${tag}Zoé`);
    await write(member, { about: `Le café du Nord, 100 % vent. ΟΔΥΣΣΕΥΣ` });
    for (const words of [
      '',
      'zoe',
      'CAFÉ',
      'cafe nord',
      'nord café',
      '100 %',
      'οδυσσευς',
      `${tag}zoe vent`,
    ]) {
      expect(await search(viewer, { words: `${tag} ${words}` }), words).toEqual([member.id]);
    }
    for (const words of ['sud', 'cafe sud', '1000', '_', 'zoé\\', "'; drop table profile; --"]) {
      expect(await search(viewer, { words: `${tag} ${words}` }), words).toEqual([]);
    }
  });

  it('filters by language, by what is looked for and by who is here, together', async () => {
    const viewer = await newMember(server, freshName());
    const tag = freshName();
    const one = await newMember(server, `${tag}a`);
    const two = await newMember(server, `${tag}b`);
    await write(one, { languages: ['fr', 'de'], seeking: ['dating'], about: tag });
    await write(two, { languages: ['en'], seeking: ['dating', 'play'], about: tag });
    await presence.left(one.id);
    expect(new Set(await search(viewer, { words: tag }))).toEqual(new Set([one.id, two.id]));
    expect(await search(viewer, { words: tag, language: 'de' })).toEqual([one.id]);
    expect(await search(viewer, { words: tag, seeking: 'play' })).toEqual([two.id]);
    expect(await search(viewer, { words: tag, seeking: 'play', language: 'fr' })).toEqual([]);
    expect(await search(viewer, { words: tag, online: 'true' })).toEqual([two.id]);
    expect(await search(viewer, { words: tag })).toEqual([two.id, one.id]);
  });

  it('leaves out oneself, the unlisted, the unproved and those one blocked', async () => {
    const viewer = await newMember(server, freshName());
    const tag = freshName();
    const [hidden, blocked, seen] = [
      await newMember(server, `${tag}a`),
      await newMember(server, `${tag}b`),
      await newMember(server, `${tag}c`),
    ];
    const unproved = await newAccount(server, `${tag}d`);
    await write(viewer, { about: tag });
    await write(hidden, { listed: false });
    await viewer.client.call('accounts.blocks.add', { body: { accountId: blocked.id } });
    expect(await search(viewer, { words: tag })).toEqual([seen.id]);
    const read = (accountId: string) =>
      codeOf(viewer.client.call('presence.people.read', { params: { accountId } }));
    expect(await read(hidden.id)).toBe('no refusal');
    for (const id of [viewer.id, unproved.id, crypto.randomUUID()]) expect(await read(id)).toBe('not_found');
    const { blocks } = await viewer.client.call('accounts.blocks.list', {});
    expect(blocks).toEqual([{ accountId: blocked.id, pseudonym: blocked.pseudonym, since: now }]);
    await viewer.client.call('accounts.blocks.remove', { params: { accountId: blocked.id } });
    expect(new Set(await search(viewer, { words: tag }))).toEqual(new Set([seen.id, blocked.id]));
  });

  it('shows everybody once over all pages, also when those who are here are seen again meanwhile', async () => {
    const viewer = await newMember(server, freshName());
    const tag = freshName();
    const ids = await crowd(server, tag, 2 * pageSize + 5);
    const here = ids.slice(0, pageSize + 3);
    await presence.seen(here);
    const shown: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const query = { words: tag, ...(after !== undefined && { after }) };
      const { people, next } = await viewer.client.call('presence.people.list', { query });
      shown.push(...people.map((person) => person.id));
      after = next ?? undefined;
      pages += 1;
      now += 1000;
      await presence.seen(here);
    } while (after !== undefined);
    expect(pages).toBe(3);
    expect(shown).toHaveLength(ids.length);
    expect(new Set(shown)).toEqual(new Set(ids));
    expect(new Set(shown.slice(0, here.length))).toEqual(new Set(here));
  });

  it.each(['x', 'here', `here.${'g'.repeat(36)}`, `2026-11-23.${'-'.repeat(36)}`, "here.' or 1=1"])(
    'refuses the cursor %j',
    async (after) => {
      const viewer = await newMember(server, freshName());
      const call = viewer.client.call('presence.people.list', { query: { after } });
      expect(await codeOf(call)).toBe('invalid_input');
    },
  );
});

/** Members without keys of their own, for lists that are long. */
async function crowd({ platform: { db } }: TestServer, tag: string, size: number): Promise<string[]> {
  const ids = Array.from({ length: size }, () => crypto.randomUUID());
  const bytes = (length: number) => Buffer.alloc(length, 1);
  await db
    .insertInto('account')
    .values(
      ids.map((id, i) => ({
        id,
        pseudonym: `${tag}${i}`,
        pseudonym_key: `${tag}${id}`,
        identity_public_key: bytes(32),
        box_public_key: bytes(1216),
        box_signature: bytes(64),
        created_at: new Date(now),
      })),
    )
    .execute();
  await db
    .insertInto('profile')
    .values(ids.map((id) => ({ account_id: id, search_text: tag, online_until: null })))
    .execute();
  await db
    .insertInto('adult')
    .values(
      ids.map((id) => ({
        account_id: id,
        until: '2027-01-01',
        method: 'test',
        policy: 'test/1',
        verified_on: '2026-11-23',
      })),
    )
    .execute();
  return ids;
}

describe('a report', () => {
  it('is kept with what its author chose to tell, about somebody who exists', async () => {
    const [by, about] = [await newMember(server, freshName()), await newMember(server, freshName())];
    const body = { about: about.id, reason: 'harassment' as const, words: 'They keep writing.' };
    const { reportId } = await by.client.call('presence.reports.create', { body });
    const rows = await server.platform.db
      .selectFrom('report')
      .selectAll()
      .where('id', '=', reportId)
      .execute();
    expect(rows).toEqual([
      {
        id: reportId,
        by_id: by.id,
        about_id: about.id,
        reason: 'harassment',
        words: body.words,
        created_at: new Date(now),
        closed_at: null,
      },
    ]);
    for (const id of [by.id, crypto.randomUUID()]) {
      const call = by.client.call('presence.reports.create', { body: { ...body, about: id } });
      expect(await codeOf(call)).toBe('not_found');
    }
    await about.client.call('accounts.delete', {});
    const after = await server.platform.db
      .selectFrom('report')
      .select(['about_id', 'words'])
      .where('id', '=', reportId)
      .execute();
    expect(after).toEqual([{ about_id: null, words: body.words }]);
  });
});

describe('limits', () => {
  it('slow down strangers and searchers, and say for how long', async () => {
    await using limited = await startServer({ env: { ACCORD_RATE_LIMITS: 'true' }, clock: () => now });
    const member = await newMember(limited, freshName());
    let answer = await member.client.answer('presence.people.list');
    for (let i = 0; i < 80 && answer.status === 200; i += 1) {
      answer = await member.client.answer('presence.people.list');
    }
    expect(answer.status).toBe(429);
    expect(answer.text).toMatch(/^{"code":"slow_down","retryAfter":\d+}$/);
    expect(answer.headers.get('retry-after')).toBe('1');
    {
      // Another process on the same database, and a restart.
      await using another = await startServer({
        env: { ACCORD_RATE_LIMITS: 'true' },
        clock: () => now,
        database: limited.database,
      });
      const again = await another.app.inject({
        url: '/api/presence/people',
        headers: { cookie: `accord_session=${member.client.token}` },
      });
      expect(again.statusCode).toBe(429);
    }
    now += hour;
    let begun = await member.client.answer('accounts.signIn.begin', { body: {} });
    for (let i = 0; i < 60 && begun.status === 200; i += 1) {
      begun = await member.client.answer('accounts.signIn.begin', { body: {} });
    }
    expect(begun.text).toMatch(/^{"code":"slow_down"/);
  });
});
