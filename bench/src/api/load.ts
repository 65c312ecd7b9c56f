/** Asks for look-ups, in a process of its own: batches at a rate, or as fast as they are answered, and single ones beside them. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Load {
  readonly url: string;
  readonly key: string;
  /** How many are banked: number n has the hash SHA-256 of n in 8 bytes. */
  readonly hashes: number;
  readonly batch: number;
  /** Look-ups a second; 0: each batch follows the answer to the last. */
  readonly rate: number;
  readonly seconds: number;
}

export interface Figures {
  readonly perSecond: number;
  readonly singles: {
    readonly count: number;
    readonly median: number;
    readonly p99: number;
    readonly longest: number;
  };
  /** Planted neighbours that were not found. */
  readonly missed: number;
  /** Batches that were sent late, as those before were not answered. */
  readonly behind: number;
  /** Cores that the asking itself took. */
  readonly cores: number;
}

const connections = 4;
/** Between two single look-ups, in ms. */
const singleEveryMs = 10;
/** Different ones of each, made before the clock runs and read when it has stopped: on few cores the asking is in the way of the answer. */
const differentBatches = 120;
const differentSingles = 1000;

/** A banked hash with up to 31 bits changed, or with one chance in ten none of them. */
function question(hashes: number, planted: boolean): string {
  if (!planted) return randomBytes(32).toString('hex');
  const n = Buffer.alloc(8);
  n.writeBigUInt64BE(BigInt(1 + Math.floor(Math.random() * hashes)));
  const hash = createHash('sha256').update(n).digest();
  const bits = Math.floor(Math.random() * 32);
  for (let bit = 0; bit < bits; bit += 1) {
    const at = bit * 8 + Math.floor(Math.random() * 8);
    hash[at >> 3] = (hash[at >> 3] ?? 0) ^ (1 << (at & 7));
  }
  return hash.toString('hex');
}

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

function ask(load: Load, agent: Agent, path: string, body?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${load.url}${path}`,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${load.key}`,
          ...(body !== undefined && { 'content-type': 'application/json', 'content-length': body.length }),
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const whole = Buffer.concat(parts);
          if (answer.statusCode === 200) resolve(whole);
          else reject(new Error(`${answer.statusCode} ${whole.toString()}`));
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** One hash in ten is a planted neighbour. */
const batchOf = ({ batch, hashes }: Load): Buffer =>
  Buffer.from(JSON.stringify({ items: times(batch, (at) => ({ pdq: question(hashes, at % 10 === 0) })) }));

interface Asked {
  readonly answers: readonly Buffer[];
  readonly behind: number;
}

async function batches(load: Load, bodies: readonly Buffer[], lane: number, until: number): Promise<Asked> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const everyMs = load.rate === 0 ? 0 : (load.batch * connections * 1000) / load.rate;
  const answers: Buffer[] = [];
  let behind = 0;
  // Each connection begins a part of the way later, so that they take turns.
  let next = performance.now() + (lane * everyMs) / connections;
  for (let n = lane; performance.now() < until; n += connections) {
    if (everyMs > 0) {
      const wait = next - performance.now();
      if (wait > 0) await sleep(wait);
      else if (wait < -everyMs) behind += 1;
      next += everyMs;
    }
    answers.push(await ask(load, agent, '/api/v1/checks', bodies[n % bodies.length]));
  }
  agent.destroy();
  return { answers, behind };
}

/** Single look-ups at a rate of their own, whether earlier ones were answered or not. Resolves to their times, in ms. */
async function singles(load: Load, paths: readonly string[], until: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const took: number[] = [];
  const under: Promise<void>[] = [];
  let next = performance.now();
  for (let n = 0; performance.now() < until; n += 1) {
    await sleep(Math.max(0, next - performance.now()));
    next += singleEveryMs;
    const began = performance.now();
    under.push(
      ask(load, agent, paths[n % paths.length] as string).then(() => {
        took.push(performance.now() - began);
      }),
    );
  }
  await Promise.all(under);
  agent.destroy();
  return took.sort((a, b) => a - b);
}

function read(answers: readonly Buffer[]): { readonly done: number; readonly missed: number } {
  let [done, missed] = [0, 0];
  for (const answer of answers) {
    const { results } = JSON.parse(answer.toString()) as { results: { status: string }[] };
    missed += results.filter(({ status }, at) => at % 10 === 0 && status !== 'match').length;
    done += results.length;
  }
  return { done, missed };
}

// The first message is what to ask, the second that it is time.
process.once('message', async (load: Load) => {
  const bodies = times(differentBatches, () => batchOf(load));
  const paths = times(
    differentSingles,
    (at) => `/m/lookup?signal_type=pdq&signal=${question(load.hashes, at % 10 === 0)}`,
  );
  const told = once(process, 'message');
  process.send?.('ready');
  await told;
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  const until = began + load.seconds * 1000;
  const [took, ...asked] = await Promise.all([
    singles(load, paths, until),
    ...times(connections, (lane) => batches(load, bodies, lane, until)),
  ]);
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  const { done, missed } = read(asked.flatMap(({ answers }) => answers));
  const figures: Figures = {
    perSecond: done / seconds,
    singles: { count: took.length, median: at(0.5), p99: at(0.99), longest: at(1) },
    missed,
    behind: asked.reduce((all, { behind }) => all + behind, 0),
    cores: (used.user + used.system) / 1e6 / seconds,
  };
  process.send?.(figures);
  process.disconnect();
});
