import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { startTestCluster } from '../../../../test/postgres.ts';
import { startCluster, stopCluster } from '../../src/platform/cluster.ts';
import { withClient } from '../../src/platform/database.ts';
import { runToEnd, startProcess, temporaryData } from '../process.ts';
import { freePort, freshDatabase } from '../support.ts';

async function externalDatabase(): Promise<string> {
  const database = await freshDatabase({ empty: true });
  onTestFinished(database.close);
  const { host, port, user } = inject('postgres');
  return `postgres://${user}@/${database.name}?host=${encodeURIComponent(host)}&port=${port}`;
}

describe('the process', () => {
  it('starts on a database of its own, says where it is, and ends cleanly when asked', async () => {
    const { data, remove } = await temporaryData();
    onTestFinished(remove);
    const metricsPort = String(await freePort());
    const server = await startProcess({ ACCORD_DATA: data, ACCORD_METRICS_PORT: metricsPort });
    await server.health(200);
    const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    expect(await metrics.text()).toContain('accord_http_request_seconds_count{method="GET",route="/health"');
    expect((await fetch(`http://127.0.0.1:${metricsPort}/`)).status).toBe(404);
    // Whoever was refused a socket may keep their end open for ever, and read nothing.
    const idler = connect(Number(new URL(server.url).port), '127.0.0.1');
    onTestFinished(() => void idler.destroy());
    idler
      .on('error', () => {})
      .write(
        `GET /elsewhere HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n`,
      );
    await once(idler, 'connect');
    await server.health(200);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(server.said.out).toContain(`Accord is ready at ${server.url}`);
    expect(server.said.out).toContain(`Data is in ${data}`);
    expect(server.said.out).toContain('The test method of age proof is on.');
  });

  it('uses the server that ACCORD_DATABASE_URL names, and leaves it running', async () => {
    const url = await externalDatabase();
    const server = await startProcess({ ACCORD_DATABASE_URL: url, ACCORD_BUS: 'postgres' });
    await server.health(200);
    expect(await server.end('SIGINT')).toBe(0);
    const answer = await withClient({ connectionString: url }, (client) =>
      client.query('select name from migration'),
    );
    expect(answer.rowCount).toBeGreaterThan(0);
  });

  it.each([
    [
      'an unknown setting',
      { ACCORD_PROT: '1' },
      'ACCORD_PROT is no setting of Accord. Did you mean ACCORD_PORT?',
    ],
    ['an unreadable value', { ACCORD_PORT: 'eighty' }, "ACCORD_PORT can't be read"],
    [
      'the test method in production',
      { NODE_ENV: 'production', ACCORD_AGE_METHODS: 'test' },
      'ACCORD_AGE_METHODS',
    ],
    [
      'a gate that the law does not allow',
      { ACCORD_AGE_METHODS: 'wallet', ACCORD_AGE_POLICY: 'fr' },
      'ACCORD_AGE_POLICY is fr, which asks for 2 methods of proof',
    ],
    [
      'a database that is not there',
      { ACCORD_DATABASE_URL: 'postgres://a:hush@127.0.0.1:1/x' },
      '127.0.0.1:1',
    ],
  ])('refuses %s with one sentence and exit code 1', async (_what, env, sentence) => {
    const { code, out, err } = await runToEnd(env);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(sentence);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).not.toContain('hush');
  });

  it('refuses a port that is taken, and stops the database that it started', async () => {
    const { data, remove } = await temporaryData();
    onTestFinished(remove);
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, err } = await runToEnd({
      ACCORD_DATA: data,
      ACCORD_PORT: port,
      ACCORD_LOG_LEVEL: 'silent',
    });
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`^ACCORD_PORT: 127.0.0.1:${port} is taken`));
    const again = await startProcess({ ACCORD_DATA: data });
    await again.health(200);
    expect(await again.end('SIGTERM')).toBe(0);
  });

  it('refuses a database that a later version has migrated', async () => {
    const url = await externalDatabase();
    const first = await startProcess({ ACCORD_DATABASE_URL: url });
    await first.health(200);
    await first.end('SIGTERM');
    await withClient({ connectionString: url }, (client) =>
      client.query("insert into migration (name, hash) values ('9999_later.sql', 'x')"),
    );
    const { code, err } = await runToEnd({ ACCORD_DATABASE_URL: url });
    expect(code).toBe(1);
    expect(err).toContain('The database is newer than this Accord: it has the migration 9999_later.sql.');
  });

  it('stays up while the database is away, and is well again when it is back', async () => {
    const cluster = await startTestCluster(inject('postgres').major);
    onTestFinished(cluster.stop);
    const { host, port, user } = cluster.connection;
    await withClient({ ...cluster.connection, database: 'postgres' }, (client) =>
      client.query('create database away'),
    );
    const url = `postgres://${user}@/away?host=${encodeURIComponent(host)}&port=${port}`;
    const server = await startProcess({ ACCORD_DATABASE_URL: url, ACCORD_BUS: 'postgres' });
    await server.health(200);

    await stopCluster(cluster.cluster, 'immediate');
    await server.health(503);
    const body = await (await fetch(`${server.url}/health`)).json();
    expect(body).toEqual({ status: 'unavailable', database: 'away', migrations: 'unknown' });
    const begin = await fetch(`${server.url}/api/accounts/sign-ins`, {
      method: 'POST',
      headers: { origin: server.url, 'content-type': 'application/json' },
      body: '{}',
    });
    expect({ status: begin.status, body: await begin.json() }).toEqual({
      status: 503,
      body: { code: 'unavailable', retryAfter: 2 },
    });

    await startCluster(cluster.cluster);
    await server.health(200);
    expect(await server.end('SIGTERM')).toBe(0);
  });
});

describe('its log', () => {
  it('names routes by their pattern and holds nothing that a person typed, is called or comes from', async () => {
    const server = await startProcess({
      ACCORD_DATABASE_URL: await externalDatabase(),
      ACCORD_LOG_LEVEL: 'debug',
    });
    await server.health(200);
    const pseudonym = `Zuhause${Date.now()}`;
    const id = randomUUID();
    const headers = {
      origin: server.url,
      'content-type': 'application/json',
      'user-agent': 'MyVeryOwnBrowser',
    };
    const post = (path: string, body: string) =>
      fetch(`${server.url}${path}`, { method: 'POST', headers, body });
    await post('/api/accounts/registrations', JSON.stringify({ pseudonym }));
    await post('/api/accounts/registrations', `{"pseudonym": "${pseudonym}`);
    await post(`/api/accounts/sign-ins/${id}`, JSON.stringify({ pseudonym }));
    await fetch(`${server.url}/api/presence/people?search=${pseudonym}`, { headers });
    await fetch(`${server.url}/people/${pseudonym}?q=${pseudonym}`, { headers });
    await fetch(`${server.url}/api/${pseudonym}`, {
      headers: { ...headers, cookie: `accord_session=${pseudonym}` },
    });
    expect(await server.end('SIGTERM')).toBe(0);

    const lines = server.said.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = lines.filter(({ msg }) => msg === 'request');
    expect(requests.length).toBeGreaterThanOrEqual(6);
    for (const line of requests) {
      expect(Object.keys(line).sort()).toEqual([
        'level',
        'method',
        'ms',
        'msg',
        'request',
        'route',
        'status',
        'time',
      ]);
    }
    expect(requests.map(({ route }) => route)).toContain('/api/accounts/sign-ins/:ceremonyId');
    for (const secret of [pseudonym, pseudonym.toLowerCase(), id, '127.0.0.1', '::1', 'MyVeryOwnBrowser']) {
      expect(server.said.err).not.toContain(secret);
    }
  });
});
