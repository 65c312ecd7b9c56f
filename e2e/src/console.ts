import type { StaffRole } from '@accord/case-model';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { newStaff } from '../../apps/server/test/cases/staff.ts';
import type { Member } from '../../apps/server/test/people.ts';
import type { TestServer } from '../../apps/server/test/support.ts';
import { type Device, openDevice } from './chromium.ts';
import { consoleMessages } from './words.ts';

type ConsoleWords = (typeof consoleMessages)['en'];

/** Somebody of the staff before the console, signed in. */
export interface Clerk extends Device {
  readonly member: Member;
  readonly words: ConsoleWords;
}

interface Seat {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly language?: 'en' | 'fr';
  readonly options?: BrowserContextOptions;
}

/** An account with these roles, before the console in a browser of its own. */
export async function sit(seat: Seat, ...roles: StaffRole[]): Promise<Clerk> {
  const { server, browser, language = 'en', options = {} } = seat;
  const member = await newStaff(server, ...roles);
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  const device = await openDevice(browser, server.url, { locale, ...options });
  const token = member.client.token ?? '';
  await device.context.addCookies([{ name: 'accord_session', value: token, url: server.url }]);
  return { ...device, member, words: consoleMessages[language] };
}

type At = Pick<Clerk, 'page' | 'words'>;

/** Opens a case and waits until it is drawn, evidence included. */
export async function openCase({ page }: At, caseId: string): Promise<void> {
  const evidence = page.waitForResponse((response) => response.url().endsWith(`${caseId}/matches`));
  await page.goto(`/console/cases/${caseId}`);
  await caseHeading(page).waitFor();
  await evidence;
}

export const caseHeading = (page: Page): Locator =>
  page.getByRole('heading', { level: 1, name: /^(Case|Dossier) \d/ });

/** Waits until no dialog has anything in it: one that is closed and not yet let go would take the next key with it. */
export const dialogGone = (page: Page): Promise<void> =>
  page.locator('dialog h2').waitFor({ state: 'detached' });

/** Closes a dialog by its button: Esc pressed twice within 0.6 s would leave the page. */
export async function closeDialog(page: Page): Promise<void> {
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(Close|Fermer)$/ })
    .click();
  await dialogGone(page);
}

/** Reads what a decision sends, says why, and takes it. */
export async function decideBy({ page, words }: At, digit: string, why: string): Promise<void> {
  await page.keyboard.press(digit);
  const dialog = page.getByRole('dialog');
  await dialog.getByText(words.decide.toReporter).waitFor();
  await dialog.getByRole('textbox', { name: words.decide.words }).fill(why);
  await dialog
    .getByRole('button', { name: /^(Remove and send|Retirer et envoyer|Ask a second person)$/ })
    .click();
  await dialogGone(page);
}

/** The files of a ZIP whose entries are stored as they are, by name (APPNOTE 4.3.7, 4.3.12, 4.3.16). */
export function filesOfZip(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [size, name] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files.set(zip.toString('utf8', at + 46, at + 46 + name), zip.subarray(data, data + size));
    at += 46 + name + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}
