/** Compiles `assembly/` twice, with and without vector instructions, and writes both builds as one JavaScript module. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = join(root, 'build');
mkdirSync(output, { recursive: true });
// Two builds may run at once (two test workers on a clean clone): each writes aside and renames.
const work = mkdtempSync(join(output, 'work-'));

function compile(name: string, ...flags: string[]): string {
  const target = join(work, `${name}.wasm`);
  const asc = join(
    dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')),
    'bin/asc.js',
  );
  const fixed = [
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--initialMemory',
    '2',
    '--maximumMemory',
    '65536',
  ];
  const run = spawnSync(process.execPath, [asc, 'assembly/index.ts', '-o', target, ...fixed, ...flags], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`The ${name} build failed.`);
  return readFileSync(target).toString('base64');
}

try {
  const builds = {
    simd: compile('simd', '--enable', 'simd'),
    scalar: compile('scalar', '--disable', 'simd'),
  };
  const module = join(work, 'kernel.js');
  writeFileSync(
    module,
    `const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const kernelBytes = {
  simd: bytes('${builds.simd}'),
  scalar: bytes('${builds.scalar}'),
};
`,
  );
  renameSync(module, join(output, 'kernel.js'));
} finally {
  rmSync(work, { recursive: true });
}
