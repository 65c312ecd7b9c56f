import { readFile } from 'node:fs/promises';
import { cellsOf } from '@accord/hash-exchange';
import type { HashKind, KindHash } from '@accord/server/operations';
import { UsageError } from './command.ts';

/** A picture as a file of hashes names it; what the file does not say is left to whoever imports it. */
export interface FiledPicture {
  readonly hash: Uint8Array;
  readonly variants: readonly KindHash[];
  readonly quality?: number;
  readonly category?: 'positive' | 'seed' | 'negative';
  readonly confidence?: number;
  readonly tags?: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const isHash = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-fA-F]{64}$/.test(text);
const isPercent = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 100;
const categories = ['positive', 'seed', 'negative'] as const;
const kinds: readonly HashKind[] = ['whole', 'part', 'region'];

/** One record's place in its file, for whoever has to mend it. */
class BadRecord extends UsageError {
  constructor(path: string, at: number, what: string) {
    super(`${path}, record ${at}: ${what}.`);
  }
}

function percentOf(fields: Fields, name: string, fail: (what: string) => never): number | undefined {
  const value = fields[name];
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  return isPercent(number) ? number : fail(`${name} is a whole number from 0 to 100`);
}

/** Towards what a crop is; see `KindHash`. */
function anchorOf(value: unknown, kind: HashKind, fail: (what: string) => never): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const known = kind === 'part' && /^[1-5]$/.test(String(value));
  return known ? Number(value) : fail('the anchor of a part is a number from 1 to 5');
}

function tagsOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' && value !== '' ? value.split(';') : undefined;
}

function pictureOf(
  fields: Fields,
  fail: (what: string) => never,
): FiledPicture & Pick<KindHash, 'kind' | 'anchor'> {
  const digits = fields.hash ?? fields.pdq;
  if (!isHash(digits)) fail('the hash is not 64 hexadecimal digits');
  const { category, kind } = fields;
  const known = categories.find((one) => one === category);
  if (category !== undefined && category !== '' && known === undefined) fail('no such category');
  const ofKind = kinds.find((one) => one === (kind || 'whole'));
  if (ofKind === undefined) fail('no such kind of hash');
  const anchor = anchorOf(fields.anchor, ofKind ?? 'whole', fail);
  const quality = percentOf(fields, 'quality', fail);
  const confidence = percentOf(fields, 'confidence', fail);
  const tags = tagsOf(fields.tags);
  return {
    kind: ofKind,
    hash: Uint8Array.from(Buffer.from(digits as string, 'hex')),
    variants: [],
    ...(anchor !== undefined && { anchor }),
    ...(quality !== undefined && { quality }),
    ...(known !== undefined && { category: known }),
    ...(confidence !== undefined && { confidence }),
    ...(tags !== undefined && { tags }),
  };
}

/** Records of a text: lines that begin with a hash, or a table whose first line names its columns. */
function* linesOf(text: string): Generator<{ readonly at: number; readonly fields: Fields }> {
  let names: readonly string[] | undefined;
  for (const [n, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const cells = cellsOf(line);
    if (names === undefined && cells.some((cell) => cell === 'hash' || cell === 'pdq')) {
      names = cells;
      continue;
    }
    const fields =
      names === undefined
        ? { hash: line.split(/[\s,;]+/)[0] }
        : Object.fromEntries(names.map((name, at) => [name, cells[at]]));
    yield { at: n + 1, fields };
  }
}

function* recordsOf(path: string, text: string): Generator<{ readonly at: number; readonly fields: Fields }> {
  if (!/^\s*[[{]/.test(text)) {
    yield* linesOf(text);
    return;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new UsageError(`${path} begins as JSON and is none.`);
  }
  const list = Array.isArray(parsed) ? parsed : (parsed as Fields).hashes;
  if (!Array.isArray(list)) throw new UsageError(`${path} has no list of hashes.`);
  for (const [n, item] of list.entries()) {
    yield { at: n + 1, fields: typeof item === 'string' ? { hash: item } : (item as Fields) };
  }
}

/**
 * Reads pictures from a text of hashes, a table (CSV) or JSON. In a table the hashes of one `picture` belong together, the
 * `whole` one first, as `bank export` writes them. @throws {UsageError} naming the first bad record
 */
export async function readSignals(path: string): Promise<FiledPicture[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`${path} can’t be read.`);
  }
  const pictures: (FiledPicture & { variants: KindHash[] })[] = [];
  const byName = new Map<unknown, FiledPicture & { variants: KindHash[] }>();
  for (const { at, fields } of recordsOf(path, text)) {
    const fail = (what: string): never => {
      throw new BadRecord(path, at, what);
    };
    const { kind, anchor, ...picture } = pictureOf(fields, fail);
    if (kind === 'whole') {
      const whole = { ...picture, variants: [] };
      pictures.push(whole);
      if (fields.picture !== undefined) byName.set(fields.picture, whole);
      continue;
    }
    const whole = byName.get(fields.picture);
    if (whole === undefined) fail(`this ${kind} comes before the whole of its picture`);
    whole?.variants.push({ kind, hash: picture.hash, ...(anchor !== undefined && { anchor }) });
  }
  return pictures;
}
