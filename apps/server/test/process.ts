import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clusterPid, stopCluster } from '../src/platform/cluster.ts';
import { managedCluster } from '../src/platform/managed-postgres.ts';
import { freePort } from './support.ts';

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Whether we may become another user, as one test here does. */
export const isRoot = process.getuid?.() === 0;
/** Debian's and most others' `nobody`. */
export const nobody = { uid: 65534, gid: 65534 };

/** A data folder of a test's own. At its end the database that runs there is stopped. */
export async function temporaryData(owner?: { readonly uid: number; readonly gid: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'accord-data-'));
  await chmod(folder, 0o711);
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  return {
    data,
    async remove() {
      const cluster = await managedCluster(data).catch(() => undefined);
      if (cluster !== undefined) {
        const asOwner = owner === undefined ? cluster : { ...cluster, user: { name: 'owner', ...owner } };
        if ((await clusterPid(asOwner)) !== undefined)
          await stopCluster(asOwner, 'immediate').catch(() => {});
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Our environment without what a test run sets for itself. */
function plainEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('ACCORD_') && !['NODE_ENV', 'VITEST', 'NODE_OPTIONS'].includes(name),
  );
  return { ...Object.fromEntries(own), ...extra };
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** All that it said on standard output and on standard error so far. */
  readonly said: { out: string; err: string };
  /** Resolves when `/health` answers with this status. */
  health(status: number, patienceMs?: number): Promise<void>;
  /** Sends a signal and waits for the end; resolves to the exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function startProcess(
  env: Readonly<Record<string, string>>,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<ServerProcess> {
  const url = env.ACCORD_PUBLIC_URL ?? `http://localhost:${await freePort()}`;
  const folder = env.ACCORD_DATA === undefined ? await temporaryData() : undefined;
  const child = spawn(process.execPath, [mainFile], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: plainEnvironment({
      ACCORD_PUBLIC_URL: url,
      ...(folder !== undefined && { ACCORD_DATA: folder.data }),
      ...env,
    }),
    ...owner,
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (part: Buffer) => {
    said.out += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    said.err += part.toString();
  });
  const ended = once(child, 'exit');
  child.once('exit', () => void folder?.remove());
  return {
    child,
    url,
    said,
    async health(status, patienceMs = 60_000) {
      const deadline = Date.now() + patienceMs;
      let last: number | string = 'no answer';
      while (last !== status) {
        if (Date.now() > deadline || child.exitCode !== null) {
          throw new Error(`/health: ${last}, not ${status}\n${said.out}\n${said.err}`);
        }
        last = await fetch(`${url}/health`).then(
          (answer) => answer.status,
          () => 'no answer',
        );
        if (last !== status) await sleep(50);
      }
    },
    async end(signal) {
      child.kill(signal);
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

/** A server that is killed and started again, on one data folder and under one address. */
export interface MortalServer {
  readonly url: string;
  readonly data: string;
  /** Resolves when it is gone, with whatever it had not told anybody. */
  kill(): Promise<void>;
  /** Resolves when it is healthy. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

export async function mortalServer(env: Readonly<Record<string, string>> = {}): Promise<MortalServer> {
  const folder = await temporaryData();
  const url = `http://localhost:${await freePort()}`;
  let server: ServerProcess;
  const start = async () => {
    server = await startProcess({
      ACCORD_DATA: folder.data,
      ACCORD_PUBLIC_URL: url,
      ACCORD_LOG_LEVEL: 'silent',
      ACCORD_RATE_LIMITS: 'false',
      ...env,
    });
    await server.health(200);
  };
  await start();
  return {
    url,
    data: folder.data,
    start,
    async kill() {
      await server.end('SIGKILL');
    },
    async remove() {
      await server.end('SIGTERM');
      await folder.remove();
    },
  };
}

/** The process id of the postmaster of a data folder. */
export async function postmasterOf(data: string): Promise<number> {
  const file = await readFile(join(data, 'pg18', 'postmaster.pid'), 'utf8');
  return Number.parseInt(file, 10);
}

/** Runs a server to its end, for those that refuse to start. */
export async function runToEnd(env: Readonly<Record<string, string>>) {
  const server = await startProcess(env);
  const [code] = (await once(server.child, 'close')) as [number | null];
  return { code, ...server.said };
}
