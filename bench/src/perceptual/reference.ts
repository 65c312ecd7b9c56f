import { spawnSync } from 'node:child_process';
import { compileReference } from '../threat-exchange.ts';

/** What the C++ reference said of one picture. */
export interface ReferenceRun {
  readonly hash: string;
  readonly quality: number;
  /** Milliseconds of processor time from float luma to hash. */
  readonly hashMs: number;
}

/** The C++ library's program, built as its own Makefile does; undefined without a checkout. */
export function referenceProgram(): string | undefined {
  return compileReference(new URL('./reference.cpp', import.meta.url), ['-O3']);
}

/** Hashes raw pixels with the reference. @throws Error when the program does not answer as described */
export function runReference(
  program: string,
  picture: { width: number; height: number; data: Uint8Array },
  channels: 1 | 3,
  repeats: number,
): ReferenceRun {
  const args = [picture.width, picture.height, channels, repeats].map(String);
  const run = spawnSync(program, args, { input: picture.data, encoding: 'utf8' });
  const [hash = '', quality, hashMs] = (run.stdout ?? '').trim().split(',');
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw new Error(`The reference program answered: ${run.stdout} ${run.stderr}`);
  return { hash, quality: Number(quality), hashMs: Number(hashMs) };
}
