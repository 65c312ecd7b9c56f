import type { Picture } from './picture.ts';
import { channelsOf } from './picture.ts';
import type { Raster } from './raster.ts';

/** A rectangle in shares of the picture's sides, 0 to 1. */
export interface Block {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Cells {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

// A line belongs to the surround when most of it has the surround's brightness: interface text covers less than that.
const PLAIN_SHARE = 0.62;
// Beside a picture, or above and below it alone, there are bars without text: more would be taken from the picture.
const BAR_SHARE = 0.95;
const PLAIN_TOLERANCE = 8;
const LEAST_SIDE = 0.25;

function line(raster: Raster, cells: Cells, index: number, row: boolean): Float32Array {
  const { data, width } = raster;
  if (row) return data.subarray(index * width + cells.left, index * width + cells.right);
  const values = new Float32Array(cells.bottom - cells.top);
  for (let y = 0, at = cells.top * width + index; y < values.length; y++, at += width)
    values[y] = data[at] as number;
  return values;
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1] ?? 0;
}

function plain(values: Float32Array, ground: number, share: number): boolean {
  let same = 0;
  for (const value of values) if (Math.abs(value - ground) <= PLAIN_TOLERANCE) same++;
  return same >= share * values.length;
}

// The longest run of lines that are not surround; a short plain stretch inside does not end it.
function longestRun(raster: Raster, cells: Cells, row: boolean, share: number): readonly [number, number] {
  const [from, to] = row ? [cells.top, cells.bottom] : [cells.left, cells.right];
  const grounds = [median(line(raster, cells, from, row)), median(line(raster, cells, to - 1, row))];
  const patience = Math.ceil((to - from) * 0.02);
  let best: readonly [number, number] = [from, from];
  let start = -1;
  let last = -1;
  for (let i = from; i < to; i++) {
    const values = line(raster, cells, i, row);
    if (grounds.some((ground) => plain(values, ground, share))) continue;
    if (start < 0 || i - last > patience) start = i;
    last = i;
    if (last + 1 - start > best[1] - best[0]) best = [start, last + 1];
  }
  return best;
}

// Which sides are trimmed, in turn. An even sky is a surround to the rows but not to the columns, so that bars beside
// it are found by the columns alone.
const TRIMS: readonly (readonly ('rows' | 'columns')[])[] = [
  ['rows', 'columns', 'rows', 'columns', 'rows', 'columns'],
  ['columns'],
  ['rows'],
];

function trim(raster: Raster, sides: readonly ('rows' | 'columns')[]): Block | undefined {
  const share = sides.length > 1 ? PLAIN_SHARE : BAR_SHARE;
  const cells: Cells = { left: 0, top: 0, right: raster.width, bottom: raster.height };
  for (const side of sides) {
    if (side === 'rows') [cells.top, cells.bottom] = longestRun(raster, cells, true, share);
    else [cells.left, cells.right] = longestRun(raster, cells, false, share);
    if (cells.bottom - cells.top < LEAST_SIDE * raster.height) return undefined;
    if (cells.right - cells.left < LEAST_SIDE * raster.width) return undefined;
  }
  const block = {
    left: cells.left / raster.width,
    top: cells.top / raster.height,
    right: cells.right / raster.width,
    bottom: cells.bottom / raster.height,
  };
  const kept = (block.right - block.left) * (block.bottom - block.top);
  return kept > 0.985 ? undefined : block;
}

/** Whether the four sides of two blocks are within `apart` of each other. */
export const sameBlock = (a: Block, b: Block, apart: number): boolean =>
  (['left', 'top', 'right', 'bottom'] as const).every((side) => Math.abs(a[side] - b[side]) < apart);

/**
 * Finds the picture inside a border, letterbox bars, a meme's text bar or a screenshot's interface: the largest blocks
 * whose lines differ from the plain surround, trimmed on all sides, beside, and above and below; the most likely first,
 * at most three. None when there is no surround or too little would be left.
 */
export function findContentBlocks(raster: Raster): readonly Block[] {
  const found: Block[] = [];
  for (const sides of TRIMS) {
    const block = trim(raster, sides);
    if (block !== undefined && !found.some((other) => sameBlock(other, block, 0.01))) found.push(block);
  }
  return found;
}

/** Copies a block out of a picture, to whole pixels. */
export function cutBlock(picture: Picture, block: Block): Picture {
  const channels = channelsOf(picture.format);
  const left = Math.round(block.left * picture.width);
  const top = Math.round(block.top * picture.height);
  const width = Math.max(1, Math.round(block.right * picture.width) - left);
  const height = Math.max(1, Math.round(block.bottom * picture.height) - top);
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * channels;
    data.set(picture.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { width, height, format: picture.format, data };
}
