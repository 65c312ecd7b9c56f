import { randomUUID } from 'node:crypto';
import { can } from '@accord/case-model';
import { complaintMs, type RemoveGround } from '@accord/law';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { change } from './ledger.ts';
import type { Parts } from './parts.ts';
import { statementFor } from './preview.ts';
import { staffActor } from './staff.ts';

/** What is an account's own: what the sender of a removed picture is told (DSA art. 17), how they object (art. 20), the way to the console. */
export function mineHandlers(
  parts: Parts,
): Handlers<'cases.mine.list' | 'cases.mine.appeal' | 'cases.mine.console'> {
  const { db, clock } = parts.platform;
  return {
    async 'cases.mine.list'({ caller, query }) {
      const rows = await db
        .selectFrom('case_statement')
        .innerJoin('desk_case', 'desk_case.id', 'case_statement.case_id')
        .selectAll('case_statement')
        .select('desk_case.state')
        .where('account_id', '=', caller.accountId)
        .orderBy('case_statement.at', 'desc')
        .execute();
      return {
        decisions: rows.map((row) => {
          const appeal = row.appeal_id === null ? undefined : row.state.appeals[row.appeal_id];
          const until = row.at.getTime() + complaintMs;
          return {
            decisionId: row.id,
            at: row.at.getTime(),
            pictures: row.pictures,
            statement: statementFor(row.ground as RemoveGround, query.language),
            appeal:
              appeal === undefined
                ? null
                : {
                    at: appeal.at,
                    outcome: appeal.outcome,
                    words: appeal.words,
                    answer: appeal.answer ?? null,
                  },
            appealUntil: appeal === undefined && until > clock() ? until : null,
          };
        }),
      };
    },

    async 'cases.mine.console'({ caller }) {
      const { roles } = await staffActor(db, caller.accountId);
      return { open: can(roles, 'console.open') };
    },

    async 'cases.mine.appeal'({ caller, params, body }) {
      await db.transaction().execute(async (tx) => {
        const row = await tx
          .selectFrom('case_statement')
          .select(['case_id', 'appeal_id'])
          .where('id', '=', params.decisionId)
          .where('account_id', '=', caller.accountId)
          .forUpdate()
          .executeTakeFirst();
        if (row === undefined) throw new Refusal('not_found');
        if (row.appeal_id !== null) throw new Refusal('already_done');
        const appealId = randomUUID();
        await change(parts, tx, {
          caseId: row.case_id,
          actor: { kind: 'uploader' },
          command: { kind: 'appeal', appealId, side: 'uploader', words: body.words },
        });
        await tx
          .updateTable('case_statement')
          .set({ appeal_id: appealId })
          .where('id', '=', params.decisionId)
          .execute();
      });
      return {};
    },
  };
}
