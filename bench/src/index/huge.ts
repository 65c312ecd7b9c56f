import { startIndexService } from '@accord/hash-index/service';
import { makeQueries, randomHashes, timing } from './data.ts';

const TOTAL = 1e8;
const BATCH = 2e6;

/**
 * 10^8 hashes in shards, one worker thread each, filled online batch by batch: about 14 GB of memory. Times are those of
 * the caller: one query asks all shards, which share the cores there are.
 */
export async function measureHuge(): Promise<{
  shards: number;
  bytesPerHash: number;
  median: number;
  missed: number;
}> {
  console.log(`\n${TOTAL.toLocaleString('en')} hashes in shards`);
  const service = await startIndexService({ banks: ['BENCH'], expected: TOTAL });
  const from = performance.now();
  let last = new Uint8Array(0);
  for (let first = 0; first < TOTAL; first += BATCH) {
    last = randomHashes(BATCH, 1_000 + first / BATCH);
    const ids = Uint32Array.from({ length: BATCH }, (_, at) => first + at);
    await service.addMany({ ids, hashes: last, banks: new Uint32Array(BATCH).fill(1) });
  }
  const filled = (performance.now() - from) / 1e3;
  const queries = makeQueries(last, 500, 31, 3);
  const times: number[] = [];
  let missed = 0;
  for (const [query, { row, distance }] of queries.planted.entries()) {
    const start = performance.now();
    const matches = await service.search(queries.hashes.subarray(query * 32, (query + 1) * 32), {
      radius: 31,
    });
    times.push(performance.now() - start);
    const id = TOTAL - BATCH + row;
    if (row >= 0 && !matches.some((match) => match.id === id && match.distance === distance)) missed++;
  }
  const stats = await service.stats();
  await service.close();
  const bytesPerHash = stats.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / TOTAL;
  const { median, p99 } = timing(times);
  console.log(
    `  ${stats.length} shards; ${bytesPerHash.toFixed(1)} B a hash; filled online in ${filled.toFixed(0)} s`,
  );
  console.log(
    `  radius 31: median ${median.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms; planted neighbours missed: ${missed}`,
  );
  return { shards: stats.length, bytesPerHash, median, missed };
}
