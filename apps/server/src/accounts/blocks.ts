import type { Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { type Parts, runHooks } from './parts.ts';
import type { Accounts } from './types.ts';

type BlockRoute = 'accounts.blocks.list' | 'accounts.blocks.add' | 'accounts.blocks.remove';

export function blockHandlers({ platform, hooks }: Parts): Handlers<BlockRoute> {
  const { db, clock } = platform;
  return {
    async 'accounts.blocks.list'({ caller }) {
      const rows = await db
        .selectFrom('block')
        .innerJoin('account', 'account.id', 'block.blocked_id')
        .select(['account.id', 'account.pseudonym', 'block.since'])
        .where('block.blocker_id', '=', caller.accountId)
        .orderBy('block.since', 'desc')
        .orderBy('account.id')
        .execute();
      const blocks = rows.map(({ id, pseudonym, since }) => ({
        accountId: id,
        pseudonym,
        since: since.getTime(),
      }));
      return { blocks };
    },

    async 'accounts.blocks.add'({ caller, body }) {
      if (body.accountId === caller.accountId) throw new Refusal('not_found');
      const block = { by: caller.accountId, who: body.accountId };
      const after = await db.transaction().execute(async (tx) => {
        await store(tx, block);
        return runHooks(hooks, (hook) => hook.blocked?.(tx, block));
      });
      for (const then of after) then();
      return {};
    },

    async 'accounts.blocks.remove'({ caller, params }) {
      await db
        .deleteFrom('block')
        .where('blocker_id', '=', caller.accountId)
        .where('blocked_id', '=', params.accountId)
        .execute();
      return {};
    },
  };

  async function store(tx: Tx, { by, who }: { readonly by: string; readonly who: string }): Promise<void> {
    // One statement: an account that is deleted at this moment is absent, not an error.
    const stored = await tx
      .insertInto('block')
      .columns(['blocker_id', 'blocked_id', 'since'])
      .expression((from) =>
        from
          .selectFrom('account')
          .select((select) => [
            select.val(by).$castTo<string>().as('blocker_id'),
            'account.id',
            select.val(new Date(clock())).as('since'),
          ])
          .where('account.id', '=', who),
      )
      .onConflict((conflict) => conflict.columns(['blocker_id', 'blocked_id']).doNothing())
      .executeTakeFirst();
    if (stored.numInsertedOrUpdatedRows === 0n && !(await exists(tx, who))) throw new Refusal('not_found');
  }

  async function exists(tx: Tx, accountId: string): Promise<boolean> {
    const found = await tx.selectFrom('account').select('id').where('id', '=', accountId).executeTakeFirst();
    return found !== undefined;
  }
}

export function isBlocked({ platform }: Parts): Accounts['isBlocked'] {
  return async (by, who, queries = platform.db) => {
    const found = await queries
      .selectFrom('block')
      .select('since')
      .where('blocker_id', '=', by)
      .where('blocked_id', '=', who)
      .executeTakeFirst();
    return found !== undefined;
  };
}
