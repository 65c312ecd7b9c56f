import {
  grantRole,
  isStaffRole,
  listRoles,
  openDatabase,
  revokeRole,
  staffRoles,
  withDatabase,
} from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

const roles = staffRoles.join(', ');

export const role: Command = {
  summary: 'Who may do what at the console: the first roles are given here, by whoever runs the server.',
  usage: `list | grant PSEUDONYM ROLE | revoke PSEUDONYM ROLE   (${roles})`,
  async run(args, around) {
    const [what, pseudonym, name, ...rest] = args;
    const listing = what === 'list' && pseudonym === undefined;
    const changing = (what === 'grant' || what === 'revoke') && pseudonym !== undefined && rest.length === 0;
    if (!listing && !(changing && name !== undefined && isStaffRole(name))) {
      throw new UsageError(`role has three forms; the roles are ${roles}.`);
    }
    return withDatabase(await around.config(), async (settings) => {
      const { db } = openDatabase(settings);
      try {
        if (listing) {
          for (const each of await listRoles(db)) around.out(`${each.pseudonym}  ${each.roles.join(', ')}`);
          return 0;
        }
        const change = what === 'grant' ? grantRole : revokeRole;
        const done = await change(db, {
          pseudonym: pseudonym ?? '',
          role: name ?? '',
          now: new Date(around.now()),
        });
        around.out(
          done
            ? `${pseudonym}: ${what === 'grant' ? 'has' : 'no longer has'} ${name}.`
            : `Nobody is called ${pseudonym}.`,
        );
        return done ? 0 : 1;
      } finally {
        await db.destroy();
      }
    });
  },
};
