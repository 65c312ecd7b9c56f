import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database, Queries, Tx } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { type Bank, type BankStats, ownBanks } from './types.ts';

/*
 * The banks as the database has them. Needs no index and no server: the operator's commands use it beside one, which
 * finds the changes by itself.
 */

/** Numbers that a bank may have: bits of the index. */
const bankIds = 31;

/**
 * Begins a change of what the banks say. The row stays locked to the end of the transaction, so that changes come one
 * after another and whoever saw an epoch has seen all before it.
 */
export async function beginChange(tx: Tx): Promise<void> {
  await sql`update matching_state set epoch = epoch + 1`.execute(tx);
}

/** What there is from the start: the banks of the desk, the epoch, the key of the blob tags. Made once, by whoever is first. */
export async function layFoundations(db: Database, now: number): Promise<void> {
  const made = { source: 'desk', owner: 'own', created_at: new Date(now) };
  await db
    .insertInto('bank')
    .values([
      { ...made, id: 0, name: ownBanks.decided, purpose: 'blocking' },
      { ...made, id: 1, name: ownBanks.claimed, purpose: 'claimed' },
    ])
    .onConflict((at) => at.doNothing())
    .execute();
  await db
    .insertInto('matching_state')
    .values({ epoch: 1, tag_key: randomBytes(32) })
    .onConflict((at) => at.doNothing())
    .execute();
}

const bankOf = ({ created_at, ...row }: Omit<Bank, 'createdAt'> & { created_at: Date }): Bank => ({
  ...row,
  createdAt: created_at,
});

/** @throws {Refusal} `not_found` */
export async function findBank(queries: Queries, name: string): Promise<Bank> {
  const row = await queries.selectFrom('bank').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) throw new Refusal('not_found');
  return bankOf(row);
}

export async function listBanks(queries: Queries): Promise<Bank[]> {
  return (await queries.selectFrom('bank').selectAll().orderBy('id').execute()).map(bankOf);
}

/** @throws {Refusal} `invalid_input` */
export async function createBank(
  db: Database,
  bank: Pick<Bank, 'name' | 'purpose' | 'source' | 'owner'>,
  now: number,
): Promise<Bank> {
  if (!/^[A-Z0-9_]{1,64}$/.test(bank.name)) throw new Refusal('invalid_input', { field: 'name' });
  return db.transaction().execute(async (tx) => {
    await beginChange(tx);
    const there = await listBanks(tx);
    const free = Array.from({ length: bankIds }, (_, id) => id).find((id) => !there.some((b) => b.id === id));
    if (free === undefined || there.some(({ name }) => name === bank.name)) {
      throw new Refusal('invalid_input', { field: 'name' });
    }
    const { name, purpose, source, owner } = bank;
    const row = { id: free, name, purpose, source, owner, enabled: true, created_at: new Date(now) };
    await tx.insertInto('bank').values(row).execute();
    return bankOf(row);
  });
}

export async function enableBank(db: Database, name: string, enabled: boolean): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await beginChange(tx);
    const { id } = await findBank(tx, name);
    await tx.updateTable('bank').set({ enabled }).where('id', '=', id).execute();
  });
}

/** @throws {Refusal} `not_found`, `invalid_input` for a name that is none or taken, and for a bank that has to stay */
export async function renameBank(db: Database, name: string, to: string): Promise<void> {
  if (permanent.has(name) || !/^[A-Z0-9_]{1,64}$/.test(to)) {
    throw new Refusal('invalid_input', { field: 'name' });
  }
  await db.transaction().execute(async (tx) => {
    await beginChange(tx);
    const { id } = await findBank(tx, name);
    const taken = (await listBanks(tx)).some((bank) => bank.name === to && bank.id !== id);
    if (taken) throw new Refusal('invalid_input', { field: 'name' });
    await tx.updateTable('bank').set({ name: to }).where('id', '=', id).execute();
  });
}

/** Banks that the desk can't do without. */
const permanent: ReadonlySet<string> = new Set(Object.values(ownBanks));

/** @throws {Refusal} `not_found`, `invalid_input` for a bank that has to stay */
export async function removeBank(db: Database, name: string): Promise<void> {
  if (permanent.has(name)) throw new Refusal('invalid_input', { field: 'name' });
  await db.transaction().execute(async (tx) => {
    await beginChange(tx);
    const { id } = await findBank(tx, name);
    await sql`create temporary table spoken_of on commit drop as
      select distinct signal_id from bank_opinion where bank_id = ${sql.lit(id)}`.execute(tx);
    await tx.deleteFrom('bank').where('id', '=', id).execute();
    // A picture of which nobody says anything, or ever said, is not kept.
    await sql`delete from bank_signal signal using spoken_of where signal.id = spoken_of.signal_id
      and not exists (select from bank_opinion where bank_opinion.signal_id = signal.id)`.execute(tx);
  });
}

interface StatsRow {
  readonly bank_id: number;
  readonly held: string;
  readonly positive: string;
  readonly seed: string;
  readonly negative: string;
  readonly withdrawn: string;
}

export async function bankStats(queries: Queries): Promise<BankStats[]> {
  const { rows } = await sql<StatsRow>`
    select bank_id,
      count(*) filter (where category = 'positive' and not withdrawn) as positive,
      count(*) filter (where category = 'seed' and not withdrawn) as seed,
      count(*) filter (where category = 'negative' and not withdrawn) as negative,
      count(*) filter (where withdrawn) as withdrawn,
      count(distinct signal_id) filter (where category <> 'negative' and not withdrawn) as held
    from bank_opinion group by bank_id`.execute(queries);
  const { rows: counts } = await sql<{ bank_id: number; hashes: string; files: string }>`
    select bank_id, count(hash.id) as hashes, count(file.digest) as files
    from (select distinct bank_id, signal_id from bank_opinion where category <> 'negative' and not withdrawn) held
    left join matching_hash hash using (signal_id) left join bank_digest file using (signal_id)
    group by bank_id`.execute(queries);
  return (await listBanks(queries)).map((bank) => {
    const row = rows.find(({ bank_id }) => bank_id === bank.id);
    const count = counts.find(({ bank_id }) => bank_id === bank.id);
    const [hashes, files] = [Number(count?.hashes ?? 0), Number(count?.files ?? 0)];
    const { held = 0, positive = 0, seed = 0, negative = 0, withdrawn = 0 } = row ?? {};
    const byCategory = {
      positive: Number(positive),
      seed: Number(seed),
      negative: Number(negative),
      withdrawn: Number(withdrawn),
    };
    return { ...bank, pictures: Number(held) - files, hashes, files, byCategory };
  });
}
