import { ANCHOR_COUNT } from '@accord/perceptual';
import type { Body } from '@accord/protocol';
import type { Queries } from '../platform/database.ts';
import { anchorsOf } from './anchors.ts';
import type { Library } from './library.ts';
import { registeredBit, type Shelf, shelfOfParts } from './live-index.ts';
import { bankMask, type Case, caseOf, isHeldIn, type Near, standingOf } from './lookup.ts';
import { blocks } from './opinions.ts';
import { namedSlack } from './threshold.ts';
import type { Bank } from './types.ts';

/** A crop, and what it can be a copy of: see `VariantHash.against` of the perceptual package. */
interface AskedPart {
  readonly hash: Buffer;
  readonly against: number;
}

const everything = 2 ** (ANCHOR_COUNT + 1) - 1;
const wholePictures = 1;

/** What is known of a picture: its hash, and those of what it may be an edited copy of. */
export interface Question {
  readonly h: Buffer;
  readonly turned: readonly Buffer[];
  readonly parts: readonly AskedPart[];
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
const hashesOf = (text: string): Buffer[] => {
  const bytes = Buffer.from(text, 'base64url');
  return Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(32 * at, 32 * at + 32));
};

/** The hashes of a request. */
export const askedOf = ({
  h,
  asked,
}: {
  readonly h: string;
  readonly asked: Body<'matching.recheck'>['asked'];
}): Omit<Question, 'named'> => {
  const against = Buffer.from(asked.against ?? '', 'base64url');
  return {
    h: Buffer.from(h, 'base64url'),
    turned: hashesOf(asked.turned),
    parts: hashesOf(asked.parts).map((hash, at) => ({ hash, against: against[at] ?? everything })),
    wholes: hashesOf(asked.wholes),
    regions: hashesOf(asked.regions),
  };
};

/** Kept crops of a request as rows. */
export function keptOf({
  kept,
  anchors,
}: {
  readonly kept: string;
  readonly anchors?: string | undefined;
}): { readonly hash: Buffer; readonly anchor: number | null }[] {
  const anchorOf = anchorsOf(anchors);
  return hashesOf(kept).map((hash, at) => ({ hash, anchor: anchorOf(at) }));
}

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
  const search = (hashes: readonly Buffer[], shelf: Shelf, radius: number = standing) =>
    index.search(hashes, { on: [shelf], radius, banks: mask });
  const crops = (targets: number) =>
    parts.flatMap(({ hash, against }) => ((against & targets) === 0 ? [] : [hash]));
  const anchors = Array.from({ length: ANCHOR_COUNT }, (_, at) => at + 1);
  const answers = await Promise.all([
    ...(named ? [search([h], 'whole', standing + namedSlack)] : []),
    search(unlike([h, ...turned, ...crops(wholePictures), ...wholes]), 'whole'),
    ...anchors.map((anchor) => search(unlike([h, ...turned, ...crops(1 << anchor)]), shelfOfParts(anchor))),
    search(unlike([h, ...turned, ...crops(everything - wholePictures)]), shelfOfParts(0)),
    search(regions, 'region'),
  ]);
  const { near, said, ownerKeys } = await caseOf(queries, banks, answers.flat(2));
  const { blocked, trusted } = weighBanks(near, said);
  const registered = near.flatMap(({ registeredId: id, distance }) => {
    const ownerKey = id === null ? undefined : ownerKeys.get(id);
    return id === null || ownerKey === undefined ? [] : [{ id, ownerKey, distance }];
  });
  return {
    blocked,
    registered: trusted ? registered.filter(({ ownerKey }) => ownerKey === null) : registered,
  };
}

/** Each hash once: what a picture has of symmetry, its question has twice. */
const unlike = (hashes: readonly Buffer[]): Buffer[] => [
  ...new Map(hashes.map((hash) => [hash.toString('latin1'), hash])).values(),
];

function weighBanks(
  near: readonly Near[],
  known: Case['said'],
): { readonly blocked: readonly number[]; readonly trusted: boolean } {
  const said = near.flatMap(({ signalId: id }) => (id === null ? [] : [[id, known.get(id) ?? []] as const]));
  const blocked = said.filter(
    ([, words]) => isHeldIn(words, 'blocking', 'claimed') && blocks(standingOf(words)),
  );
  return {
    blocked: blocked.map(([id]) => id),
    trusted: said.some(([, words]) => isHeldIn(words, 'trusted')),
  };
}
