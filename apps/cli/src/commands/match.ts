import { parseArgs } from 'node:util';
import {
  MIN_QUALITY,
  type Near,
  queryHashes,
  REVIEW_DISTANCE,
  type Verdict,
  weigh,
} from '@accord/perceptual';
import { type BankFile, readBank } from '../bank-file.ts';
import { type Command, UsageError } from '../command.ts';
import { forEachPicture, isRefused, table } from '../pictures.ts';

interface Found {
  readonly picture: string;
  readonly verdict: Exclude<Verdict, 'none'>;
  readonly distance: number;
}

export const match: Command = {
  summary:
    'Which pictures of a bank these files show, edited copies too. A bank is a file with a hash to a line (see hash --bank).',
  usage: 'FILE… --bank B [--json]',
  async run(args, around) {
    const { values, positionals: files } = parseArgs({
      args: [...args],
      options: { bank: { type: 'string' }, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (values.bank === undefined || files.length === 0) {
      throw new UsageError('match wants the names of picture files, and --bank with the name of a bank.');
    }
    const bank = await readBank(values.bank);
    const outcomes = await forEachPicture(files, around, (engine, picture) => {
      const { quality, hashes } = queryHashes(engine, picture);
      return { quality, matches: findIn(bank, hashes) };
    });
    if (values.json) around.out(JSON.stringify(outcomes, null, 2));
    else {
      const rows = outcomes.flatMap((one) => {
        if (isRefused(one)) return [[one.file, one.error, '', '']];
        if (one.quality < MIN_QUALITY) return [[one.file, 'unverifiable', '', '']];
        if (one.matches.length === 0) return [[one.file, 'none', '', '']];
        return one.matches.map((found) => [one.file, found.verdict, `${found.distance}`, found.picture]);
      });
      for (const line of table([['file', 'verdict', 'distance', 'picture'], ...rows])) around.out(line);
    }
    for (const one of outcomes) if (isRefused(one)) around.err(`${one.file}: ${one.why}`);
    return outcomes.some(isRefused) ? 1 : 0;
  },
};

/** Everything near, gathered by banked picture and weighed; the closest first. */
function findIn({ index, pictures }: BankFile, asked: ReturnType<typeof queryHashes>['hashes']): Found[] {
  const near = new Map<string, Near[]>();
  for (const { hash, kind } of asked) {
    for (const { id, distance } of index.search(hash, { radius: REVIEW_DISTANCE })) {
      const picture = pictures[id] ?? '';
      const list = near.get(picture) ?? [];
      list.push({ banked: id, kind, distance });
      near.set(picture, list);
    }
  }
  const found = [...near].flatMap(([picture, list]) => {
    const verdict = weigh(list);
    return verdict === 'none'
      ? []
      : [{ picture, verdict, distance: Math.min(...list.map((one) => one.distance)) }];
  });
  return found.sort((a, b) => a.distance - b.distance || a.picture.localeCompare(b.picture));
}
