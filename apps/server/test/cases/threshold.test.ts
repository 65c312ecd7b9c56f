import type { Body } from '@accord/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { codeOf } from '../client.ts';
import { ask, byOwner, near, newKey, someHash } from '../matching/pictures.ts';
import type { Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff } from './staff.ts';

let server: TestServer;
let beside: TestServer;
let asker: Member;
let lawyer: Member;
let lines: string[] = [];

beforeAll(async () => {
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  server = await startServer({ log });
  beside = await startServer({ database: server.database });
  asker = await newStaff(server, 'admin', 'second_reviewer');
  lawyer = await newStaff(server, 'legal');
});
afterAll(async () => {
  await beside.close();
  await server.close();
});
beforeEach(() => {
  lines = [];
});

type Change = Body<'cases.approvals.ask'>['change'];
const propose = async (by: Member, radius: number): Promise<string> => {
  const change: Change = { action: 'threshold', radius, words: 'Too much gets by.' };
  return (await by.client.call('cases.approvals.ask', { body: { change } })).approvalId;
};
const answer = (by: Member, approvalId: string, yes = true) =>
  codeOf(by.client.call('cases.approvals.answer', { params: { approvalId }, body: { yes } }));
const told = (word: string) => lines.filter((line) => line.includes(word)).map((line) => JSON.parse(line));

describe('how near a picture must come', () => {
  const outcomeAt = async (at: TestServer, hash: Uint8Array) =>
    (await ask(at.url, await byOwner(await newKey(), hash))).outcome;
  const changes = () => server.platform.db.selectFrom('matching_threshold').selectAll().execute();

  it('is changed by two people, at once and in every process, and each change is a row', async () => {
    // One known picture a question: what is attested is registered, and refuses what comes near it.
    const known = Array.from({ length: 7 }, someHash);
    const opinion = { category: 'positive', at: new Date(0) } as const;
    await server.running.features.matching.banks.addSignals(
      'DESK',
      known.map((hash) => ({ hash, quality: 90, opinion })),
    );
    await beside.running.features.matching.catchUp();
    const sent = (at: TestServer, bits: number) => outcomeAt(at, near(known.pop() ?? someHash(), bits));
    // A sender's own word is good for four bits more: 35 as it starts, then 44, then 24.
    expect(await sent(server, 38)).toBe('attested');
    expect(await sent(server, 34)).toBe('refused');

    const wider = await propose(asker, 40);
    expect(await answer(asker, wider)).toBe('same_person');
    expect(told('one person asked and approved')).toMatchObject([{ action: 'threshold' }]);
    expect(await answer(await newStaff(server, 'moderator'), wider)).toBe('not_found');
    expect(await changes()).toEqual([]);
    expect(await sent(server, 38)).toBe('attested');

    expect(await answer(lawyer, wider)).toBe('no refusal');
    expect(await changes()).toMatchObject([{ radius: 40, by_id: lawyer.id, asked_by: asker.id }]);
    expect((await lawyer.client.call('cases.approvals.list', {})).radius).toBe(40);
    expect(await sent(server, 38)).toBe('refused');
    await expect.poll(() => beside.running.features.matching.threshold.radius()).toBe(40);
    expect(await sent(beside, 38)).toBe('refused');

    expect(await answer(lawyer, await propose(asker, 20))).toBe('no refusal');
    expect(await sent(server, 34)).toBe('attested');
    expect(await sent(server, 20)).toBe('refused');
    expect(await answer(lawyer, await propose(asker, 35), false)).toBe('no refusal');
    expect((await changes()).map(({ radius }) => radius)).toEqual([40, 20]);
  });

  it('stays within its bounds, and is asked for by those alone who may', async () => {
    for (const radius of [19, 41, 30.5]) expect(await codeOf(propose(asker, radius))).toBe('invalid_input');
    for (const role of ['moderator', 'legal', 'triage', 'auditor'] as const)
      expect(await codeOf(propose(await newStaff(server, role), 30))).toBe('not_found');
    const row = { radius: 41, at: new Date(), by_id: 'one', asked_by: 'other' };
    await expect(server.platform.db.insertInto('matching_threshold').values(row).execute()).rejects.toThrow(
      'matching_threshold_radius_check',
    );
  });
});

describe('whoever approves their own question in a case', () => {
  it('is refused, and a line says so', async () => {
    const { caseId } = await file(server, { pictures: [] });
    const by = await newStaff(server, 'second_reviewer');
    const asked = await give(by, caseId, {
      kind: 'ask_approval',
      action: 'decline_likely_valid',
      words: 'Not intimate.',
      ground: 'not_intimate',
      itemId: null,
    });
    const approvalId = asked.openProposals[0]?.id ?? '';
    expect(await answer(by, approvalId)).toBe('same_person');
    const said = told('"refused"');
    expect(said).toMatchObject([{ command: 'answer_approval', refusal: 'same_person', by: 'staff' }]);
    expect(JSON.stringify(said)).not.toContain(by.id);
    const { openProposals, phase } = await by.client.call('cases.read', { params: { caseId } });
    expect([openProposals.length, phase]).toEqual([1, 'valid']);
  });
});
