import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendStatements } from '../../src/transparency/index.ts';
import { file, give, newStaff, remove } from '../cases/staff.ts';
import { startServer, type TestServer } from '../support.ts';

/** The Commission's database as its documentation describes it: all of a batch or nothing, 302 for an id that it knows. */
class Commission {
  readonly stored = new Map<string, Record<string, unknown>>();
  readonly refuse = new Set<string>();
  status: number | undefined;
  #server: Server | undefined;

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => {
        text += part.toString();
      });
      request.on('end', () => {
        const { status, body } = this.#answer(
          request.method ?? '',
          request.url ?? '',
          text,
          request.headers.authorization,
        );
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #answer(
    method: string,
    url: string,
    text: string,
    authorization: string | undefined,
  ): { status: number; body: unknown } {
    if (authorization !== 'Bearer token') return { status: 401, body: {} };
    if (this.status !== undefined) return { status: this.status, body: {} };
    const known = /existing-puid\/(.+)$/.exec(url)?.[1];
    if (method === 'GET' && known !== undefined) {
      return this.stored.has(known) ? { status: 302, body: { puid: known } } : { status: 404, body: {} };
    }
    const { statements } = JSON.parse(text) as { statements: (Record<string, unknown> & { puid: string })[] };
    const errors: Record<string, unknown> = {};
    for (const [index, { puid }] of statements.entries()) {
      if (this.refuse.has(puid)) errors[`statement_${index}`] = { decision_facts: ['too short'] };
      if (this.stored.has(puid)) errors[`statement_${index}`] = { puid: ['taken'] };
    }
    if (Object.keys(errors).length > 0) return { status: 422, body: { errors } };
    for (const statement of statements) this.stored.set(statement.puid, statement);
    return { status: 201, body: {} };
  }

  stop(): void {
    this.#server?.close();
  }
}

let server: TestServer;
let commission: Commission;
let now = Date.UTC(2026, 10, 28);

beforeAll(async () => {
  commission = new Commission();
  const url = await commission.start();
  server = await startServer({ clock: () => now, env: { ACCORD_DSA_URL: url, ACCORD_DSA_TOKEN: 'token' } });
  const mod = await newStaff(server, 'moderator');
  for (let i = 0; i < 5; i += 1) await give(mod, (await file(server)).caseId, remove);
});
afterAll(async () => {
  commission.stop();
  await server.close();
});
beforeEach(async () => {
  now += 24 * 3_600_000;
  commission.stored.clear();
  commission.refuse.clear();
  commission.status = undefined;
  await server.platform.pool.query(
    `update transparency_statement set state = 'waiting', error = null, next_at = now() - interval '9 years'`,
  );
});

const rows = async () =>
  (
    await server.platform.pool.query<{ puid: string; state: string; error: string | null }>(
      'select puid, state, error from transparency_statement order by puid',
    )
  ).rows;

describe('statements of reasons', () => {
  it('are sent in one batch, once, with nothing personal in them', async () => {
    expect(await sendStatements(server.platform)).toBe(5);
    expect(await sendStatements(server.platform)).toBe(0);
    expect(commission.stored.size).toBe(5);
    const text = JSON.stringify([...commission.stored.values()]);
    for (const personal of ['example.org', 'A. B.', 'faked picture', server.url])
      expect(text).not.toContain(personal);
    // One large platform sent this inverted for years.
    for (const statement of commission.stored.values()) expect(statement.automated_detection).toBe('No');
  });

  it('set one apart that is refused, and send the rest', async () => {
    const [bad] = await rows();
    commission.refuse.add(bad?.puid ?? '');
    await sendStatements(server.platform);
    await sendStatements(server.platform);
    expect(commission.stored.size).toBe(4);
    expect((await rows()).filter(({ state }) => state === 'refused')).toMatchObject([{ puid: bad?.puid }]);
  });

  it('know one again whose answer was lost', async () => {
    const [first] = await rows();
    commission.stored.set(first?.puid ?? '', {});
    await sendStatements(server.platform);
    await sendStatements(server.platform);
    expect(commission.stored.size).toBe(5);
    expect((await rows()).every(({ state }) => state === 'sent')).toBe(true);
  });

  it('wait while the service is away, and are sent when it is back', async () => {
    commission.status = 503;
    expect(await sendStatements(server.platform)).toBe(0);
    expect((await rows()).every(({ state, error }) => state === 'waiting' && error === '503')).toBe(true);
    commission.status = undefined;
    expect(await sendStatements(server.platform)).toBe(0);
    now += 12 * 3_600_000;
    expect(await sendStatements(server.platform)).toBe(5);
  });
});
