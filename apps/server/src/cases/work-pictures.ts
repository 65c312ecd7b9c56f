import { randomUUID } from 'node:crypto';
import type { Coverage } from '@accord/case-model';
import type { RemoveGround } from '@accord/law';
import type { Selectable } from 'kysely';
import type { KindHash } from '../matching/index.ts';
import type { Tables } from '../platform/tables.ts';
import { databaseStatement } from '../transparency/index.ts';
import { change } from './ledger.ts';
import { type Parts, system } from './parts.ts';
import type { Doing } from './works.ts';

type ItemRow = Selectable<Tables['case_item']>;
type WorkRow = Selectable<Tables['case_work']>;

/** PDQ's floor: what is flatter matches by accident and is neither claimed nor swept for. */
const leastQuality = 50;
const minuteMs = 60_000;

const itemsOf = ({ platform }: Parts, caseId: string): Promise<ItemRow[]> =>
  platform.db.selectFrom('case_item').selectAll().where('case_id', '=', caseId).orderBy('id').execute();

function variantsOf({ variants }: ItemRow): KindHash[] {
  if (variants === null) return [];
  return Array.from({ length: Math.floor(variants.length / 33) }, (_, i) => {
    const at = 33 * i;
    const about = String.fromCharCode(variants[at] ?? 0);
    const hash = new Uint8Array(variants.subarray(at + 1, at + 33));
    if (about === 'r') return { kind: 'region', hash };
    return about === 'p' ? { kind: 'part', hash } : { kind: 'part', hash, anchor: Number(about) };
  });
}

interface Picture {
  readonly hash: Uint8Array;
  readonly quality: number;
  readonly variants: readonly KindHash[];
}

/** The pictures that the case is about, by their hashes. A source photograph may be anybody's to send: it is left alone. */
async function picturesOf(parts: Parts, caseId: string): Promise<Picture[]> {
  const items = await itemsOf(parts, caseId);
  return items.flatMap((item) =>
    item.kind === 'hash' && item.hash !== null && (item.quality ?? 0) >= leastQuality
      ? [{ hash: new Uint8Array(item.hash), quality: item.quality ?? 0, variants: variantsOf(item) }]
      : [],
  );
}

/** Interim protection: nothing like these is sent from now on. */
export const claim: Doing = async (parts, { case_id: caseId }) => {
  const row = await parts.platform.db
    .selectFrom('desk_case')
    .select('state')
    .where('id', '=', caseId)
    .executeTakeFirst();
  if (row === undefined || !row.state.protected || row.state.phase === 'removed') return null;
  const pictures = await picturesOf(parts, caseId);
  if (pictures.length > 0) await parts.elsewhere.matching.claims.claim(caseId, pictures);
  return null;
};

export const release: Doing = async (parts, { case_id: caseId }) => {
  await parts.elsewhere.matching.claims.release(caseId, 'dropped');
  return null;
};

/** Restored: our bank says of these pictures nothing any more. What was destroyed stays destroyed. */
export const unbank: Doing = async (parts, { case_id: caseId }) => {
  const pictures = await picturesOf(parts, caseId);
  if (pictures.length > 0) {
    await parts.elsewhere.matching.banks.removeSignals(
      'DESK',
      pictures.map(({ hash }) => hash),
    );
  }
  return null;
};

/** The blobs that members reported with proof. */
async function reportedBlobs(parts: Parts, caseId: string): Promise<string[]> {
  const blobs: string[] = [];
  const items = (await itemsOf(parts, caseId)).filter(({ report_id }) => report_id !== null);
  for (const { report_id: reportId, report_place: place } of items) {
    const report = await parts.elsewhere.media.openReport(reportId ?? '');
    const picture = report?.items[place ?? -1]?.picture;
    if (picture) blobs.push(picture.blobId);
  }
  return blobs;
}

export const freeze: Doing = async (parts, { case_id: caseId }) => {
  const blobs = await reportedBlobs(parts, caseId);
  if (blobs.length > 0) await parts.elsewhere.media.freeze(blobs);
  return null;
};

export const thaw: Doing = async (parts, { case_id: caseId }) => {
  const blobs = await reportedBlobs(parts, caseId);
  if (blobs.length > 0) await parts.elsewhere.media.thaw(blobs);
  return null;
};

export const deleteEvidence: Doing = async ({ platform }, { case_id: caseId }) => {
  await platform.db.deleteFrom('desk_case').where('id', '=', caseId).execute();
  return null;
};

interface Found {
  readonly coverage: Coverage;
  readonly destroyed: readonly string[];
}

/** Every copy that we hold: by the registry's tags, and by name where a member reported it. */
async function search(parts: Parts, caseId: string, pictures: readonly Picture[]) {
  const { registry } = parts.elsewhere.matching;
  const tags = new Set<string>();
  let registered = 0;
  let complete = true;
  for (const { hash, variants } of pictures) {
    const found = await registry.sweep([{ kind: 'whole', hash }, ...variants]);
    for (const tag of found.tags) tags.add(tag);
    registered = Math.max(registered, found.coverage.registered);
    complete &&= found.complete;
  }
  const blobs = [...tags].flatMap((tag) => registry.blobOf(tag) ?? []);
  return {
    blobs,
    named: await reportedBlobs(parts, caseId),
    unreached: tags.size - blobs.length,
    registered,
    complete,
  };
}

/**
 * Finds and destroys. What was found is written down first: whoever takes over after a crash can't find it any more, and owes
 * its senders an answer all the same.
 */
async function searchAndDestroy(
  parts: Parts,
  { id: workId, case_id: caseId, detail }: WorkRow,
  pictures: readonly Picture[],
): Promise<Found> {
  const { media } = parts.elsewhere;
  const { blobs, named, unreached, registered, complete } = await search(parts, caseId, pictures);
  const before = (detail as { readonly blobs?: readonly string[] }).blobs ?? [];
  const copies = [...new Set([...before, ...blobs])];
  await parts.platform.db
    .updateTable('case_work')
    .set({ detail: JSON.stringify({ ...detail, blobs: copies }) })
    .where('id', '=', workId)
    .execute();
  const all = [...new Set([...copies, ...named])];
  await media.remove(all);
  const states = await Promise.all(
    all.map(async (blobId) => ({ blobId, state: (await media.lookUp(blobId))?.state })),
  );
  const destroyed = states.filter(({ state }) => state === 'removed').map(({ blobId }) => blobId);
  return {
    coverage: {
      registered,
      matched: copies.length + unreached,
      destroyed: destroyed.length,
      unreached,
      complete: complete && unreached === 0,
    },
    destroyed,
  };
}

/** How many pictures of each account were destroyed. */
async function sendersOf(parts: Parts, blobs: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const senders = new Map<string, number>();
  for (const blob of blobs) {
    const owner = (await parts.elsewhere.media.lookUp(blob))?.ownerId;
    if (owner) senders.set(owner, (senders.get(owner) ?? 0) + 1);
  }
  return senders;
}

/**
 * A removal: the pictures go into the bank of what was decided, every copy that we hold goes dark, the coverage is an event,
 * the senders are told why, and the Commission's database is owed a statement. One that missed something comes again.
 */
export const sweep: Doing = async (parts, work) => {
  const { platform, elsewhere } = parts;
  const { case_id: caseId, detail } = work;
  const { sweepId, ground, decisionId } = detail as {
    sweepId: string;
    ground: RemoveGround;
    decisionId: string;
  };
  const pictures = await picturesOf(parts, caseId);
  if (pictures.length > 0) {
    await elsewhere.matching.claims.claim(caseId, pictures);
    await elsewhere.matching.claims.release(caseId, 'decided');
  }
  const { coverage, destroyed } = await searchAndDestroy(parts, work, pictures);
  const senders = await sendersOf(parts, destroyed);
  await platform.db.transaction().execute(async (tx) => {
    const now = platform.clock();
    const tell = (command: Parameters<typeof change>[2]['command']) =>
      change(parts, tx, { caseId, actor: system, command });
    await tell({ kind: 'start_sweep', sweepId });
    const { state } = await tell({ kind: 'finish_sweep', sweepId, coverage });
    for (const [accountId, count] of senders) {
      await tx
        .insertInto('case_statement')
        .values({
          id: randomUUID(),
          case_id: caseId,
          decision_id: decisionId,
          account_id: accountId,
          ground,
          pictures: count,
          at: new Date(now),
          appeal_id: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    // Of child abuse nothing is published, not even that there was something.
    if (state.childSafety === null) await databaseStatement(tx, { caseId, decisionId, ground, state, now });
    if (!coverage.complete) {
      await tx
        .insertInto('case_work')
        .values({
          id: randomUUID(),
          case_id: caseId,
          kind: 'sweep',
          detail: JSON.stringify({ ...detail, blobs: [], sweepId: randomUUID() }),
          next_at: new Date(now + minuteMs),
          error: null,
        })
        .execute();
    }
  });
  return null;
};
