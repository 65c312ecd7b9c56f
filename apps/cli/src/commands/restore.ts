import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { restore as load, type Manifest, verifyArchive, withDatabaseAlone } from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

const describe = ({ tables, createdAt, postgres }: Manifest): string =>
  `${tables.reduce((sum, table) => sum + table.rows, 0)} rows of ${tables.length} tables, saved on ${createdAt} from PostgreSQL ${postgres}`;

export const restore: Command = {
  summary: 'Restores a backup into an empty database, all of it or nothing; --verify only checks the file.',
  usage: '[--verify] FILE',
  async run(args, around) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { verify: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw new UsageError('restore wants the name of one backup.');
    const path = resolve(file);
    if (values.verify) {
      around.out(`${path} is whole: ${describe(await verifyArchive(path))}.`);
      return 0;
    }
    const config = await around.config();
    // Before a database is so much as started.
    await verifyArchive(path);
    const manifest = await withDatabaseAlone(config, (settings) => load(settings, path));
    around.out(`Restored ${describe(manifest)}. People sign in again with their passkeys.`);
    return 0;
  },
};
