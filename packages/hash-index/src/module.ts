/** `(module (func (drop (i8x16.popcnt (v128.const 0)))))`: valid exactly where 128-bit SIMD is. */
const PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 25, 1, 23, 0, 253, 12, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 253, 98, 26, 11,
]);

/** Whether this engine runs WebAssembly SIMD. */
export function simdSupported(): boolean {
  return WebAssembly.validate(PROBE);
}

/** The file of `build/` that runs here: the SIMD module, or the scalar one where SIMD is missing. */
export function moduleFile(simd: boolean = simdSupported()): 'hash-index.wasm' | 'hash-index-scalar.wasm' {
  return simd ? 'hash-index.wasm' : 'hash-index-scalar.wasm';
}
