import { parseArgs } from 'node:util';
import { partnerScopes } from '@accord/protocol/partners';
import {
  createKey,
  type Database,
  listApiKeys,
  revokeApiKey,
  withOpenDatabase,
} from '@accord/server/operations';
import { type Command, type Surroundings, UsageError } from '../command.ts';
import { table } from '../pictures.ts';

type Act = (db: Database, args: readonly string[], around: Surroundings) => Promise<number>;

const words = (text: string): string[] => text.split(',').filter((word) => word !== '');

async function create(db: Database, args: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      scopes: { type: 'string', default: '' },
      banks: { type: 'string' },
      'per-minute': { type: 'string', default: '6000' },
    },
    allowPositionals: true,
  });
  const [name = '', ...rest] = positionals;
  const scopes = words(values.scopes);
  const known = partnerScopes.filter((scope) => scopes.includes(scope));
  const perMinute = /^\d{1,8}$/.test(values['per-minute']) ? Number(values['per-minute']) : 0;
  if (name === '' || rest.length > 0 || scopes.length === 0 || known.length !== new Set(scopes).size) {
    throw new UsageError(`key create wants a name and --scopes, of ${partnerScopes.join(', ')}.`);
  }
  if (perMinute < 1) throw new UsageError('--per-minute wants a whole number from 1 on.');
  const banks = values.banks === undefined ? null : words(values.banks);
  const key = await createKey(db, { name, scopes: known, banks, perMinute }, around.now());
  around.out(key);
  around.err('This is the only time that the key is shown. Keep it where secrets are kept.');
  return 0;
}

async function list(db: Database, args: readonly string[], around: Surroundings): Promise<number> {
  if (args.length > 0) throw new UsageError('key list takes no more.');
  const rows = (await listApiKeys(db)).map((key) => [
    key.id,
    key.name,
    key.scopes.join(','),
    key.banks?.join(',') ?? '(all)',
    String(key.perMinute),
    key.createdAt.toISOString().slice(0, 10),
    key.revokedAt === null ? '' : `revoked ${key.revokedAt.toISOString().slice(0, 10)}`,
  ]);
  for (const line of table([['key', 'name', 'scopes', 'banks', 'a minute', 'since', ''], ...rows])) {
    around.out(line);
  }
  return 0;
}

async function revoke(
  db: Database,
  [id = '', ...rest]: readonly string[],
  around: Surroundings,
): Promise<number> {
  if (id === '' || rest.length > 0) throw new UsageError('key revoke wants the eight letters of one key.');
  const done = await revokeApiKey(db, id, around.now());
  if (done) around.out(`${id} opens nothing any more.`);
  else around.err(`There is no key ${id} that opens anything. See key list.`);
  return done ? 0 : 1;
}

const acts: Readonly<Record<string, Act>> = { create, list, revoke };

export const key: Command = {
  summary: 'Keys of other platforms for the HTTP interfaces. A key is shown once, when it is made.',
  usage: `create NAME --scopes S,… [--banks B,…] [--per-minute N] | list | revoke ID   (${partnerScopes.join(', ')})`,
  async run([name = '', ...args], around) {
    const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
    if (act === undefined) throw new UsageError('key has three forms.');
    return withOpenDatabase(await around.config(), (db) => act(db, args, around));
  },
};
