import { cutBlock, findContentBlocks } from './content-block.ts';
import { DIHEDRALS, type Dihedral } from './dihedral.ts';
import type { DihedralHashes, PdqEngine } from './engine.ts';
import { type Frame, type FrameHasher, frameHasher } from './frames.ts';
import { MIN_PART_QUALITY, MIN_QUALITY, type PdqHash } from './hash.ts';
import { findPastedBlocks } from './pasted-blocks.ts';
import type { Picture } from './picture.ts';
import { type Raster, toRaster } from './raster.ts';
import { hashRegions, type RegionLimits } from './regions.ts';
import { buildScaleSpace } from './scale-space.ts';

/** What a hash is of: the whole picture, the block inside a surround, a part cut at a fixed place, or an anchored region. */
export type VariantKind = 'whole' | 'block' | 'part' | 'region';

/** One hash of a set; a whole or block has quality `MIN_QUALITY` or more, a part or region `MIN_PART_QUALITY`. */
export interface VariantHash {
  readonly kind: VariantKind;
  readonly hash: Uint8Array;
  readonly quality: number;
  /** How the asked picture was turned before hashing; absent where the kind does not turn. */
  readonly dihedral?: Dihedral;
  /** True for the hash of the negative. */
  readonly negative?: boolean;
  /** Of a kept crop: towards what it is, 1 the centre, 2 to 5 the corners (top left, top right, bottom left, bottom right). */
  readonly anchor?: number;
  /**
   * Of an asked crop, what it can be a copy of: bit 0 whole pictures, bit n kept crops of anchor n. It need not be held against
   * anything else.
   */
  readonly against?: number;
}

/** Anchors of kept crops, numbered from 1; see {@link VariantHash}. */
export const ANCHOR_COUNT = 5;

/** The hashes that stand for a picture, and the quality of the whole of it. Flat pictures have none. */
export interface VariantSet {
  readonly quality: number;
  readonly hashes: readonly VariantHash[];
}

/** How far a question goes: `quick` turns and trims (16 to 64 hashes), `thorough` also tries parts and regions. */
export type QueryDepth = 'quick' | 'thorough';

// Crops towards the centre and the corners form ladders: the bank holds every fourth rung, a query tries the four
// rungs below its own, so that any crop down to 54 % of the side meets one within half a rung (1.25 %).
const RUNG = 0.975;
const ASKED_RUNGS = 4;
const BANK_STEPS = 6;
// Of the bank's steps, those at which a device looks for a side that was cut off: up to a fifth.
const SHARED_SIDES = 2;
const RASTER_SIDE = 400;
const ANCHORS = [
  [0.5, 0.5],
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;
const HALVES = [
  [0, 0, 0.5, 1],
  [0.5, 0, 1, 1],
  [0, 0, 1, 0.5],
  [0, 0.5, 1, 1],
] as const;

// Between these and none, any shear to 0.15 is met within 0.02.
const SHEARS = [0.06, 0.095, 0.13].flatMap((shear) => [shear, -shear]);

const BANK_REGIONS: RegionLimits = { points: 40, hashes: 33, perPoint: 5, shortest: 40, bothWays: false };
const QUERY_REGIONS: RegionLimits = { points: 60, hashes: 480, perPoint: 60, shortest: 40, bothWays: true };

function rectangle(raster: Raster, left: number, top: number, right: number, bottom: number): Frame {
  return {
    cx: ((left + right) / 2) * raster.width - 0.5,
    cy: ((top + bottom) / 2) * raster.height - 0.5,
    ux: (right - left) * raster.width,
    uy: 0,
    vx: 0,
    vy: (bottom - top) * raster.height,
  };
}

/** A place in a picture, and what its hash is held against; see `VariantHash.against`. */
interface Aimed {
  readonly frame: Frame;
  readonly against: number;
}

/** What becomes a part. */
type Place = Aimed | { readonly frame: Frame; readonly anchor?: number };

const partAt = (hasher: FrameHasher, { frame, ...about }: Place): VariantHash => ({
  kind: 'part',
  ...about,
  ...hasher.hash(frame),
});

const WHOLE_PICTURES = 1;
const EVERYTHING = 2 ** (ANCHOR_COUNT + 1) - 1;
const [CENTRE, TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT] = [2, 4, 8, 16] as const;

/** A frame in the eight symmetries, or as it is and mirrored. */
function* turnsOf(frame: Frame, all: boolean): Generator<Frame> {
  const { ux, uy, vx, vy } = frame;
  const axes = [[ux, uy, vx, vy], ...(all ? [[vx, vy, ux, uy]] : [])] as const;
  for (const [ax, ay, bx, by] of axes as readonly (readonly [number, number, number, number])[]) {
    for (const a of [1, -1]) {
      for (const b of all ? [1, -1] : [1]) yield { ...frame, ux: a * ax, uy: a * ay, vx: b * bx, vy: b * by };
    }
  }
}

/** Pictures pasted into this one. */
function* pasted(raster: Raster, allTurns: boolean): Generator<Frame> {
  for (const { left, top, right, bottom } of findPastedBlocks(raster))
    yield* turnsOf(rectangle(raster, left, top, right, bottom), allTurns);
}

/**
 * A picture whose one side was cut off still has two of its corners: cut as far along the other axis too, it is one of the
 * banked crops to a corner. Which corner depends on the side, as soon as the cut is told from none. A copy of which a little was
 * cut off each side, unevenly, meets crops to the centre.
 */
function* oneSided(raster: Raster, shares: readonly number[]): Generator<Aimed> {
  for (const [at, kept] of shares.entries()) {
    const centre = at === 0 ? CENTRE : 0;
    for (const [rung, asked] of askedShares.entries()) {
      for (const from of asked === 1 ? [0] : [0, 1 - asked]) {
        const towards = (other: number) =>
          centre | (rung < 2 ? TOP_LEFT | other : from === 0 ? TOP_LEFT : other);
        yield { frame: rectangle(raster, from, 0, from + asked, kept), against: towards(TOP_RIGHT) };
        yield { frame: rectangle(raster, 0, from, kept, from + asked), against: towards(BOTTOM_LEFT) };
      }
    }
  }
}

/** What lies between the empty corners that shearing leaves, straightened. */
function* unsheared(raster: Raster): Generator<Frame> {
  const { width, height } = raster;
  const whole = rectangle(raster, 0, 0, 1, 1);
  for (const shear of SHEARS) {
    yield { ...whole, ux: width - Math.abs(shear) * height, vx: shear * height };
    yield { ...whole, uy: shear * width, vy: height - Math.abs(shear) * width };
  }
}

function* ladder(
  raster: Raster,
  shares: readonly number[],
): Generator<{ readonly frame: Frame; readonly anchor: number }> {
  for (const share of shares) {
    for (const [at, [ax, ay]] of ANCHORS.entries()) {
      const left = ax * (1 - share);
      const top = ay * (1 - share);
      yield { frame: rectangle(raster, left, top, left + share, top + share), anchor: at + 1 };
    }
  }
}

// Parts at fixed places and, when `limits` are given, anchored regions: both read one scale space.
function pieces(
  engine: PdqEngine,
  raster: Raster,
  places: Iterable<Place>,
  limits?: RegionLimits,
): VariantHash[] {
  const { kernel } = engine;
  const mark = kernel.mark();
  try {
    const space = buildScaleSpace(kernel, raster);
    const hasher = frameHasher(kernel, space);
    const parts = Array.from(places, (place) => partAt(hasher, place));
    const regions = limits === undefined ? [] : hashRegions(kernel, space, hasher, limits);
    return [
      ...parts.filter((part) => part.quality >= MIN_PART_QUALITY),
      ...regions.map(({ hash, quality }) => ({ kind: 'region' as const, hash, quality })),
    ];
  } finally {
    kernel.release(mark);
  }
}

const keptShares = Array.from({ length: BANK_STEPS }, (_, k) => RUNG ** (ASKED_RUNGS * (k + 1)));
const askedShares = Array.from({ length: ASKED_RUNGS }, (_, k) => RUNG ** k);

/** What a device sends about a picture that it is about to share: see {@link shareHashes}. */
export interface ShareHashes extends PdqHash {
  /** The whole and the blocks inside a surround, turned and mirrored. */
  readonly turned: readonly VariantHash[];
  /** Its crops and what is pasted into it, as a question; at most 96. */
  readonly parts: readonly VariantHash[];
  /** Negatives of `turned`, and the whole unsheared: to be held against whole pictures, not against crops; at most 64. */
  readonly wholes: readonly VariantHash[];
  /** Its crops, as they are kept so that crops of it are found. */
  readonly kept: readonly VariantHash[];
}

/**
 * The question and what is kept, from one reading of the picture and without anchored regions: for a device where a person
 * waits. A third of the time of {@link queryHashes} and {@link bankHashes}.
 */
export function shareHashes(engine: PdqEngine, picture: Picture): ShareHashes {
  const all = engine.dihedral(picture);
  const { quality } = all;
  const plain = { hash: all.hashes.original, quality };
  if (quality < MIN_QUALITY) return { ...plain, turned: [], parts: [], wholes: [], kept: [] };
  const raster = toRaster(picture, RASTER_SIDE);
  const blocks = findContentBlocks(raster).map((block) => cutBlock(picture, block));
  const whole = [turnedFrom('whole', all), ...blocks.map((block) => turned(engine, 'block', block))].flatMap(
    ({ hashes }) => hashes,
  );
  const asked = [
    ...askedCrops(raster),
    ...halves(raster),
    ...oneSided(raster, keptShares.slice(0, SHARED_SIDES)),
    ...[...pasted(raster, false)].map((frame) => ({ frame, against: WHOLE_PICTURES | CENTRE })),
  ];
  const sheared = [...unsheared(raster)].map((frame) => ({ frame }));
  const crops = cropsOf(engine, raster, [...asked, ...sheared, ...ladder(raster, keptShares)]);
  const clear = (list: readonly VariantHash[]) => list.filter((crop) => crop.quality >= MIN_PART_QUALITY);
  const [inner] = blocks;
  const content = inner === undefined ? undefined : toRaster(inner, RASTER_SIDE);
  const end = asked.length + sheared.length;
  return {
    ...plain,
    turned: whole.filter(({ negative }) => negative !== true),
    parts: clear([
      ...crops.slice(0, asked.length),
      ...(content === undefined ? [] : cropsOf(engine, content, [...askedCrops(content)])),
    ]),
    wholes: [...whole.filter(({ negative }) => negative === true), ...clear(crops.slice(asked.length, end))],
    kept: clear(crops.slice(end)),
  };
}

/**
 * The rungs that a question tries; the first, all of the picture, is the same at each anchor. A crop between a corner and the
 * centre meets either. What surrounds a whole picture evenly goes with a crop to the centre, the rest with the blocks.
 */
function* askedCrops(raster: Raster): Generator<Aimed> {
  yield { frame: rectangle(raster, 0, 0, 1, 1), against: EVERYTHING };
  for (const { frame, anchor } of ladder(raster, askedShares.slice(1))) {
    const towards = 1 << anchor;
    yield { frame, against: CENTRE | (towards === CENTRE ? WHOLE_PICTURES : towards) };
  }
}

/** What a collage of two is made of. */
function* halves(raster: Raster): Generator<Aimed> {
  for (const [l, t, r, b] of HALVES) yield { frame: rectangle(raster, l, t, r, b), against: WHOLE_PICTURES };
}

function cropsOf(engine: PdqEngine, raster: Raster, places: readonly Place[]): VariantHash[] {
  const { kernel } = engine;
  const mark = kernel.mark();
  try {
    const hasher = frameHasher(kernel, buildScaleSpace(kernel, raster));
    return places.map((place) => partAt(hasher, place));
  } finally {
    kernel.release(mark);
  }
}

/**
 * What is stored for a banked picture, the plain PDQ first: the whole, 30 crops towards the centre and the corners, and up
 * to 33 anchored regions, 64 in all. Share only the first with others: the more parts of a picture are hashed, the more
 * of it the hashes give away.
 */
export function bankHashes(engine: PdqEngine, picture: Picture): VariantSet {
  const whole = engine.hash(picture);
  if (whole.quality < MIN_QUALITY) return { quality: whole.quality, hashes: [] };
  const raster = toRaster(picture, RASTER_SIDE);
  return {
    quality: whole.quality,
    hashes: [
      { kind: 'whole', ...whole },
      ...pieces(engine, raster, ladder(raster, keptShares), BANK_REGIONS),
    ],
  };
}

function turned(engine: PdqEngine, kind: 'whole' | 'block', picture: Picture): VariantSet {
  return turnedFrom(kind, engine.dihedral(picture));
}

function turnedFrom(kind: 'whole' | 'block', all: DihedralHashes): VariantSet {
  const { quality, hashes, complements } = all;
  if (quality < MIN_QUALITY) return { quality, hashes: [] };
  return {
    quality,
    hashes: DIHEDRALS.flatMap((dihedral) => [
      { kind, quality, dihedral, negative: false, hash: hashes[dihedral] },
      { kind, quality, dihedral, negative: true, hash: complements[dihedral] },
    ]),
  };
}

/** A thorough question is held against everything. */
function* thorough(places: Iterable<Place>): Generator<Place> {
  for (const { frame } of places) yield { frame };
}

/**
 * What is asked for a picture that may be an edited copy: the whole and the blocks inside a surround, each in the eight
 * symmetries and their negatives; when `thorough`, parts and anchored regions too, up to about 730 hashes.
 */
export function queryHashes(engine: PdqEngine, picture: Picture, depth: QueryDepth = 'thorough'): VariantSet {
  const whole = turned(engine, 'whole', picture);
  const raster = toRaster(picture, RASTER_SIDE);
  const blocks = findContentBlocks(raster).map((block) => cutBlock(picture, block));
  const trimmed = blocks.flatMap((block) => turned(engine, 'block', block).hashes);
  const quality = whole.quality;
  if (depth === 'quick') return { quality, hashes: [...whole.hashes, ...trimmed] };
  const [inner] = blocks;
  const content = inner === undefined ? undefined : toRaster(inner, RASTER_SIDE);
  return {
    quality,
    hashes: [
      ...whole.hashes,
      ...trimmed,
      ...pieces(
        engine,
        raster,
        [
          ...thorough(ladder(raster, askedShares)),
          ...thorough(halves(raster)),
          ...thorough(oneSided(raster, keptShares)),
          ...[...pasted(raster, true), ...unsheared(raster)].map((frame) => ({ frame })),
        ],
        QUERY_REGIONS,
      ),
      ...(content === undefined ? [] : pieces(engine, content, thorough(ladder(content, askedShares)))),
    ],
  };
}
