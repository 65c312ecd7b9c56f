import { sql } from 'kysely';
import { bankTools } from '../matching/index.ts';
import type { ExchangeConfig } from '../platform/config-exchange.ts';
import type { Queries } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { addressOf, originsOfKind, settingsOfKind, upToOf } from './kinds.ts';
import type { Parts } from './parts.ts';
import type { ExchangeRow } from './store.ts';
import type {
  ExchangeSpec,
  ExchangeStatus,
  Exchanges,
  ExchangeView,
  PeerRecord,
  SyncFault,
} from './types.ts';

/*
 * Which peers there are. Needs no server: the operator's commands use it beside one, which finds the changes by itself.
 */

const viewOf = ({ name, kind, enabled, tells, settings, created_at }: ExchangeRow): ExchangeView => ({
  name,
  kind,
  enabled,
  tells,
  settings,
  createdAt: created_at,
});

/** @throws {Refusal} `not_found` */
export async function findExchange(queries: Queries, name: string): Promise<ExchangeRow> {
  const row = await queries.selectFrom('exchange').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) throw new Refusal('not_found');
  return row;
}

const invalid = (field: string): Refusal => new Refusal('invalid_input', { field });

/** Settings of the right shape, at an address that is allowed. @throws {Refusal} `invalid_input` */
function checkedSettings(
  config: ExchangeConfig,
  { kind, settings }: ExchangeSpec,
  byOperator: boolean,
): Readonly<Record<string, unknown>> {
  const parsed = settingsOfKind[kind].safeParse(settings);
  if (!parsed.success) throw invalid(`settings.${parsed.error.issues[0]?.path.join('.') || kind}`);
  const checked = parsed.data;
  const address = addressOf(kind, checked);
  if (address === undefined && !byOperator) throw invalid('settings.path');
  if (address !== undefined) {
    const { origin } = new URL(address);
    const allowed = originsOfKind[kind].has(origin) || config.origins.includes(origin);
    if (!allowed) throw invalid('settings.address');
  }
  return checked;
}

/** What a bank of this kind of peer is called the source of. */
const labels = {
  stopncii: 'StopNCII',
  ncmec: 'NCMEC',
  threatexchange: 'ThreatExchange',
  list: 'list',
} as const;

async function create(parts: Parts, spec: ExchangeSpec, byOperator: boolean): Promise<ExchangeView> {
  const { db, config, clock } = parts;
  const settings = checkedSettings(config, spec, byOperator);
  const banks = await bankTools(db, clock);
  const { name, kind } = spec;
  const source = labels[kind];
  await banks.create({ name, purpose: spec.purpose ?? 'blocking', source, owner: source });
  const now = new Date(clock());
  const row = await db
    .insertInto('exchange')
    .values({
      name,
      kind,
      settings: JSON.stringify(settings),
      tells: spec.tells ?? false,
      created_at: now,
      next_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await parts.settled();
  return viewOf(row);
}

/** What a peer was told stays with it until it is taken back: so that comes first. */
async function remove(parts: Parts, name: string): Promise<void> {
  const { db, clock } = parts;
  await db.transaction().execute(async (tx) => {
    const row = await findExchange(tx, name);
    const told = await tx
      .selectFrom('exchange_telling')
      .select('hash')
      .where('exchange_id', '=', row.id)
      .where('told', 'is not', null)
      .executeTakeFirst();
    if (told !== undefined) throw new Refusal('open_work');
    await tx.deleteFrom('exchange').where('id', '=', row.id).execute();
  });
  await (await bankTools(db, clock)).remove(name);
  await parts.settled();
}

async function setEnabled(parts: Parts, name: string, enabled: boolean): Promise<void> {
  const { db, clock } = parts;
  const row = await findExchange(db, name);
  const now = new Date(clock());
  await db
    .updateTable('exchange')
    .set({ enabled, ...(enabled && { next_at: now }) })
    .where('id', '=', row.id)
    .execute();
  // What a peer said that is no longer asked may be withdrawn there by now: it must not go on blocking unseen.
  await (await bankTools(db, clock)).enable(name, enabled);
  await parts.settled();
}

interface Counts {
  readonly id: number;
  readonly records: string;
  readonly withdrawn: string;
  readonly told: string;
  readonly to_tell: string;
}

async function statusOf({ db }: Parts): Promise<ExchangeStatus[]> {
  const rows = await db.selectFrom('exchange').selectAll().orderBy('name').execute();
  const { rows: counts } = await sql<Counts>`
    select exchange.id,
      (select count(*) from exchange_record where exchange_id = exchange.id and stands) as records,
      (select count(*) from exchange_record where exchange_id = exchange.id and not stands) as withdrawn,
      (select count(*) from exchange_telling where exchange_id = exchange.id and told is not null and wanted) as told,
      (select count(*) from exchange_telling
        where exchange_id = exchange.id and wanted <> (told is not null)) as to_tell
    from exchange`.execute(db);
  return rows.map((row) => {
    const count = counts.find(({ id }) => id === row.id);
    const upTo = row.checkpoint === null ? null : upToOf(row.kind, row.checkpoint);
    return {
      name: row.name,
      kind: row.kind,
      enabled: row.enabled,
      tells: row.tells,
      triedAt: row.tried_at,
      completedAt: row.completed_at,
      upTo: upTo === null ? null : new Date(upTo),
      underWay: row.cursor !== null,
      fault: row.fault as SyncFault | null,
      failures: row.failures,
      nextAt: row.next_at,
      records: Number(count?.records ?? 0),
      withdrawn: Number(count?.withdrawn ?? 0),
      told: Number(count?.told ?? 0),
      toTell: Number(count?.to_tell ?? 0),
    };
  });
}

async function recordsOf({ db }: Parts, pdq: Uint8Array): Promise<PeerRecord[]> {
  const rows = await db
    .selectFrom('exchange_record')
    .innerJoin('exchange', 'exchange.id', 'exchange_record.exchange_id')
    .select(['exchange.name', 'key', 'said', 'stands'])
    .where('pdq', '=', Buffer.from(pdq))
    .orderBy('exchange.name')
    .orderBy('key')
    .execute();
  return rows.map(({ name, key, said, stands }) => ({
    exchange: name,
    key,
    at: new Date(said?.at ?? 0),
    withdrawn: !stands,
    opinions: said?.opinions ?? [],
  }));
}

/** Everything but fetching. */
export const exchangesOf = (parts: Parts): Omit<Exchanges, 'sync'> => ({
  list: async () => (await parts.db.selectFrom('exchange').selectAll().orderBy('name').execute()).map(viewOf),
  find: async (name) => viewOf(await findExchange(parts.db, name)),
  create: (spec, byOperator = false) => create(parts, spec, byOperator),
  enable: (name, enabled) => setEnabled(parts, name, enabled),
  remove: (name) => remove(parts, name),
  status: () => statusOf(parts),
  records: (pdq) => recordsOf(parts, pdq),
});

/** Whether a peer is told what people asked us to share. Where it no longer is, what it was told is taken back. */
export async function setTells({ db }: Pick<Parts, 'db'>, name: string, tells: boolean): Promise<void> {
  const row = await findExchange(db, name);
  await db.updateTable('exchange').set({ tells }).where('id', '=', row.id).execute();
}
