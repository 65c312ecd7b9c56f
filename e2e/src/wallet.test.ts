import type { Reply } from '@accord/protocol';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerByApp,
  issuerNow,
  requestOf,
  type TestIssuer,
  testIssuer,
} from '../../apps/server/test/gate/issuer.ts';
import { startServer, type TestServer } from '../../apps/server/test/support.ts';
import { accessibilityFaults, focusOf, launchChromium, openDevice, overflowsSideways } from './chromium.ts';
import { begin, keepCode, noteScreens, screensOf } from './person.ts';

type Begun = Reply<'gate.begin'>;

let issuer: TestIssuer;
let server: TestServer;
let browser: Browser;
const started = Date.now();
const minute = 60_000;
const day = 24 * 60 * minute;
let ahead = 0;

beforeAll(async () => {
  issuer = await testIssuer();
  [server, browser] = await Promise.all([
    startServer({
      // The issuer's certificates have a time of their own.
      clock: () => issuerNow + Date.now() - started + ahead,
      env: { ACCORD_AGE_METHODS: 'wallet', ACCORD_AGE_POLICY: 'eu', ACCORD_DATA: issuer.folder },
    }),
    launchChromium(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await issuer?.[Symbol.asyncDispose]();
});

/** Chromium's own virtual wallet, as WebDriver has it. */
const setWallet = (cdp: CDPSession, behavior: object): Promise<unknown> =>
  (cdp.send as (method: string, parameters: object) => Promise<unknown>)(
    'DigitalCredentials.setVirtualWalletBehavior',
    behavior,
  );

/** What the next proof that the page begins is: read from the answer of the server, as a debugger would. */
const nextBegun = (page: Page): Promise<Begun> =>
  page
    .waitForResponse((response) => response.url().endsWith('/api/gate/proofs') && response.ok())
    .then((response) => response.json() as Promise<Begun>);

/** What a wallet of an adult's says to a request, by one of the protocols that a browser speaks. */
async function answerTo(
  begun: Begun,
  protocol: 'openid4vp-v1-unsigned' | 'org-iso-mdoc',
  origin = server.url,
) {
  const [wallet, asked] = [await issuer.wallet(), requestOf(begun, protocol)];
  const response = await (protocol === 'org-iso-mdoc'
    ? wallet.isoMdoc(asked, origin)
    : wallet.openid4vp(asked, origin));
  return { action: 'respond', protocol, response };
}

/** A new account that is asked for its wallet, the only method here. */
async function atWallet(name: string, language: 'en' | 'fr' = 'en') {
  const { device, words } = await begin({ browser, origin: server.url, name, language, before: noteScreens });
  const { page } = device;
  const begun = nextBegun(page);
  await keepCode(device, words);
  await page.getByRole('heading', { name: words.gate.wallet.title }).waitFor();
  const cdp = await device.context.newCDPSession(page);
  return { ...device, words, t: words.gate.wallet, begun: await begun, cdp };
}

describe('a wallet in Chromium', () => {
  it.each(['openid4vp-v1-unsigned', 'org-iso-mdoc'] as const)(
    'opens the gate by %s, in three screens',
    async (protocol) => {
      const { page, words, t, begun, cdp, context, complaints } = await atWallet(
        `wallet.${protocol.slice(0, 3)}`,
      );
      await setWallet(cdp, await answerTo(begun, protocol));
      await page.getByRole('button', { name: t.browser }).click();
      await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
      expect(await screensOf(page, words)).toEqual([
        words.landing.question,
        words.account.start.title,
        words.account.code.title,
        words.gate.title,
        words.people.title,
      ]);
      await page.getByText(words.gate.passedTitle).waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  it('unfolds where there are other ways, in three screens too', async () => {
    const env = { ACCORD_AGE_METHODS: 'wallet,test', ACCORD_AGE_POLICY: 'eu', ACCORD_DATA: issuer.folder };
    const other = await startServer({ clock: () => issuerNow + Date.now() - started, env });
    const { device, words } = await begin({
      browser,
      origin: other.url,
      name: 'among.others',
      language: 'fr',
      before: noteScreens,
    });
    const { page, context, complaints } = device;
    await keepCode(device, words);
    const cdp = await context.newCDPSession(page);
    const begun = nextBegun(page);
    const unfolds = page.getByRole('button', { name: words.gate.methods.wallet.name });
    await unfolds.press('Enter');
    await setWallet(cdp, await answerTo(await begun, 'openid4vp-v1-unsigned', other.url));
    expect(await unfolds.getAttribute('aria-expanded')).toBe('true');
    await page.setViewportSize({ width: 320, height: 800 });
    expect([await accessibilityFaults(page), await overflowsSideways(page)]).toEqual([[], false]);
    await page.getByRole('button', { name: words.gate.wallet.browser }).press('Enter');
    await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    const { landing, account, gate, people } = words;
    const [start, code] = [account.start.title, account.code.title];
    expect(await screensOf(page, words)).toEqual([landing.question, start, code, gate.title, people.title]);
    expect(complaints).toEqual([]);
    await context.close();
    await other.close();
  });

  it('keeps it shut when the wallet declines or the person stops, and says what to do next', async () => {
    const { page, t, cdp, context } = await atWallet('declined');
    await setWallet(cdp, { action: 'decline' });
    await page.getByRole('button', { name: t.browser }).click();
    await page.getByText(t.problems.declined).waitFor();
    await setWallet(cdp, { action: 'wait' });
    await page.getByRole('button', { name: t.browser }).click();
    await page.getByRole('button', { name: t.stop }).press('Enter');
    await page.getByText(t.problems.stopped).waitFor();
    expect(await focusOf(page)).toBe(t.browser);
    // Not blocked by what was stopped.
    await setWallet(cdp, { action: 'decline' });
    await page.getByRole('button', { name: t.browser }).click();
    await page.getByText(t.problems.declined).waitFor();
    const answer = await page.evaluate(async () => (await fetch('/api/presence/people')).json());
    expect(answer).toEqual({ code: 'proof_required' });
    await context.close();
  });

  it('keeps it shut to a minor, with the next step and without the reason', async () => {
    const { page, words, t, begun, cdp, context } = await atWallet('minor');
    const wallet = await issuer.wallet(false);
    const response = await wallet.openid4vp(requestOf(begun, 'openid4vp-v1-unsigned'), server.url);
    await setWallet(cdp, { action: 'respond', protocol: 'openid4vp-v1-unsigned', response });
    await page.getByRole('button', { name: t.browser }).click();
    await page.getByRole('heading', { name: words.gate.failedTitle }).waitFor();
    await page.getByText(words.gate.failedNext).waitFor();
    await page.getByText(words.gate.failedTries(3)).waitFor();
    await page.getByRole('link', { name: words.gate.failedHelp }).waitFor();
    expect(await focusOf(page)).toBe(words.gate.failedTitle);
    await page.getByRole('button', { name: words.gate.choose }).click();
    await page.getByRole('button', { name: t.browser }).waitFor();
    await context.close();
  });

  it.each(['en', 'fr'] as const)(
    'shows a code that a phone answers, and goes on by itself, in %s',
    async (language) => {
      const { page, words, t, context, complaints } = await atWallet(`by.code.${language}`, language);
      const begun = nextBegun(page);
      await page.getByRole('button', { name: t.code }).click();
      await page.getByRole('img', { name: t.codeLabel }).waitFor();
      await page.getByText(t.cantRead).click();
      const link = page.getByRole('link', { name: t.openLink });
      expect(await link.getAttribute('href')).toBe(((await begun).present as { url: string }).url);
      const faults: string[] = [];
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 700 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          faults.push(
            ...(await accessibilityFaults(page)).map((fault) => `${width} ${colorScheme}: ${fault}`),
          );
        }
        if (await overflowsSideways(page)) faults.push(`${width}: scrolls sideways`);
      }
      expect(faults).toEqual([]);
      await answerByApp(await begun, await issuer.wallet());
      await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  it('comes back from an app by its link, in the browser that began', async () => {
    const { page, words, t, context } = await atWallet('by.link');
    const begun = nextBegun(page);
    await page.getByRole('button', { name: t.link }).click();
    await page.getByText(t.linkWaiting).waitFor();
    const back = await answerByApp(await begun, await issuer.wallet());
    await page.getByText(t.linkAnswered).waitFor();
    const opened = await context.newPage();
    await opened.goto(back?.href ?? '');
    await opened.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    expect(new URL(opened.url()).hash).toBe('');
    // The tab that waited is let in by the other's proof, and asks for no second one.
    await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    await context.close();
  });

  it('a code that runs out is said to, and a new one comes by one key', async () => {
    const { page, t, context } = await atWallet('by.late.code');
    await page.getByRole('button', { name: t.code }).press('Enter');
    await page.getByRole('timer').waitFor();
    // The button stays where it was: whoever uses the keyboard has lost nothing.
    expect(await focusOf(page)).toBe(t.newCode);
    ahead += 2 * minute;
    await page.getByText(t.over).waitFor();
    expect(await page.getByRole('img', { name: t.codeLabel }).count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: t.codeLabel }).waitFor();
    await context.close();
  });

  it('in another browser a wallet’s way back leads nowhere, and says where to go', async () => {
    const { page, words, t, context } = await atWallet('by.lost.link');
    const begun = nextBegun(page);
    await page.getByRole('button', { name: t.link }).click();
    const back = await answerByApp(await begun, await issuer.wallet());
    const other = await openDevice(browser, server.url);
    await other.page.goto(back?.href ?? '');
    await other.page.getByRole('heading', { name: words.gate.elsewhere.title }).waitFor();
    expect(other.page.url()).toBe(`${server.url}/gate`);
    // In the right browser, a way back that lost its code is told, and opens nothing.
    const bare = await context.newPage();
    await bare.goto(`/gate${back?.search}`);
    await bare.getByText(words.gate.emptyHanded).waitFor();
    expect(await bare.locator('input[type=file]').count()).toBe(0);
    await other.context.close();
    await context.close();
  });

  it('offers nothing while the list of issuers is overdue, and says that it is nobody’s fault', async () => {
    const { page, words, t, context } = await atWallet('by.old.list');
    await issuer.pin({ nextUpdate: issuerNow - 8 * day });
    ahead += minute;
    await page.reload();
    await page.getByText(words.gate.none).waitFor();
    expect(await page.getByRole('button', { name: t.browser }).count()).toBe(0);
    await page.goto('/age-statement');
    await page.getByText(words.gate.notNow).waitFor();
    await issuer.pin();
    await context.close();
  });
});
