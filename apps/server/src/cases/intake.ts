import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type CaseEvent, type CaseState, type Item, nextDue } from '@accord/case-model';
import { examineRequest, type Need, type RequestFacts, type RequestLaw } from '@accord/law';
import type { Body } from '@accord/protocol';
import { anchorsOf } from '../matching/index.ts';
import type { Tx } from '../platform/database.ts';
import { canonical } from './canonical.ts';
import { change } from './ledger.ts';
import type { Parts } from './parts.ts';
import { drawNumber, drawPin, drawRecoveryCode, hashCode, hashSecret } from './secrets.ts';

export type CaseRequest = Body<'cases.file'>['request'];
type HashedPicture = CaseRequest['pictures'][number];

/** A request as the desk takes it in. */
export interface Filing {
  /** Drawn by the page: the same one files once. */
  readonly idem: string;
  readonly language: 'fr' | 'en';
  readonly request: CaseRequest;
  /** False where this household asked for more than is protected unseen. */
  readonly mayProtect: boolean;
  /** What whoever files it keeps beside it, in its transaction. Not called for one that was filed before. */
  readonly beside?: (tx: Tx, filed: FiledCase) => Promise<void>;
}

/** A case that was just opened, with the events that opened it. */
interface FiledCase {
  readonly caseId: string;
  readonly number: string;
  readonly receivedAt: number;
  readonly events: readonly CaseEvent[];
}

export interface Filed {
  readonly number: string;
  /** Told once: null when this `idem` was answered before. */
  readonly pin: string | null;
  readonly recoveryCode: string | null;
  readonly receivedAt: number;
  readonly dueAt: number | null;
  readonly validUnder: readonly RequestLaw[];
  readonly missing: readonly Need[];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What the law looks at. */
export const factsOf = (request: CaseRequest): RequestFacts => ({
  capacity: request.capacity,
  kind: request.kind,
  minor: request.minor,
  consent: request.consent,
  intimate: request.intimate,
  places: request.places,
  hashes: request.pictures.filter(({ source }) => !source).length,
  messages: 0,
  words: request.words,
  signature: request.signature,
  contact: request.contact,
  byPage: request.byPage,
  goodFaith: request.goodFaith,
});

/** Under which laws it stands and what it misses. Keeps nothing. */
export const checkRequest = (request: CaseRequest) => examineRequest(factsOf(request));

export interface StoredItem {
  readonly item: Item;
  readonly hash: Buffer | null;
  readonly quality: number | null;
  readonly variants: Buffer | null;
  readonly place: string | null;
  /** Where it is in a member's report with proof. */
  readonly report: { readonly id: string; readonly place: number } | null;
}

/** One byte of kind before each hash: `p` a part, or the digit of its anchor; `r` a region. */
function variantsOf({ parts, anchors, regions }: HashedPicture): Buffer {
  const anchorOf = anchorsOf(anchors);
  const of = (text: string, kind: (at: number) => string) => {
    const bytes = Buffer.from(text, 'base64url');
    return Array.from({ length: bytes.length / 32 }, (_, i) =>
      Buffer.concat([Buffer.from(kind(i)), bytes.subarray(32 * i, 32 * i + 32)]),
    );
  };
  return Buffer.concat([...of(parts, (at) => String(anchorOf(at) ?? 'p')), ...of(regions, () => 'r')]);
}

/** What a request is about, each with an id and a digest of its own. */
export function itemsOf({ pictures, places }: Pick<CaseRequest, 'pictures' | 'places'>): StoredItem[] {
  return [
    ...pictures.map((picture): StoredItem => {
      const kind = picture.source ? 'source' : 'hash';
      const digest = sha256(canonical({ h: picture.h, q: picture.q }));
      return {
        item: { id: randomUUID(), kind, digest },
        hash: Buffer.from(picture.h, 'base64url'),
        quality: picture.q,
        variants: variantsOf(picture),
        place: null,
        report: null,
      };
    }),
    ...places.map((place): StoredItem => {
      const item: Item = { id: randomUUID(), kind: 'place', digest: sha256(place) };
      return { item, hash: null, quality: null, variants: null, place, report: null };
    }),
  ];
}

export async function storeItems(tx: Tx, caseId: string, items: readonly StoredItem[]): Promise<void> {
  if (items.length === 0) return;
  await tx
    .insertInto('case_item')
    .values(
      items.map(({ item, hash, quality, variants, place, report }) => ({
        case_id: caseId,
        ...item,
        hash,
        quality,
        variants,
        place,
        report_id: report?.id ?? null,
        report_place: report?.place ?? null,
      })),
    )
    .execute();
}

/** Proves later who asked, and tells nothing: name and contact with a salt that lies beside them. */
export const identityDigest = (salt: Buffer, signature: string, contact: string): string =>
  sha256(canonical({ salt: salt.toString('hex'), signature, contact }));

async function filedBefore(parts: Parts, idem: string): Promise<Filed | null> {
  const found = await parts.platform.db
    .selectFrom('case_reporter')
    .innerJoin('desk_case', 'desk_case.id', 'case_reporter.case_id')
    .select(['case_reporter.number', 'case_reporter.filed_at', 'desk_case.state'])
    .where('case_reporter.idem', '=', idem)
    .executeTakeFirst();
  if (found === undefined) return null;
  return answer(
    found.state,
    { number: found.number, pin: null, recoveryCode: null },
    found.filed_at.getTime(),
  );
}

const answer = (
  state: CaseState,
  secrets: Pick<Filed, 'number' | 'pin' | 'recoveryCode'>,
  receivedAt: number,
): Filed => ({
  ...secrets,
  receivedAt,
  dueAt: nextDue(state),
  validUnder: state.validUnder,
  missing: state.missing,
});

/**
 * Takes a request in: whole or not, in one transaction, with what protects the picture put down in it. Durable when
 * answered; the pictures are in the claimed bank by then, unless that bank is away, and then as soon as it is back.
 */
export async function fileRequest(parts: Parts, filing: Filing): Promise<Filed> {
  const before = await filedBefore(parts, filing.idem);
  if (before !== null) return before;
  const secrets = { number: drawNumber(), pin: drawPin(), recoveryCode: drawRecoveryCode() };
  const pinHash = await hashSecret(secrets.pin);
  const caseId = randomUUID();
  try {
    const state = await parts.platform.db
      .transaction()
      .execute((tx) => store(parts, tx, { ...filing, ...secrets, pinHash, caseId }));
    await parts.hurry(caseId);
    return answer(state, secrets, state.openedAt);
  } catch (error) {
    const { constraint } = error as { constraint?: unknown };
    const twice = constraint === 'case_reporter_idem_key' ? await filedBefore(parts, filing.idem) : null;
    if (twice === null) throw error;
    return twice;
  }
}

interface Storing extends Filing {
  readonly caseId: string;
  readonly number: string;
  readonly recoveryCode: string;
  readonly pinHash: string;
}

async function store(parts: Parts, tx: Tx, filing: Storing): Promise<CaseState> {
  const { caseId, request } = filing;
  const reporterId = randomUUID();
  const salt = randomBytes(16);
  const facts = factsOf(request);
  const items = itemsOf(request);
  const { state, events } = await change(parts, tx, {
    caseId,
    actor: { kind: 'reporter', id: reporterId },
    command: {
      kind: 'file',
      mayProtect: filing.mayProtect,
      reporterId,
      facts,
      items: items.map(({ item }) => item),
      identityDigest: identityDigest(salt, request.signature, request.contact),
    },
  });
  await storeItems(tx, caseId, items);
  await tx
    .insertInto('case_reporter')
    .values({
      id: reporterId,
      case_id: caseId,
      idem: filing.idem,
      number: filing.number,
      pin_hash: filing.pinHash,
      recovery_hash: hashCode(filing.recoveryCode),
      locked_until: null,
      language: filing.language,
      account_id: null,
      signature: request.signature,
      contact: request.contact,
      facts: JSON.stringify({ ...facts, signature: '', contact: '' }),
      salt,
      filed_at: new Date(state.openedAt),
      share: request.share ?? false,
    })
    .execute();
  await filing.beside?.(tx, { caseId, number: filing.number, receivedAt: state.openedAt, events });
  return state;
}
