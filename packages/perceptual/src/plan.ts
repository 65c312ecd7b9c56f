/**
 * PDQ's downsampling is two box filters per axis followed by decimation to 64. Per axis that is one sparse linear
 * operator: 64 outputs, each a weighted sum of about 2w-1 neighbours, w = ceil(N/128). Inside a picture all weights
 * are integers over w*w; near its far edge the boxes are cut short and their divisors differ, so an output may be the
 * sum of several integer terms with one divisor each.
 * Source: the downscaling of the reference implementation (windows of even width are off-centre by one).
 */
export interface PlanTerm {
  /** Which of the 64 outputs this term adds to. */
  readonly output: number;
  /** First input index. */
  readonly start: number;
  /** One integer weight per input index from `start`. */
  readonly weights: readonly number[];
  /** What the integer sum is multiplied by. */
  readonly factor: number;
}

const OUTPUTS = 64;

interface Span {
  readonly from: number;
  readonly to: number;
}

function boxSpan(index: number, window: number, size: number): Span {
  const half = Math.floor((window + 2) / 2);
  return { from: Math.max(0, index - (window - half)), to: Math.min(size - 1, index + half - 1) };
}

function termsOf(output: number, size: number, window: number): PlanTerm[] {
  const centre = Math.floor(((output + 0.5) * size) / OUTPUTS);
  const outer = boxSpan(centre, window, size);
  const byDivisor = new Map<number, Span[]>();
  for (let y = outer.from; y <= outer.to; y++) {
    const inner = boxSpan(y, window, size);
    const length = inner.to - inner.from + 1;
    byDivisor.set(length, [...(byDivisor.get(length) ?? []), inner]);
  }
  const outerLength = outer.to - outer.from + 1;
  return [...byDivisor].map(([divisor, spans]) => {
    const start = Math.min(...spans.map((s) => s.from));
    const end = Math.max(...spans.map((s) => s.to));
    const weights = new Array<number>(end - start + 1).fill(0);
    for (const span of spans) {
      for (let y = span.from; y <= span.to; y++) weights[y - start] = (weights[y - start] ?? 0) + 1;
    }
    return { output, start, weights, factor: 1 / (divisor * outerLength) };
  });
}

/** The operator for an axis of `size` samples, terms in order of output. */
export function axisPlan(size: number): readonly PlanTerm[] {
  const window = Math.ceil(size / (2 * OUTPUTS));
  return Array.from({ length: OUTPUTS }, (_, output) => termsOf(output, size, window)).flat();
}

/** The operator that `axisPlan` would be on the mirrored axis, so that a mirrored picture is sampled, not guessed. */
export function mirroredPlan(size: number): readonly PlanTerm[] {
  return axisPlan(size).map((term) => ({
    output: term.output,
    start: size - term.start - term.weights.length,
    weights: term.weights.toReversed(),
    factor: term.factor,
  }));
}
