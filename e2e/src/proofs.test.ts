import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type IdentityProvider,
  identityProvider,
  type Visit,
} from '../../apps/server/test/gate/identity-provider.ts';
import { freePort, freshFolder, startServer, type TestServer } from '../../apps/server/test/support.ts';
import { accessibilityFaults, launchChromium, overflowsSideways } from './chromium.ts';
import { befriend, bubble, field, say } from './conversation.ts';
import {
  arrive,
  begin,
  keepCode,
  noteScreens,
  type Person,
  proveAge,
  screensOf,
  showTestWallet,
} from './person.ts';

const hour = 3_600_000;
let browser: Browser;
let ahead = 0;
const clock = () => Date.now() + ahead;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** What axe and the narrowest screens find in the page as it stands, in both themes. */
async function faultsOf({ page }: Pick<Person, 'page'>): Promise<string[]> {
  const faults: string[] = [];
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 700 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const found = await accessibilityFaults(page);
      faults.push(...found.map((fault) => `${width} ${colorScheme}: ${fault}`));
    }
    if (await overflowsSideways(page)) faults.push(`${width}: scrolls sideways`);
  }
  return faults;
}

const talks = ({ page }: Pick<Person, 'page'>) =>
  page.evaluate(async () => (await fetch('/api/presence/people')).ok);

describe('between proofs', () => {
  let server: TestServer;
  let provider: IdentityProvider;
  let folder: string;

  beforeAll(async () => {
    const port = await freePort();
    folder = await freshFolder();
    // Another site than ours to the browser, as a provider is.
    provider = await identityProvider([`http://localhost:${port}/gate`], '127.0.0.1');
    const agency = {
      id: 'agency',
      name: { en: 'The Agency', fr: 'L’Agence' },
      learns: { en: 'It sees your card, not where you go.', fr: 'Elle voit votre carte, non où vous allez.' },
      issuer: provider.issuer,
      clientId: 'accord',
      scope: 'openid age',
      expect: { path: ['age_over_18'], value: true },
      doubleBlind: false,
      assurance: 'verified',
    };
    const file = join(folder, 'providers.json');
    await writeFile(file, JSON.stringify({ providers: [agency] }));
    server = await startServer({
      clock,
      env: {
        ACCORD_PUBLIC_URL: `http://localhost:${port}`,
        ACCORD_AGE_METHODS: 'test,agency',
        ACCORD_AGE_POLICY: 'eu',
        ACCORD_AGE_PROVIDERS: file,
        ACCORD_DATA: join(folder, 'data'),
      },
    });
  });
  afterAll(async () => {
    await server?.close();
    await provider?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['en', 'fr'] as const)('the passkey opens a session again, in %s', async (language) => {
    const person = await arrive({ browser, origin: server.url, name: `again.${language}`, language });
    const { page, words, context } = person;
    ahead += 12 * hour;
    await page.goto('/people');
    await page.getByRole('heading', { name: words.gate.reopen.title }).waitFor();
    expect(await talks(person)).toBe(false);
    expect(await faultsOf(person)).toEqual([]);
    await page.getByRole('button', { name: words.gate.reopen.passkey }).click();
    await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    expect(await talks(person)).toBe(true);
    await context.close();
  });

  /** From the landing to a provider's and back to the gate, by its redirects alone. */
  async function atAgency(name: string, as: Visit) {
    const { device, words } = await begin({ browser, origin: server.url, name, before: noteScreens });
    await keepCode(device, words);
    await device.context.addCookies([{ name: 'as', value: as, url: provider.issuer }]);
    await device.page.getByRole('button', { name: 'The Agency' }).click();
    return { ...device, words };
  }

  it('a provider is walked to and back from, and lets an adult in, in three screens', async () => {
    const { page, words, context, complaints, foreignRequests } = await atAgency('by.agency', 'adult');
    await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    // Nothing but the walk itself went elsewhere, and no page behind has the answer in its address.
    expect(new Set(foreignRequests.map((url) => new URL(url).origin))).toEqual(new Set([provider.issuer]));
    const { landing, account, gate, people } = words;
    const walked = [landing.question, account.start.title, account.code.title, gate.title, people.title];
    expect(await screensOf(page, words)).toEqual(walked);
    await page.goBack();
    await page.getByRole('heading', { name: people.title, level: 1 }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each(['minor', 'declines'] as const)('a provider lets nobody in who is or does: %s', async (as) => {
    const person = await atAgency(`agency.${as}`, as);
    const { page, words, context } = person;
    await page.getByRole('heading', { name: words.gate.failedTitle }).waitFor();
    await page.getByText(words.gate.failedNext).waitFor();
    expect(await talks(person)).toBe(false);
    await page.getByRole('button', { name: words.gate.choose }).click();
    await page.getByRole('button', { name: 'The Agency' }).waitFor();
    await context.close();
  });

  it('who has used up the day’s tries is told so, and stays out until tomorrow', async () => {
    const person = await atAgency('tries', 'minor');
    const { page, words, context } = person;
    for (let tried = 1; tried < 3; tried += 1) {
      await page.getByRole('heading', { name: words.gate.failedTitle }).waitFor();
      await page.getByRole('button', { name: words.gate.choose }).click();
      await page.getByRole('button', { name: 'The Agency' }).click();
    }
    await page.getByRole('heading', { name: words.gate.failedTitle }).waitFor();
    await page.getByRole('button', { name: words.gate.choose }).click();
    await page.getByRole('button', { name: 'The Agency' }).click();
    await page.getByText(words.errors.proofs_used_up).waitFor();
    expect(await talks(person)).toBe(false);
    expect(await page.locator('input[type=file]').count()).toBe(0);
    // Who can't prove an age can still take their things and go, and is told what that means.
    await page.getByRole('link', { name: words.gate.leave }).click();
    await page.getByText(words.you.account.outText).waitFor();
    await page.getByRole('button', { name: words.you.account.deleteButton }).waitFor();
    await context.close();
  });

  it('a provider that is away leaves one where one was, with words', async () => {
    await provider.stop();
    // What is known of it is asked for again after an hour.
    ahead += 2 * hour;
    const { page, words, context } = await atAgency('agency.away', 'adult');
    await page.getByText(words.errors.unavailable).waitFor();
    await page.getByRole('button', { name: words.gate.methods.test.name }).waitFor();
    await context.close();
  });
});

describe('in France', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ clock, env: { ACCORD_AGE_METHODS: 'test', ACCORD_AGE_POLICY: 'fr' } });
  });
  afterAll(() => server?.close());

  it('an hour without a touch asks for the proof again, and only the proof opens', async () => {
    const person = await arrive({ browser, origin: server.url, name: 'encore', language: 'fr' });
    const { page, words, context } = person;
    ahead += hour;
    await page.goto('/people');
    await page.getByRole('heading', { name: words.gate.again.title }).waitFor();
    expect(await page.getByRole('button', { name: words.gate.reopen.passkey }).count()).toBe(0);
    expect(await talks(person)).toBe(false);
    expect(await faultsOf(person)).toEqual([]);
    await proveAge(person, words);
    expect(await talks(person)).toBe(true);
    await context.close();
  });

  it('what was being written waits, and what came meanwhile arrives, once the proof is shown', async () => {
    const origin = server.url;
    const [ada, blaise] = await Promise.all([
      arrive({ browser, origin, name: 'ada.ecrit', language: 'fr' }),
      arrive({ browser, origin, name: 'blaise.attend', language: 'fr' }),
    ]);
    await befriend(ada, blaise, 'Aimez-vous la mer ?');
    await field(ada.page, ada.words).fill('à moitié écrit');
    await ada.page.getByRole('link', { name: /à moitié écrit/ }).waitFor();
    const place = ada.page.url();
    ahead += hour;
    for (const { page, words } of [blaise, ada]) {
      await page.reload();
      await page.getByRole('heading', { name: words.gate.again.title }).waitFor();
    }
    await showTestWallet(blaise, blaise.words);
    await say(blaise, 'tous les soirs');
    await showTestWallet(ada, ada.words);
    await bubble(ada.page, 'tous les soirs').waitFor();
    expect(ada.page.url()).toBe(place);
    expect(await field(ada.page, ada.words).inputValue()).toBe('à moitié écrit');
    for (const { context } of [ada, blaise]) await context.close();
  });
});
