import { backOffMs, type PeerRequest, type Told } from '@accord/hash-exchange';
import { type Selectable, sql } from 'kysely';
import { databaseLocks } from '../platform/locks.ts';
import { wholeOf } from '../platform/outside.ts';
import { alone } from '../platform/rounds.ts';
import type { Tables } from '../platform/tables.ts';
import { askOnce, faultOf, SyncError } from './ask.ts';
import { keysFor } from './keys.ts';
import { type Peer, peerOf } from './kinds.ts';
import type { Parts } from './parts.ts';
import type { ExchangeRow } from './store.ts';

type TellingRow = Selectable<Tables['exchange_telling']>;

const mostAtOnce = 200;
const bounds = { mostBytes: 1024 * 1024, wholeMs: 60_000 };
const fine = [200, 201, 202, 204];

/**
 * Lays what peers should be told beside what they were told. A peer that is no longer told anything, or of a case that nobody
 * shares any more, is told so; what never reached it needs no taking back.
 */
async function reconcile({ db, clock }: Parts): Promise<void> {
  const now = new Date(clock());
  const due = sql`select exchange.id as exchange_id, share.hash
    from exchange join exchange_share share
      on share.about = case when exchange.kind = 'ncmec' then 'child_safety' else 'ncii' end
    where exchange.tells and exchange.enabled and exchange.kind <> 'list' group by exchange.id, share.hash`;
  await sql`
    insert into exchange_telling as mine (exchange_id, hash, wanted, next_at)
    select exchange_id, hash, true, ${now} from (${due}) due
    on conflict (exchange_id, hash) do update set wanted = true, next_at = ${now}, tries = 0
      where not mine.wanted`.execute(db);
  await sql`
    update exchange_telling telling set wanted = false, next_at = ${now}, tries = 0
    from exchange where exchange.id = telling.exchange_id and telling.wanted and exchange.enabled
      and not exists (select from (${due}) due
        where due.exchange_id = telling.exchange_id and due.hash = telling.hash)`.execute(db);
  await sql`delete from exchange_telling where not wanted and told is null`.execute(db);
}

/** Names of the peer's standing records of this value, which we agree with rather than tell it anew. */
async function knownOf({ db }: Parts, { exchange_id, hash }: TellingRow): Promise<string[][]> {
  const rows = await db
    .selectFrom('exchange_record')
    .select('said')
    .where('exchange_id', '=', exchange_id)
    .where('pdq', '=', hash)
    .where('stands', '=', true)
    .execute();
  return rows.map(({ said }) => [...(said?.refs ?? [])]);
}

async function send(
  parts: Parts,
  row: ExchangeRow,
  peer: Peer,
  request: PeerRequest,
  gone: boolean,
): Promise<string> {
  // What is to be taken back and is not there any more is taken back.
  const statuses = gone ? [...fine, 404, 410] : fine;
  const answer = await askOnce(parts, { kind: row.kind, sign: peer.sign }, request, bounds, statuses);
  return (await wholeOf(answer)).toString('utf8');
}

/** Tells one peer of one picture, or takes it back. Each step that worked is kept, so that none is made twice. */
async function tellOne(parts: Parts, row: ExchangeRow, peer: Peer, telling: TellingRow): Promise<void> {
  const value = telling.hash.toString('hex');
  const at = (query: { exchange_id: number; hash: Buffer }) =>
    parts.db
      .updateTable('exchange_telling')
      .where('exchange_id', '=', query.exchange_id)
      .where('hash', '=', query.hash);
  if (!telling.wanted) {
    for (const told of telling.told ?? []) {
      for (const request of peer.takeBack(value, told)) await send(parts, row, peer, request, true);
    }
    await at(telling).set({ told: null, fault: null }).execute();
    parts.count({ what: 'taken_back', kind: row.kind });
    return;
  }
  const known = await knownOf(parts, telling);
  const told: Told[] = [];
  for (const step of peer.tell({ value, known, now: parts.clock() })) {
    told.push(step.read(await send(parts, row, peer, step.request, false)));
    await at(telling)
      .set({ told: JSON.stringify(told) })
      .execute();
  }
  // Also where there was nothing to say: a list of none.
  await at(telling)
    .set({ told: JSON.stringify(told), fault: null })
    .execute();
  parts.count({ what: 'told', kind: row.kind });
}

async function putOff(parts: Parts, telling: TellingRow, error: unknown): Promise<void> {
  const asked = error instanceof SyncError ? error.waitMs : undefined;
  const tries = telling.tries + 1;
  const wait = backOffMs(tries + 2, parts.random(), asked);
  await parts.db
    .updateTable('exchange_telling')
    .set({ tries, fault: faultOf(error), next_at: new Date(parts.clock() + wait) })
    .where('exchange_id', '=', telling.exchange_id)
    .where('hash', '=', telling.hash)
    .execute();
}

async function tellDue(parts: Parts): Promise<void> {
  await reconcile(parts);
  const due = await parts.db
    .selectFrom('exchange_telling')
    .innerJoin('exchange', 'exchange.id', 'exchange_telling.exchange_id')
    .selectAll('exchange_telling')
    .where('exchange.enabled', '=', true)
    // Told in part and put off since is not told.
    .where(sql<boolean>`(wanted <> (told is not null) or (wanted and exchange_telling.fault is not null))`)
    .where('exchange_telling.next_at', '<=', new Date(parts.clock()))
    .orderBy('exchange_telling.next_at')
    .limit(mostAtOnce)
    .execute();
  if (due.length === 0) return;
  const rows = await parts.db.selectFrom('exchange').selectAll().execute();
  for (const telling of due) {
    const row = rows.find(({ id }) => id === telling.exchange_id);
    if (row === undefined || row.kind === 'list') continue;
    try {
      const keys = await keysFor(parts.config, row.name);
      if (keys === undefined) throw new SyncError('no_keys');
      await tellOne(parts, row, peerOf(row.kind, row.settings, keys), telling);
    } catch (error) {
      parts.count({ what: 'fault', kind: row.kind, fault: faultOf(error) });
      await putOff(parts, telling, error);
    }
  }
  await sql`delete from exchange_telling where not wanted and told is null`.execute(parts.db);
}

/** Tells peers what is to be told, in one process at a time. False when another is at it. */
export const tellPeers = (parts: Parts): Promise<boolean> =>
  alone(parts, databaseLocks.exchangeTellings, () => tellDue(parts));
