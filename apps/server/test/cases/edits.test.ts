import { bankHashes, PdqEngine, shareHashes, type VariantHash } from '@accord/perceptual';
import { decodePicture } from '@accord/perceptual/decode-node';
import { kernelBytes } from '@accord/perceptual/kernel';
import { scene } from '@accord/perceptual/testing';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, byOwner, concat, newKey } from '../matching/pictures.ts';
import { base64url } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';

let server: TestServer;
let engine: PdqEngine;

beforeAll(async () => {
  [server, engine] = await Promise.all([startServer(), PdqEngine.load(kernelBytes)]);
});
afterAll(() => server.close());

const [width, height] = [960, 720];
const drawings = [0, 1, 2].map((index) => Buffer.from(scene(index, width, height).data));
const drawn = (index: number): Sharp => sharp(drawings[index], { raw: { width, height, channels: 3 } });
const hashesOf = (of: readonly VariantHash[]) => concat(...of.map(({ hash }) => hash));

/** What the desk's page says of a picture. */
async function filed(picture: Sharp) {
  const { quality: q, hashes } = bankHashes(
    engine,
    await decodePicture(await picture.jpeg({ quality: 92 }).toBuffer()),
  );
  const of = (kind: VariantHash['kind']) => hashesOf(hashes.filter((one) => one.kind === kind));
  return { h: of('whole'), q, parts: of('part'), regions: of('region'), source: false };
}

/** What becomes of a sending of it, by somebody new. */
async function outcomeOf(picture: Sharp, saved = 80): Promise<string> {
  const decoded = await decodePicture(await picture.jpeg({ quality: saved }).toBuffer());
  const { hash, quality: q, turned, parts, wholes, kept } = shareHashes(engine, decoded);
  const asked = {
    turned: hashesOf(turned),
    parts: hashesOf(parts),
    wholes: hashesOf(wholes),
    regions: '',
  };
  const body = await byOwner(await newKey(), hash, { q, asked, kept: hashesOf(kept) });
  return (await ask(server.url, { ...body, h: base64url(hash) })).outcome;
}

it('a removed picture is refused after each of six edits, and another picture is not', async () => {
  const edits: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
    mirrored: (picture) => picture.flop(),
    cropped: (picture) => picture.extract({ left: 60, top: 45, width: 840, height: 630 }),
    bordered: (picture) =>
      picture.extend({ top: 60, bottom: 60, left: 60, right: 60, background: '#ffffff' }),
    'on its side': (picture) => picture.rotate(90),
    brighter: (picture) => picture.modulate({ brightness: 1.25 }),
  };
  const { caseId } = await file(server, { pictures: [await filed(drawn(0))] });
  await give(await newStaff(server, 'moderator'), caseId, remove);
  for (const [name, edit] of Object.entries(edits))
    expect(await outcomeOf(edit(drawn(0))), name).toBe('refused');
  expect(await outcomeOf(drawn(0), 30), 'recompressed').toBe('refused');
  for (const other of [1, 2]) expect(await outcomeOf(drawn(other))).toBe('attested');
});
