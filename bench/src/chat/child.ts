import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface Child {
  readonly pid: number;
  /** Asks it to end and waits; kills it after `patienceMs`. */
  stop(patienceMs?: number): Promise<void>;
}

/** Starts a program and waits until it prints `ready`. Its words are shown only when it ends before that. */
export function startChild(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  ready: RegExp,
  patienceMs = 60_000,
): Promise<Child> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const fail = (why: string) =>
      reject(new Error(`${command} ${args[0] ?? ''}: ${why}: ${said.slice(-600)}`));
    const patience = setTimeout(() => fail('not ready in time'), patienceMs);
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (!ready.test(said)) return;
      clearTimeout(patience);
      resolve({ pid: child.pid as number, stop: (ms = 20_000) => stop(child, ms) });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', (error) => fail(error.message));
    process.once('exit', () => child.kill('SIGTERM'));
    child.on('exit', (code) => fail(`ended with ${code}`));
  });
}

/** Starts a program that says nothing when it is ready, as another user. */
export function startSilent(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  owner: { readonly uid: number; readonly gid: number },
): { readonly pid: number } {
  const child = spawn(command, args, { env, stdio: 'ignore', cwd: '/', ...owner });
  process.once('exit', () => child.kill('SIGTERM'));
  return { pid: child.pid as number };
}

async function stop(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
}
