import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Item } from '@accord/case-model';
import type { RequestFacts } from '@accord/law';
import type { OpenedReport } from '../media/types.ts';
import { identityDigest, type StoredItem, storeItems } from './intake.ts';
import { change } from './ledger.ts';
import type { Parts } from './parts.ts';
import { drawNumber, drawRecoveryCode, hashCode } from './secrets.ts';

/** Of what members report, these are cases; the rest is the operator's to read. */
const reasons: ReadonlySet<string> = new Set(['ncii', 'minor']);

/**
 * A message as the case has it, and for a picture the PDQ that its sender declared: by that its copies are found. Only what
 * is proved to have been sent is searched for, so that nobody can have a picture searched for that was not.
 */
function itemsOf(report: OpenedReport): StoredItem[] {
  return report.items.flatMap((each, place): StoredItem[] => {
    const digest = (text: string) => createHash('sha256').update(text).digest('hex');
    const nothing = { hash: null, quality: null, variants: null, place: null };
    const message: Item = { id: randomUUID(), kind: 'message', digest: digest(`${report.id}/${place}`) };
    const items: StoredItem[] = [{ item: message, ...nothing, report: { id: report.id, place } }];
    if (each.proof === 'verified' && each.picture !== null) {
      const { pdq, quality } = each.picture;
      const item: Item = { id: randomUUID(), kind: 'hash', digest: digest(pdq) };
      items.push({ ...nothing, item, hash: Buffer.from(pdq, 'hex'), quality, report: null });
    }
    return items;
  });
}

const factsOf = (report: OpenedReport, hashes: number): RequestFacts => ({
  capacity: report.reason === 'minor' ? null : 'self',
  kind: 'unsure',
  minor: report.reason === 'minor' ? 'yes' : null,
  consent: 'never',
  intimate: true,
  places: [],
  hashes,
  messages: report.items.length,
  words: report.words,
  signature: '',
  contact: '',
  byPage: true,
  goodFaith: true,
});

/** Makes a case of every report with proof that is one; returns how many. The same report makes one case, ever. */
export async function takeMemberReports(parts: Parts): Promise<number> {
  const { db } = parts.platform;
  const waiting = (await parts.elsewhere.media.reports({ closed: false })).filter(({ reason }) =>
    reasons.has(reason),
  );
  if (waiting.length === 0) return 0;
  const ids = waiting.map(({ id }) => id);
  const taken = await db.selectFrom('case_reporter').select('idem').where('idem', 'in', ids).execute();
  const known = new Set(taken.map(({ idem }) => idem));
  let made = 0;
  for (const id of ids) {
    if (known.has(id)) continue;
    const report = await parts.elsewhere.media.openReport(id);
    if (report === undefined) continue;
    await openCase(parts, report);
    made += 1;
  }
  return made;
}

async function openCase(parts: Parts, report: OpenedReport): Promise<void> {
  const caseId = randomUUID();
  const reporterId = randomUUID();
  const salt = randomBytes(16);
  const items = itemsOf(report);
  const facts = factsOf(report, items.filter(({ item }) => item.kind === 'hash').length);
  await parts.platform.db.transaction().execute(async (tx) => {
    const { state } = await change(parts, tx, {
      caseId,
      actor: { kind: 'reporter', id: reporterId },
      command: {
        kind: 'file',
        mayProtect: true,
        reporterId,
        facts,
        items: items.map(({ item }) => item),
        identityDigest: identityDigest(salt, '', ''),
      },
    });
    await storeItems(tx, caseId, items);
    await tx
      .insertInto('case_reporter')
      .values({
        id: reporterId,
        case_id: caseId,
        idem: report.id,
        number: drawNumber(),
        // Nobody was told a PIN, and no text is the hash of one: this request is not followed by number.
        pin_hash: '',
        recovery_hash: hashCode(drawRecoveryCode()),
        locked_until: null,
        language: 'en',
        account_id: report.byId,
        signature: '',
        contact: '',
        facts: JSON.stringify(facts),
        salt,
        filed_at: new Date(state.openedAt),
      })
      .execute();
  });
  await parts.hurry(caseId);
}
