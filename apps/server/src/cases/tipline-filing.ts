import { createHash } from 'node:crypto';
import {
  describeFile,
  finishTip,
  isGone,
  openTip,
  retractTip,
  type Tipline,
  uploadFile,
} from './cyber-tipline.ts';
import type { Parts } from './parts.ts';
import type { ProvedPicture } from './reported-pictures.ts';

/** One report of ours on its way: its row, and what the service calls it. */
interface Filing {
  readonly parts: Parts;
  readonly tipline: Tipline;
  readonly reportId: string;
  readonly openedId: string;
}

/** Forgets a report that was opened there, with its files, unless another process opened the next one meanwhile. */
async function forget({ parts, reportId, openedId }: Filing): Promise<void> {
  await parts.platform.db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('child_safety_report')
      .set({ opened_id: null })
      .where('id', '=', reportId)
      .where('opened_id', '=', openedId)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await tx.deleteFrom('child_safety_file').where('report_id', '=', reportId).execute();
  });
}

/** The report that was opened and can be gone on with. One with a file of which nobody knows whether it came is taken back. */
async function standing(filing: Filing): Promise<boolean> {
  const unsure = await filing.parts.platform.db
    .selectFrom('child_safety_file')
    .select('item_id')
    .where('report_id', '=', filing.reportId)
    .where('step', 'in', ['sending', 'describing'])
    .executeTakeFirst();
  if (unsure === undefined) return true;
  if (!(await retractTip(filing.tipline, filing.openedId))) return true;
  await forget(filing);
  return false;
}

/** Each step is written down before it is asked for and after it was answered, so that none is ever taken twice. */
async function send({ parts, tipline, reportId, openedId }: Filing, picture: ProvedPicture): Promise<void> {
  const { db, clock, log } = parts.platform;
  const { itemId, viewed } = picture;
  const step = (change: { readonly step: 'sent' | 'describing' | 'described'; readonly file_id?: string }) =>
    db
      .updateTable('child_safety_file')
      .set(change)
      .where('report_id', '=', reportId)
      .where('item_id', '=', itemId)
      .execute();
  const row = await db
    .selectFrom('child_safety_file')
    .select(['step', 'file_id'])
    .where('report_id', '=', reportId)
    .where('item_id', '=', itemId)
    .executeTakeFirst();
  if (row?.step === 'described') return;
  let fileId = row?.file_id ?? null;
  if (fileId === null) {
    const opened = await picture.open();
    if (opened === undefined) {
      log.warn({ report: reportId }, 'a picture is gone from the evidence: reported without it');
      return;
    }
    const sha256 = createHash('sha256').update(opened.bytes).digest('hex');
    await db
      .insertInto('child_safety_file')
      .values({
        report_id: reportId,
        item_id: itemId,
        file_id: null,
        sha256,
        sent_at: new Date(clock()),
        step: 'sending',
      })
      .execute();
    const name = `${itemId}.${opened.type.replace(/^image\//, '')}`;
    fileId = await uploadFile(tipline, openedId, { name, ...opened });
    await step({ step: 'sent', file_id: fileId });
  }
  await step({ step: 'describing' });
  await describeFile(tipline, { reportId: openedId, fileId, viewed });
  await step({ step: 'described' });
}

/**
 * Files a report that is kept, with the pictures of its case if there are any; resolves to the receipt. After an error or a crash it
 * is called again and goes on from where it was: what was opened and sent is not opened and sent again.
 *
 * @throws {TiplineError} or what the network threw; there is no receipt then
 */
export async function fileTip(
  parts: Parts,
  tipline: Tipline,
  reportId: string,
  pictures: readonly ProvedPicture[],
): Promise<string> {
  const { db } = parts.platform;
  const { xml, opened_id: before } = await db
    .selectFrom('child_safety_report')
    .select(['xml', 'opened_id'])
    .where('id', '=', reportId)
    .executeTakeFirstOrThrow();
  const at = (openedId: string): Filing => ({ parts, tipline, reportId, openedId });
  let filing = before !== null && (await standing(at(before))) ? at(before) : null;
  if (filing === null) {
    // One that was opened and of which the answer was lost stays unfinished, which is not filed, and goes by itself.
    filing = at(await openTip(tipline, xml));
    const { numUpdatedRows } = await db
      .updateTable('child_safety_report')
      .set({ opened_id: filing.openedId })
      .where('id', '=', reportId)
      .where('opened_id', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new Error('another process opened this report');
  }
  try {
    for (const picture of pictures) await send(filing, picture);
    return await finishTip(tipline, filing.openedId);
  } catch (error) {
    if (isGone(error)) await forget(filing);
    throw error;
  }
}
