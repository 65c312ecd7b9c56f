import { readFile } from 'node:fs/promises';
import { moduleFile } from './module.ts';

/**
 * The engine's module, compiled for this machine; `simd: false` forces the scalar one. Builds it from source first when
 * `build/` is missing or older than `assembly/`, as in a clean checkout.
 */
export async function loadModule(options: { readonly simd?: boolean } = {}): Promise<WebAssembly.Module> {
  const { ensureBuilt } = await import('../scripts/build.ts');
  await ensureBuilt();
  const file = new URL(`../build/${moduleFile(options.simd)}`, import.meta.url);
  return WebAssembly.compile(await readFile(file));
}
