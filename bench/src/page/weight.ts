import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { root } from './server.ts';

/** Kilobytes (1000 bytes) of gzip -9. */
export interface Weight {
  readonly initialJs: number;
  readonly initialCss: number;
  readonly engine: number;
  /** Chunks that pages load later, as the build prints them. */
  readonly later: readonly string[];
}

/** What the build's own check says of the built page: the same sums, not a second way to make them. */
export async function weigh(): Promise<Weight> {
  const said = await new Promise<string>((resolve, reject) => {
    // It ends with 1 above its limits; the figures stand above that.
    execFile(process.execPath, [join(root, 'apps/web/scripts/size.ts')], (error, out, complaint) => {
      if (out === '') reject(error ?? new Error(complaint));
      else resolve(out);
    });
  });
  const figure = (name: string): number => {
    const found = new RegExp(`^${name}\\s+([\\d.]+) kB gz`, 'm').exec(said)?.[1];
    if (found === undefined) throw new Error(`the build's check says nothing of ${name}`);
    return Number(found);
  };
  return {
    initialJs: figure('initial JS'),
    initialCss: figure('initial CSS'),
    engine: figure('the engine'),
    later: said.split('\n').filter((line) => /^ {2}later, talk\//.test(line)),
  };
}
