import {
  type Config,
  checkIndex,
  dataFolder,
  examineAge,
  examineBackups,
  examineBus,
  examineConfig,
  examineDatabase,
  examineFolder,
  examinePepperMark,
  examinePort,
  examineStore,
  type Finding,
  ownDatabaseUser,
  readLastBackup,
  withClient,
  withDatabase,
  withOpenDatabase,
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

function examineIndex(check: Awaited<ReturnType<typeof checkIndex>>): Finding {
  if (check.state === 'none')
    return { state: 'ok', what: 'index: none is saved; a start makes it from the database' };
  if (check.state === 'agrees')
    return { state: 'ok', what: `index: agrees with the database, ${check.hashes} hashes` };
  return {
    state: 'fail',
    what: `index: ${check.wrong} of ${check.hashes} hashes are not as in the database`,
    remedy: 'Stop the server, remove matching/index.json from the data folder, start it, and tell us.',
  };
}

async function examine(config: Config, now: () => number): Promise<Finding[]> {
  const findings = examineConfig(config);
  findings.push(
    ...(await look('data folder', async () =>
      examineFolder(await dataFolder(config), ownDatabaseUser(config)),
    )),
    ...(await look('ciphertexts', async () => examineStore(config, await dataFolder(config)))),
    ...(await look('age proof', async () => examineAge(config, await dataFolder(config), now()))),
    ...(await look('database', () =>
      withDatabase(config, (settings) => withClient(settings, (client) => examineDatabase(client, now))),
    )),
    ...(await look('age pepper', () =>
      withOpenDatabase(config, async (db) => {
        return [...(await examinePepperMark(config, await dataFolder(config), db))];
      }),
    )),
    ...(await look('bus', () => examineBus(config))),
    ...(await look('port', async () => [await examinePort(config)])),
    ...(await look('index', () =>
      withOpenDatabase(config, async (db) => {
        return [examineIndex(await checkIndex(db, await dataFolder(config), now()))];
      }),
    )),
    ...(await look('backups', async () => [
      examineBackups(await readLastBackup(await dataFolder(config)), now()),
    ])),
  );
  return findings;
}

export const doctor: Command = {
  summary:
    'Looks at settings, data folder, disk, object store, proof of age, database, migrations, bus, port, clock, index and backups; says what to do.',
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
