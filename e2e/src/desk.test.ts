import { toHex } from '@accord/perceptual';
import { scene } from '@accord/perceptual/testing';
import type { Page, Request } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { newStaff } from '../../apps/server/test/cases/staff.ts';
import { accessibilityFaults, openDevice, overflowsSideways } from './chromium.ts';
import { fillRequest, piecesThatLeft, sendRequest } from './desk-filing.ts';
import { useStage } from './stage.ts';

const stage = useStage();

/** A harmless picture: one of the drawn scenes, as an uncompressed bitmap. */
function picture(number: number): Buffer {
  const [width, height] = [640, 480];
  const { data } = scene(number, width, height);
  const channels = data.length / (width * height);
  const head = Buffer.alloc(54);
  head.write('BM', 0);
  head.writeUInt32LE(54 + width * height * 3, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(-height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i += 1) {
    for (let c = 0; c < 3; c += 1) pixels[3 * i + 2 - c] = data[channels * i + (channels === 1 ? 0 : c)] ?? 0;
  }
  return Buffer.concat([head, pixels]);
}

const next = (page: Page) => page.locator('button[value=next]').click();

describe('the desk', () => {
  it('takes a request in French without an account; no byte of the picture leaves; it is removed and followed', async () => {
    const { browser, origin, server } = stage();
    const { page, context, complaints, foreignRequests } = await openDevice(browser, origin, {
      locale: 'fr-FR',
    });
    const sent: Request[] = [];
    context.on('request', (request) => sent.push(request));
    await page.setViewportSize({ width: 320, height: 700 });
    const file = picture(7);
    await fillRequest(page, { file, mimeType: 'image/bmp', name: 'Ada L.' });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await overflowsSideways(page)).toBe(false);
    const { number, pin, ms } = await sendRequest(page);
    expect(ms).toBeLessThan(10_000);

    // What was sent: forms and questions, none of them with any part of the file in it.
    expect(sent.filter((request) => request.postDataBuffer() !== null).length).toBeGreaterThan(5);
    expect(piecesThatLeft(sent, file)).toEqual([]);
    expect(foreignRequests).toEqual([]);
    for (const request of sent) expect(request.headers().referer || origin).toContain(origin);

    // A moderator removes it; whoever asked reads so.
    const { case_id: caseId } = await server.platform.db
      .selectFrom('case_reporter')
      .select('case_id')
      .where('number', '=', number)
      .executeTakeFirstOrThrow();
    const item = await server.platform.db
      .selectFrom('case_item')
      .select('hash')
      .where('case_id', '=', caseId)
      .executeTakeFirstOrThrow();
    const moderator = await newStaff(server, 'moderator');
    await moderator.client.call('cases.command', {
      params: { caseId },
      body: { command: { kind: 'remove', ground: 'ncii_synthetic', words: 'Un trucage.' } },
    });
    const found = await server.running.features.matching.banks.lookup(new Uint8Array(item.hash ?? []));
    expect(
      found.flatMap(({ banks }) => banks),
      toHex(new Uint8Array(item.hash ?? [])),
    ).toContain('DESK');

    await page.getByRole('link', { name: 'Suivre la demande' }).click();
    await page.getByLabel('Numéro').fill(number);
    await page.getByLabel('Code PIN').fill(pin);
    await page.getByRole('button', { name: 'Ouvrir' }).click();
    await page.getByText('Image retirée').waitFor();
    await page.getByText(/Nous avons fouillé tout ce que nous détenons/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('Nous écrire').fill('Merci.');
    await page.getByRole('button', { name: 'Envoyer' }).click();
    await page.getByText('Merci.').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('works without a script, in English, and keeps what is incomplete', async () => {
    const { browser, origin } = stage();
    const { page, context } = await openDevice(browser, origin, { javaScriptEnabled: false });
    await page.goto('/desk');
    await page.getByRole('button', { name: 'Begin' }).click();
    for (let i = 0; i < 4; i += 1) await next(page);
    await page.getByText('needs JavaScript').waitFor();
    await page.getByLabel(/Addresses/).fill('https://example.org/1');
    await next(page);
    await page.getByRole('button', { name: 'Back' }).click();
    expect(await page.getByLabel(/Addresses/).inputValue()).toBe('https://example.org/1');
    await next(page);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('heading', { name: 'We have it' }).waitFor();
    const [number = '', pin = ''] = await page.locator('.secrets dd').allInnerTexts();
    await page.getByRole('link', { name: 'Follow the request' }).click();
    await page.getByLabel('Number').fill(number);
    await page.getByLabel('PIN', { exact: true }).fill(pin === '000000' ? '000001' : '000000');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('don’t belong together').waitFor();
    await page.getByLabel('Number').fill(number);
    await page.getByLabel('PIN', { exact: true }).fill(pin);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('Kept, and not complete').waitFor();
    await page.getByRole('link', { name: 'Add it' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await context.close();
  });

  it('is left at once, by Esc twice, and "back" does not return', async () => {
    const { browser, origin } = stage();
    const { page, context } = await openDevice(browser, origin);
    await page.goto('/desk');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForURL('**/pause.html');
    expect(await page.title()).not.toMatch(/accord|picture/i);
    await context.close();
  });
});
