import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, codeOf } from '../client.ts';
import type { Member } from '../people.ts';
import { bodies, bytes, uuid } from '../samples.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';

let server: TestServer;
let mod: Member;
let second: Member;
let now = Date.UTC(2026, 9, 24, 10);
const hour = 3_600_000;

beforeAll(async () => {
  server = await startServer({ clock: () => now });
  [mod, second] = [await newStaff(server, 'moderator'), await newStaff(server, 'second_reviewer')];
});
afterAll(() => server.close());

const desk = () => server.running.features.cases.desk;
const address = '127.0.0.1';

describe('filing', () => {
  it('gives a number, a PIN and a code without an account, and the earliest deadline', async () => {
    const filed = await file(server);
    expect(filed.number).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(filed.pin).toMatch(/^\d{6}$/);
    expect(filed.recoveryCode).toMatch(/^(\w{5}-){3}\w{5}$/);
    expect(filed.missing).toEqual([]);
    expect(filed.dueAt).toBe(now + 24 * hour);
  });

  it('files one request once, however often it is sent, and tells its secrets once', async () => {
    const body = bodies['cases.file']();
    const client = new Client(server.url);
    const answers = await Promise.all(Array.from({ length: 4 }, () => client.call('cases.file', { body })));
    expect(new Set(answers.map(({ number }) => number)).size).toBe(1);
    expect(answers.filter(({ pin }) => pin !== null)).toHaveLength(1);
  });

  it('answers more first requests at once than there are connections', async () => {
    await using fresh = await startServer();
    const filed = await Promise.all(Array.from({ length: 20 }, () => file(fresh, { pictures: [] })));
    expect(new Set(filed.map(({ number }) => number)).size).toBe(20);
  });

  it('keeps what is incomplete and says what it lacks', async () => {
    const filed = await file(server, { signature: '', contact: '', goodFaith: false, capacity: null });
    expect(filed.missing.length).toBeGreaterThan(0);
    const token = await desk().open(filed.number, filed.pin ?? '', address);
    await desk().complete(token, {
      signature: 'A. B.',
      contact: 'a@example.org',
      places: ['https://example.org/2'],
    });
    const { state, events } = await desk().read(token);
    expect(state).toMatchObject({ phase: 'valid', missing: [] });
    expect(events.map(({ type }) => type)).toContain('completed');
  });

  it('stores no name and no contact in an event, and no hash', async () => {
    const h = bytes(32);
    const filed = await file(server, {
      signature: 'Ada Lovelace',
      contact: 'ada@example.org',
      pictures: [{ h, q: 90, parts: '', regions: '', source: false }],
    });
    const { rows } = await server.platform.pool.query<{ all: string }>(
      'select string_agg(entry, chr(10)) as all from case_event where case_id = $1',
      [filed.caseId],
    );
    const hex = Buffer.from(h, 'base64url').toString('hex');
    for (const secret of ['Ada', 'ada@example', h, hex]) expect(rows[0]?.all).not.toContain(secret);
  });
});

describe('following up', () => {
  it('opens with number and PIN however they are typed, and answers one refusal to everything else', async () => {
    const filed = await file(server);
    const { number, pin } = filed as { number: string; pin: string };
    await desk().open(` ${number.toLowerCase().replace('-', ' ')} `, pin, address);
    const wrong = pin === '000000' ? '000001' : '000000';
    expect(await refusal(desk().open(number, wrong, address))).toBe('code_unknown');
    expect(await refusal(desk().open('00000-00000', pin, address))).toBe('code_unknown');
    expect(await refusal(desk().open('', '', address))).toBe('code_unknown');
  });

  it('closes for a while after five wrong PINs, even to the right one, and longer each time', async () => {
    const { number, pin } = (await file(server)) as { number: string; pin: string };
    const wrong = pin === '000000' ? '000001' : '000000';
    for (let i = 0; i < 5; i += 1)
      expect(await refusal(desk().open(number, wrong, address))).toBe('code_unknown');
    expect(await refusal(desk().open(number, pin, address))).toBe('code_unknown');
    now += 14 * 60_000;
    expect(await refusal(desk().open(number, pin, address))).toBe('code_unknown');
    now += 60_001;
    await desk().open(number, pin, address);
  });

  it('counts tries that come at once one after another', async () => {
    const { number, pin } = (await file(server)) as { number: string; pin: string };
    const tries = Array.from({ length: 12 }, (_, i) => String(i).padStart(6, '0')).filter(
      (guess) => guess !== pin,
    );
    await Promise.all(tries.map((guess) => refusal(desk().open(number, guess, address))));
    const row = await server.platform.db
      .selectFrom('case_reporter')
      .select('failures')
      .where('number', '=', number)
      .executeTakeFirstOrThrow();
    expect(row.failures).toBe(5);
  });

  it('gives a new PIN for the printed code, and ends what was open', async () => {
    const { number, pin, recoveryCode } = await file(server);
    const token = await desk().open(number, pin ?? '', address);
    expect(await refusal(desk().recover(number, 'AAAAA-AAAAA-AAAAA-AAAAA', address))).toBe('code_unknown');
    const fresh = await desk().recover(number, recoveryCode?.toLowerCase() ?? '', address);
    expect(await refusal(desk().read(token))).toBe('session_required');
    if (fresh !== pin) expect(await refusal(desk().open(number, pin ?? '', address))).toBe('code_unknown');
    await desk().open(number, fresh, address);
  });

  it('shows messages both ways and no note, no name of the staff', async () => {
    const { number, pin, caseId } = await file(server);
    const token = await desk().open(number, pin ?? '', address);
    await desk().say(token, 'Is it gone?');
    await give(mod, caseId, { kind: 'message', to: 'reporter', words: 'Soon.' });
    await give(mod, caseId, { kind: 'message', to: 'note', words: 'Known troublemaker.' });
    const { events } = await desk().read(token);
    const words = events.flatMap((event) => (event.type === 'message' ? [event.words] : []));
    expect(words).toEqual(['Is it gone?', 'Soon.']);
  });

  it('takes a request back, once', async () => {
    const { number, pin } = await file(server);
    const token = await desk().open(number, pin ?? '', address);
    await desk().withdraw(token);
    expect(await refusal(desk().withdraw(token))).toBe('already_done');
    expect((await desk().read(token)).state.protected).toBe(true);
  });

  it('ends after half an hour', async () => {
    const { number, pin } = await file(server);
    const token = await desk().open(number, pin ?? '', address);
    now += 31 * 60_000;
    expect(await refusal(desk().read(token))).toBe('session_required');
  });
});

describe('the console', () => {
  it('shows the queue by time left, and nothing to those without a role', async () => {
    const { cases } = await mod.client.call('cases.list', { query: {} });
    const due = cases.map(({ dueAt }) => dueAt ?? Number.POSITIVE_INFINITY);
    expect(due).toEqual([...due].sort((a, b) => a - b));
    expect(JSON.stringify(cases)).not.toContain('example.org');
  });

  it('turns pages without losing or doubling a case', async () => {
    await Promise.all(Array.from({ length: 55 }, () => file(server, { pictures: [] })));
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await mod.client.call('cases.list', { query: after === undefined ? {} : { after } });
      seen.push(...page.cases.map(({ id }) => id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    const { n } = (
      await server.platform.pool.query('select count(*)::int as n from desk_case where closed_at is null')
    ).rows[0];
    expect(seen.length).toBe(n);
  });

  it('removes by one person; declining what the law would have removed takes two', async () => {
    const { caseId } = await file(server);
    const decline = { kind: 'decline', ground: 'not_intimate', words: 'w' } as const;
    expect(await codeOf(give(mod, caseId, decline))).toBe('two_people');
    const asked = await give(mod, caseId, {
      kind: 'ask_approval',
      action: 'decline_likely_valid',
      words: 'Not intimate.',
      ground: 'not_intimate',
      itemId: null,
    });
    const approvalId = asked.openProposals[0]?.id ?? '';
    const answer = (by: Member) =>
      by.client.call('cases.approvals.answer', { params: { approvalId }, body: { yes: true } });
    expect(await codeOf(answer(mod))).toBe('not_found');
    const waiting = await second.client.call('cases.approvals.list', {});
    expect(waiting.approvals).toContainEqual(expect.objectContaining({ id: approvalId, mine: true }));
    await answer(second);
    const view = await second.client.call('cases.read', { params: { caseId } });
    expect(view).toMatchObject({ phase: 'declined', protected: false });
    expect(view.decision?.by.sort()).toEqual([mod.id, second.id].sort());
  });

  it('refuses and logs one person who asks and approves', async () => {
    const both = await newStaff(server, 'moderator', 'second_reviewer');
    const { caseId } = await file(server);
    const asked = await give(both, caseId, {
      kind: 'ask_approval',
      action: 'reveal_reporter',
      words: 'For the police.',
      ground: null,
      itemId: null,
    });
    const params = { approvalId: asked.openProposals[0]?.id ?? '' };
    const body = { yes: true };
    const lawyer = await newStaff(server, 'legal');
    expect(asked.identity).toEqual([]);
    await lawyer.client.call('cases.approvals.answer', { params, body });
    const shown = async (by: Member) => (await by.client.call('cases.read', { params: { caseId } })).identity;
    expect(await shown(both)).toMatchObject([{ contact: 'a@example.org' }]);
    expect(await shown(lawyer)).toMatchObject([{ contact: 'a@example.org' }]);
    expect(await shown(mod)).toEqual([]);
  });

  it('merges two cases into the one with the earlier clock', async () => {
    const first = await file(server);
    now += 2 * hour;
    const later = await file(server);
    await give(mod, first.caseId, { kind: 'merge', into: later.caseId });
    const view = await mod.client.call('cases.read', { params: { caseId: later.caseId } });
    expect(view.dueAt).toBe(first.dueAt);
    expect(view.reporters).toHaveLength(2);
    const token = await desk().open(first.number, first.pin ?? '', address);
    await give(mod, later.caseId, remove);
    expect((await desk().read(token)).state.phase).toBe('removed');
  });

  it('locks everybody but child safety out of a case of somebody under 18', async () => {
    const lead = await newStaff(server, 'child_safety');
    const { caseId } = await file(server, { minor: 'yes' });
    for (const other of [mod, second, await newStaff(server, 'auditor'), await newStaff(server, 'legal')]) {
      expect(await codeOf(other.client.call('cases.read', { params: { caseId } }))).toBe('not_found');
      expect(await codeOf(give(other, caseId, remove))).toBe('not_found');
      const listed = await other.client.call('cases.list', { query: { view: 'child_safety' } });
      expect(listed.cases).toEqual([]);
    }
    const { cases } = await lead.client.call('cases.list', { query: { view: 'child_safety' } });
    expect(cases.map(({ id }) => id)).toContain(caseId);
    expect((await give(lead, caseId, remove)).phase).toBe('removed');
  });

  it('gives roles by two people, and never by the one who asked', async () => {
    const admin = await newStaff(server, 'admin');
    const other = await newStaff(server, 'admin');
    const helper = await newStaff(server, 'transparency');
    const change = { action: 'roles', accountId: helper.id, roles: ['triage'], words: 'New.' } as const;
    const { approvalId } = await admin.client.call('cases.approvals.ask', {
      body: { change: { ...change, roles: ['triage'] } },
    });
    const params = { approvalId };
    expect(await codeOf(admin.client.call('cases.approvals.answer', { params, body: { yes: true } }))).toBe(
      'same_person',
    );
    await other.client.call('cases.approvals.answer', { params, body: { yes: true } });
    expect((await helper.client.call('cases.staff.me', {})).roles).toEqual(['triage']);
    expect(await codeOf(other.client.call('cases.approvals.answer', { params, body: { yes: true } }))).toBe(
      'already_done',
    );
  });

  it('answers for a case that is not there as for one that may not be seen', async () => {
    const { caseId } = await file(server, { minor: 'yes' });
    const answers = await Promise.all(
      [caseId, uuid()].map((id) => mod.client.answer('cases.read', { params: { caseId: id } })),
    );
    expect(answers[0]?.text).toBe(answers[1]?.text);
  });
});

describe('the clocks', () => {
  it('tell each alarm once, across the autumn change, and protect at 36 hours what nobody decided on', async () => {
    now = Date.UTC(2026, 9, 24, 10);
    const rounds = server.running.features.cases.rounds;
    const { caseId } = await file(server, { consent: 'agreed' });
    const told = async () =>
      (
        await server.platform.db
          .selectFrom('case_event')
          .select('entry')
          .where('case_id', '=', caseId)
          .where('type', '=', 'clock_told')
          .orderBy('seq')
          .execute()
      ).map(({ entry }) => {
        const { clock, hours, breach } = JSON.parse(entry);
        return `${clock} ${hours}${breach ? '!' : ''}`;
      });
    for (let hours = 1; hours <= 49; hours += 1) {
      now += hour;
      await rounds.round();
      const { state } = await server.platform.db
        .selectFrom('desk_case')
        .select('state')
        .where('id', '=', caseId)
        .executeTakeFirstOrThrow();
      expect(state.protected, `${hours} h`).toBe(hours >= 36);
    }
    expect(await told()).toEqual([
      'eu-16 12',
      'eu-16 20',
      'uk-osa 24',
      'eu-16 24!',
      'uk-osa 36',
      'uk-osa 44',
      'uk-osa 48!',
    ]);
    const { breaches, overdue } = await mod.client.call('cases.figures', {});
    expect(breaches).toMatchObject({ 'uk-osa': expect.any(Number) });
    expect(overdue).toBeGreaterThan(0);
  });
});

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? 'broken';
  }
}
