/**
 * A fetch of many records from a peer into a server with its database: how fast, and how much memory it takes beyond the index.
 *
 *   node bench/src/main.ts exchange [--records=1e6] [--kinds=stopncii,ncmec]
 */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExchangeSpec, exchangeTools, openDatabase, readConfig } from '@accord/server/operations';
import { databaseOf } from '../chat/accord.ts';
import { type Child, freePort, startChild } from '../chat/child.ts';
import { cpuMicros } from '../chat/process-tree.ts';

const option = (name: string, otherwise: string): string => {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? otherwise : given.slice(name.length + 3);
};
const records = Number(option('records', '1e6'));
const kinds = option('kinds', 'stopncii,ncmec').split(',');

const root = resolve(import.meta.dirname, '../../..');
const megabyte = 1024;

/** Resident memory of one process alone in MB; its database is another's. */
async function memoryOf(pid: number): Promise<number> {
  const said = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+)/m.exec(said)?.[1] ?? 0) / megabyte;
}

async function startPeer(): Promise<{ readonly child: Child; readonly origin: string }> {
  const port = await freePort();
  const file = join(import.meta.dirname, 'peer.ts');
  const args = [file, String(records), String(port)];
  const child = await startChild(process.execPath, args, { PATH: process.env.PATH }, /listens/);
  const origin = `http://127.0.0.1:${port}`;
  return { child, origin };
}

const specOf = (kind: string, origin: string): ExchangeSpec =>
  kind === 'ncmec'
    ? { name: 'BENCH', kind: 'ncmec', settings: { base: origin } }
    : { name: 'BENCH', kind: 'stopncii', settings: { base: origin } };

async function measure(kind: string): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'accord-bench-exchange-'));
  await chmod(data, 0o711);
  const port = await freePort();
  const peer = await startPeer();
  const keys = { BENCH: kind === 'ncmec' ? { user: 'u', password: 'p' } : { subscription: 's', fetch: 'f' } };
  const env = {
    PATH: process.env.PATH,
    ACCORD_DATA: data,
    ACCORD_PUBLIC_URL: `http://127.0.0.1:${port}`,
    ACCORD_LOG_LEVEL: 'warn',
    ACCORD_EXCHANGE_KEYS: JSON.stringify(keys),
    ACCORD_EXCHANGE_ORIGINS: peer.origin,
    ACCORD_EXCHANGE_LOOPBACK: 'true',
  };
  const { nodeFlags } = JSON.parse(await readFile(join(root, 'apps/server/package.json'), 'utf8')) as {
    readonly nodeFlags: readonly string[];
  };
  const start = () =>
    startChild(process.execPath, [...nodeFlags, join(root, 'apps/server/src/main.ts')], env, /http:\/\//);
  let server = await start();
  const { db } = openDatabase((await databaseOf(data)).settings);
  try {
    const { PATH: _, ...own } = env;
    const tools = exchangeTools(db, readConfig(own).exchange, Date.now);
    await sleep(2000);
    const empty = await memoryOf(server.pid);
    const cpu = cpuMicros([server.pid]);
    await tools.create(specOf(kind, peer.origin));
    let peak = empty;
    let reached = 0;
    let seconds = 0;
    for (;;) {
      peak = Math.max(peak, await memoryOf(server.pid));
      await sleep(200);
      const row = await db
        .selectFrom('exchange')
        .select(['place', 'tried_at', 'completed_at'])
        .executeTakeFirstOrThrow();
      reached = Number(row.place);
      if (row.completed_at === null || row.tried_at === null) continue;
      seconds = (row.completed_at.getTime() - row.tried_at.getTime()) / 1000;
      break;
    }
    const used = (cpuMicros([server.pid]) - cpu) / 1e6;
    await db.destroy();
    await server.stop();
    server = await start();
    await sleep(5000);
    const rest = await memoryOf(server.pid);
    console.log(`Exchange, ${kind}: ${reached} records`);
    console.log(
      `  ${seconds.toFixed(1)} s, ${Math.round(reached / seconds)} records/s; CPU of the server and its database ${((used / reached) * 1e6).toFixed(0)} µs a record`,
    );
    console.log(
      `  memory of the server: ${empty.toFixed(0)} MB with nothing, at most ${peak.toFixed(0)} MB while fetching, ${rest.toFixed(0)} MB at rest with the same index: ${(peak - rest).toFixed(0)} MB beyond the index`,
    );
  } finally {
    await db.destroy().catch(() => {});
    await server.stop();
    await peer.child.stop();
    await rm(data, { recursive: true, force: true });
  }
}

for (const kind of kinds) await measure(kind);
