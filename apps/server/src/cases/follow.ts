import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { CaseEvent, CaseState } from '@accord/case-model';
import type { RequestFacts } from '@accord/law';
import { type Selectable, sql } from 'kysely';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import { type CaseRequest, factsOf, identityDigest, itemsOf, storeItems } from './intake.ts';
import { change } from './ledger.ts';
import type { Parts } from './parts.ts';
import { asDrawn, drawPin, hashCode, hashSecret, isSecret } from './secrets.ts';

export type ReporterRow = Selectable<Tables['case_reporter']>;

const minuteMs = 60_000;
/** How long a follow-up stays open without a further request. */
const followMs = 30 * minuteMs;
/** Wrong PINs before a request is closed for a while; each round the while doubles, up to a day. */
const freeTries = 5;
const firstLockMs = 15 * minuteMs;
const longestLockMs = 24 * 60 * minuteMs;

/** Nobody's: a number that is not there is refused after the same work as one with the wrong PIN. */
const decoy = hashSecret(randomBytes(16).toString('hex'));

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const lockMs = (failures: number): number =>
  failures % freeTries === 0 ? Math.min(longestLockMs, firstLockMs * 2 ** (failures / freeTries - 1)) : 0;

/**
 * Opens a follow-up with number and PIN; returns its token. Wrong number, wrong PIN and closed for a while are one refusal.
 * @throws {Refusal} `code_unknown`
 */
export async function openFollowUp(parts: Parts, number: string, pin: string): Promise<string> {
  const { db, clock } = parts.platform;
  const now = clock();
  // Counted before it is checked, in a statement that lets one try through at a time: many at once gain nothing.
  const row = await db.transaction().execute(async (tx) => {
    const found = await tx
      .selectFrom('case_reporter')
      .select(['id', 'pin_hash', 'failures', 'locked_until'])
      .where('number', '=', asDrawn(number))
      .forUpdate()
      .executeTakeFirst();
    if (found === undefined || (found.locked_until?.getTime() ?? 0) > now) return undefined;
    const failures = found.failures + 1;
    const lock = lockMs(failures);
    await tx
      .updateTable('case_reporter')
      .set({ failures, ...(lock > 0 && { locked_until: new Date(now + lock) }) })
      .where('id', '=', found.id)
      .execute();
    return found;
  });
  const right = await isSecret(pin.replaceAll(/\D/g, ''), row?.pin_hash ?? (await decoy));
  if (row === undefined || !right) throw new Refusal('code_unknown');
  await db
    .updateTable('case_reporter')
    .set({ failures: 0, locked_until: null })
    .where('id', '=', row.id)
    .execute();
  return openSession(parts, row.id);
}

async function openSession({ platform }: Parts, reporterId: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await platform.db
    .insertInto('case_session')
    .values({
      token_hash: hashOf(token),
      reporter_id: reporterId,
      expires_at: new Date(platform.clock() + followMs),
    })
    .execute();
  return token;
}

/** A new PIN for the printed recovery code; every open follow-up ends. @throws {Refusal} `code_unknown` */
export async function recoverPin(parts: Parts, number: string, code: string): Promise<string> {
  const pin = drawPin();
  const pinHash = await hashSecret(pin);
  const { db } = parts.platform;
  const changed = await db
    .updateTable('case_reporter')
    .set({ pin_hash: pinHash, failures: 0, locked_until: null })
    .where('number', '=', asDrawn(number))
    .where('recovery_hash', '=', hashCode(asDrawn(code)))
    .returning('id')
    .executeTakeFirst();
  if (changed === undefined) throw new Refusal('code_unknown');
  await db.deleteFrom('case_session').where('reporter_id', '=', changed.id).execute();
  return pin;
}

export async function closeFollowUp({ platform }: Parts, token: string): Promise<void> {
  await platform.db.deleteFrom('case_session').where('token_hash', '=', hashOf(token)).execute();
}

/** Whose follow-up this is, and prolongs it. @throws {Refusal} `session_required` */
async function reporterOf(parts: Parts, token: string | undefined): Promise<ReporterRow> {
  const { db, clock } = parts.platform;
  if (token === undefined || !/^[\w-]{43}$/.test(token)) throw new Refusal('session_required');
  const now = clock();
  const live = await db
    .updateTable('case_session')
    .set({ expires_at: new Date(now + followMs) })
    .where('token_hash', '=', hashOf(token))
    .where('expires_at', '>', new Date(now))
    .returning('reporter_id')
    .executeTakeFirst();
  if (live === undefined) throw new Refusal('session_required');
  return db
    .selectFrom('case_reporter')
    .selectAll()
    .where('id', '=', live.reporter_id)
    .executeTakeFirstOrThrow();
}

/** What whoever asked sees of their request. */
export interface FollowUp {
  readonly number: string;
  readonly language: 'fr' | 'en';
  readonly filedAt: number;
  readonly reporterId: string;
  readonly state: CaseState;
  /** The steps and messages that concern them, oldest first. */
  readonly events: readonly CaseEvent[];
  readonly facts: RequestFacts;
}

/** Events that are shown to whoever asked. Names of the staff, notes and other reporters are not. */
const shown: ReadonlySet<CaseEvent['type']> = new Set([
  'filed',
  'completed',
  'protected',
  'released',
  'removed',
  'declined',
  'restored',
  'sweep_finished',
  'notice_queued',
  'notice_moved',
  'appealed',
  'appeal_decided',
  'message',
  'withdrawn',
  'child_safety_filed',
  'closed',
]);

function concerns(event: CaseEvent, reporterId: string, appeals: ReadonlySet<string>): boolean {
  if (!shown.has(event.type)) return false;
  if (event.type === 'filed' || event.type === 'completed' || event.type === 'withdrawn') {
    return event.reporterId === reporterId;
  }
  if (event.type === 'message') {
    return event.to === 'reporter' || (event.to === 'desk' && event.reporterId === reporterId);
  }
  if (event.type === 'appealed' || event.type === 'appeal_decided') return appeals.has(event.appealId);
  return true;
}

/** The case in which this reporter's request is looked after now. */
export async function caseOf(
  { platform }: Parts,
  caseId: string,
): Promise<{ readonly id: string; readonly state: CaseState }> {
  const row = await platform.db
    .selectFrom('desk_case')
    .select(['id', 'state'])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow();
  return row.state.mergedInto === null ? row : caseOf({ platform } as Parts, row.state.mergedInto);
}

/** The phases of the cases in which these requests are looked after now, by the requests' numbers. */
export async function phasesOf(
  { platform }: Parts,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, CaseState['phase']>> {
  const { rows } = await sql<{ number: string; phase: CaseState['phase'] }>`
    with recursive now as (
      select number, case_id as id from case_reporter where number = any(${[...numbers]}::text[])
      union
      select now.number, (into_case.state ->> 'mergedInto')::uuid from now
        join desk_case into_case on into_case.id = now.id
      where into_case.state ->> 'mergedInto' is not null
    )
    select now.number, desk_case.phase from now join desk_case on desk_case.id = now.id
    where desk_case.state ->> 'mergedInto' is null`.execute(platform.db);
  return new Map(rows.map(({ number, phase }) => [number, phase]));
}

export const readFollowUp = async (parts: Parts, token: string | undefined): Promise<FollowUp> =>
  followUpOf(parts, await reporterOf(parts, token));

/** The same, of a reporter who is known. */
export async function followUpOf(parts: Parts, reporter: ReporterRow): Promise<FollowUp> {
  const current = await caseOf(parts, reporter.case_id);
  const rows = await parts.platform.db
    .selectFrom('case_event')
    .select(['entry', 'case_id'])
    .where('case_id', 'in', [...new Set([reporter.case_id, current.id])])
    .orderBy('at')
    .orderBy('seq')
    .execute();
  const all = rows.map(({ entry }) => JSON.parse(entry) as CaseEvent);
  const appeals = new Set(
    all.flatMap((event) =>
      event.type === 'appealed' && event.side === 'reporter' && event.by.id === reporter.id
        ? [event.appealId]
        : [],
    ),
  );
  const events = all.filter((event) => concerns(event, reporter.id, appeals));
  return {
    number: reporter.number,
    language: reporter.language,
    filedAt: reporter.filed_at.getTime(),
    reporterId: reporter.id,
    state: current.state,
    events,
    facts: { ...reporter.facts, signature: reporter.signature, contact: reporter.contact },
  };
}

/** What a follow-up can ask of its case. @throws {Refusal} */
export async function sayToDesk(parts: Parts, token: string | undefined, words: string): Promise<void> {
  const reporter = await reporterOf(parts, token);
  await ask(parts, reporter, { kind: 'message', to: 'desk', words });
}

export async function withdrawRequest(parts: Parts, token: string | undefined): Promise<void> {
  const reporter = await reporterOf(parts, token);
  await ask(parts, reporter, { kind: 'withdraw', reporterId: reporter.id });
}

export async function appealAsReporter(
  parts: Parts,
  token: string | undefined,
  words: string,
): Promise<void> {
  const reporter = await reporterOf(parts, token);
  await ask(parts, reporter, { kind: 'appeal', appealId: randomUUID(), side: 'reporter', words });
}

/** Gives a command in a reporter's name. @throws {Refusal} */
export async function ask(
  parts: Parts,
  reporter: ReporterRow,
  command: Parameters<typeof change>[2]['command'],
): Promise<void> {
  const { id: caseId } = await caseOf(parts, reporter.case_id);
  const actor = { kind: 'reporter', id: reporter.id } as const;
  await parts.platform.db.transaction().execute((tx) => change(parts, tx, { caseId, actor, command }));
  await parts.hurry(caseId);
}

/** Adds what was missing. Answers given before stay unless they are given anew. @throws {Refusal} */
export async function completeRequest(
  parts: Parts,
  token: string | undefined,
  more: Partial<CaseRequest>,
): Promise<void> {
  const reporter = await reporterOf(parts, token);
  const { id: caseId } = await caseOf(parts, reporter.case_id);
  const before: RequestFacts = {
    ...reporter.facts,
    signature: reporter.signature,
    contact: reporter.contact,
  };
  const added = { pictures: more.pictures ?? [], places: more.places ?? [] };
  const facts: RequestFacts = {
    ...factsOf({ ...emptyRequest, ...definedOf(before), ...definedOf(more), ...added } as CaseRequest),
    places: [...before.places, ...added.places],
    hashes: before.hashes + added.pictures.filter(({ source }) => !source).length,
    messages: before.messages,
  };
  const items = itemsOf(added);
  const { signature, contact } = facts;
  await parts.platform.db.transaction().execute(async (tx) => {
    await storeItems(tx, caseId, items);
    await change(parts, tx, {
      caseId,
      actor: { kind: 'reporter', id: reporter.id },
      command: {
        kind: 'complete',
        reporterId: reporter.id,
        facts,
        items: items.map(({ item }) => item),
        words: more.words ?? '',
        identityDigest: identityDigest(reporter.salt, signature, contact),
      },
    });
    await tx
      .updateTable('case_reporter')
      .set({
        signature,
        contact,
        facts: JSON.stringify({ ...facts, signature: '', contact: '' }),
        ...(more.share === true && { share: true }),
      })
      .where('id', '=', reporter.id)
      .execute();
  });
  await parts.hurry(caseId);
}

/** A request that says nothing yet. */
export const emptyRequest: CaseRequest = {
  capacity: null,
  kind: null,
  minor: null,
  consent: null,
  intimate: false,
  pictures: [],
  places: [],
  words: '',
  signature: '',
  contact: '',
  byPage: false,
  goodFaith: false,
  share: false,
};

/** Without what says nothing: an empty field does not take back what was said. */
const definedOf = (facts: object): object =>
  Object.fromEntries(
    Object.entries(facts).filter(
      ([, value]) => value !== undefined && value !== null && value !== '' && value !== false,
    ),
  );
