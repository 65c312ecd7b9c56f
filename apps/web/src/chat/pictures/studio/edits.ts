/*
 * What a sender changes before a picture leaves, as data: the preview and the picture itself are drawn by the same
 * function. Places are fractions (0–1) of the whole picture after it was turned, so that a mark stays where it is
 * when the crop moves.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rect extends Point {
  readonly w: number;
  readonly h: number;
}

export type Mark =
  /** So few colours are left of the region that nothing in it can be told. */
  | { readonly kind: 'blur'; readonly rect: Rect }
  | { readonly kind: 'cover'; readonly rect: Rect }
  /** An opaque line; `width` is a fraction of the longer side. */
  | { readonly kind: 'brush'; readonly points: readonly Point[]; readonly width: number };

export interface Edits {
  /** Quarter turns clockwise. */
  readonly turns: 0 | 1 | 2 | 3;
  readonly crop: Rect;
  readonly marks: readonly Mark[];
}

export const whole: Rect = { x: 0, y: 0, w: 1, h: 1 };
export const noEdits: Edits = { turns: 0, crop: whole, marks: [] };

/** Least side of a crop or a region, as a fraction. */
export const leastSide = 0.04;

export interface Size {
  readonly width: number;
  readonly height: number;
}

const turnedSize = ({ width, height }: Size, turns: Edits['turns']): Size =>
  turns % 2 === 0 ? { width, height } : { width: height, height: width };

/** Pixels of what is left after the edits. */
export function editedSize(source: Size, { turns, crop }: Edits): Size {
  const { width, height } = turnedSize(source, turns);
  return {
    width: Math.max(1, Math.round(width * crop.w)),
    height: Math.max(1, Math.round(height * crop.h)),
  };
}

const turnPoint = ({ x, y }: Point): Point => ({ x: 1 - y, y: x });
const turnRect = ({ x, y, w, h }: Rect): Rect => ({ x: 1 - y - h, y: x, w: h, h: w });

/** A quarter turn clockwise; what was marked turns with the picture. */
export function turn(edits: Edits): Edits {
  return {
    turns: ((edits.turns + 1) % 4) as Edits['turns'],
    crop: turnRect(edits.crop),
    marks: edits.marks.map((mark) =>
      mark.kind === 'brush'
        ? { ...mark, points: mark.points.map(turnPoint) }
        : { ...mark, rect: turnRect(mark.rect) },
    ),
  };
}

/** Keeps a rectangle inside the picture and not smaller than a finger can hold. */
export function clampRect({ x, y, w, h }: Rect): Rect {
  const width = Math.min(1, Math.max(leastSide, w));
  const height = Math.min(1, Math.max(leastSide, h));
  return {
    x: Math.min(1 - width, Math.max(0, x)),
    y: Math.min(1 - height, Math.max(0, y)),
    w: width,
    h: height,
  };
}

type Surface = HTMLCanvasElement | OffscreenCanvas;
type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Samples that are left of a blurred region's longer side. */
const blurredTo = 6;
/** What hides: the colour of the brush and of a covered region. */
const ink = '#241c18';

/** Draws the edited picture over the whole of `context`'s canvas. */
export function drawEdited(context: Context, source: CanvasImageSource & Size, edits: Edits): void {
  const { width, height } = context.canvas;
  const { crop, turns } = edits;
  const full = { width: width / crop.w, height: height / crop.h };
  const left = -crop.x * full.width;
  const top = -crop.y * full.height;
  context.save();
  context.imageSmoothingQuality = 'high';
  context.translate(left + full.width / 2, top + full.height / 2);
  context.rotate((turns * Math.PI) / 2);
  const upright = turnedSize(full, turns);
  context.drawImage(source, -upright.width / 2, -upright.height / 2, upright.width, upright.height);
  context.restore();
  const place = ({ x, y }: Point): Point => ({ x: left + x * full.width, y: top + y * full.height });
  for (const mark of edits.marks) {
    if (mark.kind === 'brush')
      drawLine(context, mark.points.map(place), mark.width * Math.max(full.width, full.height));
    else {
      const at = place(mark.rect);
      const rect = { ...at, w: mark.rect.w * full.width, h: mark.rect.h * full.height };
      if (mark.kind === 'cover') {
        context.fillStyle = ink;
        context.fillRect(rect.x, rect.y, rect.w, rect.h);
      } else blur(context, rect);
    }
  }
}

function drawLine(context: Context, points: readonly Point[], width: number): void {
  const [first, ...rest] = points;
  if (first === undefined) return;
  context.strokeStyle = ink;
  context.lineWidth = width;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.beginPath();
  context.moveTo(first.x, first.y);
  for (const point of rest.length === 0 ? [first] : rest) context.lineTo(point.x, point.y);
  context.stroke();
}

/** Halves the region until a few samples are left, so that every pixel counts, then draws those over it. */
function blur(context: Context, { x, y, w, h }: Rect): void {
  const { width, height } = context.canvas;
  const from = { x: Math.max(0, x), y: Math.max(0, y) };
  const seen = { w: Math.min(width, x + w) - from.x, h: Math.min(height, y + h) - from.y };
  if (seen.w < 1 || seen.h < 1) return;
  let small: Surface = context.canvas as Surface;
  let part: Rect = { ...from, ...seen };
  while (Math.max(part.w, part.h) > blurredTo) {
    const next = new OffscreenCanvas(
      Math.max(1, Math.round(part.w / 2)),
      Math.max(1, Math.round(part.h / 2)),
    );
    next.getContext('2d')?.drawImage(small, part.x, part.y, part.w, part.h, 0, 0, next.width, next.height);
    small = next;
    part = { x: 0, y: 0, w: next.width, h: next.height };
  }
  if (small === context.canvas) return;
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, part.w, part.h, from.x, from.y, seen.w, seen.h);
}
