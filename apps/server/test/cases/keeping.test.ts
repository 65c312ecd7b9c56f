import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';

const dayMs = 86_400_000;
let server: TestServer;
let mod: Member;
let legal: Member;
let now = Date.UTC(2026, 0, 5);

beforeAll(async () => {
  server = await startServer({ clock: () => now });
  [mod, legal] = [await newStaff(server, 'moderator'), await newStaff(server, 'legal')];
});
afterAll(() => server.close());

async function closed(change: Parameters<typeof file>[1] = {}): Promise<string> {
  const { caseId } = await file(server, change);
  await give(mod, caseId, remove);
  await give(mod, caseId, { kind: 'close' });
  return caseId;
}

const identityOf = (caseId: string) =>
  server.platform.db
    .selectFrom('case_reporter')
    .select(['signature', 'contact'])
    .where('case_id', '=', caseId)
    .executeTakeFirst();

describe('what is kept of a closed case', () => {
  it('loses name and contact after the six months for complaints, one without the other too, and then the rest', async () => {
    const whole = await closed();
    const contactAlone = await closed({ signature: '' });
    const held = await closed();
    await give(legal, held, { kind: 'hold', why: 'A court asked.' });
    now += 182 * dayMs;
    await server.running.housekeep();
    expect(await identityOf(whole)).toEqual({ signature: 'A. B.', contact: 'a@example.org' });
    now += 2 * dayMs;
    await server.running.housekeep();
    for (const caseId of [whole, contactAlone])
      expect(await identityOf(caseId)).toEqual({ signature: '', contact: '' });
    expect(await identityOf(held)).toEqual({ signature: 'A. B.', contact: 'a@example.org' });

    now += 3 * 365 * dayMs;
    await server.running.housekeep();
    expect(await identityOf(whole)).toBeUndefined();
    expect(await identityOf(held)).toEqual({ signature: 'A. B.', contact: 'a@example.org' });
    // Sessions do not last three years.
    await give(await newStaff(server, 'legal'), held, { kind: 'lift_hold', why: 'It is over.' });
    await server.running.housekeep();
    expect(await identityOf(held)).toBeUndefined();
  });
});
