import { isDeepStrictEqual } from 'node:util';
import {
  type Checkpoint,
  type Cursor,
  heard,
  type Known,
  merge,
  type Order,
  stands,
  type Update,
  unheard,
  voicesOf,
} from '@accord/hash-exchange';
import { type Selectable, sql } from 'kysely';
import { settle, type Voiced } from '../matching/index.ts';
import type { Tx } from '../platform/database.ts';
import type { Tables } from '../platform/tables.ts';
import type { ExchangeKind } from './types.ts';

export type ExchangeRow = Selectable<Tables['exchange']>;
type RecordRow = Pick<
  Selectable<Tables['exchange_record']>,
  'key' | 'said' | 'place' | 'gone_place' | 'gone_at' | 'round'
>;

/** What of the fetch under way is kept with a page, in its transaction. */
export interface Progress {
  readonly cursor: Cursor | null;
  readonly checkpoint?: Checkpoint | undefined;
}

const knownOf = (row: RecordRow): Known => ({
  stated: row.said === null ? null : { update: row.said, place: Number(row.place) },
  gone: row.gone_place === null ? null : { place: Number(row.gone_place), at: Number(row.gone_at) },
});

/** A word of nobody who looked: less sure than one of somebody who did. */
const unreviewedConfidence = 50;

/**
 * Whose word it is, as the bank tells its voices apart. At NCMEC a member speaks once for each of their entries: taking one back
 * leaves what they say in another.
 */
const sourceOf = (kind: ExchangeKind, key: string, source: string): string =>
  (kind === 'ncmec' ? `${source} on ${key}` : source).slice(0, 200);

type Words = ReadonlyMap<string, Voiced>;

/** Types that are searched: PDQ by nearness, the others byte for byte. */
const searched: Readonly<Record<string, { readonly shape: RegExp; readonly exact: boolean }>> = {
  pdq: { shape: /^[0-9a-f]{64}$/, exact: false },
  md5: { shape: /^[0-9a-f]{32}$/, exact: true },
  video_md5: { shape: /^[0-9a-f]{32}$/, exact: true },
  sha256: { shape: /^[0-9a-f]{64}$/, exact: true },
};

/** What the bank is told of a record: its voices about what is searched. By type, hash and source. */
function wordsOf({ kind, settings }: ExchangeRow, key: string, known: Known): Words {
  const blocking = settings.unreviewed === 'block';
  const words = new Map<string, Voiced>();
  for (const { signal, opinion } of voicesOf(known)) {
    const how = Object.hasOwn(searched, signal.type) ? searched[signal.type] : undefined;
    if (how === undefined || !how.shape.test(signal.value)) continue;
    const { exact } = how;
    const seed = opinion.category === 'seed';
    // A person's own word protects at once; that a participant has not looked adds nothing to it.
    const lifted = seed && blocking && opinion.source === 'case';
    const source = sourceOf(kind, key, opinion.source);
    words.set(`${exact ? 'file ' : ''}${signal.value} ${source}`, {
      hash: Buffer.from(signal.value, 'hex'),
      exact,
      quality: 100,
      variants: [],
      category: lifted ? 'positive' : opinion.category,
      tags: [...new Set([...opinion.tags, ...(opinion.said === '' ? [] : [opinion.said])])],
      confidence: seed ? unreviewedConfidence : 100,
      at: new Date(known.stated?.update.at ?? 0),
      withdrawn: false,
      source,
    });
  }
  return words;
}

const isSame = (one: Voiced, other: Voiced | undefined): boolean =>
  other !== undefined &&
  one.category === other.category &&
  one.at.getTime() === other.at.getTime() &&
  one.tags.join('\n') === other.tags.join('\n');

/** What has to be said so that the bank holds `after` where it held `before`. */
function difference(before: Words, after: Words, goneAt: Date): Voiced[] {
  const said = [...after].filter(([key, word]) => !isSame(word, before.get(key))).map(([, word]) => word);
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, word]) => word);
  return [...said, ...gone.map((word) => ({ ...word, withdrawn: true, at: goneAt }))];
}

interface Changed {
  readonly key: string;
  readonly known: Known;
}

const pdqOf = (update: Update | undefined): Buffer | null => {
  const signal = update?.signals.find(({ type, value }) => type === 'pdq' && /^[0-9a-f]{64}$/.test(value));
  return signal === undefined ? null : Buffer.from(signal.value, 'hex');
};

/** A list within a row has no type that PostgreSQL could unnest: JSON carries what was said. */
async function writeRecords(tx: Tx, row: ExchangeRow, changed: readonly Changed[]): Promise<void> {
  if (changed.length === 0) return;
  const stated = changed.map(({ known }) => known.stated);
  await sql`
    insert into exchange_record as mine (exchange_id, key, said, place, gone_place, gone_at, stands, round, pdq)
    select ${row.id}, key, said::jsonb, place, gone_place, gone_at, stands, ${row.round}, pdq
    from unnest(${changed.map(({ key }) => key)}::text[],
      ${stated.map((one) => (one === null ? null : JSON.stringify(one.update)))}::text[],
      ${stated.map((one) => one?.place ?? null)}::bigint[],
      ${changed.map(({ known }) => known.gone?.place ?? null)}::bigint[],
      ${changed.map(({ known }) => known.gone?.at ?? null)}::bigint[],
      ${changed.map(({ known }) => stands(known))}::boolean[],
      ${stated.map((one) => pdqOf(one?.update))}::bytea[])
      as record (key, said, place, gone_place, gone_at, stands, pdq)
    on conflict (exchange_id, key) do update set said = excluded.said, place = excluded.place,
      gone_place = excluded.gone_place, gone_at = excluded.gone_at, stands = excluded.stands,
      round = excluded.round, pdq = excluded.pdq`.execute(tx);
}

/** Of one page: what each key comes to, told in the order in which it stands there. A withdrawal of the same page wins. */
function gathered(updates: readonly Update[], firstPlace: number, order: Order): Map<string, Known> {
  const told = new Map<string, Known>();
  for (const [at, update] of updates.entries()) {
    const one = heard(update, firstPlace + at);
    told.set(update.key, merge(told.get(update.key) ?? unheard, one, order));
  }
  return told;
}

/** A list has no clock of its own: that it was fetched again changes nothing. */
const sayingOf = ({ kind }: ExchangeRow, { stated }: Known) =>
  stated === null ? null : { ...stated.update, at: kind === 'list' ? 0 : stated.update.at };

const statesTheSame = (row: ExchangeRow, before: Known, after: Known): boolean =>
  stands(before) === stands(after) &&
  before.gone?.at === after.gone?.at &&
  isDeepStrictEqual(sayingOf(row, before), sayingOf(row, after));

/** The exchange was switched off or removed while a fetch was under way: nothing more of it is kept. */
export class SwitchedOff extends Error {
  override readonly name = 'SwitchedOff';
}

/** The exchange's row, locked to the end of the transaction. @throws {SwitchedOff} */
async function lockPlace(tx: Tx, { id }: ExchangeRow): Promise<number> {
  const row = await tx
    .selectFrom('exchange')
    .select(['place', 'enabled'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row?.enabled !== true) throw new SwitchedOff('the exchange is off');
  return Number(row.place);
}

/**
 * Keeps a page: its records, what the bank holds of them, and how far the fetch has come, all or nothing. Returns how many
 * opinions of the bank changed. @throws {SwitchedOff}
 */
export async function keepPage(
  tx: Tx,
  row: ExchangeRow,
  {
    updates,
    order,
    progress,
    now,
  }: {
    readonly updates: readonly Update[];
    readonly order: Order;
    readonly progress: Progress;
    readonly now: number;
  },
): Promise<number> {
  const place = await lockPlace(tx, row);
  const told = gathered(updates, place, order);
  const keys = [...told.keys()];
  const rows = await sql<RecordRow>`
    select key, said, place, gone_place, gone_at, round from exchange_record
    where exchange_id = ${row.id} and key = any(${keys}::text[])`.execute(tx);
  const before = new Map(rows.rows.map((one) => [one.key, one]));
  const changed: Changed[] = [];
  const seen: string[] = [];
  const words: Voiced[] = [];
  for (const [key, heardOf] of told) {
    const old = before.get(key);
    const was = old === undefined ? unheard : knownOf(old);
    const known = merge(was, heardOf, order);
    if (old !== undefined && statesTheSame(row, was, known)) {
      if (old.round !== row.round) seen.push(key);
      continue;
    }
    changed.push({ key, known });
    const goneAt = new Date(known.gone?.at ?? known.stated?.update.at ?? now);
    words.push(...difference(wordsOf(row, key, was), wordsOf(row, key, known), goneAt));
  }
  await writeRecords(tx, row, changed);
  if (seen.length > 0) {
    await sql`update exchange_record set round = ${row.round}
      where exchange_id = ${row.id} and key = any(${seen}::text[])`.execute(tx);
  }
  const moved = await settle(tx, row.name, words, now);
  await keepProgress(tx, row, { ...progress, place: place + updates.length, now });
  return moved;
}

async function keepProgress(
  tx: Tx,
  { id }: ExchangeRow,
  { cursor, checkpoint, place, now }: Progress & { readonly place: number; readonly now: number },
): Promise<void> {
  await tx
    .updateTable('exchange')
    .set({
      place,
      contact_at: new Date(now),
      cursor: cursor === null ? null : JSON.stringify({ ...cursor, at: now }),
      ...(checkpoint !== undefined && { checkpoint: JSON.stringify(checkpoint) }),
    })
    .where('id', '=', id)
    .execute();
}

const sweepRows = 1000;

/**
 * After a fetch of everything: takes back what it did not name, some at a time; returns how many. The peer did not say so itself,
 * so the same words, told again, bring a record back. @throws {SwitchedOff}
 */
export async function sweepSome(tx: Tx, row: ExchangeRow, now: number): Promise<number> {
  const place = await lockPlace(tx, row);
  const { rows } = await sql<RecordRow>`
    select key, said, place, gone_place, gone_at, round from exchange_record
    where exchange_id = ${row.id} and round < ${row.round} and stands order by key limit ${sweepRows}`.execute(
    tx,
  );
  if (rows.length === 0) return 0;
  const changed = rows.map((one) => {
    const was = knownOf(one);
    const at = (was.stated?.update.at ?? 0) - 1;
    const gone = { place, at: Math.max(at, was.gone?.at ?? at) };
    return { key: one.key, was, known: { ...was, gone } };
  });
  await writeRecords(tx, row, changed);
  const words = changed.flatMap(({ key, was }) =>
    difference(wordsOf(row, key, was), new Map(), new Date(now)),
  );
  await settle(tx, row.name, words, now);
  await tx
    .updateTable('exchange')
    .set({ place: place + 1 })
    .where('id', '=', row.id)
    .execute();
  return rows.length;
}
