import type { Picture } from '../src/picture.ts';
import { PictureRefused } from '../src/refusal.ts';

export { PictureRefused } from '../src/refusal.ts';

/** What a decoder may spend on one picture. */
export interface BrowserDecodeLimits {
  /** Most pixels that are copied out for hashing. */
  readonly pixels?: number;
  /** Most bytes of the file. */
  readonly bytes?: number;
  /** Most seconds of decoding. */
  readonly seconds?: number;
}

const DEFAULTS = { pixels: 100_000_000, bytes: 64 * 1024 * 1024, seconds: 20 } as const;

function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new PictureRefused('picture.timeout', 'Decoding took too long.')),
    seconds * 1000,
  );
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

async function bitmapOf(file: Blob, seconds: number): Promise<ImageBitmap> {
  // Colours stay as stored: the reference does not manage them either. Browsers always apply the EXIF orientation.
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
  try {
    return await within(seconds, createImageBitmap(file, options));
  } catch (error) {
    if (error instanceof PictureRefused) throw error;
    throw new PictureRefused('picture.unreadable', 'The picture cannot be decoded.', { cause: error });
  }
}

/**
 * Decodes a file to upright RGBA with the browser's own decoder; the first frame of an animation. Meant for a worker:
 * drawing and reading back a large picture takes tens of milliseconds.
 * @throws PictureRefused, and nothing else: `picture.empty`, `picture.too-many-bytes`, `picture.too-many-pixels`,
 * `picture.timeout`, `picture.unreadable`, `picture.memory`
 */
export async function decodeBlob(file: Blob, limits: BrowserDecodeLimits = {}): Promise<Picture> {
  const { pixels, bytes, seconds } = { ...DEFAULTS, ...limits };
  if (file.size === 0) throw new PictureRefused('picture.empty', 'The file is empty.');
  if (file.size > bytes) throw new PictureRefused('picture.too-many-bytes', 'The file is too large.');
  const bitmap = await bitmapOf(file, seconds);
  try {
    const { width, height } = bitmap;
    if (width * height > pixels) {
      throw new PictureRefused('picture.too-many-pixels', 'The picture has too many pixels.');
    }
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (context === null) throw new PictureRefused('picture.memory', 'There is no canvas for this picture.');
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { width, height, format: 'rgba', data: context.getImageData(0, 0, width, height).data };
  } catch (error) {
    if (error instanceof PictureRefused) throw error;
    throw new PictureRefused('picture.memory', 'The picture is too large for a canvas.', { cause: error });
  } finally {
    bitmap.close();
  }
}
