import { reportReasons } from '@accord/protocol';
import { decodeReport, type Report, reportContext, SealedMediaError } from '@accord/sealed-media';
import { type Selectable, sql } from 'kysely';
import type { Handlers } from '../platform/http.ts';
import { Refusal } from '../platform/refusal.ts';
import { createSharedLimiter } from '../platform/shared-limiter.ts';
import type { Tables } from '../platform/tables.ts';
import { type Examined, examine } from './examine.ts';
import { fromBase64url, type Parts } from './parts.ts';
import type { Media, OpenedReport, ReportedItem, ReportHead } from './types.ts';
import { uuidBytes } from './uuid.ts';

type ReportRow = Selectable<Tables['media_report']>;

/** What is sealed into a report's row. */
interface Findings {
  readonly words: string;
  readonly items: readonly ReportedItem[];
}

/** Binds what is stored to its report and its place there. */
const placeContext = (reportId: string, place: number): Uint8Array =>
  Buffer.concat([Buffer.from('accord/evidence/1\0'), uuidBytes(reportId), Buffer.of(place)]);
/** Place of the findings themselves; pictures count from 0. */
const findingsPlace = 255;

const pictureName = (reportId: string, place: number): string => `reports/${reportId}/${place}`;

export function reportHandlers(parts: Parts): Handlers<'media.reports.create' | 'media.keys.read'> {
  const { platform, moderation } = parts;
  const { db } = platform;
  const reports = createSharedLimiter('media/report', { burst: 10, perMinute: 0.5 }, platform);
  return {
    async 'media.keys.read'() {
      const publicKey = Buffer.from(await moderation.publicKey()).toString('base64url');
      return { moderation: { kid: moderation.kid.toString('base64url'), publicKey } };
    },
    async 'media.reports.create'({ caller, body }) {
      await reports.take(caller.accountId);
      const known = await db
        .selectFrom('media_report')
        .select(['by_id', 'verified'])
        .where('id', '=', body.reportId)
        .executeTakeFirst();
      if (known !== undefined) {
        if (known.by_id !== caller.accountId) throw new Refusal('not_found');
        return { reportId: body.reportId, verified: known.verified };
      }
      const report = await openReport(parts, body);
      const examined = await examine(parts, report);
      const verified =
        examined.items.length > 0 && examined.items.every(({ item }) => item.proof === 'verified');
      await store(parts, { id: body.reportId, byId: caller.accountId, report, examined, verified });
      parts.metrics.reports.inc({ verified: String(verified) });
      return { reportId: body.reportId, verified };
    },
  };
}

/** @throws {Refusal} `bad_report` */
async function openReport(
  { moderation }: Parts,
  { kid, sealed }: { readonly kid: string; readonly sealed: string },
): Promise<Report> {
  const opened = await moderation.open(fromBase64url(kid), fromBase64url(sealed), reportContext);
  if (opened === undefined) throw new Refusal('bad_report');
  try {
    const report = decodeReport(opened);
    if (!(reportReasons as readonly string[]).includes(report.reason)) throw new Refusal('bad_report');
    if (report.words.length > 4000) throw new Refusal('bad_report');
    return report;
  } catch (error) {
    if (error instanceof SealedMediaError) throw new Refusal('bad_report');
    throw error;
  }
}

interface Finding {
  readonly id: string;
  readonly byId: string;
  readonly report: Report;
  readonly examined: Examined;
  readonly verified: boolean;
}

/** Pictures first, then the row: a report that is acknowledged has all its evidence. */
async function store(parts: Parts, { id, byId, report, examined, verified }: Finding): Promise<void> {
  const { platform, moderation, blobs } = parts;
  const items: ReportedItem[] = [];
  let place = 0;
  for (const { item, bytes } of examined.items) {
    if (bytes === undefined || item.picture === null) {
      items.push(item);
      continue;
    }
    const { kid, sealed } = await moderation.seal(bytes, placeContext(id, place));
    await blobs.put(pictureName(id, place), Buffer.concat([kid, sealed]));
    items.push({ ...item, picture: { ...item.picture, place } });
    place += 1;
  }
  const findings: Findings = { words: report.words, items };
  const { kid, sealed } = await moderation.seal(
    Buffer.from(JSON.stringify(findings)),
    placeContext(id, findingsPlace),
  );
  const proved = examined.items.map(({ item }) => item.senderId).find((sender) => sender !== null);
  await platform.db
    .insertInto('media_report')
    .values({
      id,
      by_id: byId,
      about_id: proved ?? null,
      reason: report.reason,
      verified,
      kid,
      sealed: Buffer.from(sealed),
      pictures: place,
      created_at: new Date(platform.clock()),
      closed_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const head = (row: ReportRow): ReportHead => ({
  id: row.id,
  byId: row.by_id,
  aboutId: row.about_id,
  createdAt: row.created_at,
  closedAt: row.closed_at,
  verified: row.verified,
  reason: row.reason,
});

/** Pictures of reports that were closed elsewhere. */
export async function removeClosedEvidence({ blobs, platform }: Parts): Promise<number> {
  const rows = await platform.db
    .selectFrom('media_report')
    .select(['id', 'pictures'])
    .where('closed_at', 'is not', null)
    .where('pictures', '>', 0)
    .execute();
  for (const { id, pictures } of rows) {
    await blobs.remove(Array.from({ length: pictures }, (_, place) => pictureName(id, place)));
    await platform.db.updateTable('media_report').set({ pictures: 0 }).where('id', '=', id).execute();
  }
  return rows.length;
}

/**
 * Sealed pictures whose report was never stored, as the server was killed between the two. A report that is just being taken looks the
 * same, so a file goes when two rounds found it alone.
 */
export function strayEvidence({ blobs, platform }: Parts): () => Promise<number> {
  let suspects: ReadonlySet<string> = new Set();
  return async () => {
    const names = await blobs.list('reports/');
    const idOf = (name: string) => name.split('/')[1] ?? '';
    const { rows } = await sql<{ id: string }>`
      select id from media_report where id = any(${[...new Set(names.map(idOf))]}::uuid[])`.execute(
      platform.db,
    );
    const known = new Set(rows.map((row) => row.id));
    const alone = names.filter((name) => !known.has(idOf(name)));
    const stray = alone.filter((name) => suspects.has(name));
    await blobs.remove(stray);
    suspects = new Set(alone);
    return stray.length;
  };
}

/** What the desk does with reports. */
export function reportDesk(
  parts: Parts,
): Pick<Media, 'reports' | 'openReport' | 'openReportedPicture' | 'closeReport'> {
  const { moderation, blobs } = parts;
  const { db, clock } = parts.platform;
  const find = (id: string) =>
    db.selectFrom('media_report').selectAll().where('id', '=', id).executeTakeFirst();
  const open = async (id: string): Promise<OpenedReport | undefined> => {
    const row = await find(id);
    if (row?.sealed == null) return undefined;
    const opened = await moderation.open(row.kid, row.sealed, placeContext(id, findingsPlace));
    if (opened === undefined) return undefined;
    return { ...head(row), ...(JSON.parse(Buffer.from(opened).toString('utf8')) as Findings) };
  };
  return {
    async reports({ closed }) {
      const rows = await db
        .selectFrom('media_report')
        .selectAll()
        .where('closed_at', closed ? 'is not' : 'is', null)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(head);
    },
    openReport: open,
    async openReportedPicture(id, place) {
      const report = await open(id);
      const shown = report?.items.find(({ picture }) => picture?.place === place)?.picture;
      const stored = shown == null ? undefined : await blobs.get(pictureName(id, place));
      if (shown == null || stored === undefined) return undefined;
      const opened = await moderation.open(
        stored.subarray(0, 8),
        stored.subarray(8),
        placeContext(id, place),
      );
      return opened === undefined ? undefined : { type: shown.type, bytes: Buffer.from(opened) };
    },
    async closeReport(id) {
      const row = await find(id);
      if (row === undefined || row.closed_at !== null) return false;
      await blobs.remove(Array.from({ length: row.pictures }, (_, place) => pictureName(id, place)));
      const closed = await db
        .updateTable('media_report')
        .set({ closed_at: new Date(clock()), sealed: null, pictures: 0 })
        .where('id', '=', id)
        .where('closed_at', 'is', null)
        .executeTakeFirst();
      return closed.numUpdatedRows === 1n;
    },
  };
}
