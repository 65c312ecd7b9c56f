/// <reference lib="webworker" />
import {
  HASH_BYTES,
  PdqEngine,
  type Picture,
  PictureRefused,
  shareHashes,
  type VariantHash,
} from '@accord/perceptual';
import { drawBlob, pixelsOf } from '@accord/perceptual/decode-browser';
import { kernelBytes } from '@accord/perceptual/kernel';
import { maxPictureBytes, maxSide, readCanonical, SealedMediaError } from '@accord/sealed-media';
import { drawEdited, type Edits, editedSize, type Size } from './edits.ts';
import { stripJpeg } from './jpeg.ts';
import type {
  AskedHashes,
  Canonical,
  Drawn,
  DrawnHash,
  StudioAnswer,
  StudioCall,
  StudioCode,
  StudioReady,
} from './types.ts';

/*
 * Decodes, edits, encodes and hashes pictures away from the page. One picture is open for editing at a time for each id;
 * nothing is kept after it is closed.
 */

const scope = self as unknown as DedicatedWorkerGlobalScope;
const sources = new Map<string, OffscreenCanvas>();
let loading: Promise<PdqEngine> | null = null;

const previewSide = 1280;
const thumbnailSide = 160;
const quality = 0.88;

const engine = (): Promise<PdqEngine> => {
  loading ??= PdqEngine.load(kernelBytes);
  return loading;
};

function scaled(source: OffscreenCanvas, side: number): OffscreenCanvas {
  const scale = Math.min(1, side / Math.max(source.width, source.height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(source.width * scale)),
    Math.max(1, Math.round(source.height * scale)),
  );
  const context = canvas.getContext('2d');
  if (context === null) throw new PictureRefused('picture.memory', 'no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function encode(canvas: OffscreenCanvas, at: number): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: at });
  return stripJpeg(new Uint8Array(await blob.arrayBuffer()));
}

async function open(id: string, file: Blob): Promise<Size & { readonly preview: ImageBitmap }> {
  const source = await drawBlob(file, { longestSide: maxSide, colours: 'srgb' });
  sources.set(id, source);
  return {
    width: source.width,
    height: source.height,
    preview: scaled(source, previewSide).transferToImageBitmap(),
  };
}

async function finish(sourceId: string, edits: Edits): Promise<Canonical> {
  const source = sources.get(sourceId);
  if (source === undefined) throw new PictureRefused('picture.empty', 'nothing open');
  const start = performance.now();
  const size = editedSize(source, edits);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (context === null) throw new PictureRefused('picture.memory', 'no canvas');
  drawEdited(context, source, edits);
  const bytes = await encode(canvas, quality);
  if (bytes.length > maxPictureBytes) throw new PictureRefused('picture.too-many-bytes', 'after encoding');
  // What the receiver will decode is hashed, not what went into the encoder: both then see the same bits.
  const drawn = await drawCanonical(bytes);
  const picture = pixelsOf(drawn);
  const hashes = await hashesOf(picture);
  const thumbnail = await encode(scaled(drawn, thumbnailSide), 0.7);
  return { ...size, bytes, type: 'image/jpeg', ...hashes, thumbnail, spent: performance.now() - start };
}

async function hashesOf(
  picture: Picture,
): Promise<DrawnHash & Pick<Canonical, 'asked' | 'kept' | 'anchors'>> {
  const { hash, quality: clear, turned, parts, wholes, kept } = shareHashes(await engine(), picture);
  return {
    hash,
    quality: clear,
    asked: {
      turned: joined(turned),
      parts: joined(parts),
      against: Uint8Array.from(parts, ({ against }) => against ?? 0),
      wholes: joined(wholes),
    },
    kept: joined(kept),
    anchors: Uint8Array.from(kept, ({ anchor }) => anchor ?? 0),
  };
}

function joined(variants: readonly VariantHash[]): Uint8Array {
  const out = new Uint8Array(variants.length * HASH_BYTES);
  for (const [at, { hash }] of variants.entries()) out.set(hash, at * HASH_BYTES);
  return out;
}

/** Canonical bytes on a canvas, with the limits of their form. */
async function drawCanonical(bytes: Uint8Array<ArrayBuffer>): Promise<OffscreenCanvas> {
  const { width, height } = readCanonical(bytes);
  const limits = { bytes: maxPictureBytes, pixels: maxSide * maxSide };
  const canvas = await drawBlob(new Blob([bytes]), limits);
  if (canvas.width !== width || canvas.height !== height) throw new SealedMediaError('not_canonical');
  return canvas;
}

async function draw(bytes: Uint8Array<ArrayBuffer>, asking: boolean): Promise<Drawn> {
  const start = performance.now();
  const canvas = await drawCanonical(bytes);
  const picture = pixelsOf(canvas);
  const {
    hash,
    quality: clear,
    asked,
  } = asking ? await hashesOf(picture) : { ...(await plainHash(picture)), asked: null };
  return {
    hash,
    quality: clear,
    asked,
    bitmap: canvas.transferToImageBitmap(),
    spent: performance.now() - start,
  };
}

async function plainHash(picture: Picture): Promise<DrawnHash> {
  return (await engine()).hash(picture);
}

/** What the matching service is asked with, where the receiver asks again. */
async function ask(bytes: Uint8Array<ArrayBuffer>): Promise<AskedHashes> {
  return (await hashesOf(pixelsOf(await drawCanonical(bytes)))).asked;
}

function answerTo(call: StudioCall): Promise<unknown> {
  switch (call.kind) {
    case 'open':
      return open(call.id, call.file);
    case 'finish':
      return finish(call.source, call.edits);
    case 'draw':
      return draw(call.bytes, call.asked);
    case 'ask':
      return ask(call.bytes);
    case 'close':
      sources.delete(call.source);
      return Promise.resolve(null);
  }
}

function codeOf(error: unknown): StudioCode {
  if (error instanceof SealedMediaError) return 'not_canonical';
  if (!(error instanceof PictureRefused)) return 'picture_unreadable';
  if (error.code === 'picture.timeout') return 'picture_timeout';
  const large = ['picture.too-many-bytes', 'picture.too-many-pixels', 'picture.memory'];
  return large.includes(error.code) ? 'picture_too_large' : 'picture_unreadable';
}

function transfers(value: unknown): Transferable[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).filter((part): part is ImageBitmap => part instanceof ImageBitmap);
}

scope.addEventListener('message', ({ data }: MessageEvent<StudioCall>) => {
  answerTo(data).then(
    (value) => scope.postMessage({ id: data.id, value } satisfies StudioAnswer, transfers(value)),
    (error: unknown) => scope.postMessage({ id: data.id, code: codeOf(error) } satisfies StudioAnswer),
  );
});
scope.postMessage({ ready: true } satisfies StudioReady);
