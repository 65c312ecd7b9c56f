import { randomUUID } from 'node:crypto';
import { PdqEngine, shareHashes, type VariantHash } from '@accord/perceptual';
import { decodePicture } from '@accord/perceptual/decode-node';
import { kernelBytes } from '@accord/perceptual/kernel';
import { scene } from '@accord/perceptual/testing';
import sharp from 'sharp';
import type { Depicted, PictureLook, PictureTerms, Prepared } from '../src/chat/engine/pictures-api.ts';
import { type Eye, type Revealed, reveal } from '../src/chat/pictures/reveal.ts';
import type { Browser } from './browser.ts';
import { until } from './browser.ts';
import { withOf } from './members.ts';

let loading: Promise<PdqEngine> | null = null;
const engine = () => {
  loading ??= PdqEngine.load(kernelBytes);
  return loading;
};

const joined = (hashes: readonly VariantHash[]) =>
  new Uint8Array(Buffer.concat(hashes.map(({ hash }) => hash)));

async function hashed(bytes: Uint8Array) {
  const { hash, quality, turned, parts, wholes, kept } = shareHashes(
    await engine(),
    await decodePicture(bytes),
  );
  const asked = {
    turned: joined(turned),
    parts: joined(parts),
    against: Uint8Array.from(parts, ({ against }) => against ?? 0),
    wholes: joined(wholes),
  };
  const anchors = Uint8Array.from(kept, ({ anchor }) => anchor ?? 0);
  return { hash, quality, asked, kept: joined(kept), anchors };
}

/** A drawn scene as a JPEG without anything else in it. */
export async function jpegOf(index: number, width = 400, height = 300): Promise<Uint8Array<ArrayBuffer>> {
  const { data } = scene(index, width, height);
  const raw = sharp(Buffer.from(data), { raw: { width, height, channels: 3 } });
  return new Uint8Array(await raw.jpeg({ quality: 90 }).toBuffer());
}

/** What the studio of an honest app makes of canonical bytes, by another decoder than the browser's. */
export async function prepared(bytes: Uint8Array): Promise<Prepared> {
  const { width = 0, height = 0 } = await sharp(bytes).metadata();
  const thumbnail = new Uint8Array(await sharp(bytes).resize(80).jpeg().toBuffer());
  return { ...(await hashed(bytes)), bytes, type: 'image/jpeg', width, height, thumbnail };
}

const eye: Eye<'drawn'> = {
  async draw(bytes) {
    return { bitmap: 'drawn', ...(await hashed(bytes)) };
  },
  ask: async (bytes) => (await hashed(bytes)).asked,
};

/** A device that stands still while it reads a picture. */
export const slowEye: Eye<'drawn'> = {
  ...eye,
  draw: () => Promise.reject(Object.assign(new Error('slow'), { code: 'picture_timeout' })),
};

/** Opens a picture as the page does, up to the bitmap. */
export function see({ core }: Browser, messageId: string, by = eye): Promise<Revealed<'drawn'>> {
  const opening = {
    open: core.methods['pictures.open'],
    askAgain: core.methods['pictures.askAgain'],
    refused: core.methods['pictures.refused'],
  };
  return reveal(opening, by, messageId);
}

export async function look({ core }: Browser, messageId: string): Promise<PictureLook> {
  const seen = await core.methods['pictures.look']({ messageId });
  if (seen === null) throw new Error('no such picture');
  return seen;
}

/** Waits until an own picture stands at `step`. */
export const stands = (browser: Browser, messageId: string, step: string): Promise<void> =>
  until(async () => (await look(browser, messageId)).sending?.step === step).catch(async () => {
    throw new Error(`stands at ${JSON.stringify((await look(browser, messageId)).sending)}, not ${step}`);
  });

/** Waits until a picture arrived. */
export const arrives = (browser: Browser, messageId: string): Promise<void> =>
  until(async () => (await browser.core.methods['pictures.look']({ messageId })) !== null);

const anyTerms: PictureTerms = { lasts: 3600, maxViews: null, depicts: 'me' };

/** Queues a picture to the other one and answers its message. */
export async function send(
  from: Browser,
  to: Browser,
  picture: Prepared,
  terms: Partial<PictureTerms> = {},
  people: readonly Depicted[] = [],
): Promise<string> {
  const id = randomUUID();
  const conversationId = withOf(from, to)?.id ?? '';
  const all = { ...anyTerms, ...terms };
  await from.core.methods['pictures.send']({ conversationId, id, picture, terms: all, people });
  return id;
}

export const decide = (browser: Browser, messageId: string, answer: 'once' | 'always' | 'never') =>
  browser.core.methods['pictures.decide']({ messageId, answer });

/** Sent, arrived and accepted. */
export async function shown(
  from: Browser,
  to: Browser,
  picture: Prepared,
  terms: Partial<PictureTerms> = {},
) {
  const id = await send(from, to, picture, terms);
  await stands(from, id, 'sent');
  await arrives(to, id);
  await decide(to, id, 'once');
  return id;
}
