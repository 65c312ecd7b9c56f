import type { Page, Request } from 'playwright-core';

interface Asked {
  /** The picture that is chosen to be hashed; it stays on the device. */
  readonly file: Buffer;
  readonly mimeType: string;
  readonly name: string;
}

const next = (page: Page) => page.locator('button[value=next]').click();

/** Goes through the desk in French, up to the last page: a fake, of an adult who never agreed, by its picture. */
export async function fillRequest(page: Page, { file, mimeType, name }: Asked): Promise<void> {
  await page.goto('/signaler');
  await page.getByRole('button', { name: 'Commencer' }).click();
  await page.getByLabel('Oui, je suis sur l’image').check();
  await next(page);
  await page.getByLabel('Non', { exact: true }).check();
  await next(page);
  await page.getByLabel(/Un trucage/).check();
  await page.getByLabel(/nudité/).check();
  await next(page);
  await page.getByLabel('Non, jamais').check();
  await next(page);
  const chooser = page.getByLabel('Choisir l’image');
  // It shows once the script that listens to it is there: a file that is put in before is heard by nobody.
  await chooser.waitFor();
  await chooser.setInputFiles({ name: 'a', mimeType, buffer: file });
  await page.getByText('Empreintes prises : 1').waitFor();
  await next(page);
  await page.getByText('Il manque encore').waitFor();
  await page.getByLabel(/Votre nom/).fill(name);
  await page.getByLabel('E-mail ou téléphone').fill('ada@example.org');
  await page.getByLabel(/bonne foi/).check();
  await page.getByText('Il ne manque rien.').waitFor();
}

/** Sends the request; the number and the PIN as they are shown, and the milliseconds until they were. */
export async function sendRequest(
  page: Page,
): Promise<{ readonly number: string; readonly pin: string; readonly ms: number }> {
  const asked = performance.now();
  await page.getByRole('button', { name: 'Envoyer' }).click();
  await page.getByRole('heading', { name: 'Nous l’avons reçue' }).waitFor();
  const ms = performance.now() - asked;
  const [number = '', pin = ''] = await page.locator('.secrets dd').allInnerTexts();
  return { number, pin, ms };
}

/** Opens the follow-up page with number and PIN. */
export async function followRequest(page: Page, number: string, pin: string): Promise<void> {
  await page.goto('/signaler/follow');
  await page.getByLabel('Numéro').fill(number);
  await page.getByLabel('Code PIN').fill(pin);
  await page.getByRole('button', { name: 'Ouvrir' }).click();
  await page.getByText(number).waitFor();
}

/** Requests that are larger than a form, or have any part of the file in them, as bytes or in base64. */
export function piecesThatLeft(sent: readonly Request[], file: Buffer): string[] {
  return sent.flatMap((request) => {
    const body = request.postDataBuffer();
    if (body === null) return [];
    const found = body.length >= 20_000 ? [`${request.url()}: ${body.length} bytes`] : [];
    for (let at = 0; at + 24 <= file.length; at += 997) {
      const piece = file.subarray(at, at + 24);
      if (body.includes(piece) || body.includes(piece.toString('base64').slice(0, 30))) {
        found.push(`${request.url()}: what is at ${at}`);
      }
    }
    return found;
  });
}
