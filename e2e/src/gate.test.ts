import { describe, expect, it } from 'vitest';
import { openDevice } from './chromium.ts';
import { arrive, begin, keepCode, noteScreens, screensOf } from './person.ts';
import { useStage } from './stage.ts';
import { messages } from './words.ts';

const stage = useStage();

describe('the gate', () => {
  it('leads those who say no to help, and lets nobody in by a click', async () => {
    const { browser, origin } = stage();
    const { page, context, complaints } = await openDevice(browser, origin, { locale: 'fr-FR' });
    const { landing, help } = messages.fr;
    await page.goto('/');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(
      /^Avez-vous plus de 18 ans\s\?$/,
    );
    await page.getByRole('link', { name: landing.no, exact: true }).click();
    await page.getByRole('heading', { name: help.title }).waitFor();
    expect(await page.getByText('3018').count()).toBeGreaterThan(0);
    await page.goto('/people');
    await page.getByRole('heading', { name: landing.question }).waitFor();
    expect(complaints.filter((line) => !line.includes('401'))).toEqual([]);
    await context.close();
  });

  it('stays shut for who is under 18, who declines, and who bends the answer', async () => {
    const { browser, origin } = stage();
    const { device, words } = await begin({ browser, origin, name: 'young' });
    const { page } = device;
    await keepCode(device, words);
    for (const answer of ['I am under 18', 'Do not answer']) {
      await page.getByRole('button', { name: words.gate.methods.test.name }).click();
      await page.getByRole('button', { name: answer }).click();
      await page.getByText(words.gate.failedTitle).first().waitFor();
      await page.goto('/gate');
    }
    await page.getByRole('button', { name: words.gate.methods.test.name }).click();
    const bent = page.waitForURL(/\/gate\?/);
    await page.route('**/test-wallet/answer*', async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      const location = response.headers().location ?? '';
      await route.fulfill({
        status: 303,
        headers: { location: location.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) },
      });
    });
    await page.getByRole('button', { name: 'I am over 18' }).click();
    await bent;
    await page.getByText(words.gate.failedTitle).first().waitFor();
    for (const path of ['/api/presence/people', '/api/delivery/conversations', '/api/presence/requests']) {
      const answer = await page.evaluate(async (url) => (await fetch(url)).json(), path);
      expect(answer).toEqual({ code: 'proof_required' });
    }
    await device.context.close();
  });

  it('opens for an adult, in three screens from the landing, and keeps nothing but "adult until"', async () => {
    const { browser, origin, server } = stage();
    const ada = await arrive({ browser, origin, name: 'ada', before: noteScreens });
    const { landing, account, gate, people } = ada.words;
    expect(await screensOf(ada.page, ada.words)).toEqual([
      landing.question,
      account.start.title,
      account.code.title,
      gate.title,
      people.title,
    ]);
    const rows = await server.database.pool.query('select * from adult');
    expect(rows.rows).toEqual([
      {
        account_id: expect.any(String),
        until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        method: 'test',
        policy: 'test/1',
        verified_on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      },
    ]);
    expect(
      await server.database.pool.query('select 1 from proof_request where account_id = $1', [
        rows.rows[0].account_id,
      ]),
    ).toMatchObject({ rowCount: 0 });
    expect(ada.foreignRequests).toEqual([]);
    await ada.context.close();
  });
});
