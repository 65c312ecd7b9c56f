/** What the compiled module (`assembly/index.ts`) exports; pointers are byte offsets into `memory`. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  alloc(size: number): number;
  mark(): number;
  release(mark: number): void;
  accumulate(
    rows: number,
    stride: number,
    count: number,
    weights: number,
    sums: number,
    bytesPerRow: number,
  ): void;
  opaque(rgba: number, pixels: number): number;
  composite(rgba: number, pixels: number): void;
  reduce(
    sums: number,
    channels: number,
    terms: number,
    termCount: number,
    rowFactor: number,
    out: number,
  ): void;
  hashF64(plane: number, transpose: number, out: number): number;
  hashF32(plane: number, out: number): number;
  convolve(
    source: number,
    width: number,
    height: number,
    weights: number,
    reach: number,
    between: number,
    padded: number,
    out: number,
  ): void;
  sample(
    source: number,
    width: number,
    height: number,
    cx: number,
    cy: number,
    ux: number,
    uy: number,
    vx: number,
    vy: number,
    out: number,
  ): void;
}

/** The two builds of the one source: with vector instructions, and without. */
export interface KernelBytes {
  readonly simd: Uint8Array<ArrayBuffer>;
  readonly scalar: Uint8Array<ArrayBuffer>;
}

// (module (func (result v128) i32.const 0 i8x16.splat)): the smallest body only a vector-capable engine accepts.
const SIMD_PROBE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  8,
  1,
  6,
  0,
  65,
  0,
  253,
  15,
  11,
);

/** Whether this engine runs WebAssembly's 128-bit vector instructions. */
export function simdSupported(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/** Instantiates the build that this engine can run, or the one named. */
export async function instantiateKernel(
  bytes: KernelBytes,
  build?: keyof KernelBytes,
): Promise<KernelExports> {
  const chosen = build ?? (simdSupported() ? 'simd' : 'scalar');
  const { instance } = await WebAssembly.instantiate(bytes[chosen], {
    env: {
      abort: () => {
        throw new Error('The perceptual kernel stopped on an impossible state.');
      },
    },
  });
  return instance.exports as unknown as KernelExports;
}
