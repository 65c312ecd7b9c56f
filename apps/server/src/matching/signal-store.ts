import { sql } from 'kysely';
import type { Database, Tx } from '../platform/database.ts';
import { beginChange, findBank } from './bank-store.ts';
import { hashKinds } from './live-index.ts';
import type { Category } from './opinions.ts';
import type { KindHash, Signal } from './types.ts';

/** Hashes of lower quality match by accident. */
export const leastQuality = 50;
/** Pictures in one transaction: others wait for no longer than that. */
const batchSize = 2000;

/** What one source says of one picture, or that it takes back what it said. */
export interface Word {
  readonly hash: Uint8Array;
  /** See `Signal`. */
  readonly exact: boolean;
  readonly quality: number;
  readonly variants: readonly KindHash[];
  readonly category: Category;
  readonly tags: readonly string[];
  readonly confidence: number;
  readonly at: Date;
  readonly withdrawn: boolean;
}

export const wordOf = (signal: Signal): Word => ({
  hash: signal.hash,
  exact: signal.exact === true,
  quality: signal.quality,
  variants: signal.variants ?? [],
  category: signal.opinion.category,
  tags: signal.opinion.tags ?? [],
  confidence: signal.opinion.confidence ?? 100,
  at: signal.opinion.at,
  withdrawn: false,
});

/** A withdrawal, also of what we never heard: the word that it takes back may still be on its way. */
export const withdrawalOf = (hash: Uint8Array, at: Date, exact = false): Word => ({
  hash,
  exact,
  quality: 100,
  variants: [],
  category: 'positive',
  tags: [],
  confidence: 100,
  at,
  withdrawn: true,
});

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

/** Tells what words are of apart: a PDQ and a SHA-256 are as long as each other. */
const keyOf = ({ hash, exact }: Pick<Word, 'hash' | 'exact'>): string =>
  `${exact ? 'file ' : ''}${hex(hash)}`;

/** Of one source several words about one picture: the one that stands, as `later` of the opinions has it. */
function lastWords(words: readonly Word[]): Word[] {
  const weight = (word: Word) => (word.withdrawn ? 3 : { positive: 2, seed: 1, negative: 0 }[word.category]);
  const last = new Map<string, Word>();
  for (const word of words) {
    const key = keyOf(word);
    const known = last.get(key);
    const newer =
      known === undefined ||
      word.at > known.at ||
      (word.at.getTime() === known.at.getTime() && weight(word) > weight(known));
    if (newer) last.set(key, word);
  }
  return [...last.values()];
}

/**
 * Takes down what a source says in a bank, a batch to a transaction; returns how many opinions changed.
 * @throws {Refusal} `not_found` for no such bank
 */
export async function say(
  db: Database,
  bankName: string,
  words: readonly Word[],
  { source, now }: { readonly source: string | undefined; readonly now: number },
): Promise<number> {
  const heard = lastWords(words.filter((word) => word.withdrawn || word.quality >= leastQuality));
  let changed = 0;
  for (let at = 0; at < heard.length; at += batchSize) {
    const batch = heard.slice(at, at + batchSize);
    changed += await db.transaction().execute(async (tx) => {
      await beginChange(tx);
      const bank = await findBank(tx, bankName);
      const voiced = batch.map((word) => ({ ...word, source: source ?? bank.source }));
      return sayIn(tx, voiced, { bankId: bank.id, now, settled: false });
    });
  }
  return changed;
}

/** A word with the voice that says it. */
export interface Voiced extends Word {
  readonly source: string;
}

/**
 * What voices of a peer's exchange say now, in the caller's transaction. Whoever keeps the exchange has merged what each said before,
 * by the peer's own order: so each word stands, also with a time before that of the word it replaces. Returns how many changed.
 * @throws {Refusal} `not_found` for no such bank
 */
export async function settle(
  tx: Tx,
  bankName: string,
  words: readonly Voiced[],
  now: number,
): Promise<number> {
  if (words.length === 0) return 0;
  const last = new Map(words.map((word) => [`${keyOf(word)} ${word.source}`, word]));
  await beginChange(tx);
  const bank = await findBank(tx, bankName);
  return sayIn(tx, [...last.values()], { bankId: bank.id, now, settled: true });
}

/**
 * The same within a change that was begun. No two words may be of one picture and one source. `settled`: the word stands
 * whatever its time, else the later one does.
 */
async function sayIn(
  tx: Tx,
  words: readonly Voiced[],
  { bankId, now, settled }: { readonly bankId: number; readonly now: number; readonly settled: boolean },
): Promise<number> {
  const ids = await signalIds(tx, words, now);
  await addVariants(tx, words, ids);
  const columns = {
    ids: words.map((word) => ids.get(keyOf(word))),
    sources: words.map((word) => word.source),
    categories: words.map((word) => word.category),
    // A list within a list has no type that PostgreSQL could unnest: JSON carries the tags.
    tags: words.map((word) => JSON.stringify(word.tags)),
    confidences: words.map((word) => word.confidence),
    ats: words.map((word) => word.at),
    withdrawn: words.map((word) => word.withdrawn),
  };
  const { rows } = await sql<{ n: string }>`
    with said as (
      insert into bank_opinion as mine (signal_id, bank_id, source, category, tags, confidence, at, withdrawn)
      select id, ${bankId}, source, category, array(select jsonb_array_elements_text(tags::jsonb)), confidence, at, withdrawn
      from unnest(${columns.ids}::integer[], ${columns.sources}::text[], ${columns.categories}::text[], ${columns.tags}::text[],
        ${columns.confidences}::smallint[], ${columns.ats}::timestamptz[], ${columns.withdrawn}::boolean[])
        as word (id, source, category, tags, confidence, at, withdrawn)
      on conflict (signal_id, bank_id, source) do update
        set category = excluded.category, tags = excluded.tags, confidence = excluded.confidence,
          at = excluded.at, withdrawn = excluded.withdrawn
        where ${settled} or (excluded.at, opinion_weight(excluded.category, excluded.withdrawn))
          > (mine.at, opinion_weight(mine.category, mine.withdrawn))
      returning 1
    )
    select count(*) as n from said`.execute(tx);
  return Number(rows[0]?.n ?? 0);
}

/** The numbers of these pictures and files, by what tells them apart; those that are new get one. */
async function signalIds(tx: Tx, words: readonly Word[], now: number): Promise<ReadonlyMap<string, number>> {
  const bytesOf = (exact: boolean) =>
    words.flatMap((word) => (word.exact === exact ? [Buffer.from(word.hash)] : []));
  const known = await sql<{ id: number; hash: Buffer; exact: boolean }>`
    select signal_id as id, hash, false as exact from matching_hash
    where kind = 0 and signal_id is not null and hash = any(${bytesOf(false)}::bytea[])
    union all
    select signal_id, digest, true from bank_digest where digest = any(${bytesOf(true)}::bytea[])`.execute(
    tx,
  );
  const ids = new Map(known.rows.map((row) => [keyOf(row), row.id]));
  const unknown = words.filter((word) => !ids.has(keyOf(word)));
  const fresh = [...new Map(unknown.map((word) => [keyOf(word), word])).values()];
  if (fresh.length === 0) return ids;
  const made = await tx
    .insertInto('bank_signal')
    .values(fresh.map(({ quality }) => ({ quality, added_at: new Date(now) })))
    .returning('id')
    .execute();
  for (const [at, word] of fresh.entries()) ids.set(keyOf(word), made[at]?.id as number);
  const rowsOf = (exact: boolean) =>
    fresh.flatMap((word) =>
      word.exact === exact
        ? [{ hash: Buffer.from(word.hash), signal_id: ids.get(keyOf(word)) as number }]
        : [],
    );
  const [pictures, files] = [rowsOf(false), rowsOf(true)];
  if (pictures.length > 0) {
    const rows = pictures.map((row) => ({ ...row, kind: 0, registered_id: null }));
    await tx.insertInto('matching_hash').values(rows).execute();
  }
  if (files.length > 0) {
    const rows = files.map(({ hash: digest, signal_id }) => ({ digest, signal_id }));
    await tx.insertInto('bank_digest').values(rows).execute();
  }
  return ids;
}

/**
 * Further hashes of the pictures, those that are not there yet. A crop that looks alike towards two anchors is kept under both, for
 * a question may be about one of them alone; one of which nobody had said the anchor is kept under those that are said now.
 */
async function addVariants(tx: Tx, words: readonly Word[], ids: ReadonlyMap<string, number>): Promise<void> {
  const rows = words.flatMap((word) =>
    word.variants
      .filter(({ kind }) => kind !== 'whole')
      .map(({ kind, hash, anchor }) => ({
        kind: hashKinds.indexOf(kind),
        hash: Buffer.from(hash),
        anchor: anchor ?? null,
        signal: ids.get(keyOf(word)),
      })),
  );
  if (rows.length === 0) return;
  await sql`
    with said as (
      select distinct kind, hash, anchor, signal_id
      from unnest(${rows.map((row) => row.kind)}::smallint[], ${rows.map((row) => row.hash)}::bytea[],
        ${rows.map((row) => row.anchor)}::smallint[], ${rows.map((row) => row.signal)}::integer[])
        as variant (kind, hash, anchor, signal_id)
    ), outdone as (
      delete from matching_hash there using said
      where there.signal_id = said.signal_id and there.kind = said.kind and there.hash = said.hash
        and there.anchor is null and said.anchor is not null
    )
    insert into matching_hash (kind, hash, anchor, signal_id)
    select kind, hash, anchor, signal_id from said
    where not exists (
      select from matching_hash there
      where there.signal_id = said.signal_id and there.kind = said.kind and there.hash = said.hash
        and (said.anchor is null or there.anchor = said.anchor)
    ) and not (said.anchor is null and exists (
      select from said better
      where better.signal_id = said.signal_id and better.kind = said.kind and better.hash = said.hash
        and better.anchor is not null
    ))`.execute(tx);
}
