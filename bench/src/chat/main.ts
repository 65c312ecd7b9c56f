import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAccord } from './accord.ts';
import { ejabberdIsThere, startEjabberd } from './ejabberd.ts';
import { type ClosedLoop, Crowd, type OpenLoop } from './load.ts';
import { prefer } from './process-tree.ts';
import { type Circle, createCircle, type Subject } from './subject.ts';
import { startWs } from './ws.ts';

/*
 * Our socket beside ejabberd, with and without its archive, and beside a bare `ws` router: the same clients, the
 * same contacts, the same timetable, one after the other in one run on the loopback address.
 *
 *   node bench/src/main.ts chat [--clients=2000] [--seconds=5] [--rates=1000,4000,…] [--only=accord,ws]
 *                               [--nice=-15]
 */

interface Result {
  readonly name: string;
  readonly connect: Awaited<ReturnType<Crowd['connect']>>;
  readonly open: readonly OpenLoop[];
  readonly closed: ClosedLoop;
}

const options = new Map(
  process.argv.flatMap((word) => {
    const [, name, value] = /^--(\w+)=(.*)$/.exec(word) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  }),
);
const clients = Number(options.get('clients') ?? 2000);
const seconds = Number(options.get('seconds') ?? 5);
const rates = (options.get('rates') ?? '1000,4000,8000').split(',').map(Number);
const nice = Number(options.get('nice') ?? 0);
const only = options.get('only')?.split(',');

const starters: Record<string, (circle: Circle) => Promise<Subject>> = {
  accord: startAccord,
  ejabberd: (circle) => startEjabberd(circle, false),
  'ejabberd-archive': (circle) => startEjabberd(circle, true),
  ws: startWs,
};

async function measure(subject: Subject, circle: Circle): Promise<Result> {
  const crowd = new Crowd(subject, circle);
  const connect = await crowd.connect(10_000);
  // Not counted: a server that has just started is still being compiled.
  await crowd.open(1000, 5, 0);
  const open: OpenLoop[] = [];
  for (const rate of rates) {
    const result = await crowd.open(rate, seconds);
    open.push(result);
    // A server that has fallen this far behind only gets further behind.
    if (result.lost > 0.05 * rate * seconds || result.p50 > 1500) break;
    await sleep(1000);
  }
  const closed = await crowd.closed(seconds);
  crowd.close();
  return { name: subject.name, connect, open, closed };
}

function printOne(result: Result): void {
  const { loginsPerSecond, loginMicros, kilobytes, restKilobytes } = result.connect;
  console.log(
    `\n${result.name}: ${loginsPerSecond} logins/s (${loginMicros} µs CPU each), ${kilobytes} kB/connection (${restKilobytes} of it not the first process)`,
  );
  console.table(
    [
      ...result.open.map((each) => ({ load: `open ${each.offered}/s`, ...each })),
      { load: 'closed', ...result.closed, lost: 0 },
    ],
    ['load', 'delivered', 'lost', 'p50', 'p99', 'cpuMicros', 'restMicros'],
  );
}

function printAll(results: readonly Result[]): void {
  const at1000 = (result: Result) => result.open.find((each) => each.offered === 1000);
  const held = (result: Result) =>
    result.open
      .filter((each) => each.lost <= 0.001 * each.offered * seconds && each.p99 <= 50)
      .reduce((most, each) => Math.max(most, each.offered), 0);
  const ours = results.find((result) => result.name === 'accord');
  const ratio = (mine: number | undefined, theirs: number | undefined) =>
    mine === undefined || theirs === undefined || theirs === 0 ? '–' : `${(mine / theirs).toFixed(2)}×`;
  console.log('\nIn this run (in brackets: ours divided by theirs)');
  console.table(
    Object.fromEntries(
      results.map((result) => [
        result.name,
        {
          'held with p99 <= 50 ms /s': `${held(result)} (${ratio(ours && held(ours), held(result))})`,
          'closed loop /s': `${result.closed.delivered} (${ratio(ours?.closed.delivered, result.closed.delivered)})`,
          'p50 / p99 ms at 1000/s': `${at1000(result)?.p50} / ${at1000(result)?.p99}`,
          'CPU µs/message at 1000/s': `${at1000(result)?.cpuMicros} (${ratio(ours && at1000(ours)?.cpuMicros, at1000(result)?.cpuMicros)})`,
          'kB/connection': `${result.connect.kilobytes} (${ratio(ours?.connect.kilobytes, result.connect.kilobytes)})`,
        },
      ]),
    ),
  );
  console.log(
    'accord answers after the flush to disk and deletes on acknowledgement; its database counts in CPU and memory.',
  );
}

const load = () => readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
const circle = createCircle(clients);
const results: Result[] = [];
for (const [name, start] of Object.entries(starters)) {
  if (only !== undefined && !only.includes(name)) continue;
  if (name.startsWith('ejabberd') && !(await ejabberdIsThere())) {
    console.log(
      `${name}: skipped, ejabberd is not installed and can't be (root and Debian's apt are needed).`,
    );
    continue;
  }
  console.log(`${name}: load before ${load()}`);
  const subject = await start(circle);
  // Again and again: PostgreSQL gives each connection's process a session, and so a group, of its own.
  const preferring = setInterval(() => nice !== 0 && prefer([process.pid, ...subject.pids], nice), 1000);
  try {
    const result = await measure(subject, circle);
    printOne(result);
    results.push(result);
  } catch (error) {
    console.log(`${name}: broke off: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearInterval(preferring);
    await subject.stop();
  }
}
console.log(
  `\nchat: ${clients} clients on 127.0.0.1, ${seconds} s per measurement, ${new Date().toISOString()}`,
);
printAll(results);
process.exit(0);
