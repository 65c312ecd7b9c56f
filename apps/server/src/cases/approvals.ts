import { randomUUID } from 'node:crypto';
import { type Actor, type ApprovalAction, mayApprove, mayAsk, maySee } from '@accord/case-model';
import type { Body, Reply } from '@accord/protocol';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { change } from './ledger.ts';
import type { Parts } from './parts.ts';
import { setRoles, staffActor } from './staff.ts';

type ApprovalRoute = 'cases.approvals.list' | 'cases.approvals.ask' | 'cases.approvals.answer';
type Approval = Reply<'cases.approvals.list'>['approvals'][number];
type Change = Body<'cases.approvals.ask'>['change'];
type Staff = Actor & { readonly kind: 'staff' };

/** What waits for a second person: of one case, in its state; of the desk, in a table of its own. */
export function approvalHandlers(parts: Parts): Handlers<ApprovalRoute> {
  const { db, clock } = parts.platform;
  return {
    async 'cases.approvals.list'({ caller }) {
      const staff = await staffActor(db, caller.accountId);
      return {
        approvals: [...(await ofCases(parts, staff)), ...(await ofDesk(parts, staff))],
        radius: parts.elsewhere.matching.threshold.radius(),
      };
    },

    async 'cases.approvals.ask'({ caller, body }) {
      const staff = await staffActor(db, caller.accountId);
      const { action, words, ...detail } = body.change;
      if (!mayAsk(staff.roles, action)) throw new Refusal('not_found');
      const approvalId = randomUUID();
      await db
        .insertInto('desk_approval')
        .values({
          id: approvalId,
          action,
          detail: JSON.stringify(detail),
          words,
          asked_by: staff.id,
          asked_at: new Date(clock()),
          state: 'open',
          answered_by: null,
          answered_at: null,
        })
        .execute();
      return { approvalId };
    },

    async 'cases.approvals.answer'({ caller, params, body }) {
      const staff = await staffActor(db, caller.accountId);
      const caseId = await caseOfProposal(parts, params.approvalId);
      if (caseId === undefined) await answerDesk(parts, staff, params.approvalId, body.yes);
      else {
        const command = {
          kind: 'answer_approval',
          proposalId: params.approvalId,
          yes: body.yes,
          decisionId: randomUUID(),
        } as const;
        await db.transaction().execute((tx) => change(parts, tx, { caseId, actor: staff, command }));
        await parts.hurry(caseId);
      }
      return {};
    },
  };
}

async function ofCases({ platform }: Parts, staff: Staff): Promise<Approval[]> {
  const rows = await platform.db
    .selectFrom('desk_case')
    .select(['id', 'state'])
    .where(sql<boolean>`proposals > 0`)
    .orderBy('rank_at')
    .limit(200)
    .execute();
  return rows
    .filter(({ state }) => maySee(state, staff))
    .flatMap(({ id: caseId, state }) =>
      Object.entries(state.proposals)
        .filter(([, proposal]) => proposal.state === 'open')
        .map(([id, { action, by, at, words, ground, itemId }]) => ({
          id,
          action,
          caseId,
          askedBy: by,
          askedAt: at,
          words,
          mine: by !== staff.id && mayApprove(staff.roles, action),
          detail: { ground, itemId },
        })),
    );
}

async function ofDesk({ platform }: Parts, staff: Staff): Promise<Approval[]> {
  const rows = await platform.db
    .selectFrom('desk_approval')
    .selectAll()
    .where('state', '=', 'open')
    .orderBy('asked_at')
    .execute();
  return rows.map((row) => {
    const action = row.action as ApprovalAction;
    return {
      id: row.id,
      action,
      caseId: null,
      askedBy: row.asked_by,
      askedAt: row.asked_at.getTime(),
      words: row.words,
      mine: row.asked_by !== staff.id && mayApprove(staff.roles, action),
      detail: { ...row.detail },
    };
  });
}

async function caseOfProposal({ platform }: Parts, proposalId: string): Promise<string | undefined> {
  const row = await platform.db
    .selectFrom('desk_case')
    .select('id')
    // Both in the words of their index, which has the few cases that were ever asked about.
    .where(sql<boolean>`state -> 'proposals' <> '{}' and state -> 'proposals' ? ${proposalId}`)
    .executeTakeFirst();
  return row?.id;
}

/** The same wall as in a case: the right role, and somebody else than who asked. */
async function answerDesk(parts: Parts, staff: Staff, id: string, yes: boolean): Promise<void> {
  const { db, clock, log } = parts.platform;
  const afterwards = await db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('desk_approval')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || !mayApprove(staff.roles, row.action as ApprovalAction))
      throw new Refusal('not_found');
    if (row.state !== 'open') throw new Refusal('already_done');
    if (row.asked_by === staff.id) {
      log.warn({ action: row.action }, 'one person asked and approved: refused');
      throw new Refusal('same_person');
    }
    await tx
      .updateTable('desk_approval')
      .set({ state: yes ? 'given' : 'refused', answered_by: staff.id, answered_at: new Date(clock()) })
      .where('id', '=', id)
      .execute();
    if (!yes) return nothingMore;
    const asked = { action: row.action, words: row.words, ...row.detail } as Change;
    return carryOut(parts, tx, { staff, asked, askedBy: row.asked_by });
  });
  await afterwards();
}

const nothingMore = async (): Promise<void> => {};

/** Answers what is left to do when it is committed. */
async function carryOut(
  parts: Parts,
  tx: Tx,
  { staff, asked, askedBy }: { readonly staff: Staff; readonly asked: Change; readonly askedBy: string },
): Promise<() => Promise<void>> {
  const now = parts.platform.clock();
  if (asked.action === 'roles') {
    const known = (await parts.accounts.publicOf([asked.accountId], tx)).has(asked.accountId);
    if (!known) throw new Refusal('not_found');
    await setRoles(tx, { accountId: asked.accountId, roles: asked.roles, by: staff.id, now });
    return nothingMore;
  }
  if (asked.action === 'threshold') {
    const { threshold } = parts.elsewhere.matching;
    await threshold.change(tx, { radius: asked.radius, by: staff.id, askedBy, now });
    return () => threshold.changed();
  }
  const { what, ground, words } = asked;
  // In the order of their ids, as every writer of several takes them.
  const caseIds = [...asked.caseIds].sort();
  for (const caseId of caseIds) {
    const command =
      what === 'close'
        ? ({ kind: 'close' } as const)
        : ({ kind: 'remove', decisionId: randomUUID(), ground: ground ?? 'ncii_real', words } as const);
    await change(parts, tx, { caseId, actor: staff, command });
  }
  return async () => {
    for (const caseId of caseIds) await parts.hurry(caseId);
  };
}
