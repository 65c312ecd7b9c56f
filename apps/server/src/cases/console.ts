import { randomUUID } from 'node:crypto';
import { type Actor, type Command, type CommandOf, can, capabilities } from '@accord/case-model';
import type { Body, Reply } from '@accord/protocol';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { findCase, viewOf } from './console-view.ts';
import { exportEvidence } from './evidence.ts';
import { change } from './ledger.ts';
import { matchesOf } from './matches.ts';
import type { Parts } from './parts.ts';
import { previewOf } from './preview.ts';
import { listCases } from './queue.ts';
import { openPictureOf } from './reported-pictures.ts';
import { staffActor } from './staff.ts';
import { composedNotice } from './work-notice.ts';

type ConsoleRoute =
  | 'cases.staff.me'
  | 'cases.staff.list'
  | 'cases.staff.find'
  | 'cases.list'
  | 'cases.read'
  | 'cases.matches'
  | 'cases.preview'
  | 'cases.command'
  | 'cases.reveal'
  | 'cases.evidence'
  | 'cases.notice';
type Staff = Actor & { readonly kind: 'staff' };
type ConsoleCommand = Body<'cases.command'>['command'];

const hourMs = 3_600_000;

export function consoleHandlers(parts: Parts): Handlers<ConsoleRoute> {
  const { db } = parts.platform;
  return {
    async 'cases.staff.me'({ caller }) {
      const staff = await staffActor(db, caller.accountId);
      const account = (await parts.accounts.publicOf([staff.id])).get(staff.id);
      return {
        accountId: staff.id,
        pseudonym: account?.pseudonym ?? '',
        roles: [...staff.roles],
        capabilities: capabilities.filter((capability) => can(staff.roles, capability)),
        revealsInHour: await revealsInHour(parts, staff.id),
      };
    },
    async 'cases.staff.list'() {
      return { staff: await listStaff(parts) };
    },
    async 'cases.staff.find'({ query }) {
      const found = await parts.accounts.joins
        .members(db)
        .where('pseudonym', '=', query.pseudonym)
        .executeTakeFirst();
      if (found === undefined) throw new Refusal('not_found');
      return { accountId: found.id, pseudonym: found.pseudonym };
    },
    async 'cases.list'({ caller, query }) {
      return listCases(parts, await staffActor(db, caller.accountId), query);
    },
    async 'cases.read'({ caller, params }) {
      const staff = await staffActor(db, caller.accountId);
      await give(parts, staff, params.caseId, { kind: 'read_evidence', what: 'case' });
      return viewOf(parts, staff, params.caseId);
    },
    async 'cases.matches'({ caller, params }) {
      const staff = await staffActor(db, caller.accountId);
      await findCase(parts, staff, params.caseId);
      return matchesOf(parts, staff, params.caseId);
    },
    async 'cases.preview'({ caller, params, query }) {
      const { state } = await findCase(parts, await staffActor(db, caller.accountId), params.caseId);
      return previewOf(state, query, parts.platform.clock());
    },
    async 'cases.command'({ caller, params, body }) {
      const staff = await staffActor(db, caller.accountId);
      await findCase(parts, staff, params.caseId);
      await giveFromConsole(parts, staff, params.caseId, body.command);
      await parts.hurry(params.caseId);
      return viewOf(parts, staff, params.caseId);
    },
    async 'cases.reveal'({ caller, params }) {
      const staff = await staffActor(db, caller.accountId);
      return reveal(parts, staff, params);
    },
    async 'cases.evidence'({ caller, params }) {
      const staff = await staffActor(db, caller.accountId);
      await give(parts, staff, params.caseId, { kind: 'export_evidence', what: 'folder' });
      return { files: await exportEvidence(parts, params.caseId) };
    },
    async 'cases.notice'({ caller, params }) {
      await findCase(parts, await staffActor(db, caller.accountId), params.caseId);
      const notice = await composedNotice(parts, params.caseId, params.noticeId);
      if (notice === undefined) throw new Refusal('not_found');
      return { to: notice.to, subject: notice.subject, body: notice.body };
    },
  };
}

const give = (parts: Parts, actor: Staff, caseId: string, command: Command) =>
  parts.platform.db.transaction().execute((tx) => change(parts, tx, { caseId, actor, command }));

async function listStaff(parts: Parts): Promise<Reply<'cases.staff.list'>['staff']> {
  const rows = await parts.platform.db
    .selectFrom('staff_role')
    .select((select) => [
      'account_id',
      select.fn.agg<string[]>('array_agg', ['role']).as('roles'),
      select.fn.min('granted_at').as('since'),
    ])
    .groupBy('account_id')
    .orderBy('account_id')
    .execute();
  const accounts = await parts.accounts.publicOf(rows.map(({ account_id }) => account_id));
  return rows.map(({ account_id: accountId, roles, since }) => ({
    accountId,
    pseudonym: accounts.get(accountId)?.pseudonym ?? '',
    roles: roles as Reply<'cases.staff.list'>['staff'][number]['roles'],
    since: since.getTime(),
  }));
}

/** Ids of what comes into being are ours; two commands concern more than one table. */
async function giveFromConsole(
  parts: Parts,
  staff: Staff,
  caseId: string,
  asked: ConsoleCommand,
): Promise<void> {
  if (asked.kind === 'merge') return mergeCases(parts, staff, caseId, asked.into);
  if (asked.kind === 'queue_notice') return queueNotice(parts, staff, caseId, asked);
  await give(parts, staff, caseId, withIds(asked));
}

function withIds(asked: Exclude<ConsoleCommand, { kind: 'merge' | 'queue_notice' }>): Command {
  switch (asked.kind) {
    case 'remove':
    case 'decline':
      return { ...asked, decisionId: randomUUID() };
    case 'decide_appeal':
      return { ...asked, decisionId: randomUUID(), proposalId: randomUUID() };
    case 'ask_approval':
      return { ...asked, proposalId: randomUUID() };
    case 'filed_child_safety':
      return { ...asked, earlier: [] };
    default:
      return asked;
  }
}

/** Both rows are locked in the order of their ids, so that two merges at once can't wait for each other. */
async function mergeCases(parts: Parts, actor: Staff, from: string, into: string): Promise<void> {
  if (from === into) throw new Refusal('invalid_input', { field: 'command.into' });
  await findCase(parts, actor, into);
  await parts.platform.db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('desk_case')
      .select(['id', 'state'])
      .where('id', 'in', [from, into])
      .orderBy('id')
      .forUpdate()
      .execute();
    const other = rows.find(({ id }) => id === from)?.state;
    if (other === undefined || rows.length !== 2) throw new Refusal('not_found');
    await change(parts, tx, { caseId: into, actor, command: { kind: 'absorb', from, other } });
    await copyItems(tx, from, into);
    await change(parts, tx, { caseId: from, actor, command: { kind: 'merge', into } });
  });
  await parts.hurry(into);
}

async function copyItems(tx: Tx, from: string, into: string): Promise<void> {
  await sql`insert into case_item (case_id, id, kind, digest, hash, quality, variants, place, report_id, report_place)
    select ${into}::uuid, id, kind, digest, hash, quality, variants, place, report_id, report_place
    from case_item where case_id = ${from}::uuid on conflict do nothing`.execute(tx);
}

async function queueNotice(
  parts: Parts,
  actor: Staff,
  caseId: string,
  asked: Extract<ConsoleCommand, { kind: 'queue_notice' }>,
): Promise<void> {
  const { platform, law } = asked;
  const noticeId = randomUUID();
  const command: CommandOf<'queue_notice'> = { kind: 'queue_notice', noticeId, platform, law };
  await parts.platform.db.transaction().execute(async (tx) => {
    await change(parts, tx, { caseId, actor, command });
    await tx
      .insertInto('case_notice')
      .values({
        id: noticeId,
        case_id: caseId,
        platform,
        recipient: asked.to,
        law,
        language: asked.language,
        reference: `ACCORD-${noticeId.slice(0, 8).toUpperCase()}`,
        first_at: new Date(parts.platform.clock()),
      })
      .execute();
  });
}

/** How many pictures this person uncovered in the last hour. */
async function revealsInHour({ platform }: Parts, accountId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from case_event
    where type = 'revealed' and at > ${new Date(platform.clock() - hourMs)}
    and entry::jsonb -> 'by' ->> 'id' = ${accountId}`.execute(platform.db);
  return rows[0]?.n ?? 0;
}

/** The event first: a picture that was shown without one can't be. */
async function reveal(
  parts: Parts,
  staff: Staff,
  { caseId, itemId }: { readonly caseId: string; readonly itemId: string },
): Promise<Reply<'cases.reveal'>> {
  await give(parts, staff, caseId, { kind: 'reveal', itemId });
  const item = await parts.platform.db
    .selectFrom('case_item')
    .select(['report_id', 'report_place'])
    .where('case_id', '=', caseId)
    .where('id', '=', itemId)
    .executeTakeFirst();
  const picture =
    item?.report_id == null || item.report_place === null
      ? undefined
      : await openPictureOf(parts, item.report_id, item.report_place);
  if (picture === undefined) throw new Refusal('not_found');
  return {
    type: picture.type,
    bytes: picture.bytes.toString('base64'),
    revealsInHour: await revealsInHour(parts, staff.id),
  };
}
