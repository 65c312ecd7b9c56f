import type { Config } from '@accord/server/operations';
import type { Command, Surroundings } from './command.ts';
import { UsageError } from './command.ts';

/** By name, loaded when called: `hash` must not wait for a database driver, nor `backup` for a decoder. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  age: async () => (await import('./commands/age.ts')).age,
  backup: async () => (await import('./commands/backup.ts')).backup,
  bank: async () => (await import('./commands/bank.ts')).bank,
  case: async () => (await import('./commands/case.ts')).caseCommand,
  config: async () => (await import('./commands/config.ts')).config,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  exchange: async () => (await import('./commands/exchange.ts')).exchange,
  hash: async () => (await import('./commands/hash.ts')).hash,
  key: async () => (await import('./commands/key.ts')).key,
  keys: async () => (await import('./commands/keys.ts')).keys,
  match: async () => (await import('./commands/match.ts')).match,
  reports: async () => (await import('./commands/reports.ts')).reports,
  restore: async () => (await import('./commands/restore.ts')).restore,
  role: async () => (await import('./commands/role.ts')).role,
  transparency: async () => (await import('./commands/transparency.ts')).transparency,
};

/** Process, or a test in its place. */
export type Outside = Omit<Surroundings, 'config'>;

async function help(outside: Outside): Promise<number> {
  outside.out('accord — commands for the operator\n');
  for (const [name, load] of Object.entries(commands)) {
    const { summary, usage } = await load();
    outside.out(`  npm run accord -- ${`${name} ${usage}`.trim()}\n      ${summary}`);
  }
  outside.out('\nSettings come from the environment, as for npm start.');
  return 0;
}

/** Errors whose message is a sentence for the operator. */
const spoken = new Set([
  'ConfigError',
  'DatabaseError',
  'MigrationError',
  'ArchiveError',
  'RestoreError',
  'AgeTrustError',
  'KeysError',
]);

/** Runs a command line; resolves to the exit code: 0 done, 1 failed, 2 not understood. */
export async function accord(argv: readonly string[], outside: Outside): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return help(outside);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    outside.err(`accord has no command ${name}. Those it has: ${Object.keys(commands).join(', ')}.`);
    return 2;
  }
  const command = await load();
  const usage = `npm run accord -- ${name} ${command.usage}`.trim();
  if (args.includes('--help') || args.includes('-h')) {
    outside.out(`${command.summary}\n\n  ${usage}`);
    return 0;
  }
  try {
    return await command.run(args, { ...outside, config: () => configOf(outside) });
  } catch (error) {
    const { name: kind, message, code } = error as { name?: string; message?: string; code?: string };
    if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
      outside.err(`${message}\n  ${usage}`);
      return 2;
    }
    outside.err(
      spoken.has(kind ?? '')
        ? `${message}`
        : `${kind ?? 'Error'}${code === undefined ? '' : ` ${code}`}: ${message}`,
    );
    return 1;
  }
}

async function configOf({ env }: Outside): Promise<Config> {
  const { readConfig } = await import('@accord/server/operations');
  return readConfig(env);
}
