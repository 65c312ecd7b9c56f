/**
 * The matching service on a PostgreSQL of its own: how long it takes to load, to check a picture, to bank one, to sweep; and
 * whether the time of an answer tells its outcome.
 *
 *   node bench/src/main.ts matching [--pictures=1e6] [--parts=0] [--answers=200]
 *   node bench/src/main.ts matching --checks [--pictures=1e6] [--parts=30]
 *
 * The second looks at checks alone, with an index that is filled past the database: ten million rows take it long to write.
 */
import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANCHOR_COUNT, PdqEngine, type Picture, shareHashes } from '@accord/perceptual';
import { kernelBytes } from '@accord/perceptual/kernel';
import { scene } from '@accord/perceptual/testing';
import { compose, type Running } from '@accord/server';
import { readConfig, withClient, withDatabaseAlone } from '@accord/server/operations';
import { findAgainst, type Question } from '../../../apps/server/src/matching/judge.ts';
import { Library } from '../../../apps/server/src/matching/library.ts';
import { LiveIndex, type RowsByShelf, registeredBit } from '../../../apps/server/src/matching/live-index.ts';
import { createLog } from '../../../apps/server/src/platform/log.ts';
import { ask, byOwner, newKey } from '../../../apps/server/test/matching/pictures.ts';
import { freePort } from '../chat/child.ts';

const option = (name: string, otherwise: number): number => {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
};
const pictures = option('pictures', 1e6);
const onlyChecks = process.argv.includes('--checks');
const parts = option('parts', onlyChecks ? 30 : 0);
const answers = option('answers', 200);

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
function figures(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `median ${at(sorted, 0.5).toFixed(2)} ms, p99 ${at(sorted, 0.99).toFixed(2)} ms`;
}
const hashes = (count: number) => Array.from({ length: count }, () => randomBytes(32));

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const began = performance.now();
  return { value: await work(), ms: performance.now() - began };
}

/** Registered pictures with random hashes, made in the database. */
async function fill(settings: Parameters<typeof withClient>[0]): Promise<void> {
  await withClient(settings, async (client) => {
    // Straight in: the changes are not noted, as the index is loaded afterwards.
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into registered_picture (blob_tag, owner_key, cm, quality, state, afterwards)
       select sha256(int8send(n)), sha256(int8send(-n)), sha256(int8send(-n)), 90, 'open', 'refuse'
       from generate_series(1, $1::bigint) n`,
      [pictures],
    );
    await client.query(
      `insert into matching_hash (kind, hash, anchor, registered_id)
       select least(part, 1), sha256(int8send(picture.id * 64::bigint + part)), 1 + nullif(part, 0) % 5, picture.id
       from registered_picture picture, generate_series(0, $1) part order by picture.id, part`,
      [parts],
    );
    await client.query('analyze');
  });
}

/** Random rows of as many pictures, as the index would have them. */
function randomRows(): RowsByShelf {
  const rows = (count: number) => {
    const bytes = new Uint8Array(32 * count);
    for (let at = 0; at < bytes.length; at += 2 ** 30) randomFillSync(bytes.subarray(at, at + 2 ** 30));
    const ids = Uint32Array.from({ length: count }, (_, id) => id + 1);
    return { ids, hashes: bytes, banks: new Uint32Array(count).fill(registeredBit) };
  };
  const towards = () => rows((pictures * parts) / ANCHOR_COUNT);
  return {
    whole: rows(pictures),
    part: rows(0),
    part1: towards(),
    part2: towards(),
    part3: towards(),
    part4: towards(),
    part5: towards(),
    region: rows(0),
  };
}

/** Drawn scenes whose questions are asked in turn: their buckets together are far more than a cache holds. */
const scenes = 24;

/**
 * What a device sends of drawn scenes, as they are and in a surround. Its hashes are of overlapping places, so that some of them are alike
 * and go to the same buckets; the last one has hashes in their places that are not, which is the worst.
 */
async function questions(): Promise<readonly (readonly [string, readonly Question[]])[]> {
  const engine = await PdqEngine.load(kernelBytes);
  const drawn = Array.from({ length: scenes }, (_, index) => scene(400 + index, 640, 480));
  const of = (picture: Picture): Question => {
    const { hash, turned, parts: crops, wholes } = shareHashes(engine, picture);
    return {
      h: Buffer.from(hash),
      turned: turned.map((one) => Buffer.from(one.hash)),
      parts: crops.map((one) => ({ hash: Buffer.from(one.hash), against: one.against ?? 0 })),
      wholes: wholes.map((one) => Buffer.from(one.hash)),
      regions: [],
      named: true,
    };
  };
  const unlike = ({ turned, parts: crops, wholes, ...rest }: Question): Question => {
    const [h = randomBytes(32), ...others] = hashes(turned.length);
    return {
      ...rest,
      h,
      // The first of them is the picture as it is: `h` again.
      turned: [h, ...others],
      parts: crops.map(({ against }) => ({ hash: randomBytes(32), against })),
      wholes: hashes(wholes.length),
    };
  };
  const plain = drawn.map(of).filter(({ turned }) => turned.length > 0);
  return [
    ['a picture', plain],
    ['in a surround', drawn.map((picture) => of(framed(picture, 40)))],
    ['unlike hashes, as many as of a picture', plain.map(unlike)],
  ];
}

/** The picture in the middle of a black surround. */
function framed({ width, height, data }: Picture, by: number): Picture {
  const wide = width + 2 * by;
  const around = new Uint8Array(wide * (height + 2 * by) * 3);
  for (let y = 0; y < height; y += 1) {
    around.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((y + by) * wide + by) * 3);
  }
  return { width: wide, height: height + 2 * by, format: 'rgb', data: around };
}

/** What one check asks of the index and the database. */
async function measureChecks({ platform }: Running, library: Pick<Library, 'loaded'>): Promise<void> {
  for (const [what, asked] of await questions()) {
    const check = (question: Question) => findAgainst({ queries: platform.db, library }, question);
    for (const question of asked) await check(question);
    const times: number[] = [];
    const before = process.cpuUsage();
    for (let n = 0; n < 200; n += 1) {
      const question = asked[n % asked.length] as Question;
      times.push((await timed(() => check(question))).ms);
    }
    const { user, system } = process.cpuUsage(before);
    const counts = asked.map(
      ({ turned, parts: crops, wholes }) => turned.length + crops.length + wholes.length,
    );
    const count = at(
      counts.sort((one, other) => one - other),
      0.5,
    );
    console.log(
      `  check, ${what} (${count} hashes): ${figures(times)}, CPU ${((user + system) / 1000 / 200).toFixed(2)} ms each`,
    );
  }
}

/**
 * How well the time of an answer tells a refusal from a yes: the share of pairs in which the refusal took longer, 0.5 where it
 * tells nothing, with its standard error under that (Mann and Whitney 1947).
 */
function telling(refused: readonly number[], attested: readonly number[]): string {
  let above = 0;
  for (const one of refused) {
    for (const other of attested) above += one > other ? 1 : one === other ? 0.5 : 0;
  }
  const [n, m] = [refused.length, attested.length];
  const error = Math.sqrt((n + m + 1) / (12 * n * m));
  return `${(above / (n * m)).toFixed(3)} ± ${error.toFixed(3)}`;
}

/** Fisher and Yates, 1938. */
function shuffled<T>(list: readonly T[]): T[] {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}

async function measureAnswers(url: string, running: Running): Promise<void> {
  const { banks } = running.features.matching;
  const [banked, registered] = [randomBytes(32), randomBytes(32)];
  const opinion = { category: 'positive', at: new Date() } as const;
  const bank = (hash: Uint8Array) => banks.addSignals('DESK', [{ hash, quality: 90, opinion }]);
  await bank(banked);
  const adding: number[] = [];
  const looking: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    adding.push((await timed(() => bank(randomBytes(32)))).ms);
    looking.push((await timed(() => running.features.matching.catchUp())).ms);
  }
  console.log(`  banking one picture, until it is refused: ${figures(adding)}`);
  console.log(`  of that from the commit on: ${figures(looking)}`);
  await ask(url, await byOwner(await newKey(), registered));
  const kinds = { 'refused by a bank': banked, 'refused as registered': registered, attested: undefined };
  const times = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
  for (let n = 0; n < answers; n += 1) {
    // In another order each time: what came before an answer is not what it is judged by.
    for (const [kind, hash] of shuffled(Object.entries(kinds))) {
      const body = await byOwner(await newKey(), hash ?? randomBytes(32));
      times.get(kind)?.push((await timed(() => ask(url, body))).ms);
    }
  }
  const attested = times.get('attested') ?? [];
  for (const [kind, list] of times) {
    const told = kind === 'attested' ? '' : `, longer than a yes: ${telling(list, attested)}`;
    console.log(`  answer, ${kind}: ${figures(list)}${told}`);
  }
}

async function measureSweep({ features, platform }: Running): Promise<void> {
  const { rows } = await platform.pool.query<{ hash: Buffer }>(
    'select hash from matching_hash where kind = 0 and registered_id is not null limit 1',
  );
  const asked = [...rows.map(({ hash }) => hash), ...hashes(63)].map(
    (hash) => ({ kind: 'whole', hash }) as const,
  );
  const times: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const { value, ms } = await timed(() => features.matching.registry.sweep(asked));
    if (!value.complete || value.tags.length !== 1) throw new Error('the sweep missed what it was to find');
    times.push(ms);
  }
  console.log(`  sweep of all for one picture (64 hashes): ${figures(times)}`);
}

async function checksAlone(running: Running): Promise<void> {
  console.log(`Matching: ${pictures} registered pictures, ${1 + parts} hashes each, in memory`);
  const { value: index, ms } = await timed(() => LiveIndex.of(randomRows()));
  const stats = await Promise.all(Object.values(index.indexes).map((one) => one.stats()));
  const bytes = stats.flat().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  console.log(`  index laid in ${(ms / 1000).toFixed(1)} s, ${(bytes / 1e9).toFixed(2)} GB`);
  const loaded = { index, life: '', horizon: '0', saved: '0', epoch: 0, banks: new Map(), radius: 31 };
  await measureChecks(running, { loaded });
  const none = new LiveIndex({}, {});
  console.log('  with no index to ask, which is what the database takes:');
  await measureChecks(running, { loaded: { ...loaded, index: none } });
  await index.close();
  await running.stop();
}

const data = await mkdtemp(join(tmpdir(), 'accord-bench-matching-'));
await chmod(data, 0o711);
const port = await freePort();
const config = readConfig({
  ACCORD_DATA: data,
  ACCORD_PUBLIC_URL: `http://localhost:${port}`,
  ACCORD_RATE_LIMITS: 'false',
  ACCORD_LOG_LEVEL: 'silent',
});
const log = createLog('silent');
try {
  await withDatabaseAlone(config, async (database) => {
    const start = () => compose(config, { database, log, clock: Date.now });
    if (onlyChecks) return checksAlone(await start());
    await (await start()).stop();
    await fill(database);
    await rm(join(data, 'matching', 'index.json'), { force: true });
    console.log(`Matching: ${pictures} registered pictures, ${1 + parts} hashes each`);
    const running = await start();
    const library = new Library(running.platform, log);
    console.log(
      `  loaded from the database: ${((await timed(() => library.start())).ms / 1000).toFixed(2)} s`,
    );
    await measureChecks(running, library);
    await library.close();
    await running.features.matching.save();
    const again = new Library(running.platform, log);
    console.log(`  loaded from its snapshot: ${((await timed(() => again.start())).ms / 1000).toFixed(2)} s`);
    await again.close();
    await measureSweep(running);
    await measureAnswers(config.publicUrl.origin, running);
    await running.stop();
  });
} finally {
  await rm(data, { recursive: true, force: true });
}
