/** Compiles `assembly/` twice, with and without vector instructions, and writes both builds as one JavaScript module. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main as compiler } from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..');
const output = join(root, 'build');
mkdirSync(output, { recursive: true });
// Two builds may run at once (two test workers on a clean clone): each writes aside and renames.
const work = mkdtempSync(join(output, 'work-'));

async function compile(name: string, ...flags: string[]): Promise<string> {
  const file = join('build', work.slice(output.length + 1), `${name}.wasm`);
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
  const { error, stderr } = await compiler([
    'assembly/index.ts',
    '--baseDir',
    root,
    '-o',
    file,
    ...fixed,
    ...flags,
  ]);
  if (error) throw new Error(`The ${name} build failed.\n${stderr.toString()}`, { cause: error });
  return readFileSync(join(root, file)).toString('base64');
}

try {
  const simd = await compile('simd', '--enable', 'simd');
  const scalar = await compile('scalar', '--disable', 'simd');
  const module = join(work, 'kernel.js');
  writeFileSync(
    module,
    `const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const kernelBytes = {
  simd: bytes('${simd}'),
  scalar: bytes('${scalar}'),
};
`,
  );
  renameSync(module, join(output, 'kernel.js'));
} finally {
  rmSync(work, { recursive: true });
}
