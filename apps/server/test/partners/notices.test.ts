import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createPartnerClient,
  PartnerRefused,
  readWebhook,
  type WebhookEvent,
} from '@accord/protocol/partners';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeApiKey } from '../../src/partners/index.ts';
import { give, newStaff, remove } from '../cases/staff.ts';
import type { Member } from '../people.ts';
import { bodies, uuid } from '../samples.ts';
import { type ApiServer, startApi } from './api.ts';

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let receiver: Server;
let at: string;
/** What came, and what the receiver answers next. */
const got: Got[] = [];
let answer = 200;
let api: ApiServer;
let client: ReturnType<typeof createPartnerClient>;
let other: ReturnType<typeof createPartnerClient>;
let moderator: Member;
/** How far the server's clock is ahead of the machine's. */
let ahead = 0;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body });
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  at = `http://127.0.0.1:${port}/told`;
  api = await startApi({
    clock: () => Date.now() + ahead,
    env: { ACCORD_FETCH_HOSTS: `127.0.0.1:${port}`, ACCORD_FETCH_PRIVATE: '127.0.0.1/32' },
  });
  // The test says when a round is: one of the server's own would take what it is about to count.
  await api.server.running.features.partners.deliveries.stop();
  client = createPartnerClient({ baseUrl: api.url, key: await api.key(['notices']) });
  other = createPartnerClient({ baseUrl: api.url, key: await api.key(['notices']) });
  moderator = await newStaff(api.server, 'moderator');
});
afterAll(async () => {
  await api.close();
  receiver.close();
});

const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => {
      if (!(error instanceof PartnerRefused)) throw error;
      return `${error.status} ${error.code}`;
    },
  );
const filing = () => ({ ...bodies['cases.file'](), reference: 'their 1' });
const caseOf = async (number: string) =>
  (
    await api.server.platform.db
      .selectFrom('case_reporter')
      .select('case_id')
      .where('number', '=', number)
      .executeTakeFirstOrThrow()
  ).case_id;
const deliver = () => api.server.running.features.partners.deliveries.round();
const opened = async (secret: string, { headers, body }: Got): Promise<WebhookEvent | undefined> =>
  (await readWebhook(secret, headers as never, body, Date.now() + ahead))?.event;

describe('a notice', () => {
  it('is filed once, protected, followed and decided', async () => {
    const body = filing();
    const filed = await client.call('notices.file', { body });
    expect(filed).toMatchObject({
      reference: 'their 1',
      state: 'valid',
      protected: true,
      decision: null,
      messages: [],
    });
    expect(await client.call('notices.file', { body })).toEqual(filed);
    const params = { noticeId: filed.noticeId };
    await client.call('notices.message', { params, body: { words: 'One more thing.' } });
    const caseId = await caseOf(filed.number);
    await give(moderator, caseId, { kind: 'message', to: 'reporter', words: 'Thank you.' });
    await give(moderator, caseId, remove);
    expect(await client.call('notices.read', { params })).toMatchObject({
      state: 'removed',
      decision: { kind: 'remove', ground: 'ncii_synthetic', words: 'A faked picture.' },
      messages: [
        { from: 'you', words: 'One more thing.' },
        { from: 'desk', words: 'Thank you.' },
      ],
    });
    const { notices, next } = await client.call('notices.list', {});
    expect([notices.map(({ noticeId, state }) => [noticeId, state]), next]).toEqual([
      [[filed.noticeId, 'removed']],
      null,
    ]);
    expect(await client.call('notices.list', { query: { after: filed.noticeId } })).toEqual({
      notices: [],
      next: null,
    });
  });

  it('is nobody else’s, whatever they know of it', async () => {
    const body = filing();
    const filed = await client.call('notices.file', { body });
    const params = { noticeId: filed.noticeId };
    const absent = { noticeId: uuid() };
    for (const ask of [
      (params: { noticeId: string }) => other.call('notices.read', { params }),
      (params: { noticeId: string }) => other.call('notices.message', { params, body: { words: 'w' } }),
      (params: { noticeId: string }) => other.call('notices.appeal', { params, body: { words: 'w' } }),
      (params: { noticeId: string }) => other.call('notices.withdraw', { params }),
    ]) {
      expect([await refused(ask(params)), await refused(ask(absent))]).toEqual([
        '404 not_found',
        '404 not_found',
      ]);
    }
    expect((await other.call('notices.list', {})).notices).toEqual([]);
    // The same idem of another key is another request.
    expect((await other.call('notices.file', { body })).number).not.toBe(filed.number);
    await client.call('notices.withdraw', { params });
    const { rows } = await api.server.platform.pool.query<{ n: number }>(
      `select count(*)::int as n from case_event where type = 'withdrawn' and case_id = $1`,
      [await caseOf(filed.number)],
    );
    expect(rows[0]?.n).toBe(1);
  });

  it('that lacks something is kept, and says what', async () => {
    const { request, ...rest } = filing();
    const filed = await client.call('notices.file', {
      body: { ...rest, request: { ...request, signature: '', contact: '', goodFaith: false } },
    });
    expect(filed.state).toBe('incomplete');
    expect(filed.missing.length).toBeGreaterThan(0);
  });
});

describe('a webhook', () => {
  it('tells of decisions, signed, and again until it is heard', async () => {
    const { webhookId, secret } = await client.call('webhooks.create', { body: { url: at } });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await client.call('webhooks.list', {})).webhooks).toMatchObject([{ webhookId, url: at }]);
    got.length = 0;
    const { noticeId, number, reference } = await client.call('notices.file', { body: filing() });
    // Filing protected it, and that is told as whatever follows is.
    await deliver();
    expect((await opened(secret, got[0] as Got))?.data).toEqual({ noticeId, reference, what: ['protected'] });
    got.length = 0;
    await give(moderator, await caseOf(number), remove);
    answer = 500;
    await deliver();
    await deliver();
    expect(got.length).toBe(1);
    answer = 200;
    ahead += 5_000;
    await deliver();
    const [first, second, ...more] = got;
    expect(more).toEqual([]);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    const event = await opened(secret, second as Got);
    expect(event).toMatchObject({ type: 'notice.updated', data: { noticeId, reference, what: ['removed'] } });
    expect(second?.body).not.toContain('A faked picture');
    const { deliveries } = await client.call('deliveries.list', { query: { state: 'sent' } });
    expect(deliveries).toMatchObject([
      { tries: 2, outcome: '200' },
      { tries: 1, outcome: '200' },
    ]);
    expect((await other.call('deliveries.list', {})).deliveries).toEqual([]);
    await client.call('webhooks.remove', { params: { webhookId } });
    expect((await client.call('webhooks.list', {})).webhooks).toEqual([]);
  });

  it('is dead after a day of tries, and can be tried again', async () => {
    const { webhookId } = await client.call('webhooks.create', { body: { url: at } });
    const { deliveryId } = await client.call('webhooks.test', { params: { webhookId } });
    answer = 503;
    const began = ahead;
    let tries = 0;
    for (; tries < 40; tries += 1) {
      await deliver();
      const [one] = (await client.call('deliveries.list', {})).deliveries;
      if (one?.state === 'dead') break;
      ahead += Math.max(0, (one?.nextAt ?? 0) - (Date.now() + ahead));
    }
    expect(tries).toBe(10);
    expect(ahead - began).toBeGreaterThan(20 * 3_600_000);
    answer = 200;
    const params = { deliveryId };
    expect((await client.call('deliveries.list', { query: { state: 'dead' } })).deliveries).toMatchObject([
      { deliveryId, type: 'ping', outcome: '503', tries: 11 },
    ]);
    expect(await refused(other.call('deliveries.retry', { params }))).toBe('404 not_found');
    await client.call('deliveries.retry', { params });
    await deliver();
    expect((await client.call('deliveries.list', {})).deliveries).toMatchObject([
      { deliveryId, state: 'sent' },
    ]);
    answer = 410;
    await client.call('webhooks.test', { params: { webhookId } });
    await deliver();
    expect((await client.call('deliveries.list', { query: { state: 'dead' } })).deliveries).toMatchObject([
      { outcome: '410', tries: 1 },
    ]);
    answer = 200;
    await client.call('webhooks.remove', { params: { webhookId } });
  });

  it('of a revoked key is told nothing more', async () => {
    const key = await api.key(['notices']);
    const mine = createPartnerClient({ baseUrl: api.url, key });
    const { webhookId } = await mine.call('webhooks.create', { body: { url: at } });
    const { number } = await mine.call('notices.file', { body: filing() });
    answer = 500;
    await mine.call('webhooks.test', { params: { webhookId } });
    await deliver();
    await revokeApiKey(api.server.platform.db, key.slice(7, 15), Date.now());
    await give(moderator, await caseOf(number), remove);
    got.length = 0;
    answer = 200;
    ahead += 3_600_000;
    await deliver();
    expect(got).toEqual([]);
    const { rows } = await api.server.platform.pool.query<{ outcome: string }>(
      'select outcome from webhook_delivery where webhook_id = $1',
      [webhookId],
    );
    expect(rows).toEqual([{ outcome: 'revoked' }, { outcome: 'revoked' }]);
  });

  it('goes where the operator lets it, with TLS', async () => {
    for (const url of [
      'https://169.254.169.254/',
      'https://elsewhere.example/',
      at.replace('127.0.0.1', '127.0.0.2'),
      at.replace('127.0.0.1', '127.0.0.1.example'),
      'http://elsewhere.example/',
      'https://a:b@127.0.0.1/',
      'file:///etc/passwd',
    ]) {
      expect(await refused(client.call('webhooks.create', { body: { url } })), url).toBe('400 invalid_input');
    }
    for (const act of ['webhooks.remove', 'webhooks.test'] as const) {
      expect(await refused(client.call(act, { params: { webhookId: uuid() } }))).toBe('404 not_found');
    }
  });
});

describe('a signature', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const body = JSON.stringify({ type: 'ping', timestamp: new Date(0).toISOString(), data: { what: [] } });
  const sign = (id: string, seconds: number, text: string, with_ = secret) =>
    `v1,${createHmac('sha256', Buffer.from(with_.slice(6), 'base64'))
      .update(`${id}.${seconds}.${text}`)
      .digest('base64')}`;
  const headers = (signature: string, seconds = 1000) => ({
    'webhook-id': 'one',
    'webhook-timestamp': String(seconds),
    'webhook-signature': signature,
  });
  const read = (head: ReturnType<typeof headers>, text = body, nowMs = 1_000_000) =>
    readWebhook(secret, head, text, nowMs);

  it('holds for its id, its time and every byte of the body', async () => {
    const good = sign('one', 1000, body);
    expect((await read(headers(good)))?.event.type).toBe('ping');
    expect((await read(headers(`v1,${'A'.repeat(43)}= ${good}`)))?.id).toBe('one');
    for (const [head, text, now] of [
      [headers(sign('two', 1000, body)), body, 1_000_000],
      [headers(good, 1001), body, 1_000_000],
      [headers(good), `${body} `, 1_000_000],
      [headers(sign('one', 1000, body, `whsec_${Buffer.alloc(32, 8).toString('base64')}`)), body, 1_000_000],
      [headers(good), body, 1_301_000],
      [headers(good), body, 699_000],
      [headers(good.replace('v1,', 'v1a,')), body, 1_000_000],
      [headers('v1,short'), body, 1_000_000],
      [headers(''), body, 1_000_000],
      [{ ...headers(good), 'webhook-timestamp': 'soon' }, body, 1_000_000],
    ] as const) {
      expect(await read(head, text, now)).toBeNull();
    }
  });
});
