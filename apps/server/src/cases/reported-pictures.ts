import type { Parts } from './parts.ts';

export interface ReportedPicture {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * The bytes of the picture that a reported message carried, from the sealed evidence. The message's place is counted among all
 * messages of the report, the picture's among its opened pictures.
 */
export async function openPictureOf(
  { elsewhere }: Parts,
  reportId: string,
  messagePlace: number,
): Promise<ReportedPicture | undefined> {
  const report = await elsewhere.media.openReport(reportId);
  const place = report?.items[messagePlace]?.picture?.place;
  return place == null ? undefined : elsewhere.media.openReportedPicture(reportId, place);
}

/** A picture of a case that was proved to have been sent and could be opened. */
export interface ProvedPicture {
  readonly itemId: string;
  /** A person looked at it. */
  readonly viewed: boolean;
  /** As its sender declared it. */
  readonly pdq: Uint8Array;
  open(): Promise<ReportedPicture | undefined>;
}

export async function provedPictures(parts: Parts, caseId: string): Promise<ProvedPicture[]> {
  const { db } = parts.platform;
  const rows = await db
    .selectFrom('case_item')
    .select(['id', 'report_id', 'report_place'])
    .where('case_id', '=', caseId)
    .where('report_id', 'is not', null)
    .orderBy('id')
    .execute();
  const looks = await db
    .selectFrom('case_event')
    .select('entry')
    .where('case_id', '=', caseId)
    .where('type', '=', 'revealed')
    .execute();
  const viewed = new Set(looks.map(({ entry }) => (JSON.parse(entry) as { readonly itemId: string }).itemId));
  const found: ProvedPicture[] = [];
  for (const { id, report_id: reportId, report_place: place } of rows) {
    if (reportId === null || place === null) continue;
    const item = (await parts.elsewhere.media.openReport(reportId))?.items[place];
    if (item?.proof !== 'verified' || item.picture?.found !== 'opened') continue;
    found.push({
      itemId: id,
      viewed: viewed.has(id),
      pdq: new Uint8Array(Buffer.from(item.picture.pdq, 'hex')),
      open: () => openPictureOf(parts, reportId, place),
    });
  }
  return found;
}
