import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the C++ reference said of one picture. */
export interface ReferenceRun {
  readonly hash: string;
  readonly quality: number;
  /** Milliseconds of processor time from float luma to hash. */
  readonly hashMs: number;
}

/** Where the reference comes from and how it is spoken to, for those who want the comparison. */
export const HOW_TO_GET_THE_REFERENCE =
  'Meta’s C++ PDQ is pdq/cpp in the repository facebook/ThreatExchange. Set ACCORD_PDQ_REFERENCE to a program that links ' +
  'its hashing and downscaling (built with -O3): called as PROGRAM WIDTH HEIGHT CHANNELS REPEATS with raw 8-bit pixels ' +
  '(1 or 3 channels) on its standard input, it prints HASH,QUALITY,MEDIAN_MS for pdqHash256FromFloatLuma.';

/** The program named by `ACCORD_PDQ_REFERENCE`, if it is there. */
export function referenceProgram(): string | undefined {
  const path = process.env.ACCORD_PDQ_REFERENCE;
  return path !== undefined && existsSync(path) ? path : undefined;
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
