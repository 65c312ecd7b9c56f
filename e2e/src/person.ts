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
  /** What is done to the page before it is first opened. */
  readonly before?: (page: Page) => Promise<unknown>;
}

/** From the landing to a new account, whose recovery code is on the screen. */
export async function begin(arrival: Arrival): Promise<{ readonly device: Device; readonly words: Words }> {
  const { browser, origin, name, language = 'en', options = {} } = arrival;
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  const device = await openDevice(browser, origin, { locale, ...options });
  const { page } = device;
  const words = messages[language];
  await arrival.before?.(page);
  await page.goto('/');
  await page.getByRole('link', { name: words.landing.yes }).click();
  await page.getByRole('textbox', { name: words.account.start.pseudonym }).fill(name);
  await page.getByRole('button', { name: words.account.start.create }).click();
  return { device, words };
}

/** Walks from the landing to the list of people as anybody would: yes, pseudonym, passkey, code, proof, profile later. */
export async function arrive(arrival: Arrival): Promise<Person> {
  const { device, words } = await begin(arrival);
  const recoveryCode = await keepCode(device, words);
  await proveAge(device, words);
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

/** Shows the test wallet as an adult. */
export async function showTestWallet({ page }: Pick<Device, 'page'>, words: Words): Promise<void> {
  await page.getByRole('button', { name: words.gate.methods.test.name }).click();
  await page.getByRole('button', { name: /I am over 18|J’ai plus de 18 ans/ }).click();
}

/** Shows the test wallet, and comes to the people as an adult. */
export async function proveAge(device: Pick<Device, 'page'>, words: Words): Promise<void> {
  const { page } = device;
  await showTestWallet(device, words);
  await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
}

/** Notes the heading of each page of ours that this tab comes to, whatever it walks through. */
export const noteScreens = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    // The test method's page stands for somebody else's.
    if (location.pathname.startsWith('/test-wallet')) return;
    new MutationObserver(() => {
      const heading = document.querySelector('h1')?.textContent ?? '';
      const seen = JSON.parse(sessionStorage.getItem('screens') ?? '[]') as string[];
      if (heading === '' || seen.at(-1) === heading) return;
      sessionStorage.setItem('screens', JSON.stringify([...seen, heading]));
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });

/** The pages that were noted, in order, without the one on which nobody does anything. */
export async function screensOf(page: Page, words: Words): Promise<string[]> {
  const seen = await page.evaluate(() => JSON.parse(sessionStorage.getItem('screens') ?? '[]') as string[]);
  return seen.filter((heading) => heading !== words.gate.checking);
}
