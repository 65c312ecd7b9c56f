import { createHash } from 'node:crypto';
import { type CaseEvent, type CaseState, nextDue } from '@accord/case-model';
import type { PartnerNotice, V1 } from '@accord/protocol/partners';
import { sql } from 'kysely';
import type { Cases, FollowUp } from '../cases/index.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { createSharedLimiter } from '../platform/shared-limiter.ts';
import { putDownDeliveries } from './deliveries.ts';
import type { PartnerHandlers } from './door.ts';

const pageRows = 100;

/** Requests of one key that are protected before anybody looked, a day: a key that was stolen must not bar pictures at will. */
const protectedADay = 200;

/** The same `idem` of two keys is two requests: an id of the desk's own, drawn from both. */
function idemOf(keyId: string, idem: string): string {
  const digest = createHash('sha256').update(`accord/partner-notice/1\0${keyId}\0${idem}`).digest('hex');
  // Shaped as a UUID of version 8 (RFC 9562: by whoever makes it).
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${((Number.parseInt(digest.slice(16, 17), 16) & 3) | 8).toString(16)}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}

interface Row {
  readonly id: string;
  readonly filed_at: Date;
  readonly reference: string;
  readonly number: string;
}

const stateOf = (phase: CaseState['phase']): PartnerNotice['state'] =>
  // `new` and `merged` are passed through within one transaction; who follows sees the case that goes on.
  phase === 'new' || phase === 'merged' ? 'valid' : phase;

function shownNotice({ id, reference, number }: Row, follow: FollowUp): PartnerNotice {
  const { state, events } = follow;
  const { decision } = state;
  return {
    noticeId: id,
    reference,
    number,
    filedAt: follow.filedAt,
    state: stateOf(state.phase),
    dueAt: nextDue(state),
    closedAt: state.closedAt,
    protected: state.protected,
    validUnder: [...state.validUnder],
    missing: [...state.missing],
    decision:
      decision === null
        ? null
        : { kind: decision.kind, ground: decision.ground, at: decision.at, words: decision.words },
    messages: events.flatMap((event) =>
      event.type === 'message'
        ? [
            {
              at: event.at,
              from: event.to === 'desk' ? ('you' as const) : ('desk' as const),
              words: event.words,
            },
          ]
        : [],
    ),
  };
}

type NoticeRoute = Extract<keyof V1, `notices.${string}`>;

export function noticeHandlers(
  platform: Platform,
  { partnerDesk: desk }: Pick<Cases, 'partnerDesk'>,
): Pick<PartnerHandlers<V1>, NoticeRoute> {
  const { db } = platform;
  const daily = { burst: protectedADay, perMinute: protectedADay / (24 * 60) };
  const protections = createSharedLimiter('partners/protect', daily, platform);
  /** What this key filed; another's is absent. */
  const find = async (keyId: string, noticeId: string): Promise<Row> => {
    const row = await db
      .selectFrom('partner_notice')
      .select(['id', 'reference', 'number', 'filed_at'])
      .where('id', '=', noticeId)
      .where('key_id', '=', keyId)
      .executeTakeFirst();
    if (row === undefined) throw new Refusal('not_found');
    return row;
  };
  const show = async (row: Row): Promise<PartnerNotice> => shownNotice(row, await desk.read(row.number));
  return {
    async 'notices.file'({ body, partner: { key } }) {
      const { idem, reference, language, request } = body;
      const noticeId = idemOf(`${key.id}/notice`, idem);
      await desk.file({
        idem: idemOf(key.id, idem),
        language,
        request,
        mayProtect: await protections.mayTake(key.id),
        async beside(tx, { caseId, number, receivedAt, events }) {
          const row = {
            id: noticeId,
            key_id: key.id,
            number,
            case_id: caseId,
            reference,
            filed_at: new Date(receivedAt),
          };
          await tx.insertInto('partner_notice').values(row).execute();
          // Whoever reads only what they are told hears of what was done at once, too.
          await tellPartners(tx, { caseId, events, now: receivedAt });
        },
      });
      return show(await find(key.id, noticeId));
    },
    async 'notices.list'({ query, partner: { key } }) {
      const { after } = query;
      const last = after === undefined ? undefined : await find(key.id, after);
      const all = db
        .selectFrom('partner_notice')
        .select(['id', 'reference', 'number', 'filed_at'])
        .where('key_id', '=', key.id)
        .where(
          last === undefined
            ? sql<boolean>`true`
            : sql<boolean>`(filed_at, id) > (${last.filed_at}, ${last.id}::uuid)`,
        );
      const rows = await all.orderBy('filed_at').orderBy('id').limit(pageRows).execute();
      const phases = await desk.phases(rows.map(({ number }) => number));
      const notices = rows.flatMap(({ id: noticeId, reference, number, filed_at }) => {
        const phase = phases.get(number);
        if (phase === undefined) return [];
        return [{ noticeId, reference, number, filedAt: filed_at.getTime(), state: stateOf(phase) }];
      });
      return { notices, next: rows.length === pageRows ? (rows.at(-1)?.id ?? null) : null };
    },
    'notices.read': async ({ params, partner }) => show(await find(partner.key.id, params.noticeId)),
    async 'notices.message'({ params, body, partner }) {
      await desk.say((await find(partner.key.id, params.noticeId)).number, body.words);
      return {};
    },
    async 'notices.appeal'({ params, body, partner }) {
      await desk.appeal((await find(partner.key.id, params.noticeId)).number, body.words);
      return {};
    },
    async 'notices.withdraw'({ params, partner }) {
      await desk.withdraw((await find(partner.key.id, params.noticeId)).number);
      return {};
    },
  };
}

/** What a platform is told of. Names of the staff, notes and clocks are not among it. */
const toldTypes: ReadonlySet<CaseEvent['type']> = new Set([
  'protected',
  'released',
  'removed',
  'declined',
  'restored',
  'appeal_decided',
  'closed',
]);

const isTold = (event: CaseEvent): boolean =>
  toldTypes.has(event.type) || (event.type === 'message' && event.to === 'reporter');

/**
 * Puts down what the events of a case tell those who filed it, in the transaction of the events: it is sent whatever happens
 * next, and never when the decision was not taken.
 */
export async function tellPartners(
  tx: Tx,
  {
    caseId,
    events,
    now,
  }: { readonly caseId: string; readonly events: readonly CaseEvent[]; readonly now: number },
): Promise<void> {
  const what = [...new Set(events.filter(isTold).map(({ type }) => type))];
  const merged = events.find((event) => event.type === 'merged');
  if (what.length === 0 && merged === undefined) return;
  const notices = await tx
    .selectFrom('partner_notice')
    .select(['id', 'key_id', 'reference'])
    .where('case_id', '=', caseId)
    .execute();
  if (notices.length === 0) return;
  if (what.length > 0) {
    for (const { id, key_id: keyId, reference } of notices) {
      const data = { noticeId: id, reference, what };
      await putDownDeliveries(tx, { keyId, type: 'notice.updated', data, now });
    }
  }
  if (merged !== undefined) {
    // Its requests are looked after in the other case from now on.
    await tx
      .updateTable('partner_notice')
      .set({ case_id: merged.into })
      .where('case_id', '=', caseId)
      .execute();
  }
}
