import { type ShardedIndex, startIndexService } from '@accord/hash-index/service';
import { makeQueries, randomHashes, timing } from './data.ts';

const BATCH = 2e6;
const QUERIES = 1_000;

export interface HugeResult {
  readonly count: number;
  readonly shards: number;
  readonly filledSeconds: number;
  /** Of the shards' memories, and of the whole process. */
  readonly bytesPerHash: number;
  readonly residentBytesPerHash: number;
  readonly compactedBytesPerHash: number;
  readonly median: number;
  readonly p99: number;
  /** Milliseconds per query with `together` of them in one message, as a busy server asks. */
  readonly batched: number;
  readonly missed: number;
}

/**
 * `count` hashes in shards, one worker thread each, filled online batch by batch: 10^8 take about 14 GB. Times are those
 * of the caller: one query asks all shards, which share the cores there are.
 */
export async function measureHuge(count: number): Promise<HugeResult> {
  console.log(`\n${count.toLocaleString('en')} hashes in shards`);
  const service = await startIndexService({ banks: ['BENCH'], expected: count });
  const from = performance.now();
  let last = new Uint8Array(0);
  for (let first = 0; first < count; first += BATCH) {
    last = randomHashes(BATCH, 1_000 + first / BATCH);
    const ids = Uint32Array.from({ length: BATCH }, (_, at) => first + at);
    await service.addMany({ ids, hashes: last, banks: new Uint32Array(BATCH).fill(1) });
  }
  const filledSeconds = (performance.now() - from) / 1e3;
  const held = async () =>
    (await service.stats()).reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / count;
  const bytesPerHash = await held();
  const shards = (await service.stats()).length;
  console.log(
    `  ${shards} shards, filled online in ${filledSeconds.toFixed(0)} s; ${bytesPerHash.toFixed(1)} B a hash`,
  );
  const online = await ask(service, last, count);
  print('online', online);
  await service.compact();
  const compactedBytesPerHash = await held();
  const residentBytesPerHash = process.memoryUsage.rss() / count;
  console.log(
    `  laid out afresh: ${compactedBytesPerHash.toFixed(1)} B a hash; the process holds ${(process.memoryUsage.rss() / 1e9).toFixed(1)} GB`,
  );
  const times = await ask(service, last, count);
  print('laid out afresh', times);
  await service.close();
  return {
    ...{ count, shards, filledSeconds, bytesPerHash, residentBytesPerHash, compactedBytesPerHash },
    ...times,
    missed: online.missed + times.missed,
  };
}

type Asked = Pick<HugeResult, 'median' | 'p99' | 'batched' | 'missed'>;

function print(name: string, { median, p99, batched, missed }: Asked): void {
  console.log(
    `  radius 31, ${name}: median ${median.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms; ${batched.toFixed(3)} ms each when 100 come ` +
      `in one message; planted neighbours missed: ${missed}`,
  );
}

async function ask(service: ShardedIndex, last: Uint8Array, count: number): Promise<Asked> {
  const queries = makeQueries(last, QUERIES, 31, 3);
  const hashes = queries.planted.map((_, query) => queries.hashes.subarray(query * 32, (query + 1) * 32));
  await service.searchMany(hashes, { radius: 31 });
  const times: number[] = [];
  let missed = 0;
  for (const [query, { row, distance }] of queries.planted.entries()) {
    const start = performance.now();
    const matches = await service.search(hashes[query] as Uint8Array, { radius: 31 });
    times.push(performance.now() - start);
    const id = count - BATCH + row;
    if (row >= 0 && !matches.some((match) => match.id === id && match.distance === distance)) missed++;
  }
  const start = performance.now();
  for (let at = 0; at < QUERIES; at += 100)
    await service.searchMany(hashes.slice(at, at + 100), { radius: 31 });
  const batched = (performance.now() - start) / QUERIES;
  return { ...timing(times), batched, missed };
}
