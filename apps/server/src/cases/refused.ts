import { createHash } from 'node:crypto';
import type { ShownConsent } from '@accord/case-model';
import { type ConsentRecord, decodeConsent, isConsent, SealedMediaError } from '@accord/sealed-media';
import { z } from 'zod';
import { nextStep } from '../matching/index.ts';
import { Refusal } from '../platform/refusal.ts';
import { createSharedLimiter } from '../platform/shared-limiter.ts';
import { caseOf } from './follow.ts';
import { change } from './ledger.ts';
import type { Parts } from './parts.ts';

/** As somebody gives it: the code in any grouping, the exported file's text or nothing, words or nothing. */
interface Showing {
  readonly code: string;
  readonly records: string;
  readonly words: string;
}

export interface Refused {
  /**
   * Notes what an owner shows in each case that is open and because of which their picture was refused. Resolves alike, after
   * times that don't tell apart, for any code of the right form: whoever was refused must not learn of a request.
   * @throws {Refusal} `invalid_input` for what is no code, no records, or nothing; `slow_down`
   */
  show(showing: Showing, address: string): Promise<void>;
}

const maxRecords = 16;
const perDay = 1 / (24 * 60);
/** Answers come on a grid of this step, in ms, that holds the work with a case and without. */
const stepMs = 400;

const exported = z.object({
  format: z.literal('accord-yeses/1'),
  records: z.array(z.object({ record: z.base64url().max(8192) })).max(maxRecords),
});

export function createRefused(parts: Parts): Refused {
  const { log } = parts.platform;
  const daily = (name: string, most: number) =>
    createSharedLimiter(`refused/${name}`, { burst: most, perMinute: most * perDay }, parts.platform);
  const byAddress = daily('address', 10);
  const byCode = daily('code', 3);
  /** Nobody buries a case. What is over is dropped unsaid: a refusal would tell that there is a case. */
  const byCase = daily('case', 20);

  async function note(caseId: string, records: readonly Examined[], words: string): Promise<void> {
    try {
      await byCase.take(caseId);
      const { id } = await caseOf(parts, caseId);
      const shown = await weigh(parts, id, records);
      await parts.platform.db.transaction().execute((tx) =>
        change(parts, tx, {
          caseId: id,
          actor: { kind: 'uploader' },
          command: { kind: 'show_consent', ...shown, words },
        }),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      log.info({ refusal: error.code }, 'a consent that was shown is not noted');
    }
  }

  return {
    async show({ code, records, words }, address) {
      await byAddress.takeAddress(address);
      const hex = code.replaceAll(/[\s-]/g, '').toLowerCase();
      if (!/^[0-9a-f]{32}$/.test(hex)) throw new Refusal('invalid_input', { field: 'code' });
      const read = readRecords(records);
      if (words.length > 2000 || (read.length === 0 && words === '')) {
        throw new Refusal('invalid_input', { field: 'words' });
      }
      await byCode.take(hex);
      const began = performance.now();
      const examined = await Promise.all(read.map((record) => examine(record)));
      const why = await parts.elsewhere.matching.explain(Buffer.from(hex, 'hex'));
      for (const caseId of why?.claimedBy ?? []) await note(caseId, examined, words);
      await nextStep(began, stepMs);
    },
  };
}

/** @throws {Refusal} `invalid_input` unless it is empty, or a file of records as the chat exports it */
function readRecords(text: string): ConsentRecord[] {
  if (text === '') return [];
  try {
    const { records } = exported.parse(JSON.parse(text));
    return records.map(({ record }) => decodeConsent(Buffer.from(record, 'base64url')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || error instanceof SealedMediaError) {
      throw new Refusal('invalid_input', { field: 'records' });
    }
    throw error;
  }
}

interface Examined {
  readonly record: ConsentRecord;
  readonly genuine: boolean;
}

const examine = async (record: ConsentRecord): Promise<Examined> => ({
  record,
  genuine: await isConsent(record),
});

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function weigh(
  parts: Parts,
  caseId: string,
  records: readonly Examined[],
): Promise<Omit<ShownConsent, 'words'>> {
  const now = parts.platform.clock();
  // One record shown twice is one.
  const all = new Map(records.map((each) => [hexOf(each.record.signature), each]));
  const genuine = [...all.values()].filter((each) => each.genuine).map(({ record }) => record);
  const pictures = genuine.length === 0 ? new Set() : await picturesOf(parts, caseId);
  return {
    records: all.size,
    genuine: genuine.length,
    givers: new Set(genuine.map(({ giver }) => hexOf(giver))).size,
    inForce: genuine.filter(({ givenAt, until }) => givenAt <= now && (until === null || now < until)).length,
    samePicture: pictures.size === 0 ? null : genuine.filter(({ ph }) => pictures.has(hexOf(ph))).length,
  };
}

/** SHA-256 of the pictures that members reported with proof in this case, hex: what a consent names its picture by. */
async function picturesOf({ platform, elsewhere: { media } }: Parts, caseId: string): Promise<Set<string>> {
  const rows = await platform.db
    .selectFrom('case_item')
    .select(['report_id', 'report_place'])
    .where('case_id', '=', caseId)
    .where('report_id', 'is not', null)
    .execute();
  const digests = await Promise.all(
    rows.map(async ({ report_id: id, report_place: at }) => {
      if (id === null || at === null) return [];
      const item = (await media.openReport(id).catch(() => undefined))?.items[at];
      const place = item?.proof === 'verified' ? item.picture?.place : null;
      if (place == null) return [];
      const picture = await media.openReportedPicture(id, place);
      return picture === undefined ? [] : [createHash('sha256').update(picture.bytes).digest('hex')];
    }),
  );
  return new Set(digests.flat());
}
