import { consent, encodeConsent } from '@accord/sealed-media';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, byOwner, type Key, newKey, someHash } from '../matching/pictures.ts';
import { base64url, type Member, random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';

let server: TestServer;
let mod: Member;
let now = Date.UTC(2026, 9, 24, 10);

beforeAll(async () => {
  server = await startServer({ clock: () => now, env: { ACCORD_RATE_LIMITS: 'true' } });
  mod = await newStaff(server, 'moderator');
});
afterAll(() => server.close());

/** A request that protects a picture, and the code under which its owner was refused. */
async function refused(): Promise<{ caseId: string; number: string; pin: string; code: string }> {
  const h = someHash();
  const filed = await file(server, {
    pictures: [{ h: base64url(h), q: 90, parts: '', regions: '', source: false }],
  });
  await server.running.features.cases.rounds.round();
  const answer = await ask(server.url, await byOwner(await newKey(), h));
  if (answer.outcome !== 'refused') throw new Error('not refused');
  return { ...filed, pin: filed.pin ?? '', code: Buffer.from(answer.appeal).toString('hex') };
}

async function recordOf(giver: Key, until: number | null = null): Promise<Uint8Array> {
  const { seed, publicKey } = giver;
  const terms = { id: random(16), giver: publicKey, ph: random(32), receivers: [random(32)], until };
  return encodeConsent(await consent(seed, { ...terms, givenAt: now - 1000 }));
}

const fileOf = (...records: Uint8Array[]): string =>
  JSON.stringify({
    format: 'accord-yeses/1',
    records: records.map((record) => ({ record: base64url(record), state: 'yes' })),
  });

/** Posts the form as a browser does, from a day of its own unless it is said. */
async function show(fields: Record<string, string>, path = '/desk/refused', sameDay = false) {
  if (!sameDay) now += 24 * 3_600_000;
  const response = await fetch(new URL(path, server.url), {
    method: 'POST',
    headers: { origin: server.url },
    body: new URLSearchParams(fields),
  });
  return { status: response.status, text: await response.text() };
}

async function shownIn(caseId: string) {
  const rows = await server.platform.db
    .selectFrom('case_event')
    .select('entry')
    .where('case_id', '=', caseId)
    .where('type', '=', 'consent_shown')
    .orderBy('seq')
    .execute();
  return rows.map(({ entry }) => JSON.parse(entry));
}

describe('an owner who was refused because of a request', () => {
  it('shows a consent record: who decides sees that its signature is genuine, and whoever asked sees nothing', async () => {
    const { caseId, number, pin, code } = await refused();
    const records = fileOf(await recordOf(await newKey()), await recordOf(await newKey(), now - 1));
    const grouped = code.toUpperCase().replaceAll(/.{4}(?=.)/g, '$&-');
    const { status } = await show({ code: grouped, records, words: 'We both agreed.' }, '/signaler/refused');
    expect(status).toBe(200);
    const found = { records: 2, genuine: 2, givers: 2, inForce: 1, samePicture: null };
    expect(await shownIn(caseId)).toMatchObject([
      { ...found, words: 'We both agreed.', by: { kind: 'uploader' } },
    ]);
    const { events } = await mod.client.call('cases.read', { params: { caseId } });
    expect(events.find(({ type }) => type === 'consent_shown')?.body).toMatchObject(found);
    const { desk } = server.running.features.cases;
    const follow = await desk.read(await desk.open(number, pin, '127.0.0.1'));
    expect(JSON.stringify(follow)).not.toContain('consent_shown');
    expect(JSON.stringify(follow)).not.toContain('We both agreed.');
  });

  it('is told nothing by a forged record, which counts as not genuine, nor by one record shown twice', async () => {
    const { caseId, code } = await refused();
    const real = await recordOf(await newKey());
    const forged = Uint8Array.from(await recordOf(await newKey()));
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    expect((await show({ code, records: fileOf(real, real, forged), words: '' })).status).toBe(200);
    expect(await shownIn(caseId)).toMatchObject([{ records: 2, genuine: 1, givers: 1, inForce: 1 }]);
  });

  it('gets the same page for a code that is nobody’s, and for a case that is decided', async () => {
    const { caseId, code } = await refused();
    const words = 'I am alone in it.';
    const real = await show({ code, records: '', words });
    const unknown = await show({ code: Buffer.from(random(16)).toString('hex'), records: '', words });
    await give(mod, caseId, remove);
    const decided = await show({ code, records: '', words });
    expect(unknown).toEqual(real);
    expect(decided).toEqual(real);
    expect(await shownIn(caseId)).toHaveLength(1);
  });

  it('is told what can’t be read, before anything is noted', async () => {
    const { caseId, code } = await refused();
    const other = JSON.stringify({ format: 'accord-yeses/1', records: [{ record: base64url(random(200)) }] });
    for (const fields of [
      { code: 'abc', words: 'x' },
      { code, words: '' },
      { code, records: '{', words: 'x' },
      { code, records: other, words: 'x' },
      { code, records: fileOf(...Array.from({ length: 17 }, () => random(4))), words: 'x' },
      { code, words: 'x'.repeat(2001) },
    ]) {
      const answer = await show(fields);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('role="alert"');
    }
    expect(await shownIn(caseId)).toEqual([]);
  });

  it('may do so three times a day under one code, and ten times from one network', async () => {
    const { caseId, code } = await refused();
    now += 24 * 3_600_000;
    const again = () => show({ code, records: '', words: 'Please look.' }, '/desk/refused', true);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await again()).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(await shownIn(caseId)).toHaveLength(3);
    for (let i = 0; i < 7; i += 1) {
      const fields = { code: Buffer.from(random(16)).toString('hex'), words: 'Please look.' };
      statuses.push((await show(fields, '/desk/refused', true)).status);
    }
    expect(statuses.slice(4)).toEqual([200, 200, 200, 200, 200, 200, 429]);
  });
});
