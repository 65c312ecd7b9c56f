import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Config,
  dataFolder,
  lastBackupPath,
  makeDataFolder,
  ownDatabaseUser,
  backup as save,
  withDatabase,
} from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

async function note(config: Config, at: Date): Promise<void> {
  const folder = await dataFolder(config);
  await makeDataFolder(folder, ownDatabaseUser(config));
  await writeFile(lastBackupPath(folder), JSON.stringify({ at: at.toISOString() }));
}

export const backup: Command = {
  summary:
    'Saves everything into one file, while the server runs or not. Sign-ins and other short-lived rows are left out.',
  usage: 'FILE',
  async run(args, around) {
    const [file, ...rest] = args;
    if (file === undefined || rest.length > 0)
      throw new UsageError('backup wants the name of one file that does not exist yet.');
    const path = resolve(file);
    const config = await around.config();
    const at = new Date(around.now());
    const manifest = await withDatabase(config, (settings) => save(settings, path, at));
    await note(config, at);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    around.out(`Saved ${rows} rows of ${manifest.tables.length} tables in ${path}.`);
    return 0;
  },
};
