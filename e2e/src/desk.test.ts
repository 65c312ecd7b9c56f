import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { words } from '../../apps/server/src/desk/words.ts';
import { file, give } from '../../apps/server/test/cases/staff.ts';
import { openDevice, themedFaults } from './chromium.ts';
import { openCase, sit } from './console.ts';
import { followRequest } from './desk-filing.ts';
import { useStage } from './stage.ts';
import { consoleMessages } from './words.ts';

const stage = useStage();

const next = (page: Page) => page.locator('button[value=next]').click();

describe('the desk', () => {
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

describe('whoever asked and was declined', () => {
  it('objects on the follow-up page, and somebody else than the one who decided changes it', async () => {
    const { browser, server, origin } = stage();
    const [t, c] = [words.fr.follow, consoleMessages.fr];
    // Incomplete, so that one person may decline it.
    const whole = { signature: '', contact: '', goodFaith: false, capacity: null } as const;
    const { caseId, number, pin } = await file(server, { pictures: [], ...whole });
    const decider = await sit({ server, browser, language: 'fr' }, 'moderator');
    await give(decider.member, caseId, { kind: 'decline', ground: 'not_intimate', words: 'Un paysage.' });

    const viewport = { width: 320, height: 700 };
    const asking = await openDevice(browser, origin, { locale: 'fr-FR', viewport });
    await followRequest(asking.page, number, pin ?? '');
    const faults = await themedFaults(asking.page, 'declined');
    await asking.page.getByLabel(t.appeal).fill('C’est moi, et c’est intime.');
    await asking.page.getByLabel(t.appeal).press('Tab');
    await asking.page.keyboard.press('Enter');
    await asking.page.getByText(words.fr.events.appealed).waitFor();
    expect(await asking.page.getByLabel(t.appeal).count()).toBe(0);
    faults.push(...(await themedFaults(asking.page, 'objected')));

    await openCase(decider, caseId);
    await decider.page.getByText('C’est moi, et c’est intime.').first().waitFor();
    await decider.page.getByText(c.decide.notYou).waitFor();
    expect(await decider.page.getByRole('button', { name: c.decide.judge }).count()).toBe(0);

    const other = await sit({ server, browser, language: 'fr' }, 'moderator');
    await openCase(other, caseId);
    await other.page.getByRole('button', { name: c.decide.judge }).click();
    const judging = other.page.getByRole('dialog');
    await judging.getByText(c.decide.reversed, { exact: true }).click();
    await judging.getByRole('combobox', { name: c.decide.appealGround }).selectOption('ncii_synthetic');
    await judging.getByRole('textbox', { name: c.decide.appealWords }).fill('Nous nous étions trompés.');
    await judging.getByRole('button', { name: c.decide.judge }).click();
    await judging.waitFor({ state: 'hidden' });
    await asking.page.reload();
    await asking.page.getByText('Nous nous étions trompés.').waitFor();
    await asking.page.getByText(words.fr.follow.states.removed).waitFor();
    faults.push(...(await themedFaults(asking.page, 'changed')));
    expect(faults).toEqual([]);
    for (const one of [asking, decider, other]) {
      expect(one.complaints).toEqual([]);
      expect(one.foreignRequests).toEqual([]);
      await one.context.close();
    }
  });
});
