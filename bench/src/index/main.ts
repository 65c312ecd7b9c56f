/**
 * The index beside its peers on the same data and queries: random 256-bit hashes, 90 % of the queries without a
 * neighbour, one thread each, one query at a time. Judge by the ratios of one run.
 *
 *   node bench/src/main.ts index [--sizes=1e5,1e6,1e7] [--slow-peers] [--no-peers] [--huge[=1e8]] [--json=FILE]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HashIndex } from '@accord/hash-index';
import { makeQueries, type Queries, randomHashes, type Timing, timing, writeBytes } from './data.ts';
import { measureHuge } from './huge.ts';
import { measureOurs, type Spent } from './ours.ts';
import { type Peer, type PeerResult, peers } from './peers.ts';

const flag = (name: string) => process.argv.includes(`--${name}`);
const option = (name: string) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);

const milliseconds = (value: number) => `${value.toFixed(value < 1 ? 4 : 2)} ms`;
const figures = ({ median, p99, cpu }: Timing) =>
  `median ${milliseconds(median)}, p99 ${milliseconds(p99)}, CPU ${milliseconds(cpu)}`;
const spent = ({ wall, cpu }: Spent) => `${wall.toFixed(2)} s (CPU ${cpu.toFixed(2)} s)`;
const report: unknown[] = [];

/** How many queries a peer answers differently from ours. */
function disagreements(index: HashIndex, queries: Queries, { pairs }: PeerResult): number {
  return pairs.filter((theirs, at) => {
    const ours = index.search(queries.hashes.subarray(at * 32, (at + 1) * 32), { radius: 31 });
    const known = ours.filter(({ id }) => id < index.size - 1_000);
    return JSON.stringify(known.map(({ distance, id }) => [distance, id])) !== JSON.stringify(theirs);
  }).length;
}

async function besidePeers(
  folder: string,
  hashes: Uint8Array,
  queries: Queries,
  index: HashIndex,
  ours: Timing,
) {
  const count = hashes.length / 32;
  const hashFile = await writeBytes(folder, 'hashes', hashes);
  for (const peer of flag('no-peers') ? [] : peers()) {
    if (peer.absent) console.log(`  ${peer.name}: skipped; ${peer.absent}.`);
    else if (count > peer.upTo && !flag('slow-peers'))
      console.log(`  ${peer.name}: minutes at this size; --slow-peers runs it.`);
    else await beside(peer, hashFile, folder, count, queries, index, ours);
  }
}

async function beside(
  peer: Peer,
  hashFile: string,
  folder: string,
  count: number,
  queries: Queries,
  index: HashIndex,
  ours: Timing,
): Promise<void> {
  const asked = Math.min(peer.queries(count), queries.planted.length);
  const queryFile = await writeBytes(folder, 'queries', queries.hashes.subarray(0, asked * 32));
  const result = await peer.run(hashFile, queryFile, 31);
  const times = timing(result.milliseconds);
  const differing = disagreements(index, queries, result);
  const { pairs: _pairs, milliseconds: _times, ...facts } = result;
  report.push({
    peer: peer.name,
    count,
    ...facts,
    ...times,
    ratio: times.median / ours.median,
    cpuRatio: result.cpu / ours.cpu,
    differing,
  });
  console.log(`  ${peer.name} ${result.version} ${result.options}`.trimEnd());
  console.log(
    `    radius 31: median ${milliseconds(times.median)}, p99 ${milliseconds(times.p99)} = ${(times.median / ours.median).toFixed(1)}x ours; CPU ${milliseconds(result.cpu)} = ${(result.cpu / ours.cpu).toFixed(1)}x ours;` +
      ` build ${result.buildSeconds.toFixed(2)} s; ${result.bytesPerHash.toFixed(0)} B a hash; answers differ on ${differing} of ${asked}`,
  );
}

async function measure(count: number, folder: string): Promise<void> {
  console.log(`\n${count.toLocaleString('en')} hashes`);
  const hashes = randomHashes(count, 1);
  const queries = makeQueries(hashes, 3_000, 31, 2);
  const { result, index } = await measureOurs(hashes, queries);
  report.push({ ours: result });
  const { search31, search46, scalar31, add } = result;
  console.log(
    `  accord: ${result.parts}; ${result.bytesPerHash.toFixed(1)} B a hash; build ${spent(result.build)}`,
  );
  console.log(`    radius 31: ${figures(search31)}`);
  console.log(`    radius 46: ${figures(search46)}`);
  if (scalar31) console.log(`    radius 31 without SIMD: ${figures(scalar31)}`);
  console.log(
    `    a new hash added and found: median ${milliseconds(add.median)}, p99 ${milliseconds(add.p99)}`,
  );
  console.log(
    `    snapshot ${result.snapshotMegabytes.toFixed(0)} MB: saved in ${spent(result.snapshotSave)}, loaded in ` +
      `${spent(result.snapshotLoad)}, from its file in ${spent(result.fileLoad)} (without lists ${spent(result.leanLoad)}); ` +
      `as much new memory alone takes ${spent(result.newMemory)}`,
  );
  console.log(`    planted neighbours missed: ${result.missed} of ${result.planted}`);
  await besidePeers(folder, hashes, queries, index, search31);
  if (result.missed > 0) process.exitCode = 1;
}

const folder = await mkdtemp(join(tmpdir(), 'accord-bench-index-'));
try {
  const sizes = option('sizes') ?? '1e5,1e6,1e7';
  for (const size of sizes === 'none' ? [] : sizes.split(',')) await measure(Number(size), folder);
  const huge = option('huge') ?? (flag('huge') ? '1e8' : undefined);
  if (huge !== undefined) report.push({ huge: await measureHuge(Number(huge)) });
} finally {
  await rm(folder, { recursive: true, force: true });
}
const file = option('json');
if (file) await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
