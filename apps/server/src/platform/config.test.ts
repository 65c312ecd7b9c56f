import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, settingsOf } from './config.ts';
import { isLoopback } from './loopback.ts';

describe('the configuration', () => {
  it('is complete without a single setting: this machine alone, with the test method', () => {
    const config = readConfig({});
    expect(config.publicUrl.href).toBe('http://localhost:8420/');
    expect({ ...config, publicUrl: undefined }).toEqual({
      publicUrl: undefined,
      host: '127.0.0.1',
      port: 8420,
      metricsPort: 0,
      dataFolder: undefined,
      s3: undefined,
      databaseUrl: undefined,
      ageMethods: ['test'],
      age: {
        policy: [],
        providersFile: undefined,
        reopen: undefined,
        days: undefined,
        idleMinutes: undefined,
        listGraceDays: 7,
        trial: true,
      },
      desk: { smtp: undefined, from: undefined, clocks: [], tipline: undefined, dsa: undefined },
      exchange: { keys: undefined, origins: [], minutes: 15, loopback: false },
      requestsPerDay: 10,
      api: { host: '127.0.0.1', port: 0, fetchHosts: [], fetchPrivate: [] },
      bus: 'process',
      natsUrl: undefined,
      logLevel: 'info',
      trustProxy: false,
      rateLimits: true,
      production: false,
    });
  });

  it('ignores what is not ours in the environment', () => {
    expect(readConfig({ PATH: '/bin', PORT: '1', DATABASE_URL: 'x' }).port).toBe(8420);
  });

  it.each([
    ['ACCORD_PUBLIC_URL', 'localhost:8420'],
    ['ACCORD_PUBLIC_URL', 'ftp://example.org'],
    ['ACCORD_PUBLIC_URL', 'https://example.org/accord'],
    ['ACCORD_PUBLIC_URL', 'https://me@example.org'],
    ['ACCORD_HOST', ''],
    ['ACCORD_PORT', ''],
    ['ACCORD_PORT', '65536'],
    ['ACCORD_PORT', '-1'],
    ['ACCORD_PORT', '0x50'],
    ['ACCORD_PORT', '80.5'],
    ['ACCORD_METRICS_PORT', 'on'],
    ['ACCORD_DATA', ''],
    ['ACCORD_DATABASE_URL', 'mysql://x'],
    ['ACCORD_AGE_METHODS', 'pinky-promise'],
    ['ACCORD_AGE_METHODS', 'test,test'],
    ['ACCORD_AGE_METHODS', 'Wallet'],
    ['ACCORD_AGE_POLICY', 'de'],
    ['ACCORD_AGE_POLICY', ''],
    ['ACCORD_AGE_PROVIDERS', ''],
    ['ACCORD_AGE_REOPEN', 'click'],
    ['ACCORD_AGE_DAYS', '91'],
    ['ACCORD_AGE_IDLE_MINUTES', '0'],
    ['ACCORD_AGE_LIST_GRACE_DAYS', '31'],
    ['ACCORD_REQUESTS_PER_DAY', '0'],
    ['ACCORD_REQUESTS_PER_DAY', 'many'],
    ['ACCORD_BUS', 'nats'],
    ['ACCORD_NATS_URL', 'localhost:4222'],
    ['ACCORD_NATS_URL', 'http://localhost:4222'],
    ['ACCORD_LOG_LEVEL', 'loud'],
    ['ACCORD_TRUST_PROXY', 'yes'],
    ['ACCORD_RATE_LIMITS', '0'],
    ['ACCORD_EXCHANGE_KEYS', ''],
    ['ACCORD_EXCHANGE_ORIGINS', 'example.org'],
    ['ACCORD_EXCHANGE_MINUTES', '0'],
    ['ACCORD_S3_ENDPOINT', 's3.example'],
    ['ACCORD_S3_BUCKET', 'A Bucket'],
    ['ACCORD_S3_REGION', ''],
    ['ACCORD_S3_CREDENTIALS', ''],
  ])('refuses %s=%j and names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value })).toThrow(name);
  });

  it.each([
    ['ACCORD_PORTS', 'Did you mean ACCORD_PORT?'],
    ['ACCORD_DATABASE', 'The settings are: ACCORD_PUBLIC_URL'],
    ['ACCORD_LOGLEVEL', 'Did you mean ACCORD_LOG_LEVEL?'],
  ])('refuses the unknown %s with a hint', (name, hint) => {
    expect(() => readConfig({ [name]: '1' })).toThrow(`${name} is no setting of Accord. ${hint}`);
  });

  it.each([
    [{ ACCORD_PUBLIC_URL: 'https://accord.example' }],
    [{ ACCORD_HOST: '0.0.0.0' }],
    [{ NODE_ENV: 'production' }],
  ])('has no age method by itself under %j, and refuses the test method there', (env) => {
    expect(readConfig(env).ageMethods).toEqual([]);
    expect(() => readConfig({ ...env, ACCORD_AGE_METHODS: 'test' })).toThrow(
      /^ACCORD_AGE_METHODS names the test method/,
    );
  });

  it('lets peers be on this machine in tests alone', () => {
    const env = { ACCORD_EXCHANGE_LOOPBACK: 'true' };
    expect(readConfig(env).exchange.loopback).toBe(true);
    for (const real of [{ NODE_ENV: 'production' }, { ACCORD_PUBLIC_URL: 'https://accord.example' }]) {
      expect(() => readConfig({ ...env, ...real })).toThrow(/^ACCORD_EXCHANGE_LOOPBACK lets peers/);
    }
  });

  it('asks where the people are as soon as a method proves anything, and for TLS', () => {
    const wallet = { ACCORD_AGE_METHODS: 'wallet' };
    expect(() => readConfig(wallet)).toThrow(/^ACCORD_AGE_POLICY is missing/);
    const env = { ...wallet, ACCORD_AGE_POLICY: 'eu' };
    expect(readConfig(env).ageMethods).toEqual(['wallet']);
    expect(() => readConfig({ ...env, ACCORD_PUBLIC_URL: 'http://accord.example' })).toThrow(
      /^ACCORD_PUBLIC_URL is not https/,
    );
  });

  it.each([
    ['localhost', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['[::1]', true],
    ['127.0.0.1.example.org', false],
    ['0.0.0.0', false],
    ['192.168.0.1', false],
  ])('takes %s for this machine: %s', (host, local) => {
    expect(isLoopback(host)).toBe(local);
  });

  it('is shown without passwords, and what is shown reads back as the same', () => {
    const config = readConfig({ ACCORD_DATABASE_URL: 'postgres://me:hush@db:5432/x?password=hush2' });
    expect(settingsOf(config).ACCORD_DATABASE_URL).toBe('postgres://me:…@db:5432/x?password=…');
    const { ACCORD_DATABASE_URL: _url, ...shown } = settingsOf(readConfig({}));
    expect(readConfig(shown)).toEqual({ ...readConfig({}), dataFolder: 'data' });
    const nats = settingsOf(readConfig({ ACCORD_NATS_URL: 'tls://me:hush@bus:4222' }));
    expect(nats).toMatchObject({ ACCORD_NATS_URL: 'tls://me:…@bus:4222' });
    expect(nats).not.toHaveProperty('ACCORD_BUS');
    const desk = settingsOf(
      readConfig({
        ACCORD_DESK_SMTP: 'smtps://desk:hush@mail.example:465',
        ACCORD_CYBERTIP_AUTH: 'me:hush',
        ACCORD_DSA_TOKEN: 'hush',
      }),
    );
    expect(desk.ACCORD_DESK_SMTP).toBe('smtps://desk:…@mail.example:465');
    expect(Object.values(desk).join(' ')).not.toContain('hush');
    const exchange = settingsOf(readConfig({ ACCORD_EXCHANGE_KEYS: ' {"A":{"token":"hush"}}' }));
    expect(exchange.ACCORD_EXCHANGE_KEYS).toBe('…');
    expect(settingsOf(readConfig({ ACCORD_EXCHANGE_KEYS: '/etc/keys.json' }))).toMatchObject({
      ACCORD_EXCHANGE_KEYS: '/etc/keys.json',
    });
  });

  it.each([
    ['https://report.cybertip.org/ispws', false],
    ['https://report.cybertip.org/ispws/', false],
    ['https://exttest.cybertip.org/ispws', true],
    ['https://exttest.cybertip.org/ispws/', true],
    ['http://report.cybertip.org/ispws', true],
    ['https://report.cybertip.org.example/ispws', true],
    ['http://127.0.0.1:8080/ispws', true],
    ['http://localhost:8080', true],
  ])('lets a report to one base alone count as filed: %s', (url, test) => {
    const { desk } = readConfig({ ACCORD_CYBERTIP_URL: url, ACCORD_CYBERTIP_AUTH: 'me:hush' });
    expect(desk.tipline?.test).toBe(test);
  });

  it('takes an object store whole, over https, and shows where it is but not the keys to it', () => {
    const env = {
      ACCORD_S3_ENDPOINT: 'https://s3.example',
      ACCORD_S3_BUCKET: 'accord',
      ACCORD_S3_CREDENTIALS: '{"secretAccessKey":"hush"}',
    };
    const { s3 } = readConfig(env);
    expect(s3).toMatchObject({ endpoint: 'https://s3.example', bucket: 'accord', region: 'us-east-1' });
    expect(settingsOf(readConfig(env))).toMatchObject({ ...env, ACCORD_S3_CREDENTIALS: '…' });
    for (const name of Object.keys(env)) {
      const rest = { ...env, [name]: undefined };
      expect(() => readConfig(rest)).toThrow(`${name} missing: an object store needs endpoint`);
    }
    expect(() => readConfig({ ACCORD_S3_REGION: 'eu-west-3' })).toThrow(
      'ACCORD_S3_ENDPOINT, ACCORD_S3_BUCKET',
    );
    for (const bad of ['https://s3.example/accord', 'https://me@s3.example', 'https://s3.example?x=1']) {
      expect(() => readConfig({ ...env, ACCORD_S3_ENDPOINT: bad })).toThrow('it is an origin alone');
    }
    expect(() => readConfig({ ...env, ACCORD_S3_ENDPOINT: 'http://s3.example' })).toThrow('is not https');
    expect(readConfig({ ...env, ACCORD_S3_ENDPOINT: 'http://127.0.0.1:9000' }).s3).toBeDefined();
  });

  it('has one bus: NATS where it is named, and not another beside it', () => {
    expect(readConfig({ ACCORD_NATS_URL: 'nats://bus:4222' }).bus).toBe('nats');
    const both = { ACCORD_NATS_URL: 'nats://bus:4222', ACCORD_BUS: 'postgres' };
    expect(() => readConfig(both)).toThrow('ACCORD_BUS and ACCORD_NATS_URL name two buses');
  });
});
