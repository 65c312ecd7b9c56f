import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeFile, decodePicture } from '../decode-node/index.ts';
import { builtKernel, scene } from '../testing/index.ts';
import { PdqEngine } from './engine.ts';
import { distance } from './hash.ts';
import { PictureRefused, REFUSAL_CODES } from './refusal.ts';

const engine = await PdqEngine.load(await builtKernel());
const picture = scene(0, 320, 240);
const truth = engine.hash(picture).hash;

const source = (): Sharp =>
  sharp(Buffer.from(picture.data), { raw: { width: 320, height: 240, channels: 3 } });
// The brightness that PDQ sees; libvips' own conversion to grey works in linear light and is another picture.
const luma = (): Buffer =>
  Buffer.from(
    Uint8Array.from({ length: 320 * 240 }, (_, i) => {
      const [r = 0, g = 0, b = 0] = picture.data.subarray(i * 3, i * 3 + 3);
      return Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    }),
  );
const away = async (encoded: Sharp): Promise<number> => {
  const decoded = await decodePicture(await encoded.toBuffer());
  return distance(engine.hash(decoded).hash, truth);
};
const refused = (code: string) => expect.objectContaining({ name: 'PictureRefused', code });

// A TIFF of uncompressed cyan, magenta, yellow and black, without a profile: sharp writes none such.
function inkTiff(): Uint8Array {
  const pixels = 320 * 240;
  const bytes = new Uint8Array(10 + 10 * 12 + 4 + 8 + pixels * 4);
  const view = new DataView(bytes.buffer);
  const depths = 10 + 10 * 12 + 4;
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, 8, true);
  view.setUint16(8, 10, true);
  const entries = [
    [256, 3, 1, 320],
    [257, 3, 1, 240],
    [258, 3, 4, depths],
    [259, 3, 1, 1],
    [262, 3, 1, 5],
    [273, 4, 1, depths + 8],
    [277, 3, 1, 4],
    [278, 3, 1, 240],
    [279, 4, 1, pixels * 4],
    [284, 3, 1, 1],
  ] as const;
  entries.forEach(([tag, type, count, value], i) => {
    view.setUint16(10 + i * 12, tag, true);
    view.setUint16(12 + i * 12, type, true);
    view.setUint32(14 + i * 12, count, true);
    view.setUint32(18 + i * 12, value, true);
  });
  for (let c = 0; c < 4; c++) view.setUint16(depths + c * 2, 8, true);
  for (let i = 0; i < pixels; i++) {
    const [r = 0, g = 0, b = 0] = picture.data.subarray(i * 3, i * 3 + 3);
    const light = Math.max(r, g, b, 1);
    const inks = [r, g, b].map((v) => 255 - Math.round((v * 255) / light));
    bytes.set([...inks, 255 - light], depths + 8 + i * 4);
  }
  return bytes;
}

describe('every kind of file', () => {
  it('is within 4 bits of the pixels it was made from, in any lossless or high-quality coding', async () => {
    const files: Record<string, Sharp> = {
      png: source().png(),
      'png, 16 bits': source().toColourspace('rgb16').png(),
      'png, opaque alpha': source().ensureAlpha().png(),
      jpeg: source().jpeg({ quality: 95 }),
      'jpeg, progressive': source().jpeg({ quality: 95, progressive: true }),
      webp: source().webp({ lossless: true }),
      tiff: source().tiff({ compression: 'lzw' }),
      avif: source().avif({ quality: 90, effort: 2 }),
      grey: sharp(luma(), { raw: { width: 320, height: 240, channels: 1 } })
        .toColourspace('b-w')
        .png(),
    };
    for (const [name, file] of Object.entries(files)) {
      const d = await away(file);
      expect([name, d <= 4, d]).toEqual([name, true, d]);
    }
  });

  it('survives a palette of 256 colours within the distance of a match', async () => {
    expect(await away(source().gif())).toBeLessThanOrEqual(16);
  });

  it('reads inks without a profile as browsers do, by their product', async () => {
    const decoded = await decodePicture(inkTiff());
    expect(distance(engine.hash(decoded).hash, truth)).toBeLessThanOrEqual(4);
  });

  it('comes out upright whatever the EXIF orientation, or as stored when asked', async () => {
    const { hashes } = engine.dihedral(picture);
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const file = await source().withMetadata({ orientation }).png().toBuffer();
      const stored = await decodePicture(file, { orientation: 'stored' });
      expect(distance(engine.hash(stored).hash, truth)).toBeLessThanOrEqual(4);
      const upright = engine.hash(await decodePicture(file)).hash;
      const nearest = Math.min(...Object.values(hashes).map((hash) => distance(hash, upright)));
      expect([orientation, nearest <= 4, orientation === 1]).toEqual([
        orientation,
        true,
        distance(upright, truth) <= 4,
      ]);
    }
  });

  it('lays transparency over white', async () => {
    const clear = await sharp({
      create: { width: 40, height: 30, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const decoded = await decodePicture(clear);
    expect([...new Set(decoded.data)]).toEqual([255]);
  });

  it('takes the first frame of an animation alone', async () => {
    const second = scene(2, 320, 240);
    const frames = new Uint8Array(picture.data.length * 2);
    frames.set(picture.data);
    frames.set(second.data, picture.data.length);
    const animated = await sharp(frames, { raw: { width: 320, height: 480, channels: 3, pageHeight: 240 } })
      .webp({ lossless: true, loop: 0 })
      .toBuffer();
    const decoded = await decodePicture(animated);
    expect([decoded.width, decoded.height]).toEqual([320, 240]);
    expect(distance(engine.hash(decoded).hash, truth)).toBeLessThanOrEqual(4);
  });
});

describe('hostile and broken files', () => {
  it('are refused by what is wrong with them', async () => {
    const png = await source().png().toBuffer();
    const jpeg = await source().jpeg().toBuffer();
    await expect(decodePicture(new Uint8Array())).rejects.toThrow(refused('picture.empty'));
    await expect(decodePicture(png, { bytes: 100 })).rejects.toThrow(refused('picture.too-many-bytes'));
    await expect(decodePicture(Buffer.from('not a picture'))).rejects.toThrow(
      refused('picture.unsupported-format'),
    );
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(decodePicture(svg)).rejects.toThrow(refused('picture.unsupported-format'));
    await expect(decodePicture(jpeg.subarray(0, jpeg.length >> 1))).rejects.toThrow(PictureRefused);
    await expect(decodePicture(png.subarray(0, png.length >> 1))).rejects.toThrow(PictureRefused);
    await expect(decodeFile('/nonexistent/picture.png')).rejects.toThrow(refused('picture.unreadable'));
  });

  it('are refused by their header when they would unfold to too many pixels', async () => {
    const bomb = await sharp({ create: { width: 4000, height: 4000, channels: 3, background: '#fff' } })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(200_000);
    await expect(decodePicture(bomb, { pixels: 15_999_999 })).rejects.toThrow(
      refused('picture.too-many-pixels'),
    );
  });

  it('never give anything but a picture or a refusal of the closed list, however they are damaged', async () => {
    const files = await Promise.all([
      source().resize(64, 48).png().toBuffer(),
      source().resize(64, 48).jpeg().toBuffer(),
      source().resize(64, 48).webp().toBuffer(),
      source().resize(64, 48).gif().toBuffer(),
    ]);
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        damage,
        fc.nat(),
        fc.boolean(),
        async (file, hits, cut, shorten) => {
          const bytes = Uint8Array.from(shorten ? file.subarray(0, 1 + (cut % file.length)) : file);
          for (const [at, value] of hits) bytes[at % bytes.length] = value;
          try {
            const decoded = await decodePicture(bytes, { pixels: 1_000_000, seconds: 5 });
            expect(engine.hash(decoded).quality).toBeGreaterThanOrEqual(0);
          } catch (error) {
            expect(error).toBeInstanceOf(PictureRefused);
            expect(REFUSAL_CODES).toContain((error as PictureRefused).code);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
