import { distance, fromHex, type PdqEngine, type Picture, type PixelFormat } from '@accord/perceptual';
import { scene } from '@accord/perceptual/testing';
import { HOW_TO_GET_THE_REFERENCE } from '../threat-exchange.ts';
import { referenceProgram, runReference } from './reference.ts';

const SIDES = [512, 1024, 2048, 4096] as const;

/** A drawn scene, enlarged by repetition: the time does not depend on what is shown, and drawing large is slow. */
export function square(side: number, format: PixelFormat): Picture & { data: Uint8Array } {
  const tile = scene(0, 512, 512).data;
  const channels = { luma: 1, rgb: 3, rgba: 4 }[format];
  const data = new Uint8Array(side * side * channels).fill(255);
  const factor = side / 512;
  for (let y = 0, p = 0; y < side; y++) {
    const row = Math.floor(y / factor) * 512;
    for (let x = 0; x < side; x++, p += channels) {
      const from = (row + Math.floor(x / factor)) * 3;
      for (let c = 0; c < Math.min(3, channels); c++) data[p + c] = tile[from + c] ?? 0;
    }
  }
  return { width: side, height: side, format, data };
}

/** Median wall time of `work`, in milliseconds. */
export function median(repeats: number, work: () => void): number {
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[repeats >> 1] ?? 0;
}

// The reference counts its thread's processor time, so that a busy machine does not blur the ratio; so do we. The
// counter ticks in milliseconds, hence one reading over many hashes.
function processorMs(work: () => void): number {
  for (let warm = 0; warm < 3; warm++) work();
  const start = process.threadCpuUsage();
  for (let runs = 1; ; runs++) {
    work();
    const { user, system } = process.threadCpuUsage(start);
    if (user + system >= 400_000) return (user + system) / 1000 / runs;
  }
}

/**
 * Prints time per hash beside the C++ reference, both from 8-bit RGB of the same picture in the same run. The reference's
 * conversion to float luma is not counted against it; ours, and the copy into the module, are counted against us.
 */
export function benchSpeed(engine: PdqEngine, scalar: PdqEngine): void {
  const program = referenceProgram();
  if (program === undefined) console.log(`The C++ reference is skipped. ${HOW_TO_GET_THE_REFERENCE}.\n`);
  console.log('PDQ without decoding, full resolution, ms of processor time:\n');
  console.log(
    '| side | luma | rgb | rgba | 8 dihedral, rgb | scalar, rgb | C++ -O3 | C++ / ours, luma | C++ / ours, rgb | bits apart |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const side of SIDES) {
    const rgb = square(side, 'rgb');
    const luma = square(side, 'luma');
    const rgba = square(side, 'rgba');
    const ours = [luma, rgb, rgba].map((picture) => processorMs(() => engine.hash(picture)));
    const eight = processorMs(() => engine.dihedral(rgb));
    const slow = processorMs(() => scalar.hash(rgb));
    const cells = [...ours, eight, slow].map((ms) => ms.toFixed(2));
    const [lumaMs = 1, rgbMs = 1] = ours;
    if (program === undefined) cells.push('–', '–', '–', '–');
    else {
      const theirs = runReference(program, rgb, 3, side > 2000 ? 3 : 9);
      const apart = distance(fromHex(theirs.hash), engine.hash(rgb).hash);
      const ratio = (ms: number) => `${(theirs.hashMs / ms).toFixed(1)}x`;
      cells.push(theirs.hashMs.toFixed(1), ratio(lumaMs), ratio(rgbMs), String(apart));
    }
    console.log(`| ${side} | ${cells.join(' | ')} |`);
  }
}
