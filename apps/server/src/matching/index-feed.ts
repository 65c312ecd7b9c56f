import { sql } from 'kysely';
import type { Queries, Tx } from '../platform/database.ts';
import { type RowsByShelf, type Shelf, shelfOf, shelves } from './live-index.ts';

/** The state of one hash, as the index has to have it. */
export interface ChangedHash {
  readonly id: number;
  /** Null for one that is gone. */
  readonly shelf: Shelf | null;
  readonly hash: Buffer;
  /** Bits of its banks, or of the registry; 0: it must not be found. */
  readonly mask: number;
}

/** Where a reader of the changes stands: it has seen every transaction below this number. */
export type Horizon = string;

export interface Changes {
  readonly horizon: Horizon;
  readonly epoch: number;
  readonly hashes: readonly ChangedHash[];
}

/** The bits of a hash: of the banks where somebody stands by it, or of the registry. */
const maskOf = sql`case when hash.registered_id is not null then 1 << 31
  else coalesce((
    select bit_or(1 << opinion.bank_id::integer) from bank_opinion opinion
    where opinion.signal_id = hash.signal_id and not opinion.withdrawn and opinion.category <> 'negative'
  ), 0) end`;

interface Row {
  readonly id: number | null;
  readonly kind: number | null;
  readonly anchor: number | null;
  readonly hash: Buffer | null;
  readonly mask: number | null;
  readonly horizon: Horizon | null;
  readonly epoch: string | null;
}

const nothing = Buffer.alloc(0);

/**
 * What changed in transactions from `since` on, in one statement and so of one moment. A transaction that is under way is
 * seen the next time: the horizon does not pass it. Some changes are seen twice.
 */
export async function changesSince(queries: Queries, since: Horizon): Promise<Changes> {
  const { rows } = await sql<Row>`
    select null::integer as id, null::smallint as kind, null::smallint as anchor, null::bytea as hash, null::integer as mask,
      pg_snapshot_xmin(pg_current_snapshot())::text as horizon, (select epoch from matching_state) as epoch
    union all
    select change.hash_id, hash.kind, hash.anchor, hash.hash, case when hash.id is null then 0 else ${maskOf} end, null, null
    from (select distinct hash_id from matching_change where xid >= ${since}::xid8) change
    left join matching_hash hash on hash.id = change.hash_id`.execute(queries);
  const head = rows.find((row) => row.horizon !== null);
  return {
    horizon: head?.horizon ?? since,
    epoch: Number(head?.epoch ?? 0),
    hashes: rows.flatMap(({ id, kind, anchor, hash, mask }) => {
      if (id === null) return [];
      const shelf = (kind === null ? undefined : shelfOf(kind, anchor ?? 0)) ?? null;
      return [{ id, shelf, hash: hash ?? nothing, mask: (mask ?? 0) >>> 0 }];
    }),
  };
}

/** Whether there are more changes than it takes to load everything anew. */
export async function isFarBehind(queries: Queries, since: Horizon, most = 300_000): Promise<boolean> {
  const { rows } = await sql<{ many: boolean }>`
    select count(*) > ${most} as many
    from (select from matching_change where xid >= ${since}::xid8 limit ${most + 1}) change`.execute(queries);
  return rows[0]?.many === true;
}

/** Hashes that are read at once: columns of a megabyte or two. */
const pageRows = 50_000;

interface Page {
  readonly ids: Buffer | null;
  readonly kinds: Buffer | null;
  readonly anchors: Buffer | null;
  readonly hashes: Buffer | null;
  readonly masks: Buffer | null;
  readonly last: number | null;
}

/** Everything that has to be found, and the horizon of the moment that it is of. */
export async function readAll(tx: Tx): Promise<{ readonly horizon: Horizon; readonly rows: RowsByShelf }> {
  const { rows: head } = await sql<{ horizon: string }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`.execute(tx);
  const columns = byShelf(() => new Columns());
  for (let after = 0; ; ) {
    const { rows } = await sql<Page>`
      select string_agg(int4send(id), '' order by id) as ids, string_agg(hash, '' order by id) as hashes,
        string_agg(int4send(mask), '' order by id) as masks, max(id) as last,
        string_agg(int4send(kind), '' order by id) as kinds, string_agg(int4send(anchor), '' order by id) as anchors
      from (
        select hash.id, hash.kind::integer as kind, coalesce(hash.anchor, 0)::integer as anchor, hash.hash, ${maskOf} as mask from matching_hash hash
        where hash.id > ${after} order by hash.id limit ${sql.lit(pageRows)}
      ) page`.execute(tx);
    const page = rows[0];
    if (page?.last == null) break;
    addPage(columns, page);
    after = page.last;
  }
  return {
    horizon: head[0]?.horizon ?? '0',
    rows: byShelf((shelf) => columns[shelf].rows()),
  };
}

const byShelf = <T>(of: (shelf: Shelf) => T): Record<Shelf, T> =>
  Object.fromEntries(shelves.map((shelf) => [shelf, of(shelf)])) as Record<Shelf, T>;

function addPage(columns: Readonly<Record<Shelf, Columns>>, page: Page): void {
  const { ids, kinds, anchors, hashes, masks } = page;
  if (ids === null || kinds === null || anchors === null || hashes === null || masks === null) return;
  for (let row = 0; row * 4 < ids.length; row += 1) {
    const mask = masks.readUInt32BE(row * 4);
    const shelf = shelfOf(kinds.readUInt32BE(row * 4), anchors.readUInt32BE(row * 4));
    if (mask === 0 || shelf === undefined) continue;
    columns[shelf].add(ids.readUInt32BE(row * 4), hashes.subarray(row * 32, row * 32 + 32), mask);
  }
}

/** Columns that grow: ten million rows as objects would be a gigabyte. */
class Columns {
  #ids = new Uint32Array(1024);
  #banks = new Uint32Array(1024);
  #hashes = new Uint8Array(1024 * 32);
  #count = 0;

  add(id: number, hash: Uint8Array, mask: number): void {
    if (this.#count === this.#ids.length) this.#grow();
    this.#ids[this.#count] = id;
    this.#banks[this.#count] = mask;
    this.#hashes.set(hash, this.#count * 32);
    this.#count += 1;
  }

  rows() {
    return {
      ids: this.#ids.slice(0, this.#count),
      banks: this.#banks.slice(0, this.#count),
      hashes: this.#hashes.slice(0, this.#count * 32),
    };
  }

  #grow(): void {
    const grown = <T extends Uint32Array | Uint8Array>(column: T, larger: T): T => {
      larger.set(column);
      return larger;
    };
    this.#ids = grown(this.#ids, new Uint32Array(this.#ids.length * 2));
    this.#banks = grown(this.#banks, new Uint32Array(this.#banks.length * 2));
    this.#hashes = grown(this.#hashes, new Uint8Array(this.#hashes.length * 2));
  }
}
