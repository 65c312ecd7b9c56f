/** Compiles `assembly/` to `build/hash-index.wasm` (SIMD) and `build/hash-index-scalar.wasm`. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';
const root = fileURLToPath(new URL('..', import.meta.url));
for (const [name, simd] of [['hash-index', true], ['hash-index-scalar', false]] as const) {
  const { error, stderr } = await main([
    'assembly/index.ts', '--baseDir', root, '--outFile', `build/${name}.wasm`, '-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--maximumMemory', '65536',
    '--enable', 'bulk-memory', '--enable', 'sign-extension', '--enable', 'nontrapping-f2i', ...(simd ? ['--enable', 'simd'] : ['--disable','simd']),
  ]);
  if (error) { console.error(stderr.toString()); throw error; }
}
