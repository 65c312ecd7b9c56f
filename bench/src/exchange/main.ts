/**
 * A fetch of many records from a peer, by a server and by the operator's command: how fast, and how much memory it takes beyond
 * the same process at rest.
 *
 *   node bench/src/main.ts exchange [--records=1e6] [--kinds=stopncii,ncmec,threatexchange,list] [--by=server,command]
 *
 * Resident memory of the one process, as the kernel counts it: its peak (`VmHWM`, not sampled) less what the same process takes
 * at rest. The server at rest: started anew with the index of what was fetched. The command at rest: asked again when there is
 * nothing new. The database is another's process, and its memory another's.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ExchangeSpec,
  type ExchangeTools,
  exchangeTools,
  openDatabase,
  readConfig,
  withDatabaseAlone,
} from '@accord/server/operations';
import { databaseOf } from '../chat/accord.ts';
import { type Child, freePort, startChild } from '../chat/child.ts';
import { cpuMicros } from '../chat/process-tree.ts';

const option = (name: string, otherwise: string): string => {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? otherwise : given.slice(name.length + 3);
};
const records = Number(option('records', '1e6'));
const kinds = option('kinds', 'stopncii,ncmec,threatexchange,list').split(',') as ExchangeSpec['kind'][];
const by = option('by', 'server,command').split(',');

const root = resolve(import.meta.dirname, '../../..');
const restMs = 5000;

/** Resident memory of one process in MB: its peak so far, and now. */
async function memoryOf(pid: number): Promise<{ readonly peak: number; readonly now: number }> {
  const said = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(said)?.[1] ?? 0) / 1024;
  return { peak: megabytes('VmHWM'), now: megabytes('VmRSS') };
}

async function startPeer(): Promise<{ readonly child: Child; readonly origin: string }> {
  const port = await freePort();
  const args = [join(import.meta.dirname, 'peer.ts'), String(records), String(port)];
  const child = await startChild(process.execPath, args, { PATH: process.env.PATH }, /listens/);
  return { child, origin: `http://127.0.0.1:${port}` };
}

async function writeList(path: string): Promise<void> {
  const file = createWriteStream(path);
  for (let n = 0; n < records; n += 1) {
    const line = `${createHash('sha256').update(String(n)).digest('hex')}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  await new Promise<void>((done) => file.end(done));
}

const keys = {
  stopncii: { subscription: 's', fetch: 'f' },
  ncmec: { user: 'u', password: 'p' },
  threatexchange: { token: '7|secret' },
  list: {},
} as const;

/** A folder for a server, a peer, and what both commands and server are told. */
async function prepare(kind: ExchangeSpec['kind']) {
  const data = await mkdtemp(join(tmpdir(), 'accord-bench-exchange-'));
  await chmod(data, 0o711);
  const [port, peer] = [await freePort(), await startPeer()];
  const path = join(data, 'list.txt');
  if (kind === 'list') await writeList(path);
  const settings = {
    stopncii: { base: peer.origin },
    ncmec: { base: peer.origin },
    threatexchange: { base: peer.origin, privacyGroup: '77' },
    list: { path },
  }[kind];
  const own = {
    ACCORD_DATA: data,
    ACCORD_PUBLIC_URL: `http://127.0.0.1:${port}`,
    ACCORD_LOG_LEVEL: 'warn',
    ACCORD_EXCHANGE_KEYS: JSON.stringify({ BENCH: keys[kind] }),
    ACCORD_EXCHANGE_ORIGINS: peer.origin,
    ACCORD_EXCHANGE_LOOPBACK: 'true',
  };
  const env = {
    PATH: process.env.PATH,
    ...(process.env.BENCH_NODE_OPTIONS !== undefined && { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS }),
    ...own,
  };
  const { nodeFlags } = JSON.parse(await readFile(join(root, 'apps/server/package.json'), 'utf8')) as {
    readonly nodeFlags: readonly string[];
  };
  return {
    env,
    spec: { name: 'BENCH', kind, settings } satisfies ExchangeSpec,
    start: () =>
      startChild(process.execPath, [...nodeFlags, join(root, 'apps/server/src/main.ts')], env, /http:\/\//),
    config: readConfig(own),
    databaseOf: () => databaseOf(data),
    async end() {
      await peer.child.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

function show(what: string, seconds: number, cpu: string): void {
  console.log(`Exchange, ${what}: ${records} records`);
  console.log(`  ${seconds.toFixed(1)} s, ${Math.round(records / seconds)} records/s; ${cpu}`);
}

const perRecord = (micros: number): string => `${(micros / records).toFixed(0)} µs a record`;

async function untilFetched(tools: ExchangeTools): Promise<number> {
  for (;;) {
    await sleep(200);
    const [row] = await tools.status();
    if (row?.fault != null) throw new Error(`the fetch failed: ${row.fault}`);
    if (row?.completedAt == null || row.triedAt === null) continue;
    if (row.records !== records) throw new Error(`${row.records} records stand`);
    return (row.completedAt.getTime() - row.triedAt.getTime()) / 1000;
  }
}

async function byServer({ spec, config, databaseOf, start, end }: Prepared): Promise<void> {
  // The first start lays out the database and builds what is missing, which no later one does.
  await (await start()).stop();
  let server = await start();
  try {
    const database = await databaseOf();
    const { db } = openDatabase(database.settings);
    const tools = exchangeTools(db, config.exchange, Date.now);
    await sleep(restMs);
    const empty = await memoryOf(server.pid);
    const cpu = () => [cpuMicros([server.pid]), cpuMicros([server.pid, database.pid])] as const;
    const before = cpu();
    await tools.create(spec, true);
    const seconds = await untilFetched(tools);
    const [alone, both] = cpu();
    const { peak } = await memoryOf(server.pid);
    await db.destroy();
    await server.stop();
    server = await start();
    await sleep(restMs);
    const rest = (await memoryOf(server.pid)).now;
    show(
      `${spec.kind}, by a server`,
      seconds,
      `processor time of the server ${perRecord(alone - before[0])}, with its database ${perRecord(both - before[1])}`,
    );
    console.log(
      `  memory of the server: ${empty.now.toFixed(0)} MB with nothing, at most ${peak.toFixed(0)} MB while fetching, ${rest.toFixed(0)} MB at rest with the same index: ${(peak - rest).toFixed(0)} MB beyond the index`,
    );
  } finally {
    await server.stop();
    await end();
  }
}

/** Runs the operator's command to its end; resolves to its peak in MB and its processor time. */
async function sync({
  env,
}: Prepared): Promise<{ readonly peak: number; readonly seconds: number; readonly cpu: number }> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly accord: string };
  };
  const [, ...args] = scripts.accord.split(' ');
  const began = performance.now();
  const child = spawn(process.execPath, [...args, 'exchange', 'sync', 'BENCH'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let [peak, cpu, code] = [0, 0, null as number | null];
  child.once('exit', (ended) => {
    code = ended ?? 1;
  });
  while (code === null) {
    const pid = child.pid as number;
    peak = Math.max(peak, (await memoryOf(pid)).peak);
    cpu = Math.max(cpu, cpuMicros([pid]));
    await sleep(20);
  }
  if (code !== 0) throw new Error(`the command ended with ${code}`);
  return { peak, cpu, seconds: (performance.now() - began) / 1000 };
}

async function byCommand(prepared: Prepared): Promise<void> {
  const { spec, config, start, end } = prepared;
  try {
    // Lays out the database; a server that ran on would fetch by itself.
    await (await start()).stop();
    await withDatabaseAlone(config, async (settings) => {
      const { db } = openDatabase(settings);
      const tools = exchangeTools(db, config.exchange, Date.now);
      await tools.create(spec, true);
      const fetched = await sync(prepared);
      const again = await sync(prepared);
      const [row] = await tools.status();
      await db.destroy();
      if (row?.records !== records) throw new Error(`${row?.records} records stand`);
      show(
        `${spec.kind}, by a command`,
        fetched.seconds,
        `processor time of the command ${perRecord(fetched.cpu)}`,
      );
      console.log(
        `  memory of the command: at most ${fetched.peak.toFixed(0)} MB, ${again.peak.toFixed(0)} MB where nothing is new: ${(fetched.peak - again.peak).toFixed(0)} MB beyond`,
      );
    });
  } finally {
    await end();
  }
}

for (const kind of kinds) {
  if (by.includes('server')) await byServer(await prepare(kind));
  if (by.includes('command')) await byCommand(await prepare(kind));
}
