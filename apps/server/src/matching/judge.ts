import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';
import type { Library } from './library.ts';
import { registeredBit } from './live-index.ts';
import { bankMask, isHeldIn, type Near, picturesNear, saidOf, standingOf } from './lookup.ts';
import { blocks } from './opinions.ts';
import { namedSlack } from './threshold.ts';
import type { Bank, HashKind } from './types.ts';

/** What is known of a picture: its hash, and those of what it may be an edited copy of. */
export interface Question {
  readonly h: Buffer;
  readonly turned: readonly Buffer[];
  readonly parts: readonly Buffer[];
  /** Held against whole pictures alone. */
  readonly wholes: readonly Buffer[];
  readonly regions: readonly Buffer[];
  /** Whether `h` is what somebody says, or what the asker computed from the very bitmap. */
  readonly named: boolean;
}

/** A registered picture that a question came near to. */
export interface OthersPicture {
  readonly id: number;
  /** Null: nobody may send it. */
  readonly ownerKey: Buffer | null;
  readonly distance: number;
}

/** What speaks against a picture, before its owner was heard. */
export interface Findings {
  /** Banked pictures for which it is refused. */
  readonly blocked: readonly number[];
  readonly registered: readonly OthersPicture[];
}

/** Hashes of 32 bytes that were written one after another. */
export const hashesOf = (text: string): Buffer[] => {
  const bytes = Buffer.from(text, 'base64url');
  return Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(32 * at, 32 * at + 32));
};

/** The hashes of a request. */
export const askedOf = ({
  h,
  asked,
}: {
  readonly h: string;
  readonly asked: Readonly<Record<'turned' | 'parts' | 'wholes' | 'regions', string>>;
}): Omit<Question, 'named'> => ({
  h: Buffer.from(h, 'base64url'),
  turned: hashesOf(asked.turned),
  parts: hashesOf(asked.parts),
  wholes: hashesOf(asked.wholes),
  regions: hashesOf(asked.regions),
});

/**
 * Searches the banks that refuse and the registry. The same questions are asked of the index and of the database
 * whatever is found, so that the time tells as little as it can.
 */
export async function findAgainst(
  { queries, library }: { readonly queries: Queries; readonly library: Pick<Library, 'loaded'> },
  question: Question,
): Promise<Findings> {
  const { index, banks, radius: standing } = library.loaded;
  const counts = ({ purpose }: Bank) => purpose !== 'review';
  const mask = (bankMask(banks.values(), counts) | registeredBit) >>> 0;
  const { h, turned, parts, wholes, regions, named } = question;
  const any = unlike([h, ...turned, ...parts]);
  const search = (hashes: readonly Buffer[], kind: HashKind, radius: number = standing) =>
    index.search(hashes, { kinds: [kind], radius, banks: mask });
  const answers = await Promise.all([
    ...(named ? [search([h], 'whole', standing + namedSlack)] : []),
    search(unlike([...any, ...wholes]), 'whole'),
    search(any, 'part'),
    search(regions, 'region'),
  ]);
  const near = await picturesNear(queries, answers.flat(2));
  const [{ blocked, trusted }, registered] = await Promise.all([
    weighBanks(queries, banks, near),
    registeredAmong(queries, near),
  ]);
  return {
    blocked,
    registered: trusted ? registered.filter(({ ownerKey }) => ownerKey === null) : registered,
  };
}

/** Each hash once: what a picture has of symmetry, its question has twice. */
const unlike = (hashes: readonly Buffer[]): Buffer[] => [
  ...new Map(hashes.map((hash) => [hash.toString('latin1'), hash])).values(),
];

async function weighBanks(
  queries: Queries,
  banks: ReadonlyMap<number, Bank>,
  near: readonly Near[],
): Promise<{ readonly blocked: readonly number[]; readonly trusted: boolean }> {
  const ids = near.flatMap(({ signalId }) => (signalId === null ? [] : [signalId]));
  const said = await saidOf(queries, banks, ids);
  const blocked = [...said].filter(
    ([, words]) => isHeldIn(words, 'blocking', 'claimed') && blocks(standingOf(words)),
  );
  return {
    blocked: blocked.map(([id]) => id),
    trusted: [...said.values()].some((words) => isHeldIn(words, 'trusted')),
  };
}

async function registeredAmong(queries: Queries, near: readonly Near[]): Promise<OthersPicture[]> {
  const distances = new Map(
    near.flatMap(({ registeredId, distance }) => (registeredId === null ? [] : [[registeredId, distance]])),
  );
  const rows = await queries
    .selectFrom('registered_picture')
    .select(['id', 'owner_key'])
    .where(sql<boolean>`id = any(${[...distances.keys()]}::integer[])`)
    .execute();
  return rows.map(({ id, owner_key }) => ({
    id,
    ownerKey: owner_key,
    distance: distances.get(id) ?? 0,
  }));
}
