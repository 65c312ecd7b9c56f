import { type Selectable, sql } from 'kysely';
import type { Queries } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import type { Library } from './library.ts';
import { type Hit, shelvesOf } from './live-index.ts';
import { aggregate, type Category, type Opinion } from './opinions.ts';
import type {
  Bank,
  BankedPicture,
  BankMatch,
  HashKind,
  KindHash,
  LookupOptions,
  MatchKind,
} from './types.ts';

/** Mask of the enabled banks that `wanted` wants. */
export function bankMask(banks: Iterable<Bank>, wanted: (bank: Bank) => boolean): number {
  let mask = 0;
  for (const bank of banks) if (bank.enabled && wanted(bank)) mask |= 1 << bank.id;
  return mask >>> 0;
}

/** One picture that a question came near to: of a bank or of the registry. */
export interface Near {
  readonly signalId: number | null;
  readonly registeredId: number | null;
  readonly distance: number;
  readonly kind: HashKind;
}

/** Pictures that one answer tells of at most: nobody reads more, and a picture that is near to all is a flat one. */
const mostHits = 4000;

/** Whose each hash is. */
type Owners = ReadonlyMap<number, Pick<Near, 'signalId' | 'registeredId'>>;

const nearest = (hits: readonly Hit[]): readonly Hit[] =>
  hits.length <= mostHits ? hits : [...hits].sort((a, b) => a.distance - b.distance).slice(0, mostHits);

interface OwnerRow {
  readonly id: number;
  readonly signal_id: number | null;
  readonly registered_id: number | null;
}

const ownersIn = (rows: readonly OwnerRow[]): Owners =>
  new Map(rows.map((row) => [row.id, { signalId: row.signal_id, registeredId: row.registered_id }]));

async function ownersOf(queries: Queries, hits: readonly Hit[]): Promise<Owners> {
  const ids = [...new Set(hits.map(({ id }) => id))];
  const { rows } = await sql<OwnerRow>`
    select id, signal_id, registered_id from matching_hash where id = any(${ids}::integer[])`.execute(
    queries,
  );
  return ownersIn(rows);
}

/**
 * Gathers hits by picture and keeps what is a match: the whole or a crop is, of anchored regions it takes two of one picture,
 * as a single one may be an emblem that two pictures share. The nearest first.
 */
function gather(hits: readonly Hit[], owners: Owners): Near[] {
  const pictures = new Map<string, { near: Near; regions: Set<number> }>();
  for (const { id, distance, kind } of [...hits].sort((a, b) => a.distance - b.distance)) {
    const owner = owners.get(id);
    if (owner === undefined) continue;
    const key = `${owner.signalId}/${owner.registeredId}`;
    const known = pictures.get(key);
    const regions = known?.regions ?? new Set<number>();
    if (kind === 'region') regions.add(id);
    // The nearest comes first; a whole or a crop outranks a region, which proves less.
    const better = known === undefined || (known.near.kind === 'region' && kind !== 'region');
    pictures.set(key, { near: better ? { ...owner, distance, kind } : known.near, regions });
  }
  return [...pictures.values()]
    .filter(({ near, regions }) => near.kind !== 'region' || regions.size >= 2)
    .map(({ near }) => near)
    .sort((a, b) => a.distance - b.distance);
}

/** The pictures that the hits of one question are of. */
export async function picturesNear(queries: Queries, hits: readonly Hit[]): Promise<Near[]> {
  const some = nearest(hits);
  return gather(some, await ownersOf(queries, some));
}

/** One opinion, and the bank that it is in. */
interface Said extends Opinion {
  readonly bank: Bank;
  readonly source: string;
  readonly tags: readonly string[];
  readonly confidence: number;
}

/** Everything that was ever said of these pictures. */
export async function saidOf(
  queries: Queries,
  banks: ReadonlyMap<number, Bank>,
  signalIds: readonly number[],
): Promise<ReadonlyMap<number, readonly Said[]>> {
  const rows = await queries
    .selectFrom('bank_opinion')
    .selectAll()
    .where(sql<boolean>`signal_id = any(${[...signalIds]}::integer[])`)
    .orderBy('signal_id')
    .orderBy('bank_id')
    .orderBy('source')
    .execute();
  return bySignal(rows, banks);
}

type OpinionRow = Selectable<Tables['bank_opinion']>;

function bySignal(
  rows: readonly OpinionRow[],
  banks: ReadonlyMap<number, Bank>,
): ReadonlyMap<number, readonly Said[]> {
  const said = new Map<number, Said[]>();
  for (const row of rows) {
    const bank = banks.get(row.bank_id);
    if (bank === undefined) continue;
    const { category, tags, confidence, withdrawn, source } = row;
    const list = said.get(row.signal_id) ?? [];
    list.push({
      bank,
      source,
      category: category as Category,
      tags,
      confidence,
      at: row.at.getTime(),
      withdrawn,
      ours: bank.owner === 'own',
    });
    said.set(row.signal_id, list);
  }
  return said;
}

/** Pictures near a question, with all that decides about them. */
export interface Case {
  readonly near: readonly Near[];
  /** By banked picture. */
  readonly said: ReadonlyMap<number, readonly Said[]>;
  /** Of each registered picture; null: nobody may send it. */
  readonly ownerKeys: ReadonlyMap<number, Buffer | null>;
}

/** The pictures that the hits of one question are of, and what is known of them, from one statement: somebody waits for it. */
export async function caseOf(
  queries: Queries,
  banks: ReadonlyMap<number, Bank>,
  hits: readonly Hit[],
): Promise<Case> {
  const some = nearest(hits);
  const ids = [...new Set(some.map(({ id }) => id))];
  const { rows } = await sql<
    OwnerRow & { owner_key: Buffer | null } & (OpinionRow | { bank_id: null })
  >`select hash.id, hash.registered_id, picture.owner_key, hash.signal_id,
      word.bank_id, word.source, word.category, word.tags, word.confidence, word.at, word.withdrawn
    from matching_hash hash
    left join registered_picture picture on picture.id = hash.registered_id
    left join bank_opinion word on word.signal_id = hash.signal_id
    where hash.id = any(${ids}::integer[])
    order by hash.id, word.bank_id, word.source`.execute(queries);
  const firstOf = new Map<number | null, number>();
  for (const { signal_id, id } of rows) if (!firstOf.has(signal_id)) firstOf.set(signal_id, id);
  // The words about a picture come with each of its hashes.
  const words = rows.flatMap((row) =>
    row.bank_id === null || firstOf.get(row.signal_id) !== row.id ? [] : [row],
  );
  return {
    near: gather(some, ownersIn(rows)),
    said: bySignal(words, banks),
    ownerKeys: new Map(
      rows.flatMap(({ registered_id, owner_key }) =>
        registered_id === null ? [] : [[registered_id, owner_key]],
      ),
    ),
  };
}

/** What enabled banks say together; trusted ones speak of something else. */
export const standingOf = (said: readonly Said[]) =>
  aggregate(said.filter(({ bank }) => bank.enabled && bank.purpose !== 'trusted'));

/** Whether somebody stands by a picture in an enabled bank of one of these purposes. */
export const isHeldIn = (said: readonly Said[], ...purposes: readonly Bank['purpose'][]): boolean =>
  said.some(
    ({ bank, category, withdrawn }) =>
      bank.enabled && purposes.includes(bank.purpose) && category === 'positive' && !withdrawn,
  );

/** A banked picture or file that was found. */
interface Found {
  readonly signalId: number;
  readonly distance: number;
  readonly kind: MatchKind;
}

function matchOf(near: Found, said: readonly Said[], mask: number): BankMatch {
  const holding = said.filter(
    ({ bank, withdrawn, category }) =>
      !withdrawn && category !== 'negative' && ((mask >>> bank.id) & 1) === 1,
  );
  return {
    signalId: near.signalId,
    distance: near.distance,
    kind: near.kind,
    standing: standingOf(said),
    banks: [...new Set(holding.map(({ bank }) => bank.name))],
    opinions: said.map(({ bank, source, ours, category, tags, confidence, at, withdrawn }) => ({
      bank: bank.name,
      source,
      ours,
      category,
      tags,
      confidence,
      at: new Date(at),
      withdrawn,
    })),
  };
}

/** Mask of the banks that a question is about. @throws {Refusal} `not_found` for a name that no bank has */
function askedMask(banks: ReadonlyMap<number, Bank>, { banks: named, disabledToo }: LookupOptions): number {
  const names = new Set([...banks.values()].map(({ name }) => name));
  if (named?.some((name) => !names.has(name)) === true) throw new Refusal('not_found');
  const wanted = [...banks.values()].filter(({ name }) => named?.includes(name) ?? true);
  const asked = disabledToo === true ? wanted.map((bank) => ({ ...bank, enabled: true })) : wanted;
  return bankMask(asked, () => true);
}

/** Looks up many hashes; the database is asked twice, and only where something is near. */
export async function lookupMany(
  { queries, library }: { readonly queries: Queries; readonly library: Library },
  hashes: readonly Uint8Array[],
  options: LookupOptions = {},
): Promise<BankMatch[][]> {
  const { index, banks, radius: standing } = library.loaded;
  const mask = askedMask(banks, options);
  const on = shelvesOf(options.kinds ?? ['whole']);
  const radius = options.radius ?? standing;
  const hits = (await index.search(hashes, { on, radius, banks: mask, many: true })).map(nearest);
  if (hits.every((some) => some.length === 0)) return hits.map(() => []);
  const owners = await ownersOf(queries, hits.flat());
  const near = hits.map((some) =>
    gather(some, owners).flatMap((one) =>
      one.signalId === null ? [] : [{ ...one, signalId: one.signalId }],
    ),
  );
  const said = await saidOf(queries, banks, [...new Set(near.flat().map(({ signalId }) => signalId))]);
  return near.map((some) => some.map((one) => matchOf(one, said.get(one.signalId) ?? [], mask)));
}

/** See `Banks.lookupFiles`. */
export async function lookupFiles(
  { queries, library }: { readonly queries: Queries; readonly library: Library },
  digests: readonly Uint8Array[],
  options: Pick<LookupOptions, 'banks' | 'disabledToo'> = {},
): Promise<BankMatch[][]> {
  const { banks } = library.loaded;
  const mask = askedMask(banks, options);
  const { rows } = await sql<{ digest: Buffer; id: number }>`
    select digest, signal_id as id from bank_digest where digest = any(${digests.map(Buffer.from)}::bytea[])`.execute(
    queries,
  );
  if (rows.length === 0) return digests.map(() => []);
  const said = await saidOf(
    queries,
    banks,
    rows.map(({ id }) => id),
  );
  const known = new Map(rows.map(({ digest, id }) => [digest.toString('hex'), id]));
  return digests.map((digest) => {
    const signalId = known.get(Buffer.from(digest).toString('hex'));
    if (signalId === undefined) return [];
    const match = matchOf({ signalId, distance: 0, kind: 'file' }, said.get(signalId) ?? [], mask);
    // Taken back, or in banks that were not asked.
    return match.banks.length === 0 ? [] : [match];
  });
}

/** See `Banks.lookupPicture`. */
export async function lookupPicture(
  { queries, library }: { readonly queries: Queries; readonly library: Library },
  hashes: readonly KindHash[],
  options: Omit<LookupOptions, 'kinds'> = {},
): Promise<BankMatch[]> {
  const { index, banks, radius } = library.loaded;
  const asked = { radius: options.radius ?? radius, banks: askedMask(banks, options) };
  const of = (regions: boolean) =>
    hashes.flatMap(({ kind, hash }) => ((kind === 'region') === regions ? [hash] : []));
  const hits = await Promise.all([
    index.search(of(false), { ...asked, on: shelvesOf(['whole', 'part']) }),
    index.search(of(true), { ...asked, on: ['region'] }),
  ]);
  const near = (await picturesNear(queries, hits.flat(2))).flatMap((one) =>
    one.signalId === null ? [] : [{ ...one, signalId: one.signalId }],
  );
  const said = await saidOf(
    queries,
    banks,
    near.map(({ signalId }) => signalId),
  );
  return near.map((one) => matchOf(one, said.get(one.signalId) ?? [], asked.banks));
}

/** Banked pictures by their numbers, with all that is said of them, as if found at no distance. */
export async function matchesById(
  queries: Queries,
  banks: ReadonlyMap<number, Bank>,
  signalIds: readonly number[],
): Promise<BankMatch[]> {
  const said = await saidOf(queries, banks, signalIds);
  const all = bankMask(banks.values(), () => true);
  return [...said].map(([signalId, words]) => matchOf({ signalId, distance: 0, kind: 'whole' }, words, all));
}

/** See `Banks.idOf`. */
export async function signalIdOf(
  queries: Queries,
  hash: Uint8Array,
  exact = false,
): Promise<number | undefined> {
  const bytes = Buffer.from(hash);
  const { rows } = await (exact
    ? sql<{ id: number }>`select signal_id as id from bank_digest where digest = ${bytes}`
    : sql<{ id: number }>`select signal_id as id from matching_hash
        where kind = 0 and signal_id is not null and hash = ${bytes}`
  ).execute(queries);
  return rows[0]?.id;
}

/** See `Banks.read`. */
export async function readSignal(
  queries: Queries,
  banks: ReadonlyMap<number, Bank>,
  signalId: number,
): Promise<BankedPicture | undefined> {
  const { rows } = await sql<{ hash: Buffer; quality: number; exact: boolean }>`
    select coalesce(hash.hash, file.digest) as hash, signal.quality, file.digest is not null as exact
    from bank_signal signal
      left join matching_hash hash on hash.signal_id = signal.id and hash.kind = 0
      left join bank_digest file on file.signal_id = signal.id
    where signal.id = ${signalId}`.execute(queries);
  const [match] = await matchesById(queries, banks, [signalId]);
  const [row] = rows;
  if (row === undefined || match === undefined) return undefined;
  const { hash, quality, exact } = row;
  return { hash, quality, match: exact ? { ...match, kind: 'file' } : match };
}

/** See `Banks.count`. */
export async function countSignals(queries: Queries): Promise<{ pictures: number; files: number }> {
  const stands = (signalId: ReturnType<typeof sql.ref>) => sql`exists (
    select from bank_opinion said
    where said.signal_id = ${signalId} and not said.withdrawn and said.category <> 'negative')`;
  const { rows } = await sql<{ pictures: string; files: string }>`
    select
      (select count(*) from matching_hash hash where kind = 0 and ${stands(sql.ref('hash.signal_id'))}) as pictures,
      (select count(*) from bank_digest file
        where length(digest) = 16 and ${stands(sql.ref('file.signal_id'))}) as files`.execute(queries);
  return { pictures: Number(rows[0]?.pictures ?? 0), files: Number(rows[0]?.files ?? 0) };
}
