import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Device, openDevice } from './chromium.ts';
import { messages, type Words } from './words.ts';

/** A member on one device, past the gate. */
export interface Person extends Device {
  readonly name: string;
  readonly words: Words;
  /** The recovery code as it was shown, once. */
  readonly recoveryCode: string;
}

export interface Arrival {
  readonly browser: Browser;
  readonly origin: string;
  readonly name: string;
  readonly language?: 'en' | 'fr';
  readonly options?: BrowserContextOptions;
}

/** From the landing to a new account, whose recovery code is on the screen. */
export async function begin(arrival: Arrival): Promise<{ readonly device: Device; readonly words: Words }> {
  const { browser, origin, name, language = 'en', options = {} } = arrival;
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  const device = await openDevice(browser, origin, { locale, ...options });
  const { page } = device;
  const words = messages[language];
  await page.goto('/');
  await page.getByRole('link', { name: words.landing.yes }).click();
  await page.getByRole('textbox', { name: words.account.start.pseudonym }).fill(name);
  await page.getByRole('button', { name: words.account.start.create }).click();
  return { device, words };
}

/** Walks from the landing to the list of people as anybody would: yes, pseudonym, passkey, code, proof, profile later. */
export async function arrive(arrival: Arrival): Promise<Person> {
  const { device, words } = await begin(arrival);
  const { page } = device;
  const recoveryCode = await keepCode(device, words);
  await proveAge(device, words);
  await page.getByRole('link', { name: words.gate.later }).click();
  await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
  return { ...device, name: arrival.name, words, recoveryCode };
}

/** Reads the recovery code, says that it is kept, and types its last group. */
export async function keepCode({ page }: Device, words: Words): Promise<string> {
  const { code } = words.account;
  const kept = page.getByRole('button', { name: code.kept });
  await kept.waitFor();
  const groups = await page.getByRole('group', { name: code.label }).locator('span').allInnerTexts();
  await kept.click();
  await page.getByRole('textbox', { name: code.check }).fill(groups.at(-1) ?? '');
  await page.getByRole('button', { name: code.confirm }).click();
  return groups.join('-');
}

/** Asks for a code for one more device, on the page of devices that is open. */
export async function makeLinkCode(page: Page, words: Words): Promise<string> {
  await page.getByRole('button', { name: words.you.devices.add }).click();
  const group = page.getByRole('group', { name: words.you.devices.addCode });
  await group.waitFor();
  return (await group.locator('span').allInnerTexts()).join('-');
}

/** Shows the test wallet, and comes back as an adult. */
export async function proveAge({ page }: Device, words: Words): Promise<void> {
  await page.getByRole('button', { name: words.gate.methods.test.name }).click();
  await page.getByRole('button', { name: /I am over 18|J’ai plus de 18 ans/ }).click();
  await page.getByRole('heading', { name: words.gate.passedTitle }).waitFor();
}
