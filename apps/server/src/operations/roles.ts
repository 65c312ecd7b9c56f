import { type StaffRole, staffRoles } from '@accord/case-model';
import type { Queries } from '../platform/database.ts';

export { staffRoles };

export const isStaffRole = (name: string): name is StaffRole =>
  (staffRoles as readonly string[]).includes(name);

interface Change {
  readonly pseudonym: string;
  readonly role: string;
  readonly now: Date;
}

/** What came of a change. `nobody`: there is no such account. */
export type RoleChange = 'done' | 'as_it_was' | 'nobody';

const accountOf = (db: Queries, pseudonym: string) =>
  db.selectFrom('account').select('id').where('pseudonym', '=', pseudonym).executeTakeFirst();

/** Whoever runs the server gives roles without a second person: they could write the row themselves. */
export async function grantRole(db: Queries, { pseudonym, role, now }: Change): Promise<RoleChange> {
  const account = await accountOf(db, pseudonym);
  if (account === undefined) return 'nobody';
  const written = await db
    .insertInto('staff_role')
    .values({ account_id: account.id, role, granted_at: now, granted_by: 'operator' })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (written.numInsertedOrUpdatedRows ?? 0n) > 0n ? 'done' : 'as_it_was';
}

export async function revokeRole(db: Queries, { pseudonym, role }: Change): Promise<RoleChange> {
  const account = await accountOf(db, pseudonym);
  if (account === undefined) return 'nobody';
  const gone = await db
    .deleteFrom('staff_role')
    .where('role', '=', role)
    .where('account_id', '=', account.id)
    .executeTakeFirst();
  return gone.numDeletedRows > 0n ? 'done' : 'as_it_was';
}

/** Everybody with a role. */
export async function listRoles(db: Queries): Promise<{ pseudonym: string; roles: string[] }[]> {
  return db
    .selectFrom('staff_role')
    .innerJoin('account', 'account.id', 'staff_role.account_id')
    .select((select) => ['account.pseudonym', select.fn.agg<string[]>('array_agg', ['role']).as('roles')])
    .groupBy('account.pseudonym')
    .orderBy('account.pseudonym')
    .execute();
}
