/// <reference lib="webworker" />
// Runs in Chromium: the very files and module bytes that Node ran, without a bundler between.
import { decodeBlob } from '../../../packages/perceptual/decode-browser/index.ts';
import { PdqEngine } from '../../../packages/perceptual/src/engine.ts';
import { toHex } from '../../../packages/perceptual/src/hash.ts';
import type { KernelBytes } from '../../../packages/perceptual/src/kernel.ts';

/** What the page asks: pictures to time, and files to decode and hash. */
export interface BrowserTask {
  readonly pictures: readonly { side: number; data: Uint8Array; repeats: number }[];
  readonly files: readonly Uint8Array<ArrayBuffer>[];
}

/** What it answers, in the same order. */
export interface BrowserAnswer {
  readonly simd: boolean;
  readonly times: readonly { ms: number; hash: string }[];
  readonly hashes: readonly string[];
}

self.onmessage = async (event: MessageEvent<BrowserTask>) => {
  const built = '../../../packages/perceptual/build/kernel.js';
  const { kernelBytes } = (await import(built)) as { kernelBytes: KernelBytes };
  const engine = await PdqEngine.load(kernelBytes);
  const times = event.data.pictures.map(({ side, data, repeats }) => {
    const picture = { width: side, height: side, format: 'rgb' as const, data };
    // A page's clock ticks in tenths of a millisecond, hence several hashes to a reading.
    const eight = () => {
      const start = performance.now();
      for (let run = 0; run < 8; run++) engine.hash(picture);
      return (performance.now() - start) / 8;
    };
    for (let warm = 0; warm < 5; warm++) eight();
    const spent = Array.from({ length: repeats }, eight).sort((a, b) => a - b);
    return { ms: spent[repeats >> 1] ?? 0, hash: toHex(engine.hash(picture).hash) };
  });
  const hashes: string[] = [];
  for (const file of event.data.files)
    hashes.push(toHex(engine.hash(await decodeBlob(new Blob([file]))).hash));
  self.postMessage({ simd: engine.simd, times, hashes } satisfies BrowserAnswer);
};
