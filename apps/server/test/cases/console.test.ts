import { type Capability, can, staffRoles } from '@accord/case-model';
import { turned } from '@accord/perceptual';
import { type Query, type Route, routes } from '@accord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { near } from '../matching/pictures.ts';
import { accept, friends, policy, sealed, upload } from '../media/studio.ts';
import { base64url, type Member, random } from '../people.ts';
import { bodies, uuid, type WithBody } from '../samples.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';

let server: TestServer;
let mod: Member;
let now = Date.UTC(2026, 9, 24, 10);
const hour = 3_600_000;

beforeAll(async () => {
  server = await startServer({ clock: () => now });
  mod = await newStaff(server, 'moderator');
});
afterAll(() => server.close());

const asked = (hash: Uint8Array, q = 90) => [
  { h: base64url(hash), q, parts: '', regions: '', source: false },
];
const list = (by: Member, query: NonNullable<Query<'cases.list'>>) => by.client.call('cases.list', { query });

describe('each role', () => {
  const staff = Object.entries(routes as Record<string, Route>).filter(
    ([, { access }]) => access === 'staff',
  );

  it.each(staffRoles)('%s reaches exactly the routes that it has the capability for', async (role) => {
    const { client } = await newStaff(server, role);
    for (const [name, route] of staff) {
      const ids = [...route.path.matchAll(/:(\w+)/g)].map(([, id = '']) => [id, uuid()]);
      const body = name in bodies ? bodies[name as WithBody]() : undefined;
      // With a query that no route takes: who is let through is told so, and nothing is done.
      const answer = await client.answer(name as 'cases.list', {
        params: Object.fromEntries(ids),
        query: { nonsense: '1' },
        ...(body !== undefined && { body: { nonsense: true } }),
      });
      const through = can([role], route.may as Capability);
      const expected = through ? /^(200|400)$/ : /^404$/;
      const known = ids.length > 0 && body === undefined ? /^(200|400|404)$/ : expected;
      expect(String(answer.status), `${role} ${name}`).toMatch(through ? known : expected);
    }
  });
});

describe('the queue', () => {
  it('is filtered by where a case stands, by hours left and by what waits, and finds a number', async () => {
    const first = await file(server, { pictures: [] });
    const incomplete = await file(server, {
      pictures: [],
      signature: '',
      contact: '',
      goodFaith: false,
      capacity: null,
    });
    now += 21 * hour;
    const later = await file(server, { pictures: [] });
    const ids = async (query: Query<'cases.list'>) => (await list(mod, query)).cases.map(({ id }) => id);
    expect(await ids({ phase: 'incomplete' })).toEqual([incomplete.caseId]);
    expect(await ids({ within: '4' })).toContain(first.caseId);
    expect(await ids({ within: '4' })).not.toContain(later.caseId);
    expect(await ids({ only: 'unanswered' })).toEqual([]);
    const { desk } = server.running.features.cases;
    await desk.say(await desk.open(later.number, later.pin ?? '', '127.0.0.1'), 'Is it gone?');
    expect(await ids({ only: 'unanswered' })).toEqual([later.caseId]);
    expect(await ids({ number: later.number.toLowerCase() })).toEqual([later.caseId]);
    const { number } = await mod.client.call('cases.read', { params: { caseId: first.caseId } });
    expect(await ids({ number: `#${number}` })).toEqual([first.caseId]);
    expect(await ids({ number: '999999' })).toEqual([]);
    await give(mod, later.caseId, {
      kind: 'ask_approval',
      action: 'reveal_reporter',
      words: 'w',
      ground: null,
      itemId: null,
    });
    expect(await ids({ only: 'proposals' })).toEqual([later.caseId]);
  });

  it('hides a case of child safety behind its number, too', async () => {
    const { number } = await file(server, { minor: 'yes' });
    expect((await list(mod, { number })).cases).toEqual([]);
    const lead = await newStaff(server, 'child_safety');
    expect((await list(lead, { number })).cases).toHaveLength(1);
  });

  it('walks from those with a deadline to those without, each once, and through the closed ones', async () => {
    const closing = await Promise.all(Array.from({ length: 60 }, () => file(server, { pictures: [] })));
    for (const { caseId } of closing) await give(mod, caseId, remove);
    for (const { caseId } of closing.slice(0, 55)) await give(mod, caseId, { kind: 'close' });
    const walk = async (view: 'open' | 'closed') => {
      const seen: (number | null)[] = [];
      const ids = new Set<string>();
      for (let after: string | undefined; ; ) {
        const page = await list(mod, after === undefined ? { view } : { view, after });
        for (const line of page.cases) {
          ids.add(line.id);
          seen.push(view === 'closed' ? line.closedAt : line.dueAt);
        }
        if (page.next === null) return { seen, ids };
        after = page.next;
      }
    };
    const closed = await walk('closed');
    expect(closed.ids.size).toBe(55);
    expect(closed.seen).toHaveLength(55);
    expect(closed.seen).toEqual([...closed.seen].sort((one, other) => (other ?? 0) - (one ?? 0)));
    const open = await walk('open');
    expect(open.ids.size).toBe(open.seen.length);
    const order = open.seen.map((at) => at ?? Number.POSITIVE_INFINITY);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order.at(-1)).toBe(Number.POSITIVE_INFINITY);
    expect(await codeOf(list(mod, { after: 'nonsense' }))).toBe('invalid_input');
  });

  it('shows what each clock has told', async () => {
    const { caseId } = await file(server, { pictures: [], consent: 'never' });
    now += 37 * hour;
    await server.running.features.cases.rounds.round();
    const { alarms, clock, clocks } = await mod.client.call('cases.read', { params: { caseId } });
    expect(clock).toBe('eu-16');
    expect(alarms).toContainEqual({ clock: 'eu-16', hours: 24, breach: true });
    expect(alarms).toContainEqual({ clock: 'us-tida', hours: 36, breach: false });
    expect(clocks.find((one) => one.clock === 'us-tida')?.told).toEqual([24, 36]);
  });
});

describe('the evidence of a match', () => {
  it('names bank, distance and turn of what is near, and how many pictures here are, without a hash', async () => {
    const [sender, receiver] = await friends(server);
    const hash = random(32);
    const one = await sealed();
    await upload(sender.client, one, undefined, near(hash, 12));
    await sender.client.call('media.pictures.create', { body: policy(one, [receiver]) });
    await accept(receiver, one);
    const { banks } = server.running.features.matching;
    await banks.addSignals('DESK', [
      {
        hash: near(turned(hash).flipY, 5),
        quality: 77,
        opinion: { category: 'positive', at: new Date(now) },
      },
    ]);
    const { caseId } = await file(server, { pictures: [...asked(hash), ...asked(random(32), 10)] });
    const { items, complete } = await mod.client.call('cases.matches', { params: { caseId } });
    expect(complete).toBe(true);
    expect(items).toHaveLength(1);
    const own = items[0]?.banked.filter(({ bank }) => bank === 'DESK');
    expect(own).toMatchObject([{ distance: 5, kind: 'whole', turn: 'flipY', quality: 77, ours: true }]);
    expect(items[0]?.registered).toMatchObject([
      { distance: 12, kind: 'whole', turn: 'original', open: true },
    ]);
    expect(JSON.stringify(items)).not.toContain(base64url(hash));
  });
});

describe('a preview', () => {
  it('has the very words that are told afterwards, in both languages, and decides nothing', async () => {
    const [sender, receiver] = await friends(server);
    const hash = random(32);
    const one = await sealed();
    await upload(sender.client, one, undefined, hash);
    await sender.client.call('media.pictures.create', { body: policy(one, [receiver]) });
    const { caseId } = await file(server, { pictures: asked(hash) });
    const params = { caseId };
    const before = await mod.client.call('cases.preview', { params, query: { remove: 'ncii_synthetic' } });
    expect(before.answer.fr).toMatch(/^Nous avons décidé de la retirer\. /);
    expect(before.record).toMatchObject({ decision_ground: 'DECISION_GROUND_ILLEGAL_CONTENT' });
    const no = await mod.client.call('cases.preview', { params, query: { decline: 'agreed' } });
    expect(no).toMatchObject({ statement: null, record: null });
    const view = await give(mod, caseId, remove);
    expect(view.told).toBe(1);
    expect(view.works).toEqual([]);
    const { decisions } = await sender.client.call('cases.mine.list', { query: { language: 'en' } });
    expect(decisions[0]?.statement).toEqual(before.statement?.en);
    const sent = await server.platform.db
      .selectFrom('transparency_statement')
      .select('body')
      .where('case_id', '=', caseId)
      .executeTakeFirstOrThrow();
    expect({ ...sent.body, puid: '' }).toEqual({ ...before.record, puid: '' });
  });
});

describe('what is said', () => {
  it('is shown without name and contact', async () => {
    const { caseId } = await file(server, { consent: 'taken_back', words: 'From a film.' });
    const view = await mod.client.call('cases.read', { params: { caseId } });
    expect(view.reporters[0]?.said).toMatchObject({
      consent: 'taken_back',
      words: 'From a film.',
      minor: 'no',
    });
    expect(JSON.stringify(view)).not.toMatch(/A\. B\.|a@example\.org/);
  });
});

describe('child safety', () => {
  it('keeps what was built for NCMEC, and is filed by hand with a receipt alone', async () => {
    const lead = await newStaff(server, 'child_safety');
    const { caseId } = await file(server, { minor: 'yes' });
    await give(lead, caseId, { kind: 'file_child_safety', incident: 'Child Pornography', words: 'Words.' });
    const built = await lead.client.call('cases.read', { params: { caseId } });
    expect(built.safety?.reports).toMatchObject([{ test: true, receiptId: null }]);
    expect(built.safety?.reports[0]?.xml).toContain('<report');
    expect(built.safety?.receiptId).toBeNull();
    const receipt = { kind: 'filed_child_safety', receiptId: '4711', recipient: 'NCMEC' } as const;
    expect(await codeOf(give(mod, caseId, receipt))).toBe('not_found');
    const filed = await give(lead, caseId, receipt);
    expect(filed.safety).toMatchObject({ receiptId: '4711' });
    expect(filed.safety?.preservedUntil).toBeGreaterThan(now);
  });
});

describe('an account', () => {
  it('is found by its pseudonym by those alone who may see the staff', async () => {
    const admin = await newStaff(server, 'admin');
    const query = { pseudonym: mod.pseudonym };
    expect(await admin.client.call('cases.staff.find', { query })).toEqual({
      accountId: mod.id,
      pseudonym: mod.pseudonym,
    });
    expect(await codeOf(mod.client.call('cases.staff.find', { query }))).toBe('not_found');
    expect(
      await codeOf(admin.client.call('cases.staff.find', { query: { pseudonym: 'nobody.there' } })),
    ).toBe('not_found');
  });
});
