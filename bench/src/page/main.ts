import { launchChromium } from '../../../e2e/src/chromium.ts';
import type { Person } from '../../../e2e/src/person.ts';
import { type Appended, type AppendResult, measureAppends, meet } from './append.ts';
import { loadAverage, p50, p95, round } from './numbers.ts';
import { coldLoad, type Load } from './paint.ts';
import { type Served, startServed } from './server.ts';
import type { Seen } from './watch.ts';
import { weigh } from './weight.ts';

/*
 * The page as it is built, in Chromium, against the real server on the loopback address with a database of its own:
 * what a first visit weighs, when it stands, and what one more message costs in a long conversation.
 *
 *   node bench/src/main.ts page [--loads=9] [--messages=20000] [--appends=41] [--mounts=9]
 *                               [--only=weight,paint,append]
 */

const options = new Map(
  process.argv.flatMap((word) => {
    const [, name, value] = /^--(\w+)=(.*)$/.exec(word) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  }),
);
const loads = Number(options.get('loads') ?? 9);
const messages = Number(options.get('messages') ?? 20_000);
const appends = Number(options.get('appends') ?? 41);
const mounts = Number(options.get('mounts') ?? 9);
const only = (options.get('only') ?? 'weight,paint,append').split(',');

const targets = { initialJs: 120, lcp: 800, append: 10 };
const verdict = (value: number, limit: number): string => (value <= limit ? 'reached' : 'missed');

async function printWeight(): Promise<void> {
  const { initialJs, initialCss, engine, later } = await weigh();
  console.log(
    `\nweight: initial JS ${initialJs} kB gz (target ${targets.initialJs}: ${verdict(initialJs, targets.initialJs)}), initial CSS ${initialCss} kB gz; beside them, in a worker and on members’ pages only, the engine ${engine} kB gz`,
  );
  for (const line of later) console.log(line);
}

const viewports = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];

interface Loads {
  readonly page: string;
  readonly size: string;
  readonly all: Load[];
}

/** The pages take turns, so that what else the machine does meets them all. */
async function loadAll(served: Served, browser: Awaited<ReturnType<typeof launchChromium>>, member: Person) {
  const table: Loads[] = [];
  for (const viewport of viewports) {
    const size = `${viewport.width}x${viewport.height}`;
    const rows = ['floor', 'landing', 'talk'].map((page): Loads => ({ page, size, all: [] }));
    table.push(...rows);
    for (let turn = 0; turn < loads; turn += 1) {
      for (const { page, all } of rows) {
        const stranger = page === 'talk' ? null : await browser.newContext({ locale: 'en-GB' });
        const what = {
          floor: { path: '/pause.html', stands: 'h1' },
          landing: { path: '/', stands: 'h1' },
          talk: { path: '/talk', stands: 'main li a' },
        }[page as 'floor'];
        all.push(await coldLoad(stranger ?? member.context, served.origin, what, viewport));
        await stranger?.close();
      }
    }
  }
  return table;
}

function printPaint(table: readonly Loads[]): void {
  console.log(
    `\npaint: ${loads} cold loads each (no HTTP cache, no service worker), ms after the navigation; floor is /pause.html, a static page with one style sheet from the same server, talk is a signed-in member’s; it stands when the conversations are in the document`,
  );
  console.table(
    table.map(({ page, size, all }) => {
      const lcp = p50(all.map((load) => load.lcp));
      const floor = table.find((row) => row.size === size && row.page === 'floor');
      return {
        page,
        size,
        'TTFB p50': round(p50(all.map((load) => load.ttfb))),
        'FCP p50': round(p50(all.map((load) => load.fcp))),
        'FCP p95': round(p95(all.map((load) => load.fcp))),
        'LCP p50': round(lcp),
        'LCP p95': round(p95(all.map((load) => load.lcp))),
        'stands p50': round(p50(all.map((load) => load.stands))),
        'to floor': round(lcp / p50(floor?.all.map((load) => load.lcp) ?? [])),
        [`<= ${targets.lcp}`]: page === 'floor' ? '' : verdict(lcp, targets.lcp),
        largest: all.at(-1)?.element,
      };
    }),
  );
}

/** Until it is painted; of that, what was work and not waiting for the next frame. */
const painted = ({ start, painted: end }: Seen): number => end - start;
const work = ({ start, commit, frame, painted: end }: Seen): number => commit - start + (end - frame);

function rowOf(what: string, seen: readonly Seen[]) {
  return {
    what,
    n: seen.length,
    'to the document p50': round(p50(seen.map(({ start, commit }) => commit - start))),
    'work p50': round(p50(seen.map(work))),
    'work p95': round(p95(seen.map(work))),
    'to painted p50': round(p50(seen.map(painted))),
    'to painted p95': round(p95(seen.map(painted))),
  };
}

function printAppends(result: AppendResult): void {
  const { stored, fillSeconds, few, all, mounts: opened, loadAll: jump, keys, floor } = result;
  console.log(
    `\nappend: ${stored} entries in the store of a member’s own device, put there by the engine’s own code and sealed under its key (${round(fillSeconds)} s), read by the built page as it is; what comes was written by another member in another browser profile, end to end encrypted, through the server`,
  );
  const told = ({ nodes, main }: Appended) =>
    `${nodes.elements} DOM nodes, ${nodes.articles} messages drawn of ${nodes.entries}; main thread per message, with receipts and the list of conversations: ${round(main.script)} ms script, ${round(main.styleAndLayout)} ms style and layout, ${round(main.tasks)} ms in all`;
  console.table([
    rowOf('floor: a paragraph in a bare page', floor),
    rowOf('open the conversation', opened),
    rowOf('append, the last ones loaded', few.seen),
    rowOf('append, all loaded', all.seen),
    rowOf('Enter to own bubble, all loaded', keys),
  ]);
  console.log(`the last ones loaded: ${told(few)}`);
  console.log(`all loaded: ${told(all)}; loading all of them took ${Math.round(jump)} ms, from a search hit`);
  const worst = Math.max(p50(few.seen.map(work)), p50(all.seen.map(work)));
  console.log(
    `append at ${stored}: ${round(worst)} ms of work from the engine’s event to the painted frame (target ${targets.append}: ${verdict(worst, targets.append)}), ${round(worst / p50(floor.map(work)))} times the floor; “to painted” holds the wait for the display’s next frame (16.7 ms) too`,
  );
}

if (only.includes('weight')) await printWeight();
if (only.includes('paint') || only.includes('append')) {
  console.log(`\nload average before: ${loadAverage()}`);
  const served = await startServed();
  const browser = await launchChromium();
  try {
    const [ada, blaise] = await meet(browser, served.origin);
    // One engine runs for all pages of a device: its first page would keep it.
    await ada.page.close();
    if (only.includes('paint')) {
      printPaint(await loadAll(served, browser, ada));
      console.log(`load average: ${loadAverage()}`);
    }
    if (only.includes('append')) {
      printAppends(await measureAppends(ada, blaise, served.origin, { messages, appends, mounts }));
      console.log(`load average: ${loadAverage()}`);
    }
  } finally {
    await browser.close();
    await served.stop();
  }
}
