import type { KernelExports } from './kernel.ts';
import { channelsOf, checkSize, type PixelFormat } from './picture.ts';
import { axisPlan, mirroredPlan, type PlanTerm } from './plan.ts';
import { PictureRefused } from './refusal.ts';

const PLANE_BYTES = 64 * 64 * 8;
const TERM_BYTES = 24;
// Small enough to stay in a core's second-level cache, large enough that a call into the kernel costs nothing.
const STRIP_BYTES = 1 << 18;

interface RowTerm {
  readonly output: number;
  readonly start: number;
  readonly end: number;
  readonly factor: number;
  readonly weights: number;
  /** The planes this term's finished row is added to, and the column table for each. */
  readonly targets: readonly { readonly plane: number; readonly columns: Table }[];
  sums: number;
}

interface Table {
  readonly pointer: number;
  readonly count: number;
}

const plans = new Map<string, readonly PlanTerm[]>();

function planFor(size: number, mirrored: boolean): readonly PlanTerm[] {
  const key = `${size}${mirrored ? 'm' : ''}`;
  const known = plans.get(key);
  if (known) return known;
  const plan = mirrored ? mirroredPlan(size) : axisPlan(size);
  if (plans.size >= 32) plans.clear();
  plans.set(key, plan);
  return plan;
}

/**
 * Brings rows of pixels down to the 64x64 plane that PDQ hashes; with `dihedral`, to the four planes that sample the
 * picture and its mirror images. Rows may come in any number at a time; memory does not grow with the height.
 */
export class Downsampler {
  readonly #kernel: KernelExports;
  readonly #width: number;
  readonly #height: number;
  readonly #channels: 1 | 3 | 4;
  readonly #planes: number[];
  readonly #terms: RowTerm[];
  readonly #strip: number;
  readonly #stripRows: number;
  #free: number[] = [];
  #next = 0;
  #row = 0;

  /** Reserves all it needs from the kernel's memory, above the current mark. */
  constructor(
    kernel: KernelExports,
    size: { width: number; height: number; format: PixelFormat },
    dihedral: boolean,
  ) {
    checkSize(size.width, size.height);
    this.#kernel = kernel;
    this.#width = size.width;
    this.#height = size.height;
    this.#channels = channelsOf(size.format);
    this.#planes = Array.from({ length: dihedral ? 4 : 1 }, () => this.#alloc(PLANE_BYTES));
    this.#terms = this.#buildTerms(dihedral);
    const rowBytes = this.#rowBytes;
    this.#stripRows = Math.min(size.height, Math.max(1, Math.floor(STRIP_BYTES / rowBytes)));
    this.#strip = this.#alloc(this.#stripRows * rowBytes);
  }

  get #rowBytes(): number {
    return this.#width * this.#channels;
  }

  /** Rows not yet pushed. */
  get missingRows(): number {
    return this.#height - this.#row;
  }

  /** Pointers to the f64 planes: [as it is, mirrored left-right, mirrored top-bottom, both], or the first alone. */
  get planes(): readonly number[] {
    return this.#planes;
  }

  /** Takes whole rows. @throws PictureRefused `picture.wrong-length` on a part of a row or too many rows */
  push(data: Uint8Array | Uint8ClampedArray): void {
    const rowBytes = this.#rowBytes;
    const rows = data.length / rowBytes;
    if (!Number.isInteger(rows) || rows > this.missingRows) {
      throw new PictureRefused(
        'picture.wrong-length',
        'A strip must hold whole rows and end inside the picture.',
      );
    }
    for (let at = 0; at < rows; at += this.#stripRows) {
      const count = Math.min(this.#stripRows, rows - at);
      const bytes = data.subarray(at * rowBytes, (at + count) * rowBytes);
      new Uint8Array(this.#kernel.memory.buffer).set(bytes, this.#strip);
      this.#takeStrip(count);
    }
  }

  /** Forgets the rows so that a picture of the same size can follow. */
  restart(): void {
    const memory = new Uint8Array(this.#kernel.memory.buffer);
    for (const plane of this.#planes) memory.fill(0, plane, plane + PLANE_BYTES);
    for (const term of this.#terms) this.#release(term);
    this.#row = 0;
    this.#next = 0;
  }

  #takeStrip(count: number): void {
    const kernel = this.#kernel;
    const pixels = this.#width * count;
    if (this.#channels === 4 && !kernel.opaque(this.#strip, pixels)) kernel.composite(this.#strip, pixels);
    const from = this.#row;
    const end = from + count;
    for (let i = this.#next; i < this.#terms.length; i++) {
      const term = this.#terms[i];
      if (term === undefined || term.start >= end) break;
      if (term.end > from) this.#feed(term, from, end);
    }
    while ((this.#terms[this.#next]?.end ?? Number.POSITIVE_INFINITY) <= end) this.#next++;
    this.#row = end;
  }

  #feed(term: RowTerm, from: number, end: number): void {
    const kernel = this.#kernel;
    const rowBytes = this.#rowBytes;
    const first = Math.max(term.start, from);
    const last = Math.min(term.end, end);
    if (term.sums === 0) term.sums = this.#takeSums();
    kernel.accumulate(
      this.#strip + (first - from) * rowBytes,
      rowBytes,
      last - first,
      term.weights + (first - term.start) * 2,
      term.sums,
      rowBytes,
    );
    if (term.end > end) return;
    for (const { plane, columns } of term.targets) {
      const out = plane + term.output * 64 * 8;
      kernel.reduce(term.sums, this.#channels, columns.pointer, columns.count, term.factor, out);
    }
    this.#release(term);
  }

  #takeSums(): number {
    const bytes = this.#rowBytes * 4;
    const reused = this.#free.pop();
    if (reused === undefined) return this.#alloc(bytes);
    new Uint8Array(this.#kernel.memory.buffer).fill(0, reused, reused + bytes);
    return reused;
  }

  #release(term: RowTerm): void {
    if (term.sums !== 0) this.#free.push(term.sums);
    term.sums = 0;
  }

  #alloc(bytes: number): number {
    const pointer = this.#kernel.alloc(bytes);
    if (pointer === 0)
      throw new PictureRefused('picture.memory', 'The picture is too wide for the memory there is.');
    return pointer >>> 0;
  }

  #buildTerms(dihedral: boolean): RowTerm[] {
    const [plain = 0, leftRight = 0, topBottom = 0, both = 0] = this.#planes;
    const columns = this.#columnTable(planFor(this.#width, false));
    if (!dihedral) return this.#rowTerms(planFor(this.#height, false), [{ plane: plain, columns }]);
    const mirrored = this.#columnTable(planFor(this.#width, true));
    const terms = [
      ...this.#rowTerms(planFor(this.#height, false), [
        { plane: plain, columns },
        { plane: leftRight, columns: mirrored },
      ]),
      ...this.#rowTerms(planFor(this.#height, true), [
        { plane: topBottom, columns },
        { plane: both, columns: mirrored },
      ]),
    ];
    return terms.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #columnTable(plan: readonly PlanTerm[]): Table {
    const pointer = this.#alloc(plan.length * TERM_BYTES);
    plan.forEach((term, i) => {
      const weights = this.#alloc(term.weights.length * 4);
      new Int32Array(this.#kernel.memory.buffer).set(term.weights, weights >> 2);
      const view = new DataView(this.#kernel.memory.buffer, pointer + i * TERM_BYTES, TERM_BYTES);
      view.setInt32(0, term.output, true);
      view.setInt32(4, term.start, true);
      view.setInt32(8, term.weights.length, true);
      view.setUint32(12, weights, true);
      view.setFloat64(16, term.factor, true);
    });
    return { pointer, count: plan.length };
  }

  #rowTerms(plan: readonly PlanTerm[], targets: RowTerm['targets']): RowTerm[] {
    return plan.map((term) => {
      const weights = this.#alloc(term.weights.length * 2);
      new Uint16Array(this.#kernel.memory.buffer).set(term.weights, weights >> 1);
      const { output, start, factor } = term;
      return { output, start, end: start + term.weights.length, factor, weights, targets, sums: 0 };
    });
  }
}
