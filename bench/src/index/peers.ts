import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compileReference, HOW_TO_GET_THE_REFERENCE } from '../threat-exchange.ts';

/** What a peer prints: one line of JSON. `pairs` are (distance, row) per query, sorted. */
export interface PeerResult {
  readonly version: string;
  readonly options: string;
  readonly buildSeconds: number;
  readonly bytesPerHash: number;
  readonly milliseconds: readonly number[];
  /** Mean CPU milliseconds per query. */
  readonly cpu: number;
  readonly found: number;
  readonly pairs: readonly (readonly [number, number])[][];
}

export interface Peer {
  readonly name: string;
  /** Why it cannot run here; undefined when it can. */
  readonly absent: string | undefined;
  /** Slower than this many hashes only with --slow-peers. */
  readonly upTo: number;
  readonly queries: (count: number) => number;
  run(hashes: string, queries: string, radius: number): Promise<PeerResult>;
}

const script = fileURLToPath(new URL('./peers/faiss_binary.py', import.meta.url));

/** The Python that has FAISS: ACCORD_BENCH_PYTHON, else Debian's, for which `python3-faiss` is installed when root. */
function pythonWithFaiss(): string | undefined {
  const candidates = [process.env.ACCORD_BENCH_PYTHON, '/usr/bin/python3', 'python3'].filter(
    (one) => one !== undefined,
  );
  const has = (python: string) =>
    spawnSync(python, ['-c', 'import faiss, numpy'], { stdio: 'ignore' }).status === 0;
  const ready = candidates.find(has);
  if (ready || process.getuid?.() !== 0) return ready;
  console.log('Installing python3-faiss from Debian …');
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'python3-faiss'], { stdio: 'ignore' });
  return candidates.find(has);
}

function runPeer(command: string, args: readonly string[]): Promise<PeerResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(text) as PeerResult);
      else reject(new Error(`${command} ended with ${status}`));
    });
  });
}

/** The peers, absent ones included, so that a report can name them. */
export function peers(): Peer[] {
  const python = pythonWithFaiss();
  const noFaiss =
    'install the Debian package python3-faiss, or set ACCORD_BENCH_PYTHON to a Python with faiss';
  const mih = compileReference(new URL('./peers/mih.cpp', import.meta.url), ['-O3', '-march=native']);
  const faiss = (kind: string, name: string, upTo: number, most: number): Peer => ({
    name,
    absent: python ? undefined : noFaiss,
    upTo,
    queries: (count) => (count > 1e6 ? Math.min(most, 100) : most),
    run: (hashes, queries, radius) =>
      runPeer(python as string, [script, kind, hashes, queries, String(radius)]),
  });
  return [
    faiss('flat', 'FAISS IndexBinaryFlat', Number.POSITIVE_INFINITY, 500),
    faiss('multihash', 'FAISS IndexBinaryMultiHash 16x16 (as HMA)', 1e6, 500),
    {
      name: "Meta's MIH (facebook/ThreatExchange, pdq/cpp/index/mih.h)",
      absent: mih ? undefined : HOW_TO_GET_THE_REFERENCE,
      upTo: 1e6,
      queries: () => 200,
      run: (hashes, queries, radius) => runPeer(mih as string, [hashes, queries, String(radius)]),
    },
  ];
}
