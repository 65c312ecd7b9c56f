import { tiplineXml } from './cyber-tipline.ts';
import { change } from './ledger.ts';
import { type Parts, system } from './parts.ts';
import { provedPictures } from './reported-pictures.ts';
import { fileTip } from './tipline-filing.ts';
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

interface Told {
  readonly reportId: string;
  readonly caseId: string;
  readonly ref: string;
  readonly since: number;
  readonly incident: string;
  readonly words: string;
  readonly earlier: readonly string[];
}

/** Keeps what is said. What was opened at this base is gone on with as it was sent; at another base it is not there. */
async function keep({ platform }: Parts, told: Told): Promise<'kept' | 'receipted'> {
  const { db, clock, config } = platform;
  const { reportId: id, caseId } = told;
  const { tipline, from } = config.desk;
  const base = tipline?.base ?? '';
  const kept = await db
    .selectFrom('child_safety_report')
    .select(['base', 'opened_id', 'receipt_id'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (kept !== undefined && kept.receipt_id !== null) return 'receipted';
  if (kept !== undefined && kept.opened_id !== null && kept.base === base) return 'kept';
  const xml = tiplineXml({
    incident: told.incident,
    at: told.since,
    words: told.words,
    espIdentifier: told.ref,
    espService: `Accord, ${config.publicUrl.host}`,
    reporterEmail: from ?? `desk@${config.publicUrl.hostname}`,
    termsUrl: new URL('/desk', config.publicUrl).href,
    earlier: told.earlier,
  });
  const test = tipline?.test ?? true;
  const error = tipline === undefined ? 'no account at the CyberTipline: send it by hand' : null;
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('child_safety_report')
      .values({
        id,
        case_id: caseId,
        base,
        test,
        xml,
        receipt_id: null,
        error,
        built_at: new Date(clock()),
        filed_at: null,
      })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ xml, base, test, opened_id: null }))
      .execute();
    await tx.deleteFrom('child_safety_file').where('report_id', '=', id).execute();
  });
  return 'kept';
}

/**
 * Builds a report to NCMEC and keeps it, then sends it where the operator has an account: to the test base until another is
 * named. Pictures that a report with proof uncovered go with it, from the evidence and held in memory alone. The case is
 * "filed" when there is a receipt of the real base; a receipt of any other is kept beside it.
 */
export const reportChildSafety: Doing = async (parts, { case_id: caseId, detail }) => {
  const { db, clock, config } = parts.platform;
  const { tipline } = config.desk;
  const reportId = String(detail.reportId);
  const row = await db
    .selectFrom('desk_case')
    .select(['state', 'ref'])
    .where('id', '=', caseId)
    .executeTakeFirst();
  if (row?.state.childSafety == null || row.state.childSafety.filed !== null) return null;
  const { since } = row.state.childSafety;
  const { incident, words } = detail as { readonly incident: string; readonly words: string };
  const earlier = await earlierReceipts(parts, caseId);
  const told = { reportId, caseId, ref: row.ref, since, incident, words, earlier };
  if ((await keep(parts, told)) === 'receipted' || tipline === undefined) return null;
  const receiptId = await fileTip(parts, tipline, reportId, await provedPictures(parts, caseId));
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
