import type { Picture } from '../src/picture.ts';
import { PictureRefused } from '../src/refusal.ts';

export { PictureRefused } from '../src/refusal.ts';

/** What a decoder may spend on one picture. */
export interface BrowserDecodeLimits {
  /** Most pixels that are copied out for hashing. */
  readonly pixels?: number;
  /** Most bytes of the file. */
  readonly bytes?: number;
  /** Most seconds of decoding, by the clock: a phone under load may stand still for a while in an honest picture. */
  readonly seconds?: number;
}

/** How a file is drawn. */
export interface DrawOptions extends BrowserDecodeLimits {
  /** Larger pictures are scaled down to this longest side, in pixels. */
  readonly longestSide?: number;
  /** `as-stored` leaves the numbers of the file (the reference manages no colours); `srgb` converts a profile. */
  readonly colours?: 'as-stored' | 'srgb';
}

const DEFAULTS = { pixels: 100_000_000, bytes: 64 * 1024 * 1024, seconds: 60 } as const;

function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new PictureRefused('picture.timeout', 'Decoding took too long.')),
    seconds * 1000,
  );
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

async function bitmapOf(file: Blob, seconds: number, convert: boolean): Promise<ImageBitmap> {
  // Browsers always apply the EXIF orientation.
  const options = {
    colorSpaceConversion: convert ? 'default' : 'none',
    premultiplyAlpha: 'none',
  } as const;
  try {
    return await within(seconds, createImageBitmap(file, options));
  } catch (error) {
    if (error instanceof PictureRefused) throw error;
    throw new PictureRefused('picture.unreadable', 'The picture cannot be decoded.', { cause: error });
  }
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new PictureRefused('picture.memory', 'There is no canvas for this picture.');
  return context;
}

/**
 * Draws a file upright and opaque (over white) on a canvas, by the browser's own decoder; the first frame of an
 * animation. Meant for a worker: a large picture takes tens of milliseconds.
 * @throws PictureRefused, and nothing else: `picture.empty`, `picture.too-many-bytes`, `picture.too-many-pixels`,
 * `picture.timeout`, `picture.unreadable`, `picture.memory`
 */
export async function drawBlob(file: Blob, options: DrawOptions = {}): Promise<OffscreenCanvas> {
  const { pixels, bytes, seconds, longestSide = Number.POSITIVE_INFINITY } = { ...DEFAULTS, ...options };
  if (file.size === 0) throw new PictureRefused('picture.empty', 'The file is empty.');
  if (file.size > bytes) throw new PictureRefused('picture.too-many-bytes', 'The file is too large.');
  const bitmap = await bitmapOf(file, seconds, options.colours === 'srgb');
  try {
    if (bitmap.width * bitmap.height > pixels) {
      throw new PictureRefused('picture.too-many-pixels', 'The picture has too many pixels.');
    }
    const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = contextOf(canvas);
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    return canvas;
  } catch (error) {
    if (error instanceof PictureRefused) throw error;
    throw new PictureRefused('picture.memory', 'The picture is too large for a canvas.', { cause: error });
  } finally {
    bitmap.close();
  }
}

/** The very pixels of a canvas, for hashing. @throws PictureRefused `picture.memory` */
export function pixelsOf(canvas: OffscreenCanvas): Picture {
  const { width, height } = canvas;
  try {
    return { width, height, format: 'rgba', data: contextOf(canvas).getImageData(0, 0, width, height).data };
  } catch (error) {
    if (error instanceof PictureRefused) throw error;
    throw new PictureRefused('picture.memory', 'The pixels cannot be read back.', { cause: error });
  }
}

/** Decodes a file to upright RGBA. @throws PictureRefused as {@link drawBlob} */
export async function decodeBlob(file: Blob, limits: BrowserDecodeLimits = {}): Promise<Picture> {
  return pixelsOf(await drawBlob(file, limits));
}
