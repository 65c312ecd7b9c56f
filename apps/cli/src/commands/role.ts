import {
  grantRole,
  isStaffRole,
  listRoles,
  type RoleChange,
  revokeRole,
  staffRoles,
  withOpenDatabase,
} from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

const roles = staffRoles.join(', ');

function sentenceOf(outcome: RoleChange, what: 'grant' | 'revoke', pseudonym: string, name: string): string {
  if (outcome === 'nobody') return `Nobody is called ${pseudonym}.`;
  const now = what === 'grant' ? 'has' : 'does not have';
  return outcome === 'done'
    ? `${pseudonym} now ${now} ${name}.`
    : `${pseudonym} ${now} ${name}: nothing was changed.`;
}

export const role: Command = {
  summary: 'Who may do what at the console: the first roles are given here, by whoever runs the server.',
  usage: `list | grant PSEUDONYM ROLE | revoke PSEUDONYM ROLE   (${roles})`,
  async run(args, around) {
    const [what, pseudonym, name, ...rest] = args;
    const listing = what === 'list' && pseudonym === undefined;
    const changing = (what === 'grant' || what === 'revoke') && rest.length === 0;
    const given = changing && pseudonym !== undefined && name !== undefined && isStaffRole(name);
    if (!listing && !given) throw new UsageError(`role has three forms; the roles are ${roles}.`);
    return withOpenDatabase(await around.config(), async (db) => {
      if (!given) {
        const all = await listRoles(db);
        if (all.length === 0) around.out('Nobody has a role yet.');
        for (const each of all) around.out(`${each.pseudonym}  ${each.roles.join(', ')}`);
        return 0;
      }
      const change = what === 'grant' ? grantRole : revokeRole;
      const outcome = await change(db, { pseudonym, role: name, now: new Date(around.now()) });
      (outcome === 'nobody' ? around.err : around.out)(sentenceOf(outcome, what, pseudonym, name));
      return outcome === 'nobody' ? 1 : 0;
    });
  },
};
