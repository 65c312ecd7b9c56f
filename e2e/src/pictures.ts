import { crc32 } from 'node:zlib';
import { scene } from '@accord/perceptual/testing';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import type { Person } from './person.ts';

/** Words that a camera may have left in a file, looked for in everything that leaves. */
export const telltales = ['TellTaleCamera', 'TellTaleEdit', 'TellTaleNote'] as const;

/** A drawn scene as a camera would have stored it: with EXIF, GPS, XMP and a comment. */
export async function cameraFile(index: number, width = 960, height = 720): Promise<Buffer> {
  const drawn = scene(index, width, height);
  const plain = await sharp(Buffer.from(drawn.data), { raw: { width, height, channels: 3 } })
    .withExif({
      IFD0: { Make: 'TellTaleCamera', Artist: 'TellTaleCamera' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '48/1 51/1 30/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '2/1 17/1 40/1',
      },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><TellTaleEdit/></x:xmpmeta>')
    .jpeg({ quality: 92 })
    .toBuffer();
  return withComment(plain, 'TellTaleNote');
}

/** Puts a comment segment behind the start of a JPEG. */
function withComment(jpeg: Buffer, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.from([0xff, 0xfe, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** Edits of a picture that somebody else passes on: six usual ones, and a side cut off, as people do most. */
export const edits: Readonly<Record<string, (file: Buffer) => Promise<Buffer>>> = {
  renamed: async (file) => file,
  recompressed: (file) => sharp(file).jpeg({ quality: 55 }).toBuffer(),
  cropped: (file) => sharp(file).extract({ left: 60, top: 45, width: 840, height: 630 }).jpeg().toBuffer(),
  'without its bottom': (file) =>
    sharp(file).extract({ left: 0, top: 0, width: 960, height: 650 }).jpeg().toBuffer(),
  mirrored: (file) => sharp(file).flop().jpeg().toBuffer(),
  bordered: (file) =>
    sharp(file).extend({ top: 60, bottom: 60, left: 60, right: 60, background: '#ffffff' }).jpeg().toBuffer(),
  resized: (file) => sharp(file).resize(480).jpeg().toBuffer(),
};

type At = Pick<Person, 'page' | 'words'>;

export interface Terms {
  readonly often?: '1' | '3' | 'any';
  readonly who?: 'me' | 'me_and_others' | 'others' | 'nobody';
  readonly member?: string;
  readonly link?: string;
}

/** Chooses a file, goes through the two steps and sends. */
export async function sendPicture(who: At, file: Buffer, terms: Terms = {}): Promise<void> {
  await who.page
    .locator('input[type=file]:not([capture])')
    .setInputFiles({ name: `${crc32(file)}.jpg`, mimeType: 'image/jpeg', buffer: file });
  await finishSending(who, terms);
}

/** The two steps, from the editor that is open. */
export async function finishSending({ page, words }: At, terms: Terms = {}): Promise<void> {
  const { often = '1', who = 'me', member, link } = terms;
  const t = words.pictures;
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('toolbar').waitFor();
  await dialog.getByRole('button', { name: t.editor.next }).click();
  await dialog.getByRole('radio', { name: t.terms.oftenChoices[often], exact: true }).check();
  await dialog.getByText(t.terms.whoChoices[who].label, { exact: true }).click();
  if (member !== undefined) await dialog.getByRole('checkbox', { name: member, exact: true }).check();
  if (link !== undefined) {
    await dialog.getByRole('textbox', { name: t.terms.linkName }).fill(link);
    await dialog.getByRole('button', { name: t.terms.addLink }).click();
  }
  const asks = member !== undefined || link !== undefined;
  await dialog.getByRole('button', { name: asks ? t.terms.sendAfter : t.terms.send, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** The pictures in the open conversation, oldest first. */
export const pictures = (page: Page): Locator =>
  page
    .getByRole('log')
    .getByRole('article')
    .filter({ has: page.locator('dl') });

/**
 * The id of the newest picture, or null where there is `none` yet. The list keeps only what is seen, so that counting tells
 * nothing; and it has to be drawn before its end is known.
 */
export async function newest(page: Page, none = false): Promise<string | null> {
  if (none) return null;
  const last = pictures(page).last();
  await last.waitFor();
  return last.getAttribute('id');
}

/** Waits until another picture than `before` is the newest, and gives it. */
export async function nextPicture(page: Page, before: string | null): Promise<Locator> {
  await page.waitForFunction((former) => {
    const shown = [...document.querySelectorAll('[role=log] article')].filter((one) =>
      one.querySelector('dl'),
    );
    const last = shown.at(-1)?.id;
    return last !== undefined && last !== former;
  }, before);
  return pictures(page).last();
}

/** The mean colour of the canvas that is open, 0–255 for each channel; null where none is. */
export const meanOfCanvas = (page: Page): Promise<number[] | null> =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('dialog[open] canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context || canvas.width < 8) return null;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const sums = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4)
      for (let c = 0; c < 3; c += 1) sums[c] = (sums[c] ?? 0) + (data[i + c] ?? 0);
    return sums.map((sum) => sum / (data.length / 4));
  });

/** Opens the last picture and waits until it is drawn. */
export async function openPicture({ page, words }: At): Promise<void> {
  await pictures(page)
    .last()
    .getByRole('button', {
      name: new RegExp(`^(${words.pictures.bubble.open}|${words.pictures.bubble.openAgain})$`),
    })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: words.pictures.viewer.show }).waitFor();
}

export async function closePicture({ page, words }: At): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: words.pictures.viewer.close, exact: true }).last().click();
  await dialog.waitFor({ state: 'hidden' });
}

/** The canonical picture that waits to leave, as this browser alone can open it: the sealed record under its own key. */
export async function keptCanonical(page: Page): Promise<Uint8Array> {
  const bytes = await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open('accord'));
    const stores = database.transaction(['keys', 'canonical']);
    const key = await done(stores.objectStore('keys').get('wrapping'));
    const [id = ''] = (await done(stores.objectStore('canonical').getAllKeys())) as string[];
    const sealed = (await done(stores.objectStore('canonical').get(id))) as Uint8Array<ArrayBuffer>;
    database.close();
    const additionalData = new TextEncoder().encode(`canonical/${id}`);
    const how = { name: 'AES-GCM', iv: sealed.slice(0, 12), additionalData };
    const plain = new Uint8Array(await crypto.subtle.decrypt(how, key as CryptoKey, sealed.slice(12)));
    return Array.from(plain.subarray(1));
  });
  return Uint8Array.from(bytes);
}
