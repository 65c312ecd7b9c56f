import { parseArgs } from 'node:util';
import { type BankTools, bankPurposes, bankTools, withOpenDatabase } from '@accord/server/operations';
import { type Command, type Surroundings, UsageError } from '../command.ts';
import { table } from '../pictures.ts';
import { exportFrom } from './bank/export.ts';
import { importInto } from './bank/import.ts';

type Act = (tools: BankTools, args: readonly string[], around: Surroundings) => Promise<number>;

const acts: Readonly<Record<string, Act>> = {
  create: createNamed,
  list,
  stats,
  import: importInto,
  export: exportFrom,
  remove,
};

async function createNamed(tools: BankTools, args: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      purpose: { type: 'string' },
      source: { type: 'string', default: 'file' },
      owner: { type: 'string', default: 'own' },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  const purpose = bankPurposes.find((one) => one === values.purpose);
  if (name === undefined || rest.length > 0 || purpose === undefined) {
    throw new UsageError(`bank create wants a name and --purpose, one of ${bankPurposes.join(', ')}.`);
  }
  const { source, owner } = values;
  const bank = await tools.create({ name, purpose, source, owner }).catch((error: { code?: string }) => {
    if (error.code !== 'invalid_input') throw error;
    throw new UsageError(
      `${name} can’t be made: a name has capital letters, digits and _ alone, is not taken, and there are 31 banks at most.`,
    );
  });
  around.out(`Made ${bank.name}, ${bank.purpose}.`);
  return 0;
}

async function list(tools: BankTools, args: readonly string[], around: Surroundings): Promise<number> {
  if (args.length > 0) throw new UsageError('bank list takes no more.');
  const rows = (await tools.list()).map(({ name, purpose, source, owner, enabled }) => [
    name,
    purpose,
    source,
    owner,
    enabled ? 'on' : 'off',
  ]);
  for (const line of table([['bank', 'purpose', 'source', 'owner', ''], ...rows])) around.out(line);
  return 0;
}

async function stats(tools: BankTools, args: readonly string[], around: Surroundings): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const all = await tools.stats();
  if (values.json) {
    around.out(JSON.stringify(all, null, 2));
    return 0;
  }
  const rows = all.map(({ name, purpose, enabled, pictures, hashes, files, byCategory: by }) => [
    name,
    enabled ? purpose : `${purpose}, off`,
    ...[pictures, hashes, files, by.positive, by.seed, by.negative, by.withdrawn].map(String),
  ]);
  const head = [
    'bank',
    'purpose',
    'pictures',
    'hashes',
    'files',
    'positive',
    'seed',
    'negative',
    'withdrawn',
  ];
  for (const line of table([head, ...rows])) around.out(line);
  return 0;
}

async function remove(tools: BankTools, args: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { yes: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('bank remove wants the name of one bank.');
  const bank = await tools.find(name);
  if (!values.yes) {
    const held = (await tools.stats()).find((one) => one.name === bank.name)?.pictures ?? 0;
    around.err(`${bank.name} has ${held} pictures, which it would no longer refuse. Say --yes to remove it.`);
    return 1;
  }
  await tools.remove(bank.name).catch((error: { code?: string }) => {
    throw error.code === 'invalid_input'
      ? new UsageError(`${bank.name} has to stay: the desk needs it.`)
      : error;
  });
  around.out(`Removed ${bank.name}.`);
  return 0;
}

export const bank: Command = {
  summary:
    'Banks of known pictures. Import reads pictures (hashed here), or hashes as text, CSV or JSON; export writes a CSV and its manifest.',
  usage:
    'create NAME --purpose P [--source S] [--owner O] | list | stats [--json] | import NAME FILE… [--category C] [--tag T]… [--source S] [--dry-run] | export NAME FILE [--all-hashes] | remove NAME --yes',
  async run([name = '', ...args], around) {
    const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
    if (act === undefined) throw new UsageError(`bank wants one of ${Object.keys(acts).join(', ')}.`);
    return withOpenDatabase(await around.config(), async (db) => {
      try {
        return await act(await bankTools(db, around.now), args, around);
      } catch (error) {
        if ((error as { code?: string }).code !== 'not_found') throw error;
        throw new UsageError('There is no bank of this name. See bank list.');
      }
    });
  },
};
