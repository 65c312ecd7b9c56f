import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { distance, fromHex, type PdqEngine, type Picture, toHex } from '@accord/perceptual';
import { decodePicture } from '@accord/perceptual/decode-node';
import { scene } from '@accord/perceptual/testing';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import type { BrowserAnswer } from './browser-worker.ts';
import { median, square } from './speed.ts';

const root = join(import.meta.dirname, '../../..');
const served = [join(root, 'packages/perceptual/'), join(root, 'bench/src/perceptual/')];

// Serves this repository's two folders, types stripped, so that the browser runs the files themselves.
function startServer(extra: ReadonlyMap<string, Uint8Array>): Promise<Server> {
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/');
    const bytes = extra.get(name);
    const path = normalize(join(root, name));
    if (bytes) response.end(bytes);
    else if (name === '/')
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title>');
    else if (served.some((folder) => path.startsWith(folder)) && existsSync(path)) {
      readFile(path, 'utf8').then((text) => {
        response.setHeader('content-type', 'text/javascript');
        response.end(extname(path) === '.ts' ? stripTypeScriptTypes(text) : text);
      });
    } else response.writeHead(404).end();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

async function encodings(): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (let i = 0; i < 12; i++) {
    const picture: Picture = scene(i, 480, 360);
    const raw = sharp(Buffer.from(picture.data), { raw: { width: 480, height: 360, channels: 3 } });
    const coded = [raw.jpeg({ quality: 88 }), raw.png(), raw.webp({ quality: 90 })][i % 3];
    if (coded) files.set(`/file/${i}`, await coded.toBuffer());
  }
  return files;
}

async function askChromium(
  executable: string,
  pictures: readonly Picture[],
  files: ReadonlyMap<string, Uint8Array>,
) {
  const extra = new Map(files);
  for (const picture of pictures) extra.set(`/picture/${picture.width}`, new Uint8Array(picture.data));
  const server = await startServer(extra);
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await page.evaluate(
      async ({ sides, names }): Promise<BrowserAnswer> => {
        const load = async (name: string) => new Uint8Array(await (await fetch(name)).arrayBuffer());
        const worker = new Worker('/bench/src/perceptual/browser-worker.ts', { type: 'module' });
        const answer = new Promise<BrowserAnswer>((resolve, reject) => {
          worker.onmessage = (event) => resolve(event.data as BrowserAnswer);
          worker.onerror = (event) => reject(new Error(event.message));
        });
        const pictures = [];
        for (const side of sides) pictures.push({ side, data: await load(`/picture/${side}`), repeats: 31 });
        worker.postMessage({ pictures, files: await Promise.all(names.map(load)) });
        return answer;
      },
      { sides: pictures.map((p) => p.width), names: [...files.keys()] },
    );
  } finally {
    await browser.close();
    server.close();
  }
}

/** Prints the time of the same module in Chromium beside Node's, and how its decoder's hashes agree with Node's. */
export async function benchBrowser(engine: PdqEngine): Promise<void> {
  const executable = process.env.ACCORD_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executable)) {
    console.log('\nChromium is skipped: set ACCORD_CHROMIUM to its executable.');
    return;
  }
  const pictures = [512, 1024, 2048].map((side) => square(side, 'rgb'));
  const files = await encodings();
  const answer = await askChromium(executable, pictures, files);
  console.log(
    `\nThe same module in Chromium (${answer.simd ? 'vector' : 'scalar'} build), in a worker, median ms:\n`,
  );
  console.log('| side | Node | Chromium | Chromium / Node | same hash |\n| --- | --- | --- | --- | --- |');
  pictures.forEach((picture, i) => {
    for (let warm = 0; warm < 40; warm++) engine.hash(picture);
    const node = median(31, () => engine.hash(picture));
    const theirs = answer.times[i];
    if (!theirs) throw new Error('Chromium answered too little.');
    const same = theirs.hash === toHex(engine.hash(picture).hash);
    console.log(
      `| ${picture.width} | ${node.toFixed(2)} | ${theirs.ms.toFixed(2)} | ${(theirs.ms / node).toFixed(2)} | ${same} |`,
    );
  });
  let worst = 0;
  let index = 0;
  for (const file of files.values()) {
    const ours = engine.hash(await decodePicture(file)).hash;
    worst = Math.max(worst, distance(ours, fromHex(answer.hashes[index++] ?? '')));
  }
  console.log(
    `\n${files.size} JPEG, PNG and WebP files decoded by Chromium and by sharp: at most ${worst} bits apart.`,
  );
}
