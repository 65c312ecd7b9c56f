import { fileReport, tiplineXml } from './cyber-tipline.ts';
import { change } from './ledger.ts';
import { type Parts, system } from './parts.ts';
import type { Doing } from './works.ts';

/** Receipts of reports about cases with one of the same pictures, this case's own included. */
async function earlierReceipts({ platform }: Parts, caseId: string): Promise<string[]> {
  const { db } = platform;
  const own = db
    .selectFrom('case_item')
    .select('hash')
    .where('case_id', '=', caseId)
    .where('hash', 'is not', null);
  const rows = await db
    .selectFrom('child_safety_report')
    .select('receipt_id')
    .distinct()
    .where('receipt_id', 'is not', null)
    .where((where) =>
      where.or([
        where('case_id', '=', caseId),
        where('case_id', 'in', db.selectFrom('case_item').select('case_id').where('hash', 'in', own)),
      ]),
    )
    .execute();
  return rows.flatMap(({ receipt_id }) => receipt_id ?? []);
}

/**
 * Builds a report to NCMEC and keeps it, then sends it where the operator has an account: to the test base until another is
 * named. The case is "filed" when there is a receipt of the real one; a receipt of the test base is kept beside it.
 */
export const reportChildSafety: Doing = async (parts, { case_id: caseId, detail }) => {
  const { db, clock, config } = parts.platform;
  const reportId = String(detail.reportId);
  const row = await db
    .selectFrom('desk_case')
    .select(['state', 'ref'])
    .where('id', '=', caseId)
    .executeTakeFirst();
  if (row?.state.childSafety == null || row.state.childSafety.filed !== null) return null;
  const { tipline, from } = config.desk;
  const earlier = await earlierReceipts(parts, caseId);
  const xml = tiplineXml({
    incident: String(detail.incident),
    at: row.state.childSafety.since,
    words: String(detail.words),
    espIdentifier: row.ref,
    espService: `Accord, ${config.publicUrl.host}`,
    reporterEmail: from ?? `desk@${config.publicUrl.hostname}`,
    termsUrl: new URL('/desk', config.publicUrl).href,
    earlier,
  });
  const base = tipline?.base ?? '';
  await db
    .insertInto('child_safety_report')
    .values({
      id: reportId,
      case_id: caseId,
      base,
      test: tipline?.test ?? true,
      xml,
      receipt_id: null,
      error: tipline === undefined ? 'no account at the CyberTipline: send it by hand' : null,
      built_at: new Date(clock()),
      filed_at: null,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ xml, base }))
    .execute();
  if (tipline === undefined) return null;
  const receiptId = await fileReport(tipline, xml);
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('child_safety_report')
      .set({ receipt_id: receiptId, filed_at: new Date(clock()), error: null })
      .where('id', '=', reportId)
      .execute();
    if (tipline.test) return;
    await change(parts, tx, {
      caseId,
      actor: system,
      command: { kind: 'filed_child_safety', receiptId, recipient: 'NCMEC', earlier },
    });
  });
  return null;
};
