import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { builtKernel, scene, seeded, turn } from '../testing/index.ts';
import { DIHEDRALS } from './dihedral.ts';
import { PdqEngine } from './engine.ts';
import { complement, distance, fromHex, toHex } from './hash.ts';
import { simdSupported } from './kernel.ts';
import type { Picture, PixelFormat } from './picture.ts';

const bytes = await builtKernel();
const engine = await PdqEngine.load(bytes);
const scalar = await PdqEngine.load(bytes, 'scalar');

const vectors = process.env.ACCORD_VECTORS ?? join(import.meta.dirname, '../../../../shared/vectors');
const vectorTable = join(vectors, 'pdq', 'reference-hashes.csv');

interface Expected {
  scene: number;
  width: number;
  height: number;
  hash: string;
  quality: number;
}
const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testing/reference-hashes.json'), 'utf8'),
) as Expected[];

const noise = (width: number, height: number, format: PixelFormat, seed: number): Picture => {
  const channels = { luma: 1, rgb: 3, rgba: 4 }[format];
  const random = seeded(seed);
  const data = Uint8Array.from({ length: width * height * channels }, () => random() * 256);
  return { width, height, format, data };
};

const anyPicture = fc
  .record({
    width: fc.integer({ min: 5, max: 300 }),
    height: fc.integer({ min: 5, max: 300 }),
    format: fc.constantFrom<PixelFormat>('luma', 'rgb', 'rgba'),
    seed: fc.integer(),
  })
  .map((p) => noise(p.width, p.height, p.format, p.seed));

describe('agreement with the reference', () => {
  it.each(expected)('gives the bits of the C++ reference for scene $scene at $width x $height', (row) => {
    const found = engine.hash(scene(row.scene, row.width, row.height));
    expect([toHex(found.hash), found.quality]).toEqual([row.hash, row.quality]);
  });

  it.skipIf(!existsSync(vectorTable))(
    'is at distance 0 on every picture of the reference vectors',
    async () => {
      const rows = readFileSync(vectorTable, 'utf8').trim().split('\n').slice(1);
      for (const row of rows) {
        const [file = '', , , hash = '', quality, toolHash = ''] = row.split(',');
        const { data, info } = await sharp(join(vectors, 'pdq', file))
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        const decoded: Picture = { width: info.width, height: info.height, format: 'rgb', data };
        const found = engine.hash(decoded);
        expect([file, toHex(found.hash), found.quality]).toEqual([file, hash, Number(quality)]);
        expect([file, distance(engine.hashAsTool(decoded).hash, fromHex(toolHash))]).toEqual([file, 0]);
      }
    },
  );
});

describe('the reference pictures turned and mirrored', () => {
  const files = {
    original: 'bridge-1-original',
    rotate90: 'bridge-2-rotate-90',
    rotate180: 'bridge-3-rotate-180',
    rotate270: 'bridge-4-rotate-270',
    flipX: 'bridge-5-flipx',
    flipY: 'bridge-6-flipy',
    flipPlus1: 'bridge-7-flip-plus-1',
    flipMinus1: 'bridge-8-flip-minus-1',
  } as const;

  it.skipIf(!existsSync(vectorTable))(
    'are found among the eight of the original, each under its name',
    async () => {
      const table = readFileSync(vectorTable, 'utf8');
      const original = join(vectors, 'pdq', 'dih', 'bridge-1-original.jpg');
      const { data, info } = await sharp(original).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const { hashes } = engine.dihedral({ width: info.width, height: info.height, format: 'rgb', data });
      for (const name of DIHEDRALS) {
        const hash = new RegExp(`${files[name]}\\.jpg,\\d+,\\d+,([0-9a-f]{64})`).exec(table)?.[1] ?? '';
        // The turned files were re-encoded, which alone moves a few bits.
        expect([name, distance(hashes[name], fromHex(hash)) <= 10]).toEqual([name, true]);
      }
    },
  );
});

describe('the two builds', () => {
  it('runs with vector instructions where the engine has them', () => {
    expect(engine.simd).toBe(simdSupported());
    expect(scalar.simd).toBe(false);
  });

  it('agree to the bit on any picture', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        expect(scalar.hash(picture)).toEqual(engine.hash(picture));
      }),
      { numRuns: 40 },
    );
  });
});

describe('the dihedral group', () => {
  it('hashes a turned picture to the hash named so, for all eight', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const { hashes } = engine.dihedral(picture);
        for (const name of DIHEDRALS) {
          expect([name, toHex(engine.hash(turn(picture, name)).hash)]).toEqual([name, toHex(hashes[name])]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('permutes the eight when the picture is turned: four quarter turns come back', () => {
    const picture = scene(3, 200, 150);
    const once = engine.dihedral(turn(picture, 'rotate90')).hashes;
    expect(engine.dihedral(picture).hashes.rotate180).toEqual(once.rotate90);
    expect(engine.dihedral(picture).hashes.original).toEqual(once.rotate270);
  });

  it('has the complement of each for the negative', () => {
    const picture = scene(0, 320, 240);
    const negative = { ...picture, data: picture.data.map((v) => 255 - v) };
    const { complements } = engine.dihedral(picture);
    const { hashes } = engine.dihedral(negative);
    // The median itself carries no bit, so a negative may differ in the two coefficients nearest to it.
    for (const name of DIHEDRALS) expect(distance(hashes[name], complements[name])).toBeLessThanOrEqual(2);
    expect(complement(complements.original)).toEqual(engine.hash(picture).hash);
  });
});

describe('strips', () => {
  it('give the hashes of the whole however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPicture,
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        async (picture, cuts) => {
          const stream = await engine.stream(picture);
          const rowBytes = picture.data.length / picture.height;
          for (let y = 0; y < picture.height; ) {
            const rows = Math.min(cuts.next().value, picture.height - y);
            stream.push(picture.data.subarray(y * rowBytes, (y + rows) * rowBytes));
            y += rows;
          }
          expect(stream.finish()).toEqual(engine.hash(picture));
          expect(stream.finishDihedral()).toEqual(engine.dihedral(picture));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('hash a picture taller than would be held, one strip at a time', async () => {
    const stream = await engine.stream({ width: 600, height: 90_000, format: 'luma' });
    const strip = new Uint8Array(600 * 1000);
    for (let k = 0; k < 90; k++) {
      stream.push(strip.map((_, i) => ((i % 600) * (k + 1)) >> 4));
    }
    expect(stream.finish().quality).toBeGreaterThan(50);
  });

  it('refuse a part of a row, a row too many, and an early end', async () => {
    const stream = await engine.stream({ width: 10, height: 10, format: 'rgb' });
    expect(() => stream.push(new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: 'picture.wrong-length' }),
    );
    stream.push(new Uint8Array(30 * 9));
    expect(() => stream.finish()).toThrow(expect.objectContaining({ code: 'picture.truncated' }));
    expect(() => stream.push(new Uint8Array(60))).toThrow(
      expect.objectContaining({ code: 'picture.wrong-length' }),
    );
  });
});

describe('pictures that say nothing', () => {
  it('have quality 0: flat, one pixel, under five pixels a side', () => {
    const flat = (width: number, height: number) => ({
      width,
      height,
      format: 'luma' as const,
      data: new Uint8Array(width * height).fill(90),
    });
    for (const [w, h] of [
      [1, 1],
      [4, 400],
      [400, 4],
      [64, 64],
      [500, 300],
    ] as const) {
      expect([w, h, engine.hash(flat(w, h)).quality]).toEqual([w, h, 0]);
      expect([w, h, engine.dihedral(flat(w, h)).quality]).toEqual([w, h, 0]);
    }
  });

  it('are refused when the sides are wrong or the bytes do not fill them', () => {
    const data = new Uint8Array(100);
    const picture = { width: 10, height: 10, format: 'luma' as const, data };
    for (const width of [0, -1, 1.5, Number.NaN, 300_000]) {
      expect(() => engine.hash({ ...picture, width })).toThrow(
        expect.objectContaining({ code: 'picture.wrong-size' }),
      );
    }
    expect(() => engine.hash({ ...picture, format: 'rgb' })).toThrow(
      expect.objectContaining({ code: 'picture.wrong-length' }),
    );
  });
});

describe('pixels', () => {
  it('lays transparency over white', () => {
    const opaque = scene(4, 120, 90);
    const random = seeded(5);
    const rgba = new Uint8Array(120 * 90 * 4);
    const white = new Uint8Array(120 * 90 * 3);
    for (let i = 0; i < 120 * 90; i++) {
      const a = random() < 0.5 ? 255 : Math.floor(random() * 256);
      for (let c = 0; c < 3; c++) {
        const v = opaque.data[i * 3 + c] ?? 0;
        rgba[i * 4 + c] = v;
        white[i * 3 + c] = Math.floor((v * a + 255 * (255 - a) + 127) / 255);
      }
      rgba[i * 4 + 3] = a;
    }
    const found = engine.hash({ width: 120, height: 90, format: 'rgba', data: rgba });
    expect(found).toEqual(engine.hash({ width: 120, height: 90, format: 'rgb', data: white }));
  });

  it('keeps nothing of one picture when hashing the next of the same size', () => {
    const [a, b] = [scene(6, 200, 150), scene(7, 200, 150)];
    const alone = toHex(engine.hash(b).hash);
    engine.hash(a);
    expect(toHex(engine.hash(b).hash)).toBe(alone);
  });
});

describe('the written form', () => {
  it('is 64 hexadecimal digits both ways, and nothing else is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
        expect(fromHex(toHex(hash))).toEqual(hash);
      }),
    );
    for (const text of ['', 'ab', 'g'.repeat(64), 'a'.repeat(65)]) {
      expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'hash.malformed' }));
    }
    expect(() => distance(new Uint8Array(31), new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'hash.malformed' }),
    );
  });
});
