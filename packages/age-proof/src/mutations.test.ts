import { beforeAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from './node/primitives.ts';
import { mutants } from './test-support/fuzz.ts';
import { type Cast, makeCast, now, present } from './test-support/presentation.ts';
import { verifyProofOfAge } from './verify.ts';

let cast: Cast;
let good: Uint8Array;
beforeAll(async () => {
  cast = await makeCast();
  good = await present(cast);
});

const examined = async (response: Uint8Array) => {
  const { anchors, transcript: sessionTranscript } = cast;
  return verifyProofOfAge(response, { anchors, sessionTranscript, now, primitives: nodePrimitives });
};

describe('a good response', () => {
  it('with any one bit flipped is refused, but for the version’s last digit', async () => {
    const accepted: number[] = [];
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const flipped = good.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      if ((await examined(flipped)).ok) accepted.push(bit);
    }
    const digit = new TextDecoder('latin1').decode(good).indexOf('1.0') + 2;
    expect(accepted).toEqual([digit * 8]);
  }, 120_000);

  it('cut short anywhere is refused', async () => {
    const accepted: number[] = [];
    for (let size = 0; size < good.length; size += 1) {
      if ((await examined(good.subarray(0, size))).ok) accepted.push(size);
    }
    expect(accepted).toEqual([]);
  });

  it('mangled at random ends in a verdict: none throws, none is accepted', async () => {
    const digit = new TextDecoder('latin1').decode(good).indexOf('1.0') + 2;
    let refused = 0;
    for (const mutant of mutants(good, 2026, 4000)) {
      if (!(await examined(mutant)).ok) refused += 1;
      // Some changes give back what was there, or write a 1 for the version's 0.
      else expect(mutant.with(digit, 0x30)).toEqual(good);
    }
    expect(refused).toBeGreaterThan(3800);
  }, 60_000);
});
