import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const port = z.coerce.number().int().min(0).max(65_535);

/** Every name that is read from the environment, once, at start. */
const environment = z.strictObject({
  ACCORD_PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:8420'),
  ACCORD_HOST: z.string().default('127.0.0.1'),
  /** Where to listen; by default the port of the public address. */
  ACCORD_PORT: port.optional(),
  /** `/metrics` listens here, on loopback only. */
  ACCORD_METRICS_PORT: port.default(0),
  ACCORD_DATA: z.string().min(1).optional(),
  ACCORD_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  /** Comma-separated. By default the test method on a loopback address outside production, else none. */
  ACCORD_AGE_METHODS: z
    .string()
    .transform((value) => value.split(',').filter((name) => name !== ''))
    .pipe(z.array(z.enum(['test'])))
    .optional(),
  ACCORD_REQUESTS_PER_DAY: z.coerce.number().int().min(1).max(1000).default(10),
  ACCORD_BUS: z.enum(['process', 'postgres']).default('process'),
  ACCORD_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  ACCORD_TRUST_PROXY: flag.default(false),
  /** Off only in tests of other things: the limits themselves are tested with it on. */
  ACCORD_RATE_LIMITS: flag.default(true),
});

export interface Config {
  readonly publicUrl: URL;
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number;
  /** As given; `dataFolder()` says where it is when nothing is given. */
  readonly dataFolder: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly ageMethods: readonly 'test'[];
  readonly requestsPerDay: number;
  readonly bus: 'process' | 'postgres';
  readonly logLevel: string;
  readonly trustProxy: boolean;
  readonly rateLimits: boolean;
  readonly production: boolean;
}

/** A setting that can't be used. The message is a sentence that names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether an address is this machine alone. */
export const isLoopback = (host: string): boolean =>
  loopbackNames.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host);

/**
 * Reads the configuration from the environment. Names that begin with `ACCORD_` and are not known stop the
 * start, as does an unreadable value: a typing error must not become a silent default.
 * @throws {ConfigError}
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('ACCORD_')));
  const parsed = environment.safeParse(own);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue?.code === 'unrecognized_keys') {
      throw new ConfigError(
        `${issue.keys[0]} is no setting of Accord. The settings are: ${settingNames.join(', ')}.`,
      );
    }
    throw new ConfigError(`${String(issue?.path[0])} can't be read: ${issue?.message}.`);
  }
  const values = parsed.data;
  const publicUrl = new URL(values.ACCORD_PUBLIC_URL);
  const production = env.NODE_ENV === 'production';
  const local = isLoopback(publicUrl.hostname) && !production;
  const ageMethods = values.ACCORD_AGE_METHODS ?? (local ? ['test' as const] : []);
  if (ageMethods.includes('test') && !local) {
    throw new ConfigError(
      'ACCORD_AGE_METHODS names the test method, which proves nothing: it runs only on a loopback address and outside production.',
    );
  }
  return {
    publicUrl,
    host: values.ACCORD_HOST,
    port: values.ACCORD_PORT ?? Number(publicUrl.port || (publicUrl.protocol === 'https:' ? 443 : 80)),
    metricsPort: values.ACCORD_METRICS_PORT,
    dataFolder: values.ACCORD_DATA,
    databaseUrl: values.ACCORD_DATABASE_URL,
    ageMethods,
    requestsPerDay: values.ACCORD_REQUESTS_PER_DAY,
    bus: values.ACCORD_BUS,
    logLevel: values.ACCORD_LOG_LEVEL,
    trustProxy: values.ACCORD_TRUST_PROXY,
    rateLimits: values.ACCORD_RATE_LIMITS,
    production,
  };
}

const settingNames = Object.keys(environment.shape);
