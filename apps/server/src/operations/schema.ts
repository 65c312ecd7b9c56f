import type pg from 'pg';

/** A table as it is saved: its columns in order, without those that the database computes. */
export interface SavedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** The column in whose order its rows are saved, where theirs would tell. */
  readonly orderedBy: string | undefined;
}

/**
 * Left out of a backup: what is good for minutes or proves who is signed in. After a restore people sign in again. And where
 * half-keys are: those are in no backup, so that what was taken back stays so.
 */
export const unsavedTables: ReadonlySet<string> = new Set([
  'session',
  'ceremony',
  'proof_request',
  'half_key',
  'case_session',
  // Numbered by this database's transactions, and void in any other.
  'matching_change',
  'matching_feed',
  'proof_visit',
  'proof_try',
  'allowance',
  // Of a file that is in no backup either.
  'proof_pepper',
  'migration',
]);

/** A copy has rows in the order in which they came: of these that would say whose they are. By table, the column that hides it. */
const orderedBy: ReadonlyMap<string, string> = new Map([['proof_spent', 'tag']]);

/** For an identifier that comes from the catalogue. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Names of all tables of the schema that we are in. */
export async function tableNames(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** The tables that a backup saves, each after those that it refers to. */
export async function savedTables(client: pg.ClientBase): Promise<SavedTable[]> {
  const { rows: columns } = await client.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     group by c.relname order by c.relname`,
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select distinct f.relname as "from", t.relname as "to"
     from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
     where k.contype = 'f' and k.connamespace = current_schema()::regnamespace and f.oid <> t.oid`,
  );
  const left = new Map(
    columns
      .filter(({ name }) => !unsavedTables.has(name))
      .map((table) => [table.name, { ...table, orderedBy: orderedBy.get(table.name) }]),
  );
  const order: SavedTable[] = [];
  while (left.size > 0) {
    const free = [...left.values()].filter(
      ({ name }) => !references.some(({ from, to }) => from === name && left.has(to)),
    );
    if (free.length === 0)
      throw new Error(`tables refer to each other in a circle: ${[...left.keys()].join(', ')}`);
    for (const table of free) {
      order.push(table);
      left.delete(table.name);
    }
  }
  return order;
}

/** Identity and serial columns, with the last value that each gave (0: none yet). */
export async function sequenceStates(
  client: pg.ClientBase,
): Promise<{ table: string; column: string; last: string }[]> {
  const { rows } = await client.query<{ table: string; column: string; last: string }>(
    `select c.relname as table, a.attname::text as column, coalesce(s.last_value, 0)::text as last
     from pg_depend d
     join pg_class q on q.oid = d.objid and q.relkind = 'S'
     join pg_class c on c.oid = d.refobjid
     join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
     join pg_sequences s on s.schemaname = current_schema() and s.sequencename = q.relname
     where d.classid = 'pg_class'::regclass and d.deptype in ('i', 'a')
       and c.relnamespace = current_schema()::regnamespace
     order by 1, 2`,
  );
  return rows;
}
