import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { HashIndexError } from './errors.ts';
import { moduleFile } from './module.ts';
import type { SnapshotSource } from './snapshot.ts';

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

/** Gives `use` a snapshot's file as its source, so that no copy of it is held. Throws `snapshot.unreadable`. */
export function withSnapshotFile<T>(path: string, use: (snapshot: SnapshotSource) => T): T {
  const file = readable(() => openSync(path, 'r'));
  try {
    const { size } = readable(() => fstatSync(file));
    return use({
      length: size,
      read: (into) => {
        for (let done = 0; done < into.length; ) {
          const bytes = readable(() => readSync(file, into, done, into.length - done, null));
          if (bytes === 0) throw new HashIndexError('snapshot.length');
          done += bytes;
        }
      },
    });
  } finally {
    closeSync(file);
  }
}

function readable<T>(act: () => T): T {
  try {
    return act();
  } catch {
    throw new HashIndexError('snapshot.unreadable');
  }
}
