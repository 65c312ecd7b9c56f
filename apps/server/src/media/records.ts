import { decodeConsent, isWithdrawal } from '@accord/sealed-media';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import type { ConsentRow } from './consents.ts';
import { endById, endNow } from './endings.ts';
import { fromBase64url, type Parts } from './parts.ts';

/** Signed yeses: read by whoever knows their id, taken back by whoever holds their key. No account, no proof of age. */
export function recordHandlers(parts: Parts): Handlers<'media.records.read' | 'media.records.withdraw'> {
  const { platform } = parts;
  const { db, clock, config, bus } = platform;
  const strangers = createLimiter({ burst: 60, perMinute: 30 }, { enabled: config.rateLimits, clock });
  const find = (recordId: string) =>
    db.selectFrom('consent').selectAll().where('record_id', '=', recordId).executeTakeFirst();
  return {
    async 'media.records.read'({ params, request }) {
      strangers.takeAddress(request.ip);
      const row = await find(params.recordId);
      if (row?.record == null) throw new Refusal('not_found');
      return {
        record: row.record.toString('base64url'),
        state: row.state === 'withdrawn' ? 'withdrawn' : 'yes',
        withdrawnAt: row.withdrawn_at?.getTime() ?? null,
      };
    },
    async 'media.records.withdraw'({ params, body, request }) {
      strangers.takeAddress(request.ip);
      const row = await find(params.recordId);
      if (row?.record == null) throw new Refusal('not_found');
      const record = decodeConsent(row.record);
      if (!(await isWithdrawal(record, fromBase64url(body.signature)))) throw new Refusal('not_found');
      await endNow(parts, (tx) => withdraw(parts, tx, [row.id]));
      const after = await find(params.recordId);
      const told = [row.asker_id, row.asked_id].filter((id) => id !== null);
      bus.publish('notice', { accountIds: told, notice: { kind: 'consents' } });
      return { withdrawnAt: (after?.withdrawn_at ?? new Date(clock())).getTime() };
    },
  };
}

/**
 * Marks yeses as taken back and destroys every half-key that stood on them. Who takes one back takes back all that they gave the
 * same person to the same picture: it goes dark for everybody, whomever it was sent to.
 */
export async function withdraw(
  parts: Parts,
  tx: Tx,
  consentIds: readonly ConsentRow['id'][],
): Promise<readonly string[]> {
  const { rows: yeses } = await sql<{ id: string }>`
    select yes.id from consent named join consent yes
      on yes.id = named.id or (yes.asker_id = named.asker_id and yes.ph = named.ph and yes.asked_id = named.asked_id)
    where named.id = any(${consentIds}::uuid[]) and yes.state in ('yes', 'withdrawn')
    order by yes.id for update of yes`.execute(tx);
  const ids = yeses.map(({ id }) => id);
  await sql`
    update consent set state = 'withdrawn', withdrawn_at = ${new Date(parts.platform.clock())}
    where id = any(${ids}::uuid[]) and state = 'yes'`.execute(tx);
  const { rows } = await sql<{ blob_id: string }>`
    select distinct blob_id from picture_consent where consent_id = any(${ids}::uuid[])`.execute(tx);
  return endById(
    parts,
    tx,
    rows.map((row) => row.blob_id),
    'withdrawn',
  );
}
