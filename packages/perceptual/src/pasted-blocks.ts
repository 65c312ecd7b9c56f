import { type Block, sameBlock } from './content-block.ts';
import type { Raster } from './raster.ts';

/*
 * A picture pasted into another, beside another, or over a blurred copy of itself, ends in straight edges along which the
 * brightness jumps. Columns and rows that do so over a long stretch are candidates for its four sides; of the rectangles
 * that they form, those whose sides jump along most of their length are the likeliest pictures.
 */

// A jump counts when it exceeds the unevenness on both sides of it by this much.
const JUMP = 5;
// How much of a side must jump, and how much it would by chance.
const LEAST_SHARE = 0.55;
const CHANCE = 0.5;
const LINES = 12;
const LEAST_SIDE = 0.2;
const MOST_BLOCKS = 4;
// Sides nearer than this share of the picture's are one side found twice.
const APART = 0.02;

/** Where one axis jumps: per line across it, running counts of jumps along the line. */
interface Jumps {
  readonly lines: number;
  readonly length: number;
  /** Jumps on `line` before place `at`: counts[line * (length + 1) + at]. */
  readonly counts: Uint16Array;
}

function jumpsOf({ data, width, height }: Raster, columns: boolean): Jumps {
  const [lines, length] = columns ? [width, height] : [height, width];
  const [step, along] = columns ? [1, width] : [width, 1];
  const counts = new Uint16Array(lines * (length + 1));
  for (let line = 3; line < lines - 2; line++) {
    const row = line * (length + 1);
    for (let at = 0, p = line * step; at < length; at++, p += along) {
      const [a, b, c] = [
        data[p - 3 * step] as number,
        data[p - 2 * step] as number,
        data[p - step] as number,
      ];
      const [d, e, f] = [data[p] as number, data[p + step] as number, data[p + 2 * step] as number];
      const jump = Math.max(Math.abs(d - c), Math.abs(e - b) * 0.8);
      const uneven = Math.abs(b - a) + Math.abs(f - e);
      const counted = jump - uneven > JUMP ? 1 : 0;
      counts[row + at + 1] = (counts[row + at] as number) + counted;
    }
  }
  return { lines, length, counts };
}

const jumpsOn = ({ counts, length }: Jumps, line: number, from: number, to: number): number =>
  (counts[line * (length + 1) + to] as number) - (counts[line * (length + 1) + from] as number);

// The most that any stretch of a line jumps beyond chance (Kadane's largest sum).
function excess(jumps: Jumps, line: number): number {
  let best = 0;
  let sum = 0;
  for (let at = 0; at < jumps.length; at++) {
    sum = Math.max(0, sum + jumpsOn(jumps, line, at, at + 1) - CHANCE);
    best = Math.max(best, sum);
  }
  return best;
}

// The picture's own ends, and the lines that jump the most; of neighbours only the best.
function candidates(jumps: Jumps): number[] {
  const scores = Float32Array.from({ length: jumps.lines }, (_, line) => excess(jumps, line));
  const peaks: number[] = [];
  for (let line = 3; line < jumps.lines - 2; line++) {
    const near = scores.subarray(Math.max(0, line - 2), line + 3);
    const score = scores[line] as number;
    if (score > 0.06 * jumps.length && near.every((other) => other <= score) && peaks.at(-1) !== line - 1)
      peaks.push(line);
  }
  peaks.sort((a, b) => (scores[b] as number) - (scores[a] as number));
  return [0, ...peaks.slice(0, LINES), jumps.lines].sort((a, b) => a - b);
}

// Spans between two candidates, at least `LEAST_SIDE` of the axis.
function spans(lines: readonly number[], of: number): (readonly [number, number])[] {
  return lines.flatMap((from) =>
    lines.flatMap((to) => (to - from >= LEAST_SIDE * of ? [[from, to] as const] : [])),
  );
}

// How far a side jumps beyond chance; the picture's own end is no evidence, and too little of a jump is no side.
function side(jumps: Jumps, line: number, from: number, to: number): number | undefined {
  if (line === 0 || line === jumps.lines) return 0;
  const share = jumpsOn(jumps, line, from, to) / (to - from);
  return share < LEAST_SHARE ? undefined : (share - CHANCE) * (to - from);
}

function score(
  across: Jumps,
  down: Jumps,
  [l, r]: readonly [number, number],
  [t, b]: readonly [number, number],
) {
  let sum = 0;
  for (const part of [
    side(across, l, t, b),
    side(across, r, t, b),
    side(down, t, l, r),
    side(down, b, l, r),
  ]) {
    if (part === undefined) return 0;
    sum += part;
  }
  return sum;
}

/** Rectangles of a raster that look like pictures set into it, the likeliest first, at most four. */
export function findPastedBlocks(raster: Raster): readonly Block[] {
  const { width, height } = raster;
  const across = jumpsOf(raster, true);
  const down = jumpsOf(raster, false);
  const upright = spans(candidates(across), width);
  const level = spans(candidates(down), height);
  const found: { block: Block; score: number }[] = [];
  for (const [l, r] of upright) {
    for (const [t, b] of level) {
      const total = score(across, down, [l, r], [t, b]);
      if (total > 0)
        found.push({
          block: { left: l / width, right: r / width, top: t / height, bottom: b / height },
          score: total,
        });
    }
  }
  found.sort((a, b) => b.score - a.score);
  const chosen: Block[] = [];
  for (const { block } of found) {
    if (chosen.length === MOST_BLOCKS) break;
    if (!chosen.some((other) => sameBlock(other, block, APART))) chosen.push(block);
  }
  return chosen;
}
