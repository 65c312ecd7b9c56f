import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { fuzz } from './fuzz.ts';
import { oppose } from './oppose.ts';

/*
 * Proofs of age: what one verification costs, ours and @owf/mdoc's in turns in one run; what each says of the same
 * forgeries; and a run of mangled input: `--runs=N`, `--fuzz=N` (the full run is 1000000).
 */
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { runs: { type: 'string', default: '400' }, fuzz: { type: 'string', default: '20000' } },
  allowPositionals: true,
  strict: false,
});

const say = (line: string) => process.stdout.write(`${line}\n`);
say(`age: Node ${process.version}, ${availableParallelism()} cores`);
await compare(Number(values.runs), say);
await oppose(say);
await fuzz(Number(values.fuzz), say);
