/**
 * Hash look-ups over HTTP: how many a second in batches, and how long a single one takes meanwhile.
 *
 *   node bench/src/main.ts api [--hashes=1e7] [--rate=10000] [--seconds=20] [--batch=250] [--data=FOLDER] [--nice=-15]
 *
 * `--nice` has the scheduler prefer what is measured, and what asks, to other work of the machine.
 * With a folder the filled database stays for another run; `--seconds=0` fills alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, type Running } from '@accord/server';
import { createKey, readConfig, withClient, withDatabaseAlone } from '@accord/server/operations';
import { createLog } from '../../../apps/server/src/platform/log.ts';
import { databaseOf } from '../chat/accord.ts';
import { freePort } from '../chat/child.ts';
import { cpuMicros, prefer } from '../chat/process-tree.ts';
import type { Figures, Load } from './load.ts';

const option = (name: string, otherwise: number): number => {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
};
const hashes = option('hashes', 1e7);
const rate = option('rate', 10_000);
const seconds = option('seconds', 20);
const batch = option('batch', 250);
const nice = option('nice', 0);
const folder = process.argv.find((argument) => argument.startsWith('--data='))?.slice('--data='.length);

/** Banked pictures with random hashes, made in the database: as an import leaves them, without its hours. */
async function fill(settings: Parameters<typeof withClient>[0], bankId: number): Promise<void> {
  await withClient(settings, async (client) => {
    // Straight in: the changes are not noted, as the index is loaded afterwards; indexes are built once.
    await client.query('set session_replication_role = replica');
    await client.query('drop index matching_hash_signal_whole, matching_hash_signal');
    await client.query(
      'insert into bank_signal (quality, added_at) select 90, now() from generate_series(1, $1::bigint)',
      [hashes],
    );
    await client.query(
      `insert into bank_opinion (signal_id, bank_id, source, category, tags, confidence, at, withdrawn)
       select id, $1, 'bench', 'positive', '{}', 100, now(), false from bank_signal order by id`,
      [bankId],
    );
    await client.query(
      `insert into matching_hash (kind, hash, signal_id)
       select 0, sha256(int8send(id::bigint)), id from bank_signal order by id`,
    );
    await client.query(
      `create unique index matching_hash_signal_whole on matching_hash (hash) where kind = 0 and signal_id is not null`,
    );
    await client.query(
      'create index matching_hash_signal on matching_hash (signal_id) where signal_id is not null',
    );
    await client.query('analyze');
  });
}

/** Fills the database once: a folder that was given has it from the last run. */
async function prepare(
  database: Parameters<typeof withClient>[0],
  start: () => Promise<Running>,
): Promise<void> {
  const first = await start();
  const { banks } = first.features.matching;
  if (banks.known().some(({ name }) => name === 'BENCH')) return first.stop();
  const bench = { name: 'BENCH', purpose: 'blocking', source: 'bench', owner: 'own' } as const;
  const { id } = await banks.create(bench);
  await first.stop();
  console.log(`API: filling the database with ${hashes} banked hashes`);
  await fill(database, id);
  await rm(join(data, 'matching', 'index.json'), { force: true });
}

/** Has a load asked by another process; `starts` is called when that is about to begin. */
async function run(load: Load, starts: () => void = () => {}): Promise<Figures> {
  const child = fork(new URL('./load.ts', import.meta.url), { execArgv: [] });
  child.send(load);
  await once(child, 'message');
  starts();
  child.send('go');
  const [figures] = (await once(child, 'message')) as [Figures];
  return figures;
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;

/** Cores that the server and its database took. */
interface Took {
  readonly server: number;
  readonly database: number;
}

function show(what: string, figures: Figures, took: Took): void {
  const { perSecond, singles, missed, behind } = figures;
  console.log(`  ${what}: ${Math.round(perSecond)} look-ups/s in batches of ${batch}`);
  console.log(
    `    a single one meanwhile: median ${ms(singles.median)}, p99 ${ms(singles.p99)}, longest ${ms(singles.longest)} of ${singles.count}`,
  );
  console.log(
    `    server ${took.server.toFixed(2)} cores, ${ms((1000 * took.server) / perSecond)} of one a look-up; its database ${took.database.toFixed(2)}, the asking ${figures.cores.toFixed(2)}; planted neighbours missed: ${missed}; batches that came late: ${behind}`,
  );
}

const data = folder ?? (await mkdtemp(join(tmpdir(), 'accord-bench-api-')));
await mkdir(data, { recursive: true });
await chmod(data, 0o711);
const [port, apiPort] = [await freePort(), await freePort()];
const config = readConfig({
  ACCORD_DATA: data,
  ACCORD_PUBLIC_URL: `http://localhost:${port}`,
  ACCORD_API_PORT: String(apiPort),
  ACCORD_LOG_LEVEL: 'silent',
});
try {
  await withDatabaseAlone(config, async (settings) => {
    const start = () => compose(config, { database: settings, log: createLog('silent'), clock: Date.now });
    await prepare(settings, start);
    const began = performance.now();
    const running = await start();
    console.log(
      `API: ${hashes} banked hashes; index loaded in ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    const key = await createKey(
      running.platform.db,
      { name: 'bench', scopes: ['match'], banks: null, perMinute: 100_000_000 },
      Date.now(),
    );
    const url = `http://127.0.0.1:${apiPort}`;
    const database = await databaseOf(data);
    const measure = async (what: string, load: Omit<Load, 'url' | 'key' | 'hashes' | 'batch'>) => {
      const now = () => ({
        own: process.cpuUsage(),
        theirs: cpuMicros([database.pid]),
        micros: performance.now() * 1000,
      });
      let before = now();
      const figures = await run({ url, key, hashes, batch, ...load }, () => {
        before = now();
      });
      const after = now();
      const micros = after.micros - before.micros;
      const { user, system } = process.cpuUsage(before.own);
      show(what, figures, {
        server: (user + system) / micros,
        database: (after.theirs - before.theirs) / micros,
      });
    };
    // Again and again: PostgreSQL gives each connection's process a session, and so a group, of its own.
    const preferring = setInterval(() => nice !== 0 && prefer([process.pid, database.pid], nice), 500);
    if (seconds > 0) {
      await run({ url, key, hashes, batch, rate: rate / 2, seconds: 3 });
      await measure(`asked for ${rate}/s`, { rate, seconds });
      await measure('as many as go', { rate: 0, seconds: Math.ceil(seconds / 2) });
    }
    clearInterval(preferring);
    await running.stop();
  });
} finally {
  if (folder === undefined) await rm(data, { recursive: true, force: true });
}
