import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { refusals } from '@accord/age-proof';
import { examineVector, VectorError } from '@accord/age-proof/vectors';
import { type Surroundings, UsageError } from '../command.ts';

/** What stands for a verdict where an entry does not say what it must. */
const unreadable = 'vector_malformed';

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A list, alone or as the one member `vectors`, one entry, or an entry on each line. */
async function entriesOf(file: string): Promise<readonly unknown[]> {
  const text = await readFile(file, 'utf8');
  const whole = parsed(text);
  if (whole === undefined) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const entries = lines.map((line) => parsed(line)?.value);
    // Of lines, one that does not parse is one entry less; of a file in another format there is none.
    if (entries.every((entry) => entry === undefined)) throw new UsageError(`${file} is not JSON.`);
    return entries;
  }
  const { vectors } = (whole.value ?? {}) as { readonly vectors?: unknown };
  const entries = vectors ?? whole.value;
  return Array.isArray(entries) ? entries : [entries];
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
