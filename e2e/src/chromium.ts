import { existsSync } from 'node:fs';
import axe from 'axe-core';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

const places = [
  process.env.ACCORD_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Debian's Chromium, or the user's Chrome, without the background calls that a closed network refuses. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = places.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) throw new Error('no Chromium here; ACCORD_CHROMIUM names one');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A browser profile of one person on one device: own storage, own authenticator, and a record of what went wrong. */
export interface Device {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console errors and page errors so far, with the refusals that a journey expects taken out. */
  readonly complaints: string[];
  /** Requests to another origin than the server's. Must stay empty. */
  readonly foreignRequests: string[];
}

/** Opens a profile with a virtual authenticator (resident keys, user verification, PRF). */
export async function openDevice(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Device> {
  const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', ...options });
  const complaints: string[] = [];
  const foreignRequests: string[] = [];
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:') && !url.startsWith('blob:'))
      foreignRequests.push(url);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const page = await context.newPage();
  await addAuthenticator(context, page);
  return { context, page, complaints, foreignRequests };
}

/** Gives a page a platform authenticator that answers by itself. */
async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * Every rule of WCAG 2.0–2.2 A and AA that a machine can check, as short lines; empty when all hold. It runs in the
 * page as it stands, loaded once a document: in a page of its own beside each look it would cost more than the look.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  for (const frame of page.frames()) {
    if (!(await frame.evaluate(() => 'axe' in window))) await frame.evaluate(axe.source);
  }
  return page.evaluate(async (values) => {
    // Halfway from one colour to another, neither theme is seen.
    const changing = document.getAnimations().filter((each) => each instanceof CSSTransition);
    await Promise.allSettled(changing.map(({ finished }) => finished));
    const { axe: here } = window as unknown as { axe: typeof axe };
    // Nothing behind a modal dialog can be reached.
    const { violations } = await here.run(document.querySelector('dialog:modal') ?? document, {
      runOnly: { type: 'tag', values },
      resultTypes: ['violations'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  }, axeTags);
}

/** Whether the page scrolls sideways: at 320 px it must not (WCAG 1.4.10). */
export const overflowsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** Faults of what is on the screen in both themes, and whether it scrolls sideways, each with where it was seen. */
export async function themedFaults(
  page: Page,
  where: string,
  themes: readonly ('light' | 'dark')[] = ['light', 'dark'],
): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${where} ${colorScheme}: ${fault}`));
  }
  if (await overflowsSideways(page)) faults.push(`${where}: scrolls sideways`);
  return faults;
}

/** The name of what has the focus, once a page that came has taken it; nothing while nothing has. */
export const focusOf = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() =>
          setTimeout(() => {
            const { activeElement } = document;
            resolve(
              activeElement === document.body ? '' : ((activeElement as HTMLElement).innerText ?? '').trim(),
            );
          }),
        );
      }),
  );

/** What was copied, once it is of this form: writing it takes the page a moment after the click. */
export async function copied(page: Page, form: RegExp): Promise<string> {
  const text = await page.waitForFunction(async (source) => {
    const held = await navigator.clipboard.readText();
    return new RegExp(source).test(held) && held;
  }, form.source);
  return String(await text.jsonValue());
}
