import type { StaffRole } from '@accord/case-model';
import type { Body, Reply } from '@accord/protocol';
import type { Database } from '../../src/platform/database.ts';
import { Client } from '../client.ts';
import { freshName, type Member, newAccount, type Site } from '../people.ts';
import { bodies, uuid } from '../samples.ts';
import type { TestServer } from '../support.ts';

/** An account with these roles, as an operator grants them. */
export const newStaff = (server: TestServer, ...roles: StaffRole[]): Promise<Member> =>
  staffAt(server, server.platform.db, ...roles);

/** The same at a server in a process of its own, over its database. */
export async function staffAt(site: Site, db: Database, ...roles: StaffRole[]): Promise<Member> {
  const member = await newAccount(site, freshName());
  if (roles.length === 0) return member;
  await db
    .insertInto('staff_role')
    .values(
      roles.map((role) => ({ account_id: member.id, role, granted_at: new Date(), granted_by: 'test' })),
    )
    .execute();
  return member;
}

const aCase = () => ({ caseId: uuid() });

/** Ids for the routes of cases: of the right shape, and of nothing that is there. */
export const someCases = {
  'cases.mine.appeal': () => ({ decisionId: uuid() }),
  'cases.read': aCase,
  'cases.matches': aCase,
  'cases.preview': aCase,
  'cases.command': aCase,
  'cases.reveal': () => ({ caseId: uuid(), itemId: uuid() }),
  'cases.evidence': aCase,
  'cases.notice': () => ({ caseId: uuid(), noticeId: uuid() }),
  'cases.approvals.answer': () => ({ approvalId: uuid() }),
};

type Request = Body<'cases.file'>['request'];

/** Files a request without an account; by default one that stands under every law. */
export async function file(
  server: TestServer,
  change: Partial<Request> = {},
): Promise<Reply<'cases.file'> & { readonly caseId: string }> {
  const { idem, language, request } = bodies['cases.file']();
  const body = { idem, language, request: { ...request, ...change } };
  const filed = await new Client(server.url).call('cases.file', { body });
  const { case_id: caseId } = await server.platform.db
    .selectFrom('case_reporter')
    .select('case_id')
    .where('number', '=', filed.number)
    .executeTakeFirstOrThrow();
  return { ...filed, caseId };
}

type Command = Body<'cases.command'>['command'];

export const give = (by: Member, caseId: string, command: Command): Promise<Reply<'cases.command'>> =>
  by.client.call('cases.command', { params: { caseId }, body: { command } });

export const remove: Command = { kind: 'remove', ground: 'ncii_synthetic', words: 'A faked picture.' };
