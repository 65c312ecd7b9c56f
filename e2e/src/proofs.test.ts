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
import { arrive, begin, keepCode, type Person, proveAge } from './person.ts';

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
    const { device, words } = await begin({ browser, origin: server.url, name });
    await keepCode(device, words);
    await device.context.addCookies([{ name: 'as', value: as, url: provider.issuer }]);
    await device.page.getByRole('button', { name: 'The Agency' }).click();
    return { ...device, words };
  }

  it('a provider is walked to and back from, and lets an adult in, in three screens', async () => {
    const { page, words, context, complaints, foreignRequests } = await atAgency('by.agency', 'adult');
    await page.getByRole('heading', { name: words.gate.passedTitle }).waitFor();
    // Nothing of the answer stays in the address, and nothing but the walk itself went elsewhere.
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/gate');
    expect(new Set(foreignRequests.map((url) => new URL(url).origin))).toEqual(new Set([provider.issuer]));
    await page.getByRole('link', { name: words.gate.later }).click();
    await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
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
    await page.getByRole('link', { name: words.gate.later }).click();
    await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    expect(await talks(person)).toBe(true);
    await context.close();
  });
});
