import { createHmac, randomUUID } from 'node:crypto';
import { signedText, type WebhookEvent } from '@accord/protocol/partners';
import { sql } from 'kysely';
import { Counter } from 'prom-client';
import type { Queries } from '../platform/database.ts';
import type { Purge } from '../platform/housekeeping.ts';
import { type Outside, OutsideError, wholeOf } from '../platform/outside.ts';
import type { Platform } from '../platform/platform.ts';
import { type Rounds, startRounds } from '../platform/rounds.ts';

/*
 * What is told to platforms: an outbox. A delivery is written with what it tells, sent by whoever takes it first, and again
 * with longer and longer waits until it is answered with 2xx or given up after a day. Its id stays the same: whoever gets it
 * twice can tell.
 */

const minuteMs = 60_000;
/** Waits after each try that failed; when they are used up, the delivery is dead. */
const waitsMs = [
  5_000,
  30_000,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  ...[1, 2, 4, 8, 8].map((h) => h * 60 * minuteMs),
];
const everyMs = 1_000;
/** How long one that is under way is left to whoever took it. */
const leaseMs = minuteMs;
const bounds = { mostBytes: 64 * 1024, wholeMs: 10_000 };
/** Under way at once, so that one silent receiver does not hold up the others. */
const atOnce = 8;
const dayMs = 24 * 60 * minuteMs;

/** Writes a delivery for each webhook of a key; returns their ids. */
export async function putDownDeliveries(
  db: Queries,
  {
    keyId,
    webhookId,
    type,
    data,
    now,
  }: Pick<WebhookEvent, 'type' | 'data'> & {
    readonly keyId: string;
    readonly webhookId?: string;
    readonly now: number;
  },
): Promise<string[]> {
  const all = db
    .selectFrom('webhook')
    .innerJoin('api_key', 'api_key.id', 'webhook.key_id')
    .select('webhook.id')
    .where('key_id', '=', keyId)
    .where('revoked_at', 'is', null);
  const webhooks = await (webhookId === undefined ? all : all.where('webhook.id', '=', webhookId)).execute();
  if (webhooks.length === 0) return [];
  const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data } satisfies WebhookEvent);
  const rows = webhooks.map(({ id }) => ({
    id: randomUUID(),
    webhook_id: id,
    type,
    body,
    state: 'waiting' as const,
    next_at: new Date(now),
    outcome: null,
    created_at: new Date(now),
    ended_at: null,
  }));
  await db.insertInto('webhook_delivery').values(rows).execute();
  return rows.map(({ id }) => id);
}

interface Taken {
  readonly id: string;
  readonly body: string;
  readonly tries: number;
  readonly url: string;
  readonly secret: Buffer;
}

/** Takes the next one that is due; two processes never take the same. */
async function take({ db, clock }: Platform): Promise<Taken | undefined> {
  const now = clock();
  const { rows } = await sql<Taken>`
    update webhook_delivery delivery set next_at = ${new Date(now + leaseMs)}
    from webhook
    where webhook.id = delivery.webhook_id and delivery.id = (
      select id from webhook_delivery where state = 'waiting' and next_at <= ${new Date(now)}
      order by next_at, id limit 1 for update skip locked)
    returning delivery.id, delivery.body, delivery.tries, webhook.url, webhook.secret`.execute(db);
  return rows[0];
}

/** The headers of one try, by Standard Webhooks. */
function headersOf({ id, body, secret }: Taken, now: number): Record<string, string> {
  const timestamp = Math.floor(now / 1000);
  const signature = createHmac('sha256', secret)
    .update(signedText(id, timestamp, body))
    .digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}

/** The status, or why there was none. */
async function post(outside: Outside, one: Taken, now: number): Promise<string> {
  try {
    const answer = await outside(one.url, {
      method: 'POST',
      headers: headersOf(one, now),
      body: one.body,
      ...bounds,
      redirects: 0,
    });
    await wholeOf(answer);
    return String(answer.status);
  } catch (error) {
    if (error instanceof OutsideError) return error.code;
    throw error;
  }
}

async function deliver(
  platform: Platform,
  outside: Outside,
  one: Taken,
): Promise<'sent' | 'failed' | 'dead'> {
  const { db, clock } = platform;
  const outcome = await post(outside, one, clock());
  const now = clock();
  const tries = one.tries + 1;
  const wait = waitsMs[one.tries];
  const sent = /^2\d\d$/.test(outcome);
  // 410: the receiver says that nothing is to be sent there any more.
  const dead = !sent && (wait === undefined || outcome === '410');
  await db
    .updateTable('webhook_delivery')
    .set({
      tries,
      outcome,
      state: sent ? 'sent' : dead ? 'dead' : 'waiting',
      next_at: new Date(now + (wait ?? 0)),
      ended_at: sent || dead ? new Date(now) : null,
    })
    .where('id', '=', one.id)
    .execute();
  return sent ? 'sent' : dead ? 'dead' : 'failed';
}

export function startDeliveries(platform: Platform, outside: Outside): Rounds<void> {
  const counter = new Counter({
    name: 'accord_webhook_deliveries_total',
    help: 'Tries to tell platforms of decisions, by outcome.',
    labelNames: ['outcome'],
    registers: [platform.metrics],
  });
  const work = async (ending: AbortSignal, first?: Taken): Promise<void> => {
    for (let one = first ?? (await take(platform)); one !== undefined; one = await take(platform)) {
      counter.inc({ outcome: await deliver(platform, outside, one) });
      if (ending.aborted) return;
    }
  };
  return startRounds(platform, {
    everyMs,
    putOff: 'webhooks put off',
    async run(ending) {
      const first = await take(platform);
      if (first === undefined) return;
      await Promise.all(Array.from({ length: atOnce }, (_, n) => work(ending, n === 0 ? first : undefined)));
    },
  });
}

/** What was sent is forgotten after a week, what could not be after a month. */
export const deliveryPurges = ({ db }: Platform): readonly Purge[] => [
  {
    name: 'webhook deliveries',
    async run(now) {
      const before = (days: number) => new Date(now - days * dayMs);
      const gone = await db
        .deleteFrom('webhook_delivery')
        .where((is) =>
          is.or([
            is.and([is('state', '=', 'sent'), is('ended_at', '<', before(7))]),
            is.and([is('state', '=', 'dead'), is('ended_at', '<', before(30))]),
          ]),
        )
        .executeTakeFirst();
      return Number(gone.numDeletedRows);
    },
  },
];
