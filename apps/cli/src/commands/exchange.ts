import { parseArgs } from 'node:util';
import {
  type ExchangeSpec,
  type ExchangeStatus,
  type ExchangeTools,
  exchangeKinds,
  exchangeTools,
  type SyncFault,
  withOpenDatabase,
} from '@accord/server/operations';
import { type Command, type Surroundings, UsageError } from '../command.ts';
import { table } from '../pictures.ts';

type Act = (tools: ExchangeTools, args: readonly string[], around: Surroundings) => Promise<number>;

const acts: Readonly<Record<string, Act>> = { add, list, sync, status, tell, on, off, remove };

/** What each fault asks of the operator. */
const faultTexts: Readonly<Record<SyncFault, string>> = {
  no_keys: 'there are no keys for it: see ACCORD_EXCHANGE_KEYS',
  refused: 'the peer refused: are the keys right, and may this address ask?',
  slow_down: 'the peer asked us to wait',
  away: 'the peer does not answer, or broke off',
  bad_answer: 'the answer can’t be read',
  not_allowed: 'the address is not allowed: see ACCORD_EXCHANGE_ORIGINS',
  empty_list: 'the list is empty; nothing was taken back',
  off: 'it is off: exchange on turns it on',
  internal: 'a mistake of ours: see the log',
};

/** Settings that have a flag of their own; the rest is given as `--set name=value`. */
const flags = {
  base: { type: 'string' },
  environment: { type: 'string' },
  group: { type: 'string' },
  url: { type: 'string' },
  file: { type: 'string' },
  self: { type: 'string' },
  unreviewed: { type: 'string' },
} as const;
const settingNames: Readonly<Record<keyof typeof flags, string>> = {
  base: 'base',
  environment: 'environment',
  group: 'privacyGroup',
  url: 'url',
  file: 'path',
  self: 'self',
  unreviewed: 'unreviewed',
};

function settingsOf(
  values: Readonly<Record<string, unknown>>,
  more: readonly string[],
): Record<string, unknown> {
  const named = Object.entries(settingNames).flatMap(([flag, name]) =>
    values[flag] === undefined ? [] : [[name, values[flag]] as const],
  );
  const others = more.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError('--set wants name=value.');
    const value = pair.slice(at + 1);
    return [pair.slice(0, at), /^\d{1,6}$/.test(value) ? Number(value) : value] as const;
  });
  return Object.fromEntries([...named, ...others]);
}

async function add(tools: ExchangeTools, args: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...flags,
      kind: { type: 'string' },
      purpose: { type: 'string', default: 'blocking' },
      tell: { type: 'boolean', default: false },
      set: { type: 'string', multiple: true, default: [] },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  const kind = exchangeKinds.find((one) => one === values.kind);
  const purpose = (['blocking', 'review'] as const).find((one) => one === values.purpose);
  if (name === undefined || rest.length > 0 || kind === undefined || purpose === undefined) {
    throw new UsageError(
      `exchange add wants a name and --kind, one of ${exchangeKinds.join(', ')}; --purpose is blocking or review.`,
    );
  }
  const spec: ExchangeSpec = {
    name,
    kind,
    purpose,
    tells: values.tell,
    settings: settingsOf(values, values.set),
  };
  const made = await tools.create(spec, true).catch((error: { code?: string; field?: string }) => {
    if (error.code !== 'invalid_input') throw error;
    throw new UsageError(
      error.field === 'name'
        ? `${name} can’t be made: a name has capital letters, digits and _ alone, is no other bank’s, and there are 31 banks at most.`
        : error.field === 'settings.address'
          ? 'The address is not allowed. Its origin has to stand in ACCORD_EXCHANGE_ORIGINS.'
          : `${error.field ?? 'The settings'} does not fit a peer of the kind ${kind}.`,
    );
  });
  around.out(`Made ${made.name}, with a bank of the same name. A server that runs begins to fetch at once.`);
  if (values.tell) around.out('It is told what people asked you to share, after two of you have approved.');
  return 0;
}

function nothingElse(args: readonly string[], what: string): string {
  const [name, ...rest] = args;
  if (name === undefined || rest.length > 0) throw new UsageError(`exchange ${what} wants one name.`);
  return name;
}

async function list(tools: ExchangeTools, _args: readonly string[], around: Surroundings): Promise<number> {
  const rows = (await tools.list()).map(({ name, kind, enabled, tells, settings }) => [
    name,
    kind,
    enabled ? 'on' : 'off',
    tells ? 'told' : 'not told',
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  ]);
  for (const line of table([['exchange', 'kind', '', '', 'settings'], ...rows])) around.out(line);
  return 0;
}

async function sync(tools: ExchangeTools, args: readonly string[], around: Surroundings): Promise<number> {
  const names =
    args.length > 0 ? args : (await tools.list()).filter(({ enabled }) => enabled).map(({ name }) => name);
  let failed = false;
  for (const name of names) {
    await tools.find(name);
    // How much there is no peer says beforehand.
    const outcome = await tools.sync(name, ({ records }) => around.progress?.(records));
    around.progress?.(1, 1);
    if (outcome === null) around.out(`${name}: another process is at it.`);
    else {
      const got = `${outcome.records} records on ${outcome.pages} pages`;
      const why = outcome.fault === null ? '' : `; ${faultTexts[outcome.fault]}`;
      (outcome.complete ? around.out : around.err)(`${name}: ${got}${why}.`);
      failed ||= !outcome.complete;
    }
  }
  return failed ? 1 : 0;
}

const when = (at: Date | null): string => at?.toISOString().replace(/\.\d+Z$/, 'Z') ?? 'never';

const lineOf = (one: ExchangeStatus): string[] => [
  one.name,
  one.enabled ? (one.underWay ? 'under way' : 'on') : 'off',
  when(one.completedAt),
  when(one.upTo),
  String(one.records),
  String(one.withdrawn),
  one.tells ? `${one.told}, ${one.toTell} waiting` : '',
  one.fault === null ? '' : `${one.failures} failed: ${faultTexts[one.fault]}`,
];

async function status(tools: ExchangeTools, args: readonly string[], around: Surroundings): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const all = await tools.status();
  if (values.json) {
    around.out(JSON.stringify(all, null, 2));
    return 0;
  }
  const head = ['exchange', '', 'last fetched', 'up to', 'records', 'withdrawn', 'told', ''];
  for (const line of table([head, ...all.map(lineOf)])) around.out(line);
  return 0;
}

async function tell(tools: ExchangeTools, args: readonly string[], around: Surroundings): Promise<number> {
  const [name, how, ...rest] = args;
  if (name === undefined || (how !== 'on' && how !== 'off') || rest.length > 0) {
    throw new UsageError('exchange tell wants a name, and on or off.');
  }
  await tools.setTells(name, how === 'on');
  around.out(
    how === 'on'
      ? `${name} is told what people asked you to share, after two of you have approved.`
      : `${name} is told nothing more; what it was told is taken back there by the server.`,
  );
  return 0;
}

async function on(tools: ExchangeTools, args: readonly string[], around: Surroundings): Promise<number> {
  const name = nothingElse(args, 'on');
  await tools.enable(name, true);
  around.out(`${name} is on.`);
  return 0;
}

async function off(tools: ExchangeTools, args: readonly string[], around: Surroundings): Promise<number> {
  const name = nothingElse(args, 'off');
  await tools.enable(name, false);
  around.out(`${name} is off: it is asked nothing, and its bank refuses nothing.`);
  return 0;
}

async function remove(tools: ExchangeTools, args: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { yes: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const name = nothingElse(positionals, 'remove');
  await tools.find(name);
  if (!values.yes) {
    const held = (await tools.status()).find((one) => one.name === name)?.records ?? 0;
    around.err(`${name} has ${held} records, which would no longer be refused. Say --yes to remove it.`);
    return 1;
  }
  await tools.remove(name).catch((error: { code?: string }) => {
    if (error.code !== 'open_work') throw error;
    throw new UsageError(
      `${name} was told of pictures. Say exchange tell ${name} off, and wait until it is taken back.`,
    );
  });
  around.out(`Removed ${name} and its bank.`);
  return 0;
}

export const exchange: Command = {
  summary:
    'Peers with whom hashes are exchanged: StopNCII, NCMEC, ThreatExchange, lists. Sync fetches now, and goes on where it was left.',
  usage:
    'add NAME --kind K [--base URL | --environment E | --group ID | --url URL | --file PATH] [--self ME] [--unreviewed block|look] [--purpose blocking|review] [--tell] [--set name=value]… | list | sync [NAME…] | status [--json] | tell NAME on|off | on NAME | off NAME | remove NAME --yes',
  async run([name = '', ...args], around) {
    const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
    if (act === undefined) throw new UsageError(`exchange wants one of ${Object.keys(acts).join(', ')}.`);
    const config = await around.config();
    return withOpenDatabase(config, async (db) => {
      try {
        return await act(exchangeTools(db, config.exchange, around.now), args, around);
      } catch (error) {
        if ((error as { code?: string }).code !== 'not_found') throw error;
        throw new UsageError('There is no exchange of this name. See exchange list.');
      }
    });
  },
};
