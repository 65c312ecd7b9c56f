import { PdqEngine, type Picture } from '@accord/perceptual';
import { decodeFile, PictureRefused } from '@accord/perceptual/decode-node';
import { kernelBytes } from '@accord/perceptual/kernel';
import type { Surroundings } from './command.ts';

/** What came of one file: what was asked for, or the code of its refusal. */
export type Outcome<T> =
  | ({ readonly file: string } & T)
  | { readonly file: string; readonly error: string; readonly why: string };

/** Whether a file was refused. */
export const isRefused = <T extends object>(
  outcome: Outcome<T>,
): outcome is Extract<Outcome<T>, { readonly error: string }> => 'error' in outcome;

/**
 * Reads each picture as it is stored, without its EXIF orientation, as the reference does, so that the hashes are those
 * which other platforms hold; the eight symmetries contain the upright one. A refused file does not stop the others.
 */
export async function forEachPicture<T extends object>(
  files: readonly string[],
  around: Surroundings,
  use: (engine: PdqEngine, picture: Picture) => T | Promise<T>,
): Promise<Outcome<T>[]> {
  const engine = await PdqEngine.load(kernelBytes);
  const outcomes: Outcome<T>[] = [];
  for (const [done, file] of files.entries()) {
    around.progress?.(done, files.length);
    try {
      const picture = await decodeFile(file, { orientation: 'stored' });
      outcomes.push({ file, ...(await use(engine, picture)) });
    } catch (error) {
      if (!(error instanceof PictureRefused)) throw error;
      outcomes.push({ file, error: error.code, why: error.message });
    }
  }
  around.progress?.(files.length, files.length);
  return outcomes;
}

/** Lines of a table, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
