/** Asks for look-ups, in a process of its own: batches at a rate, or as fast as they are answered, and single ones beside them. */
import { createHash, randomBytes } from 'node:crypto';
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
}

const connections = 4;
/** Between two single look-ups, in ms. */
const singleEveryMs = 10;

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

function ask(load: Load, agent: Agent, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${load.url}${path}`,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${load.key}`,
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`${answer.statusCode} ${text}`));
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

async function batches(load: Load, until: number): Promise<{ done: number; missed: number; behind: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const everyMs = load.rate === 0 ? 0 : (load.batch * connections * 1000) / load.rate;
  let [done, missed, behind] = [0, 0, 0];
  // Each connection begins a part of the way later, so that they take turns.
  let next = performance.now() + Math.random() * everyMs;
  while (performance.now() < until) {
    const items = Array.from({ length: load.batch }, (_, at) => ({
      pdq: question(load.hashes, at % 10 === 0),
    }));
    const body = JSON.stringify({ items });
    if (everyMs > 0) {
      const wait = next - performance.now();
      if (wait > 0) await sleep(wait);
      else if (wait < -everyMs) behind += 1;
      next += everyMs;
    }
    const { results } = JSON.parse(await ask(load, agent, '/api/v1/checks', body)) as {
      results: { status: string }[];
    };
    missed += results.filter(({ status }, at) => at % 10 === 0 && status !== 'match').length;
    done += results.length;
  }
  agent.destroy();
  return { done, missed, behind };
}

/** Single look-ups at a rate of their own, whether earlier ones were answered or not. Resolves to their times, in ms. */
async function singles(load: Load, until: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const times: number[] = [];
  const under: Promise<void>[] = [];
  let next = performance.now();
  while (performance.now() < until) {
    await sleep(Math.max(0, next - performance.now()));
    next += singleEveryMs;
    const path = `/m/lookup?signal_type=pdq&signal=${question(load.hashes, Math.random() < 0.1)}`;
    const began = performance.now();
    under.push(
      ask(load, agent, path).then(() => {
        times.push(performance.now() - began);
      }),
    );
  }
  await Promise.all(under);
  agent.destroy();
  return times.sort((a, b) => a - b);
}

process.once('message', async (load: Load) => {
  const began = performance.now();
  const until = began + load.seconds * 1000;
  const [times, ...done] = await Promise.all([
    singles(load, until),
    ...Array.from({ length: connections }, () => batches(load, until)),
  ]);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const sum = (of: 'done' | 'missed' | 'behind'): number => done.reduce((all, one) => all + one[of], 0);
  const figures: Figures = {
    perSecond: sum('done') / ((performance.now() - began) / 1000),
    singles: { count: times.length, median: at(0.5), p99: at(0.99), longest: at(1) },
    missed: sum('missed'),
    behind: sum('behind'),
  };
  process.send?.(figures);
  process.disconnect();
});
