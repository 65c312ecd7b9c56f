import { z } from 'zod';
import { type DeskConfig, deskOf, deskSettingsOf, stampsByHalves, testTipline } from './config-desk.ts';
import { type ExchangeConfig, exchangeOf, exchangeSettingsOf } from './config-exchange.ts';
import { type S3Config, s3Fault, s3Of, s3SettingsOf } from './config-s3.ts';
import { isLoopback } from './loopback.ts';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
/** Digits alone: an empty value or `1e3` is a typing error, not a number. */
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `Invalid input: expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
const port = whole(0, 65_535);
/** Words with commas between. */
const listOf = (word: RegExp) =>
  z
    .string()
    .transform((value) => value.split(',').filter((one) => one !== ''))
    .pipe(z.array(z.string().regex(word)))
    .prefault('');

/** Every name that is read from the environment, once, at start. */
const environment = z.strictObject({
  ACCORD_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  ACCORD_HOST: z.string().min(1).default('127.0.0.1'),
  /** Where to listen; by default the port of the public address. */
  ACCORD_PORT: port.optional(),
  /** `/metrics` listens here, on loopback only; 0 or nothing: it is off. */
  ACCORD_METRICS_PORT: port.optional(),
  ACCORD_DATA: z.string().min(1).optional(),
  /** An object store for ciphertexts, in place of a folder: its address, a bucket of our own, and the keys to it. */
  ACCORD_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  ACCORD_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .optional(),
  ACCORD_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .optional(),
  /** A JSON file that we alone can read, or the JSON itself. */
  ACCORD_S3_CREDENTIALS: z.string().min(1).optional(),
  ACCORD_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  /** Comma-separated. By default the test method on a loopback address outside production, else none. */
  ACCORD_AGE_METHODS: z
    .string()
    .transform((value) => value.split(',').filter((name) => name !== ''))
    .pipe(z.array(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/)))
    .optional(),
  /** Where the people are whom we serve, with commas: the strictest of what these ask holds. */
  ACCORD_AGE_POLICY: z
    .string()
    .transform((value) => value.split(','))
    .pipe(z.array(z.enum(['fr', 'eu', 'uk', 'other'])))
    .optional(),
  /** A JSON file with the OpenID Connect providers that `ACCORD_AGE_METHODS` names. */
  ACCORD_AGE_PROVIDERS: z.string().min(1).optional(),
  /** What opens talk to a session, where the operator's counsel says otherwise than the policy. */
  ACCORD_AGE_REOPEN: z.enum(['passkey', 'proof']).optional(),
  /** Shorter than the policy's only. */
  ACCORD_AGE_DAYS: whole(1, 90).optional(),
  ACCORD_AGE_IDLE_MINUTES: whole(1, 720).optional(),
  /** Days for which a list of trusted issuers that is overdue still holds. */
  ACCORD_AGE_LIST_GRACE_DAYS: whole(0, 30).prefault('7'),
  ACCORD_REQUESTS_PER_DAY: whole(1, 1000).prefault('10'),
  ACCORD_BUS: z.enum(['process', 'postgres']).optional(),
  /** `nats://` or `tls://`, with name and password where the server asks for them: the bus of several processes. */
  ACCORD_NATS_URL: z.url({ protocol: /^(nats|tls)$/ }).optional(),
  ACCORD_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  ACCORD_TRUST_PROXY: flag.default(false),
  /** Letters to other platforms: the SMTP server, and the address that can be answered. */
  ACCORD_DESK_SMTP: z.url({ protocol: /^smtps?$/ }).optional(),
  ACCORD_DESK_FROM: z.email().optional(),
  /** Clocks beside those that always run, by their ids in the table of deadlines. */
  ACCORD_DESK_CLOCKS: z
    .string()
    .transform((value) => value.split(',').filter((name) => name !== ''))
    .pipe(z.array(z.enum(['in-3-2-b'])))
    .prefault(''),
  /** `user:password` at NCMEC's CyberTipline; without it reports are built and kept. */
  ACCORD_CYBERTIP_AUTH: z
    .string()
    .regex(/^[^:]+:.+$/)
    .optional(),
  /** The test base until this names another. */
  ACCORD_CYBERTIP_URL: z.url({ protocol: /^https?$/ }).default(testTipline),
  /** The DSA Transparency Database, and our token there; without one statements are kept. */
  ACCORD_DSA_URL: z.url({ protocol: /^https?$/ }).default('https://transparency.dsa.ec.europa.eu'),
  ACCORD_DSA_TOKEN: z.string().min(1).optional(),
  /** The interfaces for other platforms listen here, with keys; 0 or nothing: they are off. */
  ACCORD_API_PORT: port.optional(),
  ACCORD_API_HOST: z.string().min(1).default('127.0.0.1'),
  /**
   * Whom we fetch pictures from and tell decisions to where a platform names an address: `name`, `name:port`, `.name` for
   * all below it, `*` for anybody. Nobody by default.
   */
  ACCORD_FETCH_HOSTS: listOf(/^(\*|\.?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?)$/i),
  /** Networks of our own that may be reached by it all the same, like `10.1.2.0/24`. */
  ACCORD_FETCH_PRIVATE: listOf(/^[0-9a-f.:]+\/\d{1,3}$/i),
  /** The keys of peers by the exchange's name: a JSON file that we alone can read, or the JSON itself. */
  ACCORD_EXCHANGE_KEYS: z.string().min(1).optional(),
  /** Origins besides the well-known ones that an exchange may ask, with commas. */
  ACCORD_EXCHANGE_ORIGINS: z
    .string()
    .transform((value) => value.split(',').filter((origin) => origin !== ''))
    .pipe(z.array(z.url({ protocol: /^https?$/ })))
    .prefault(''),
  /** Minutes between two fetches from a peer. */
  ACCORD_EXCHANGE_MINUTES: whole(1, 1440).prefault('15'),
  /** Whether peers may be on this machine: for tests, on a loopback address outside production. */
  ACCORD_EXCHANGE_LOOPBACK: flag.default(false),
  /** A time-stamping authority (RFC 3161) for evidence, and a PEM file with its certificate or its issuer's. */
  ACCORD_TSA_URL: z.url({ protocol: /^https?$/ }).optional(),
  ACCORD_TSA_CERTIFICATE: z.string().min(1).optional(),
  /** OID of the policy that stamps must be under; any, where nothing is said. */
  ACCORD_TSA_POLICY: z
    .string()
    .regex(/^[0-2](\.(0|[1-9]\d*))+$/)
    .optional(),
  /** Off only in tests of other things: the limits themselves are tested with it on. */
  ACCORD_RATE_LIMITS: flag.default(true),
});

/** The gate's settings as given; `gate` says what holds. */
interface AgeSettings {
  readonly policy: readonly ('fr' | 'eu' | 'uk' | 'other')[];
  readonly providersFile: string | undefined;
  readonly reopen: 'passkey' | 'proof' | undefined;
  readonly days: number | undefined;
  readonly idleMinutes: number | undefined;
  readonly listGraceDays: number;
  /** Whether this is one machine alone outside production, where the test method may run. */
  readonly trial: boolean;
}

export interface Config {
  readonly publicUrl: URL;
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number;
  /** As given; `dataFolder()` says where it is when nothing is given. */
  readonly dataFolder: string | undefined;
  /** Undefined: ciphertexts lie in the data folder. */
  readonly s3: S3Config | undefined;
  readonly databaseUrl: string | undefined;
  readonly ageMethods: readonly string[];
  readonly age: AgeSettings;
  readonly requestsPerDay: number;
  readonly bus: 'process' | 'postgres' | 'nats';
  readonly natsUrl: string | undefined;
  readonly logLevel: string;
  readonly trustProxy: boolean;
  readonly rateLimits: boolean;
  readonly production: boolean;
  readonly desk: DeskConfig;
  readonly api: ApiConfig;
  readonly exchange: ExchangeConfig;
}

/** The interfaces for other platforms. */
interface ApiConfig {
  readonly host: string;
  /** 0: they are off. */
  readonly port: number;
  readonly fetchHosts: readonly string[];
  readonly fetchPrivate: readonly string[];
}

/** A setting that can't be used. The message is a sentence that names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration from the environment. Names that begin with `ACCORD_` and are not known stop the
 * start, as does an unreadable value: a typing error must not become a silent default.
 * @throws {ConfigError}
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('ACCORD_')));
  const parsed = environment.safeParse(own);
  if (!parsed.success) throw new ConfigError(firstIssue(parsed.error));
  const values = parsed.data;
  if (stampsByHalves(values)) {
    throw new ConfigError('ACCORD_TSA_URL and ACCORD_TSA_CERTIFICATE go together: name both, or neither.');
  }
  const wrongStore = s3Fault(values);
  if (wrongStore !== undefined) throw new ConfigError(wrongStore);
  const publicUrl = readOrigin(values.ACCORD_PUBLIC_URL ?? 'http://localhost:8420');
  const production = env.NODE_ENV === 'production';
  const local = isLoopback(publicUrl.hostname) && isLoopback(values.ACCORD_HOST) && !production;
  const ageMethods = values.ACCORD_AGE_METHODS ?? (local ? ['test' as const] : []);
  if (ageMethods.includes('test') && !local) {
    throw new ConfigError(
      'ACCORD_AGE_METHODS names the test method, which proves nothing: it runs only on a loopback address and outside production.',
    );
  }
  const age: AgeSettings = {
    policy: values.ACCORD_AGE_POLICY ?? [],
    providersFile: values.ACCORD_AGE_PROVIDERS,
    reopen: values.ACCORD_AGE_REOPEN,
    days: values.ACCORD_AGE_DAYS,
    idleMinutes: values.ACCORD_AGE_IDLE_MINUTES,
    listGraceDays: values.ACCORD_AGE_LIST_GRACE_DAYS,
    trial: local,
  };
  checkMethods(ageMethods, age, publicUrl);
  if (values.ACCORD_EXCHANGE_LOOPBACK && !local) {
    throw new ConfigError(
      'ACCORD_EXCHANGE_LOOPBACK lets peers be on this machine: it is for tests, on a loopback address and outside production.',
    );
  }
  if (values.ACCORD_NATS_URL !== undefined && values.ACCORD_BUS !== undefined) {
    throw new ConfigError('ACCORD_BUS and ACCORD_NATS_URL name two buses: keep one of them.');
  }
  return {
    publicUrl,
    host: values.ACCORD_HOST,
    port: values.ACCORD_PORT ?? Number(publicUrl.port || (publicUrl.protocol === 'https:' ? 443 : 80)),
    metricsPort: values.ACCORD_METRICS_PORT ?? 0,
    dataFolder: values.ACCORD_DATA,
    s3: s3Of(values),
    databaseUrl: values.ACCORD_DATABASE_URL,
    ageMethods,
    age,
    requestsPerDay: values.ACCORD_REQUESTS_PER_DAY,
    bus: values.ACCORD_NATS_URL === undefined ? (values.ACCORD_BUS ?? 'process') : 'nats',
    natsUrl: values.ACCORD_NATS_URL,
    logLevel: values.ACCORD_LOG_LEVEL,
    trustProxy: values.ACCORD_TRUST_PROXY,
    rateLimits: values.ACCORD_RATE_LIMITS,
    production,
    desk: deskOf(values),
    api: {
      host: values.ACCORD_API_HOST,
      port: values.ACCORD_API_PORT ?? 0,
      fetchHosts: values.ACCORD_FETCH_HOSTS,
      fetchPrivate: values.ACCORD_FETCH_PRIVATE,
    },
    exchange: exchangeOf(values),
  };
}

/** What can be told of the methods without their files. @throws {ConfigError} */
function checkMethods(methods: readonly string[], age: AgeSettings, publicUrl: URL): void {
  const real = methods.filter((name) => name !== 'test');
  if (new Set(methods).size !== methods.length) {
    throw new ConfigError('ACCORD_AGE_METHODS names a method twice.');
  }
  const [unknown] = real.filter((name) => name !== 'wallet');
  if (unknown !== undefined && age.providersFile === undefined) {
    throw new ConfigError(
      `ACCORD_AGE_METHODS names ${unknown}: that is neither wallet nor test, and ACCORD_AGE_PROVIDERS names no file of providers.`,
    );
  }
  if (real.length > 0 && age.policy.length === 0) {
    throw new ConfigError(
      'ACCORD_AGE_POLICY is missing: name where the people are whom you serve (fr, eu, uk, other, with commas).',
    );
  }
  if (real.length > 0 && publicUrl.protocol !== 'https:' && !isLoopback(publicUrl.hostname)) {
    throw new ConfigError(
      'ACCORD_PUBLIC_URL is not https: proofs of age would pass in the clear, and wallets would refuse.',
    );
  }
}

/** The public address is an origin: a page that runs under a path of another is out of our hands. */
function readOrigin(value: string): URL {
  const url = new URL(value);
  const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (bare) return url;
  throw new ConfigError(`ACCORD_PUBLIC_URL can't be read: it is an origin alone, like ${url.origin}.`);
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.code !== 'unrecognized_keys') {
    return `${String(issue?.path[0])} can't be read: ${issue?.message}.`;
  }
  const unknown = issue.keys[0] ?? '';
  const [near] = settingNames
    .map((name) => ({ name, far: distance(name, unknown) }))
    .filter(({ far }) => far <= 3)
    .sort((one, other) => one.far - other.far);
  const hint =
    near === undefined ? `The settings are: ${settingNames.join(', ')}.` : `Did you mean ${near.name}?`;
  return `${unknown} is no setting of Accord. ${hint}`;
}

/** Levenshtein's: how many letters to add, drop or change to get from one name to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const settingNames = Object.keys(environment.shape);

const withoutPassword = (url: string | undefined): string | undefined =>
  url?.replace(/^(\w+:\/\/[^:@/]*):[^@]*@/, '$1:…@');

/**
 * The effective configuration by the settings' names, for an operator's eyes: what is given, else what holds
 * without it. Passwords are left out.
 */
export function settingsOf(config: Config): Record<string, string> {
  const database = withoutPassword(config.databaseUrl)?.replace(/(password=)[^&]*/i, '$1…');
  return {
    ACCORD_PUBLIC_URL: config.publicUrl.origin,
    ACCORD_HOST: config.host,
    ACCORD_PORT: String(config.port),
    ACCORD_METRICS_PORT: String(config.metricsPort),
    ACCORD_DATA: config.dataFolder ?? 'data',
    ...givenOf(s3SettingsOf(config.s3)),
    ACCORD_DATABASE_URL: database ?? '(a PostgreSQL of our own)',
    ACCORD_AGE_METHODS: config.ageMethods.join(',') || '(none)',
    ...ageSettingsOf(config.age),
    ACCORD_REQUESTS_PER_DAY: String(config.requestsPerDay),
    ...(config.natsUrl === undefined
      ? { ACCORD_BUS: config.bus }
      : { ACCORD_NATS_URL: withoutPassword(config.natsUrl) ?? '' }),
    ACCORD_LOG_LEVEL: config.logLevel,
    ACCORD_TRUST_PROXY: String(config.trustProxy),
    ACCORD_RATE_LIMITS: String(config.rateLimits),
    ...givenOf(deskSettingsOf(config.desk)),
    ...apiSettingsOf(config.api),
    ...givenOf(exchangeSettingsOf(config.exchange)),
  };
}

/** Only what was given. */
const givenOf = (settings: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** Those of the gate: what holds without them is the policy's. */
const ageSettingsOf = (age: AgeSettings): Record<string, string> =>
  givenOf({
    ACCORD_AGE_POLICY: age.policy.join(',') || undefined,
    ACCORD_AGE_PROVIDERS: age.providersFile,
    ACCORD_AGE_REOPEN: age.reopen,
    ACCORD_AGE_DAYS: age.days?.toString(),
    ACCORD_AGE_IDLE_MINUTES: age.idleMinutes?.toString(),
    ACCORD_AGE_LIST_GRACE_DAYS: String(age.listGraceDays),
  });

/** Those of the interfaces for other platforms. */
const apiSettingsOf = ({ host, port: at, fetchHosts, fetchPrivate }: ApiConfig): Record<string, string> =>
  at === 0
    ? {}
    : givenOf({
        ACCORD_API_PORT: String(at),
        ACCORD_API_HOST: host,
        ACCORD_FETCH_HOSTS: fetchHosts.join(',') || undefined,
        ACCORD_FETCH_PRIVATE: fetchPrivate.join(',') || undefined,
      });
