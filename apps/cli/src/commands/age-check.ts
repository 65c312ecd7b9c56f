import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { refusals } from '@accord/age-proof';
import { examineVector, VectorError } from '@accord/age-proof/vectors';
import { type Surroundings, UsageError } from '../command.ts';

/** What stands for a verdict where an entry does not say what it must. */
const unreadable = 'vector_malformed';

async function entriesOf(file: string): Promise<readonly unknown[]> {
  const text = await readFile(file, 'utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON.`);
  }
  return Array.isArray(parsed) ? parsed : [parsed];
}

async function examineEntry(entry: unknown): Promise<{ readonly verdict: string; readonly why: string }> {
  try {
    const verdict = await examineVector(entry);
    return { verdict, why: verdict === 'valid' ? '' : refusals[verdict] };
  } catch (error) {
    if (!(error instanceof VectorError)) throw error;
    return { verdict: unreadable, why: error.message };
  }
}

/**
 * `age check FILE`: one line for each presentation in the file, `{"id","verdict"}` with `--json`. The exit code says
 * whether the file was read, not what the verdicts are: a refused forgery is no failure.
 */
export async function check(args: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('age check takes one file.');
  let unread = 0;
  for (const [index, entry] of (await entriesOf(file)).entries()) {
    const id = (entry as { readonly id?: unknown } | null)?.id ?? index;
    const { verdict, why } = await examineEntry(entry);
    if (verdict === unreadable) unread += 1;
    around.out(
      values.json ? JSON.stringify({ id, verdict }) : `${id}: ${verdict}${why === '' ? '' : ` (${why})`}`,
    );
  }
  return unread === 0 ? 0 : 1;
}
