import { scene } from '@accord/perceptual/testing';
import { open, seal } from '@accord/sealed-media';
import sharp from 'sharp';
import { loadAverage, p50, p95, round } from '../page/numbers.ts';
import { recallOnThePage } from './recall.ts';
import { inStudio } from './studio.ts';
import { wholeWays } from './whole.ts';

/*
 * What a picture of two megapixels costs its sender and its receiver, in Chromium, in the built worker that the page uses;
 * sealing and opening, which the engine does, by the same WebCrypto in Node. Then the whole way between two people, with the server.
 *
 *   node bench/src/main.ts pictures [--rounds=21] [--whole=9] [--recall=0]
 */

const rounds = Number(/--rounds=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 21);
const whole = Number(/--whole=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 9);
const recall = Number(/--recall=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 0);
const target = 150;
const size = { width: 1632, height: 1224 };

interface Times {
  readonly open: number;
  readonly finish: number;
  /** The first view also hashes what it asks about. */
  readonly first: number;
  readonly draw: number;
  readonly bytes: number;
}

/** A drawn scene of two megapixels, as a camera would store it. */
async function photograph(index: number): Promise<Buffer> {
  const half = { width: size.width / 2, height: size.height / 2 };
  const raw = sharp(Buffer.from(scene(index, half.width, half.height).data), {
    raw: { ...half, channels: 3 },
  });
  return raw.resize(size.width, size.height).jpeg({ quality: 92 }).toBuffer();
}

/** Runs in the page: one picture after the other through the three calls of the worker. */
async function measure(task: { worker: string; pictures: number; rounds: number }): Promise<Times[]> {
  const worker = new Worker(task.worker, { type: 'module' });
  const waiting = new Map<string, (answer: { value: never }) => void>();
  worker.onmessage = ({ data }) => waiting.get(data.id)?.(data);
  let last = 0;
  const ask = async <T>(call: object): Promise<{ id: string; value: T; ms: number }> => {
    last += 1;
    const id = String(last);
    const start = performance.now();
    const { value } = await new Promise<{ value: T }>((resolve) => {
      waiting.set(id, resolve as never);
      worker.postMessage({ ...call, id });
    });
    return { id, value, ms: performance.now() - start };
  };
  const edits = { turns: 0, crop: { x: 0, y: 0, w: 1, h: 1 }, marks: [] };
  const times: Times[] = [];
  for (let round = 0; round <= task.rounds; round += 1) {
    const file = await (await fetch(`/picture/${round % task.pictures}`)).blob();
    const opened = await ask({ kind: 'open', file });
    const made = await ask<{ bytes: Uint8Array }>({ kind: 'finish', source: opened.id, edits });
    const first = await ask({ kind: 'draw', bytes: made.value.bytes, asked: true });
    const drawn = await ask({ kind: 'draw', bytes: made.value.bytes, asked: false });
    await ask({ kind: 'close', source: opened.id });
    // The first round also fetches and compiles the module.
    if (round > 0)
      times.push({
        open: opened.ms,
        finish: made.ms,
        first: first.ms,
        draw: drawn.ms,
        bytes: made.value.bytes.length,
      });
  }
  return times;
}

/** Sealing and opening as many bytes, in ms. */
async function sealing(bytes: number): Promise<{ readonly seal: number[]; readonly open: number[] }> {
  const picture = new Uint8Array(bytes).fill(3);
  const halves = { km: new Uint8Array(32).fill(1), ks: new Uint8Array(32).fill(2) };
  const blobId = new Uint8Array(16);
  const out = { seal: [] as number[], open: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const ciphertext = await seal(picture, halves, blobId);
    const between = performance.now();
    await open(ciphertext, halves, blobId);
    out.seal.push(between - start);
    out.open.push(performance.now() - between);
  }
  return out;
}

const pictures = await Promise.all([0, 1, 2].map(photograph));
const times = await inStudio(pictures, measure, { pictures: pictures.length, rounds });
const sealed = await sealing(Math.max(...times.map(({ bytes }) => bytes)));
const row = (what: string, values: readonly number[], asked = false) => ({
  what,
  'p50 ms': round(p50(values)),
  'p95 ms': round(p95(values)),
  [`<= ${target}`]: asked ? (p50(values) <= target ? 'reached' : 'missed') : '',
});
const opens = times.map((one) => one.open);
const finishes = times.map((one, at) => one.finish + (sealed.seal[at] ?? 0));
console.log(
  `\npictures: ${size.width}x${size.height}, ${rounds} rounds over ${pictures.length} drawn scenes; load ${loadAverage()}`,
);
console.table([
  row('sender: decode, upright, scale, preview (before the editor shows)', opens),
  row('sender: draw edits, encode, decode again, hash, crops, thumbnail, seal', finishes, true),
  row(
    'sender: both',
    times.map((one, at) => one.open + (finishes[at] ?? 0)),
    true,
  ),
  row(
    'receiver, first view: open, decode, hash the bitmap and what it asks about',
    times.map((one, at) => one.first + (sealed.open[at] ?? 0)),
    true,
  ),
  row(
    'receiver, another view: open, decode, hash the bitmap',
    times.map((one, at) => one.draw + (sealed.open[at] ?? 0)),
    true,
  ),
]);
if (whole > 0) {
  const ways = await wholeWays(whole, size.width, size.height);
  console.log(
    `\nthe whole way, ${whole} pictures between two people in one browser, with a server of its own; answers of the matching service come on a grid of 50 ms`,
  );
  console.table([
    row(
      'from "send" until it is stored for its receiver',
      ways.map((way) => way.send),
    ),
    row(
      'from "open" until it is drawn, first view: fetched, counted, hashed, asked about',
      ways.map((way) => way.first),
    ),
    row(
      'from "open" until it is drawn, another view',
      ways.map((way) => way.again),
    ),
  ]);
}
if (recall > 0) await recallOnThePage(recall, 960, 720);
