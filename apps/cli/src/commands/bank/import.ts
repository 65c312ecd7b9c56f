import { parseArgs } from 'node:util';
import { bankHashes } from '@accord/perceptual';
import type { BankTools, KindHash, Signal } from '@accord/server/operations';
import { type Surroundings, UsageError } from '../../command.ts';
import { forEachPicture, isRefused } from '../../pictures.ts';
import { type FiledPicture, readSignals } from '../../signals-file.ts';

/** Hashes of lower quality match by accident; see the perceptual package. */
const leastQuality = 50;
/** Pictures between two steps of the bar. */
const step = 2000;

const isPicture = (path: string): boolean => /\.(jpe?g|png|webp|avif|gif|tiff?|heic|heif|bmp)$/i.test(path);

interface Read {
  readonly pictures: readonly FiledPicture[];
  readonly refused: number;
}

/** Picture files, hashed here: the pictures go nowhere, their hashes alone. */
async function hashPictures(files: readonly string[], around: Surroundings): Promise<Read> {
  if (files.length === 0) return { pictures: [], refused: 0 };
  const outcomes = await forEachPicture(files, around, (engine, picture) => {
    const { quality, hashes } = bankHashes(engine, picture);
    return { quality, hashes };
  });
  for (const one of outcomes) if (isRefused(one)) around.err(`${one.file}: ${one.why}`);
  const pictures = outcomes.flatMap((one) => {
    if (isRefused(one)) return [];
    const [whole, ...others] = one.hashes;
    const variants = others.map(({ kind, hash, anchor }) => ({ kind, hash, anchor }) as KindHash);
    return [{ hash: whole?.hash ?? new Uint8Array(32), quality: one.quality, variants }];
  });
  return { pictures, refused: outcomes.length - pictures.length };
}

const plural = (count: number): string => `${count} picture${count === 1 ? '' : 's'}`;

/** Adds the pictures of files to a bank. Returns the exit code: 1 where a file was refused. */
export async function importInto(
  tools: BankTools,
  args: readonly string[],
  around: Surroundings,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      source: { type: 'string' },
      category: { type: 'string', default: 'positive' },
      tag: { type: 'string', multiple: true, default: [] },
      'dry-run': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name, ...files] = positionals;
  if (name === undefined || files.length === 0) {
    throw new UsageError('bank import wants the name of a bank and one or more files.');
  }
  const category = (['positive', 'seed', 'negative'] as const).find((one) => one === values.category);
  if (category === undefined) throw new UsageError('--category is positive, seed or negative.');
  const bank = await tools.find(name);
  const hashed = await hashPictures(files.filter(isPicture), around);
  const filed: FiledPicture[] = [];
  for (const file of files) if (!isPicture(file)) for (const one of await readSignals(file)) filed.push(one);
  const all = [...hashed.pictures, ...filed];
  const good = all.filter(({ quality }) => (quality ?? 100) >= leastQuality);
  const signals = good.map((picture) => signalOf(picture, { category, tags: values.tag, now: around.now() }));
  let changed = 0;
  if (!values['dry-run']) {
    for (let at = 0; at < signals.length; at += step) {
      around.progress?.(at, signals.length);
      const voice = values.source === undefined ? {} : { source: values.source };
      changed += await tools.add(bank.name, signals.slice(at, at + step), voice);
    }
    around.progress?.(signals.length, signals.length);
  }
  const did = values['dry-run'] ? 'would be said of' : 'changed of';
  around.out(`${bank.name}: ${values['dry-run'] ? good.length : changed} ${did} ${plural(all.length)}.`);
  if (good.length < all.length) {
    around.out(`${plural(all.length - good.length)} passed over: of a quality below ${leastQuality}.`);
  }
  if (hashed.refused > 0) around.out(`${plural(hashed.refused)} could not be read.`);
  return hashed.refused > 0 ? 1 : 0;
}

function signalOf(
  picture: FiledPicture,
  unless: {
    readonly category: 'positive' | 'seed' | 'negative';
    readonly tags: readonly string[];
    readonly now: number;
  },
): Signal {
  const { hash, variants, quality = 100, category = unless.category, confidence = 100 } = picture;
  const tags = [...new Set([...(picture.tags ?? []), ...unless.tags])];
  return { hash, variants, quality, opinion: { category, tags, confidence, at: new Date(unless.now) } };
}
