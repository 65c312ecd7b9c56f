import { randomBytes, randomUUID } from 'node:crypto';
import { partnerLimits, type V1 } from '@accord/protocol/partners';
import { isLoopback } from '../platform/loopback.ts';
import { judged, listedHosts } from '../platform/outside-policy.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { putDownDeliveries } from './deliveries.ts';
import type { PartnerHandlers } from './door.ts';

const listed = 200;

type WebhookRoute = Extract<keyof V1, `webhooks.${string}` | `deliveries.${string}`>;

export function webhookHandlers({ db, clock, config }: Platform): Pick<PartnerHandlers<V1>, WebhookRoute> {
  const policy = listedHosts(config.api.fetchHosts, config.api.fetchPrivate);
  const own = (keyId: string) => db.selectFrom('webhook').where('key_id', '=', keyId);
  const assertOwn = async (keyId: string, webhookId: string): Promise<void> => {
    const row = await own(keyId).select('id').where('id', '=', webhookId).executeTakeFirst();
    if (row === undefined) throw new Refusal('not_found');
  };
  return {
    async 'webhooks.create'({ body: { url }, partner: { key } }) {
      const { protocol, hostname } = new URL(url);
      const open = protocol === 'https:' || isLoopback(hostname);
      if (!open || judged(url, policy) === undefined) throw new Refusal('invalid_input', { field: 'url' });
      const there = await own(key.id).select('id').execute();
      if (there.length >= partnerLimits.webhooks) throw new Refusal('no_room');
      const secret = randomBytes(32);
      const row = { id: randomUUID(), key_id: key.id, url, secret, created_at: new Date(clock()) };
      await db.insertInto('webhook').values(row).execute();
      return {
        webhookId: row.id,
        url,
        createdAt: row.created_at.getTime(),
        secret: `whsec_${secret.toString('base64')}`,
      };
    },
    async 'webhooks.list'({ partner: { key } }) {
      const rows = await own(key.id).select(['id', 'url', 'created_at']).orderBy('created_at').execute();
      return {
        webhooks: rows.map(({ id, url, created_at }) => ({
          webhookId: id,
          url,
          createdAt: created_at.getTime(),
        })),
      };
    },
    async 'webhooks.remove'({ params, partner: { key } }) {
      await assertOwn(key.id, params.webhookId);
      await db.deleteFrom('webhook').where('id', '=', params.webhookId).execute();
      return {};
    },
    async 'webhooks.test'({ params: { webhookId }, partner: { key } }) {
      await assertOwn(key.id, webhookId);
      const said = { type: 'ping' as const, data: { what: [] } };
      const [deliveryId] = await putDownDeliveries(db, { keyId: key.id, webhookId, ...said, now: clock() });
      if (deliveryId === undefined) throw new Refusal('not_found');
      return { deliveryId };
    },
    async 'deliveries.list'({ query: { state }, partner: { key } }) {
      const all = db
        .selectFrom('webhook_delivery as delivery')
        .innerJoin('webhook', 'webhook.id', 'delivery.webhook_id')
        .selectAll('delivery')
        .where('webhook.key_id', '=', key.id)
        .orderBy('delivery.created_at', 'desc')
        .orderBy('delivery.id')
        .limit(listed);
      const rows = await (state === undefined ? all : all.where('delivery.state', '=', state)).execute();
      return {
        deliveries: rows.map((row) => ({
          deliveryId: row.id,
          webhookId: row.webhook_id,
          type: row.type,
          state: row.state,
          tries: row.tries,
          nextAt: row.state === 'waiting' ? row.next_at.getTime() : null,
          outcome: row.outcome,
          createdAt: row.created_at.getTime(),
        })),
      };
    },
    async 'deliveries.retry'({ params: { deliveryId }, partner: { key } }) {
      const mine = db.selectFrom('webhook').select('id').where('key_id', '=', key.id);
      const { numUpdatedRows } = await db
        .updateTable('webhook_delivery')
        .set({ state: 'waiting', tries: 0, next_at: new Date(clock()), ended_at: null })
        .where('id', '=', deliveryId)
        .where('state', '=', 'dead')
        .where('webhook_id', 'in', mine)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new Refusal('not_found');
      return {};
    },
  };
}
