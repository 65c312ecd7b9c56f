import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, newStaff } from './staff.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

it('more than twenty cases at once take two people; twenty are no matter of this, and nobody approves their own', async () => {
  const both = await newStaff(server, 'moderator', 'second_reviewer');
  const second = await newStaff(server, 'second_reviewer');
  const filed = await Promise.all(Array.from({ length: 21 }, () => file(server, { pictures: [] })));
  const caseIds = filed.map(({ caseId }) => caseId);
  const change = {
    action: 'bulk',
    caseIds,
    what: 'remove',
    ground: 'ncii_real',
    words: 'A series.',
  } as const;
  const few = { ...change, caseIds: caseIds.slice(0, 20) };
  const ask = (asked: typeof change | typeof few) =>
    both.client.call('cases.approvals.ask', { body: { change: asked } });
  expect(await codeOf(ask(few))).toBe('invalid_input');
  const params = { approvalId: (await ask(change)).approvalId };
  const answer = (by: typeof both) =>
    codeOf(by.client.call('cases.approvals.answer', { params, body: { yes: true } }));
  const removed = async () =>
    (await server.platform.db.selectFrom('desk_case').select('id').where('phase', '=', 'removed').execute())
      .length;
  expect(await answer(both)).toBe('same_person');
  expect(await answer(await newStaff(server, 'moderator'))).toBe('not_found');
  expect(await removed()).toBe(0);
  expect(await answer(second)).toBe('no refusal');
  expect(await removed()).toBe(21);
  expect(await answer(second)).toBe('already_done');
});
