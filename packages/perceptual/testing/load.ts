import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelBytes } from '../src/kernel.ts';

const root = join(import.meta.dirname, '..');

/** Both builds of the kernel; compiles them first where nobody has (a clean clone). */
export async function builtKernel(): Promise<KernelBytes> {
  const built = join(root, 'build', 'kernel.js');
  if (!existsSync(built)) {
    const run = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts')], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`The kernel could not be built: ${run.stderr}`);
  }
  const module = (await import(built)) as { kernelBytes: KernelBytes };
  return module.kernelBytes;
}
