import {
  bankHashes,
  MATCH_DISTANCE,
  type PdqEngine,
  queryHashes,
  REVIEW_DISTANCE,
  type VariantHash,
} from '@accord/perceptual';
import { corpus, type Named } from './corpus.ts';
import { applyEdit, EDITS, type Edit } from './edits.ts';

interface Banked extends Named {
  readonly plain: Uint32Array;
  readonly all: Uint32Array;
}

/** One picture, edited and asked: the nearest of its own hashes, and of everybody else's. */
interface Asked {
  readonly photo: boolean;
  readonly plain: number;
  readonly own: number;
  readonly other: number;
  readonly kind: string;
}

const WORDS = 8;

function pack(hashes: readonly VariantHash[]): Uint32Array {
  const words = new Uint32Array(hashes.length * WORDS);
  hashes.forEach(({ hash }, i) => {
    words.set(new Uint32Array(hash.buffer.slice(hash.byteOffset, hash.byteOffset + 32)), i * WORDS);
  });
  return words;
}

function bits(n: number): number {
  let v = n - ((n >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The least distance between two sets; stops counting a pair as soon as it cannot be the least. */
function nearest(asked: Uint32Array, banked: Uint32Array): { distance: number; index: number } {
  let best = 257;
  let index = -1;
  for (let a = 0; a < asked.length; a += WORDS) {
    for (let b = 0; b < banked.length; b += WORDS) {
      let d = 0;
      for (let k = 0; k < WORDS && d < best; k++)
        d += bits((asked[a + k] as number) ^ (banked[b + k] as number));
      if (d < best) [best, index] = [d, a / WORDS];
    }
  }
  return { distance: best, index };
}

async function ask(engine: PdqEngine, edit: Edit, bank: readonly Banked[], i: number): Promise<Asked> {
  const own = bank[i] as Banked;
  const edited = await applyEdit(edit, own.picture, i);
  const query = queryHashes(engine, edited).hashes;
  const words = pack(query);
  const found = nearest(words, own.all);
  let other = 257;
  for (const banked of bank) if (banked !== own) other = Math.min(other, nearest(words, banked.all).distance);
  return {
    photo: own.photo,
    plain: nearest(words.subarray(0, WORDS), own.plain).distance,
    own: found.distance,
    other,
    kind: query[found.index]?.kind ?? 'none',
  };
}

function share(rows: readonly Asked[], photo: boolean, hit: (row: Asked) => boolean): string {
  const of = rows.filter((row) => row.photo === photo);
  return of.length === 0 ? '–' : String(Math.round((100 * of.filter(hit).length) / of.length));
}

function line(name: string, rows: readonly Asked[]): string {
  const cell = (hit: (row: Asked) => boolean) => `${share(rows, true, hit)}/${share(rows, false, hit)}`;
  const cells = [
    cell((row) => row.plain <= MATCH_DISTANCE),
    cell((row) => row.own <= MATCH_DISTANCE),
    cell((row) => row.own <= REVIEW_DISTANCE),
    String(rows.filter((row) => row.other <= MATCH_DISTANCE).length),
    String(Math.min(...rows.map((row) => row.other))),
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

/**
 * Prints the share of edited pictures found, edit by edit, as a table in Markdown; photographs and drawn scenes apart.
 * `banked` pictures are stored, the photographs and the first `edited` scenes are edited and asked against all of them.
 */
export async function benchRecall(engine: PdqEngine, banked: number, edited: number): Promise<void> {
  const bank: Banked[] = [];
  for (const named of await corpus(banked)) {
    const { hashes } = bankHashes(engine, named.picture);
    if (hashes.length > 0) bank.push({ ...named, plain: pack(hashes.slice(0, 1)), all: pack(hashes) });
  }
  const scenes = bank.filter((b) => !b.photo).slice(0, edited);
  const chosen = bank.flatMap((b, i) => (b.photo || scenes.includes(b) ? [i] : []));
  const stored = bank.reduce((sum, b) => sum + b.all.length / WORDS, 0) / bank.length;
  console.log(
    `\n${bank.length} pictures banked, ${stored.toFixed(1)} hashes each; ${chosen.length} of them edited.`,
  );
  console.log('Recall % (photographs/scenes); false: questions that found a picture they do not show.\n');
  console.log('| edit | plain PDQ <= 31 | ours <= 31 | ours <= 46 | false | closest other |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  const everything: Asked[] = [];
  for (const edit of EDITS) {
    const rows: Asked[] = [];
    for (const i of chosen) rows.push(await ask(engine, edit, bank, i));
    everything.push(...rows);
    console.log(line(edit.name, rows));
  }
  const wrong = everything.filter((row) => row.other <= MATCH_DISTANCE).length;
  const pairs = everything.length * (bank.length - 1);
  console.log(
    `\nFalse matches at <= ${MATCH_DISTANCE}: ${wrong} questions in ${pairs} pairs of unlike pictures.`,
  );
  const kinds = Map.groupBy(
    everything.filter((row) => row.own <= MATCH_DISTANCE),
    (row) => row.kind,
  );
  console.log(`Nearest by: ${[...kinds].map(([kind, rows]) => `${kind} ${rows.length}`).join(', ')}.`);
}
