import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { watchConnections } from './database-watch.ts';
import type { Tables } from './tables.ts';

/** The database outside a transaction. */
export type Database = Kysely<Tables>;
/** Inside one: what must change together takes this, so that it can't be called without. */
export type Tx = Transaction<Tables>;
/** Either. For reads. */
export type Queries = Kysely<Tables>;

/** A day without a time stays the text it is: a `Date` would move it by a time zone. */
const dayOid = 1082;
pg.types.setTypeParser(dayOid, (day) => day);

type Done = (error: unknown, result: unknown) => void;
type Query = (this: pg.Client, config: unknown, values?: unknown, done?: Done) => unknown;

/**
 * The driver's client, whose promise is made around its callback: what the driver's own promise gives outlives a collection
 * of young objects and drags the next answer along, which is 5 kB more for each device that signs in (docs/chat.md).
 */
class Client extends pg.Client {}
const queryOfDriver = pg.Client.prototype.query as Query;
const query: Query = function (config, values, done) {
  const answersOtherwise =
    done !== undefined ||
    typeof values === 'function' ||
    typeof (config as { submit?: unknown }).submit === 'function';
  if (answersOtherwise) return queryOfDriver.call(this, config, values, done);
  return new Promise((resolve, reject) => {
    queryOfDriver.call(this, config, values, (error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error);
    });
  });
};
Object.assign(Client.prototype, { query });

/** What one statement of a server may take of the others, in ms. Those of an operator's command may take as long as they need. */
export const serverLimits = {
  /** None of ours comes near it; one that does holds a connection of twelve. */
  statement_timeout: 5 * 60_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 60_000,
};

/** For a connection that is free, and for one that is made, in ms. */
const patienceMs = 5000;
/** After so long without a word the network itself is asked; a firewall may have forgotten us. In ms. */
const aliveMs = 10_000;
const dayMs = 86_400_000;

/** A pool and Kysely over it. Nobody waits for a database that does not answer. */
export function openDatabase(settings: pg.PoolConfig): { readonly db: Database; readonly pool: pg.Pool } {
  const pool = new pg.Pool({
    Client,
    max: 12,
    application_name: 'accord',
    connectionTimeoutMillis: patienceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: aliveMs,
    ...settings,
  });
  const { statement_timeout: most } = settings;
  const mostMs = typeof most === 'number' ? 2 * most : dayMs;
  const watch = watchConnections(settings, { lookMs: 1000, silentMs: 3000, probeMs: patienceMs, mostMs });
  // An idle connection that breaks (database restarted) must not end the process; the next query reports it.
  pool.on('error', () => {});
  // Nor one that breaks while it is lent out: the pool does not listen then, and who holds it hears of its query.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    watch(client);
  });
  return { db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), pool };
}

/** Runs `work` on one connection of its own, for what must not share a pool's. */
export async function withClient<T>(
  settings: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ application_name: 'accord', ...settings });
  // Without a listener a connection that breaks between two queries would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
