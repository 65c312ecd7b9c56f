import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { builtKernel, scene, turn } from '../testing/index.ts';
import { findContentBlocks } from './content-block.ts';
import { PdqEngine } from './engine.ts';
import { distance, MATCH_DISTANCE, REVIEW_DISTANCE } from './hash.ts';
import { findPastedBlocks } from './pasted-blocks.ts';
import type { Picture } from './picture.ts';
import { toRaster } from './raster.ts';
import { bankHashes, queryHashes, shareHashes, type VariantSet } from './variants.ts';
import { type Near, weigh } from './verdict.ts';

const bytes = await builtKernel();
const engine = await PdqEngine.load(bytes);
const picture = scene(0, 400, 300);
const bank = bankHashes(engine, picture);

function near(query: VariantSet, banked: VariantSet): Near[] {
  return query.hashes.flatMap((asked) =>
    banked.hashes.flatMap((stored, i) => {
      const target = stored.kind === 'part' ? 1 << (stored.anchor ?? 0) : 1;
      if (((asked.against ?? 63) & target) === 0) return [];
      return [{ banked: i, kind: asked.kind, distance: distance(asked.hash, stored.hash) }];
    }),
  );
}

/** Nearest neighbour, which keeps edges hard. */
function shrunk(from: Picture, share: number): Picture {
  const [width, height] = [Math.round(from.width * share), Math.round(from.height * share)];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (Math.floor(y / share) * from.width + Math.floor(x / share)) * 3;
      data.set(from.data.subarray(at, at + 3), (y * width + x) * 3);
    }
  }
  return { width, height, format: 'rgb', data };
}

function pastedInto(ground: Picture, inner: Picture, left: number, top: number): Picture {
  const data = Uint8Array.from(ground.data);
  for (let y = 0; y < inner.height; y++) {
    const row = inner.data.subarray(y * inner.width * 3, (y + 1) * inner.width * 3);
    data.set(row, ((y + top) * ground.width + left) * 3);
  }
  return { ...ground, data };
}

const verdict = (edited: Picture) => weigh(near(queryHashes(engine, edited), bank));

function cut(from: Picture, left: number, top: number, width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const at = ((top + y) * from.width + left) * 3;
    data.set(from.data.subarray(at, at + width * 3), y * width * 3);
  }
  return { width, height, format: 'rgb', data };
}

function framed(inner: Picture, sides: { x: number; top: number; bottom: number }, level: number): Picture {
  const width = inner.width + 2 * sides.x;
  const height = inner.height + sides.top + sides.bottom;
  const data = new Uint8Array(width * height * 3).fill(level);
  for (let y = 0; y < inner.height; y++) {
    const row = inner.data.subarray(y * inner.width * 3, (y + 1) * inner.width * 3);
    data.set(row, ((y + sides.top) * width + sides.x) * 3);
  }
  return { width, height, format: 'rgb', data };
}

async function rotated(degrees: number): Promise<Picture> {
  const raw = { width: picture.width, height: picture.height, channels: 3 } as const;
  const { data, info } = await sharp(Buffer.from(picture.data), { raw })
    .rotate(degrees, { background: '#000' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, format: 'rgb', data };
}

describe('what is banked', () => {
  it('is at most 64 hashes, the plain PDQ first', () => {
    expect(bank.hashes.length).toBeLessThanOrEqual(64);
    expect(bank.hashes[0]).toMatchObject({
      kind: 'whole',
      hash: engine.hash(picture).hash,
      quality: bank.quality,
    });
  });

  it('is nothing for a flat picture, which then matches nothing either', () => {
    const flat: Picture = { width: 200, height: 200, format: 'luma', data: new Uint8Array(40_000).fill(128) };
    expect(bankHashes(engine, flat)).toEqual({ quality: 0, hashes: [] });
    expect(queryHashes(engine, flat)).toEqual({ quality: 0, hashes: [] });
  });

  it('is the same in both builds', async () => {
    const scalar = await PdqEngine.load(bytes, 'scalar');
    expect(bankHashes(scalar, picture)).toEqual(bank);
    expect(queryHashes(scalar, picture)).toEqual(queryHashes(engine, picture));
  });
});

describe('what is asked', () => {
  it('quick: the eight symmetries and their negatives of the whole', () => {
    const { hashes } = queryHashes(engine, picture, 'quick');
    expect(hashes.filter((h) => h.kind === 'whole')).toHaveLength(16);
    expect(hashes.every((h) => h.kind === 'whole' || h.kind === 'block')).toBe(true);
  });

  it('finds the picture turned, mirrored and negative', () => {
    const negative = { ...picture, data: picture.data.map((v) => 255 - v) };
    for (const edited of [
      turn(picture, 'rotate90'),
      turn(picture, 'flipY'),
      turn(picture, 'flipMinus1'),
      negative,
    ]) {
      expect(weigh(near(queryHashes(engine, edited, 'quick'), bank))).toBe('match');
    }
  });

  it('finds any crop towards the centre or a corner, to 60 % of the side', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.6, max: 1, noNaN: true }),
        fc.constantFrom(0, 0.5, 1),
        (share, anchor) => {
          const [w, h] = [Math.round(400 * share), Math.round(300 * share)];
          const [x, y] = [Math.round((400 - w) * anchor), Math.round((300 - h) * anchor)];
          expect(verdict(cut(picture, x, y, w, h))).toBe('match');
        },
      ),
      { numRuns: 8 },
    );
  });

  it('finds it with one side cut off, and turned by a few degrees', async () => {
    expect(verdict(cut(picture, 80, 0, 320, 300))).toBe('match');
    expect(verdict(cut(picture, 0, 0, 400, 240))).toBe('match');
    expect(verdict(await rotated(3))).toBe('match');
    expect(verdict(await rotated(-5))).toBe('match');
  });

  it('finds it with up to a sixth of one side cut off, by what a device sends and what is kept', () => {
    const { hash, quality, kept } = shareHashes(engine, picture);
    const registered: VariantSet = { quality, hashes: [{ kind: 'whole', hash, quality }, ...kept] };
    for (const [x, y, width, height] of [
      [0, 0, 400, 285],
      [0, 45, 400, 255],
      [60, 0, 340, 300],
      [0, 0, 380, 300],
    ] as const) {
      const { turned, parts } = shareHashes(engine, cut(picture, x, y, width, height));
      const all = near({ quality, hashes: [...turned, ...parts] }, registered);
      expect(Math.min(...all.map((one) => one.distance)), `${x}, ${y}`).toBeLessThanOrEqual(31);
    }
  });

  it('finds it sheared, its corners left empty', async () => {
    const raw = { width: 400, height: 300, channels: 3 } as const;
    for (const matrix of [
      [1, 0.1, 0, 1],
      [1, 0, -0.12, 1],
    ]) {
      const { data, info } = await sharp(Buffer.from(picture.data), { raw })
        .affine(matrix as [number, number, number, number], { background: '#000' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(verdict({ width: info.width, height: info.height, format: 'rgb', data })).toBe('match');
    }
  });

  it('finds it pasted small into another picture, mirrored too, also by what a device sends', () => {
    for (const inner of [picture, turn(picture, 'flipY')]) {
      const edited = pastedInto(scene(4, 640, 480), shrunk(inner, 0.6), 330, 40);
      expect(verdict(edited)).toBe('match');
      const { parts } = shareHashes(engine, edited);
      expect(parts.length).toBeLessThanOrEqual(96);
      expect(weigh(near({ quality: 100, hashes: parts }, bank))).toBe('match');
    }
  });

  it('does not find another picture', () => {
    for (const other of [2, 3, 4, 12]) expect(verdict(scene(other, 400, 300))).toBe('none');
  });

  it('leaves the kernel’s memory as it was', () => {
    const before = engine.kernel.mark();
    queryHashes(engine, picture);
    bankHashes(engine, picture);
    const after = engine.kernel.mark();
    queryHashes(engine, picture);
    bankHashes(engine, picture);
    expect(engine.kernel.mark()).toBe(after);
    expect(before).toBeGreaterThan(0);
  });
});

describe('the content block', () => {
  it('is the picture inside a border, within one part in a hundred', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 90 }),
        fc.integer({ min: 8, max: 90 }),
        fc.constantFrom(0, 255),
        (x, y, level) => {
          const edited = framed(picture, { x, top: y, bottom: y }, level);
          const [block] = findContentBlocks(toRaster(edited, 400));
          expect(block).toBeDefined();
          expect(Math.abs((block?.left ?? 0) - x / edited.width)).toBeLessThan(0.01);
          expect(Math.abs((block?.bottom ?? 0) - (y + 300) / edited.height)).toBeLessThan(0.01);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('makes borders and bars harmless at the quick depth', () => {
    for (const sides of [
      { x: 20, top: 15, bottom: 15 },
      { x: 0, top: 60, bottom: 60 },
      { x: 0, top: 70, bottom: 0 },
    ]) {
      expect(weigh(near(queryHashes(engine, framed(picture, sides, 0), 'quick'), bank))).toBe('match');
    }
  });

  it('is nothing where there is no surround', () => {
    expect(findContentBlocks(toRaster(scene(7, 400, 300), 400))).toEqual([]);
  });
});

describe('a pasted block', () => {
  it('is the rectangle whose sides jump, within one part in a hundred', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 240 }),
        fc.integer({ min: 0, max: 180 }),
        fc.double({ min: 0.6, max: 1, noNaN: true }),
        fc.constantFrom(2, 4),
        (left, top, share, ground) => {
          const inner = shrunk(picture, share);
          const raster = toRaster(pastedInto(scene(ground, 640, 480), inner, left, top), 400);
          const near = (a: number, b: number) => Math.abs(a - b) < 0.01;
          const found = findPastedBlocks(raster).some(
            (block) =>
              near(block.left, left / 640) &&
              near(block.top, top / 480) &&
              near(block.right, (left + inner.width) / 640) &&
              near(block.bottom, (top + inner.height) / 480),
          );
          expect(found).toBe(true);
        },
      ),
      { numRuns: 12, seed: 3 },
    );
  });
});

describe('the verdict', () => {
  const at = (kind: Near['kind'], d: number, banked: number): Near => ({ kind, distance: d, banked });

  it('takes one whole, block or part, or two different regions', () => {
    expect(weigh([at('part', MATCH_DISTANCE, 0)])).toBe('match');
    expect(weigh([at('region', 0, 5), at('region', 3, 6)])).toBe('match');
    expect(weigh([at('region', 0, 5), at('region', 2, 5)])).toBe('review');
    expect(weigh([at('whole', REVIEW_DISTANCE, 0)])).toBe('review');
    expect(weigh([at('whole', REVIEW_DISTANCE + 1, 0)])).toBe('none');
    expect(weigh([])).toBe('none');
  });
});
