import {
  type Config,
  dataFolder,
  examineAge,
  examineBackups,
  examineConfig,
  examineDatabase,
  examineFolder,
  examinePort,
  type Finding,
  ownDatabaseUser,
  readLastBackup,
  withClient,
  withDatabase,
} from '@accord/server/operations';
import { type Command, UsageError } from '../command.ts';

/** A look that fails is a finding too: the next ones are still made. */
async function look(what: string, make: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await make();
  } catch (error) {
    return [{ state: 'fail', what: `${what}: ${(error as Error).message}` }];
  }
}

async function examine(config: Config, now: () => number): Promise<Finding[]> {
  const findings = examineConfig(config);
  findings.push(
    ...(await look('data folder', async () =>
      examineFolder(await dataFolder(config), ownDatabaseUser(config)),
    )),
    ...(await look('age proof', async () => examineAge(config, await dataFolder(config), now()))),
    ...(await look('database', () =>
      withDatabase(config, (settings) => withClient(settings, (client) => examineDatabase(client, now))),
    )),
    ...(await look('port', async () => [await examinePort(config)])),
    ...(await look('backups', async () => [
      examineBackups(await readLastBackup(await dataFolder(config)), now()),
    ])),
  );
  return findings;
}

export const doctor: Command = {
  summary:
    'Looks at settings, data folder, disk, proof of age, database, migrations, port, clock and backups; says what to do.',
  usage: '',
  async run(args, around) {
    if (args.length > 0) throw new UsageError('doctor takes no arguments.');
    let findings: Finding[];
    try {
      findings = await examine(await around.config(), around.now);
    } catch (error) {
      findings = [{ state: 'fail', what: `configuration: ${(error as Error).message}` }];
    }
    for (const { state, what, remedy } of findings) {
      around.out(`${state.padEnd(4)}  ${what}${remedy === undefined ? '' : `\n      ${remedy}`}`);
    }
    return findings.some(({ state }) => state === 'fail') ? 1 : 0;
  },
};
