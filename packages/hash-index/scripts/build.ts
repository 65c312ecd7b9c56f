/** Compiles `assembly/` to `build/hash-index.wasm` (SIMD) and `build/hash-index-scalar.wasm` (engines without). */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const buildFolder = join(root, 'build');
const TARGETS = [
  { name: 'hash-index.wasm', simd: '--enable' },
  { name: 'hash-index-scalar.wasm', simd: '--disable' },
] as const;

/** Compiles both modules aside and moves them in place, so that builds that run at once do not disturb each other. */
export async function build(): Promise<void> {
  const { main } = await import('assemblyscript/asc');
  await mkdir(buildFolder, { recursive: true });
  const aside = await mkdtemp(join(buildFolder, 'making-'));
  try {
    for (const { name, simd } of TARGETS) {
      const out = join(aside, name);
      const { error, stderr } = await main([
        ...[
          'assembly/index.ts',
          '--baseDir',
          root,
          '--outFile',
          out,
          '-O3',
          '--noAssert',
          '--runtime',
          'stub',
        ],
        ...['--importMemory', '--maximumMemory', '65536', '--enable', 'bulk-memory', simd, 'simd'],
      ]);
      if (error) throw new Error(stderr.toString(), { cause: error });
      await rename(out, join(buildFolder, name));
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Builds unless both modules are there and no older than their sources. */
export async function ensureBuilt(): Promise<void> {
  if (await isStale()) await build();
}

async function isStale(): Promise<boolean> {
  const sources = (await readdir(join(root, 'assembly'))).map((file) => join(root, 'assembly', file));
  try {
    const made = await Promise.all(TARGETS.map(({ name }) => stat(join(buildFolder, name))));
    const from = await Promise.all(sources.map((file) => stat(file)));
    return Math.max(...from.map(({ mtimeMs }) => mtimeMs)) > Math.min(...made.map(({ mtimeMs }) => mtimeMs));
  } catch {
    return true;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  for (const { name } of TARGETS)
    console.log(`build/${name}: ${(await readFile(join(buildFolder, name))).length} bytes`);
}
