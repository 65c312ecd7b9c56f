import { type Actor, can, type StaffRole, staffRoles } from '@accord/case-model';
import type { Queries } from '../platform/database.ts';
import type { Guard } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';

const known: ReadonlySet<string> = new Set(staffRoles);

/** The roles of an account; a role that this version does not know is none. */
async function rolesOf(queries: Queries, accountId: string): Promise<StaffRole[]> {
  const rows = await queries
    .selectFrom('staff_role')
    .select('role')
    .where('account_id', '=', accountId)
    .execute();
  return rows.map(({ role }) => role).filter((role): role is StaffRole => known.has(role));
}

export const staffActor = async (
  queries: Queries,
  accountId: string,
): Promise<Actor & { readonly kind: 'staff' }> => ({
  kind: 'staff',
  id: accountId,
  roles: await rolesOf(queries, accountId),
});

/** The door of the console: deny by default. */
export function staffDoor(queries: Queries): Guard['assertStaff'] {
  return async (accountId, may) => {
    if (!can(await rolesOf(queries, accountId), may)) throw new Refusal('not_found');
  };
}

/** Gives an account exactly these roles. */
export async function setRoles(
  queries: Queries,
  change: {
    readonly accountId: string;
    readonly roles: readonly StaffRole[];
    readonly by: string;
    readonly now: number;
  },
): Promise<void> {
  const { accountId, roles, by, now } = change;
  const gone = queries.deleteFrom('staff_role').where('account_id', '=', accountId);
  await (roles.length === 0 ? gone : gone.where('role', 'not in', [...roles])).execute();
  if (roles.length === 0) return;
  await queries
    .insertInto('staff_role')
    .values(roles.map((role) => ({ account_id: accountId, role, granted_at: new Date(now), granted_by: by })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
