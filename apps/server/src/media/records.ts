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

/** Marks yeses as taken back and destroys every half-key that stood on them. */
export async function withdraw(
  parts: Parts,
  tx: Tx,
  consentIds: readonly ConsentRow['id'][],
): Promise<readonly string[]> {
  await sql`
    update consent set state = 'withdrawn', withdrawn_at = ${new Date(parts.platform.clock())}
    where id = any(${consentIds}::uuid[]) and state = 'yes'`.execute(tx);
  const rows = await tx
    .selectFrom('picture_consent')
    .select('blob_id')
    .distinct()
    .where('consent_id', 'in', [...consentIds])
    .execute();
  return endById(
    parts,
    tx,
    rows.map((row) => row.blob_id),
    'withdrawn',
  );
}
