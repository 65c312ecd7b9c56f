import {
  bankHashes,
  MATCH_DISTANCE,
  type Near,
  type PdqEngine,
  queryHashes,
  REVIEW_DISTANCE,
  type VariantHash,
  type Verdict,
  weigh,
} from '@accord/perceptual';
import { corpus, type Named } from './corpus.ts';
import { applyEdit, EDITS, type Edit } from './edits.ts';

interface Banked extends Named {
  readonly plain: Uint32Array;
  readonly all: Uint32Array;
}

/** One picture, edited and asked: what was near of its own hashes, and of everybody else's. */
interface Asked {
  readonly photo: boolean;
  readonly plain: number;
  readonly own: Verdict;
  readonly nearest: number;
  readonly others: readonly { name: string; distance: number; verdict: Verdict }[];
  readonly closest: number;
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

function near(
  kinds: readonly VariantHash[],
  asked: Uint32Array,
  banked: Uint32Array,
): { found: Near[]; least: number } {
  const found: Near[] = [];
  let least = 257;
  for (let b = 0; b < banked.length; b += WORDS) {
    for (let a = 0; a < asked.length; a += WORDS) {
      const most = Math.max(least, REVIEW_DISTANCE);
      let d = 0;
      for (let k = 0; k < WORDS && d <= most; k++)
        d += bits((asked[a + k] as number) ^ (banked[b + k] as number));
      least = Math.min(least, d);
      if (d <= REVIEW_DISTANCE)
        found.push({ banked: b, kind: kinds[a / WORDS]?.kind ?? 'region', distance: d });
    }
  }
  return { found, least };
}

async function ask(engine: PdqEngine, edit: Edit, bank: readonly Banked[], i: number): Promise<Asked> {
  const own = bank[i] as Banked;
  const edited = await applyEdit(edit, own.picture, i);
  const query = queryHashes(engine, edited).hashes;
  const words = pack(query);
  const mine = near(query, words, own.all);
  const others: Asked['others'][number][] = [];
  let closest = 257;
  for (const banked of bank) {
    if (banked === own) continue;
    const { found, least } = near(query, words, banked.all);
    closest = Math.min(closest, least);
    if (found.length > 0)
      others.push({ name: `${own.name} / ${banked.name}`, distance: least, verdict: weigh(found) });
  }
  return {
    photo: own.photo,
    plain: near(query, words.subarray(0, WORDS), own.plain).least,
    own: weigh(mine.found),
    nearest: mine.least,
    others,
    closest,
  };
}

function share(rows: readonly Asked[], photo: boolean, hit: (row: Asked) => boolean): string {
  const of = rows.filter((row) => row.photo === photo);
  return of.length === 0 ? '–' : String(Math.round((100 * of.filter(hit).length) / of.length));
}

function line(name: string, rows: readonly Asked[]): string {
  const cell = (hit: (row: Asked) => boolean) => `${share(rows, true, hit)}/${share(rows, false, hit)}`;
  const others = rows.flatMap((row) => row.others);
  const cells = [
    cell((row) => row.plain <= MATCH_DISTANCE),
    cell((row) => row.nearest <= MATCH_DISTANCE),
    cell((row) => row.own === 'match'),
    cell((row) => row.own !== 'none'),
    `${others.filter((o) => o.verdict === 'match').length}/${others.filter((o) => o.verdict === 'review').length}`,
    String(Math.min(...rows.map((row) => row.closest))),
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

/**
 * Prints the share of edited pictures found, edit by edit, as a table in Markdown; photographs and drawn scenes apart.
 * `banked` pictures are stored, the photographs and the first `edited` scenes are edited and asked against all of
 * them. `edits` picks a slice of the list.
 */
export async function benchRecall(
  engine: PdqEngine,
  banked: number,
  edited: number,
  edits: readonly [number, number] = [0, EDITS.length],
): Promise<void> {
  const bank: Banked[] = [];
  for (const named of await corpus(banked, edited)) {
    const { hashes } = bankHashes(engine, named.picture);
    if (hashes.length > 0) bank.push({ ...named, plain: pack(hashes.slice(0, 1)), all: pack(hashes) });
  }
  const scenes = bank.filter((b) => !b.photo).slice(0, edited);
  const chosen = bank.flatMap((b, i) => (b.photo || scenes.includes(b) ? [i] : []));
  const stored = bank.reduce((sum, b) => sum + b.all.length / WORDS, 0) / bank.length;
  console.log(
    `\n${bank.length} pictures banked, ${stored.toFixed(1)} hashes each; ${chosen.length} of them edited.`,
  );
  console.log(
    'Recall % (photographs/scenes); false: pairs of unlike pictures said to match/to need a look.\n',
  );
  console.log(
    '| edit | plain PDQ <= 31 | any of ours <= 31 | verdict match | match or review | false | closest other |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  const [first, last] = edits;
  let asked = 0;
  const wrong: Asked['others'][number][] = [];
  for (const edit of EDITS.slice(first, last)) {
    const rows: Asked[] = [];
    for (const i of chosen) rows.push(await ask(engine, edit, bank, i));
    asked += rows.length;
    wrong.push(...rows.flatMap((row) => row.others));
    console.log(line(edit.name, rows));
  }
  const pairs = asked * (bank.length - 1);
  const matched = wrong.filter((o) => o.verdict === 'match');
  console.log(
    `\nFalse: ${matched.length} matches, ${wrong.length - matched.length} for review, in ${pairs} pairs of unlike pictures.`,
  );
  const counts = Map.groupBy(wrong, (o) => `${o.name} (${o.verdict})`);
  for (const [name, found] of [...counts].slice(0, 12)) console.log(`- ${name}: ${found.length}`);
}
