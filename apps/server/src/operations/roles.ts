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

/** Whoever runs the server gives roles without a second person: they could write the row themselves. False: no such account. */
export async function grantRole(db: Queries, { pseudonym, role, now }: Change): Promise<boolean> {
  const account = await db
    .selectFrom('account')
    .select('id')
    .where('pseudonym', '=', pseudonym)
    .executeTakeFirst();
  if (account === undefined) return false;
  await db
    .insertInto('staff_role')
    .values({ account_id: account.id, role, granted_at: now, granted_by: 'operator' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return true;
}

/** False: nobody of this name had this role. */
export async function revokeRole(db: Queries, { pseudonym, role }: Change): Promise<boolean> {
  const gone = await db
    .deleteFrom('staff_role')
    .where('role', '=', role)
    .where('account_id', 'in', db.selectFrom('account').select('id').where('pseudonym', '=', pseudonym))
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
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
