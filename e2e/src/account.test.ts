import { describe, expect, it } from 'vitest';
import { openDevice } from './chromium.ts';
import { arrive, keepCode, makeLinkCode, proveAge } from './person.ts';
import { useStage } from './stage.ts';

const stage = useStage();

describe('an account', () => {
  it('is of no other name, and tells so where it is typed', async () => {
    const { browser, origin } = stage();
    const first = await arrive({ browser, origin, name: 'Colette' });
    const { page, context } = await openDevice(browser, origin);
    const { words } = first;
    await page.goto('/start');
    await page.getByRole('textbox', { name: words.account.start.pseudonym }).fill('colette');
    await page.getByRole('button', { name: words.account.start.create }).click();
    await page.getByText(words.errors.pseudonym_taken).first().waitFor();
    await first.context.close();
    await context.close();
  });

  it('comes back with the passkey on the same device', async () => {
    const { browser, origin } = stage();
    const ada = await arrive({ browser, origin, name: 'comes.back' });
    const { page, words } = ada;
    await ada.context.clearCookies();
    await page.goto('/people');
    await page.getByRole('button', { name: words.account.signIn.button }).click();
    await page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    await page.goto('/you/devices');
    await page.getByText(words.you.devices.current, { exact: true }).waitFor();
    await ada.context.close();
  });

  it('comes with one more device by a link code, which works once', async () => {
    const { browser, origin } = stage();
    const ada = await arrive({ browser, origin, name: 'two.devices' });
    const { page, words } = ada;
    await page.goto('/you/devices');
    const code = await makeLinkCode(page, words);
    const second = await openDevice(browser, origin);
    await second.page.goto('/return');
    await second.page.getByRole('textbox', { name: words.account.back.code }).fill(code.toLowerCase());
    await second.page.getByRole('button', { name: words.account.back.button }).click();
    await second.page.getByRole('heading', { name: words.people.title, level: 1 }).waitFor();
    const third = await openDevice(browser, origin);
    await third.page.goto('/return');
    await third.page.getByRole('textbox', { name: words.account.back.code }).fill(code);
    await third.page.getByRole('button', { name: words.account.back.button }).click();
    await third.page.getByText(words.errors.code_unknown).first().waitFor();
    for (const { context } of [ada, second, third]) await context.close();
  });

  it('comes back by the recovery code when every device is lost, and gets a new one', async () => {
    const { browser, origin } = stage();
    const ada = await arrive({ browser, origin, name: 'lost.all' });
    await ada.context.close();
    const { words } = ada;
    const found = await openDevice(browser, origin);
    await found.page.goto('/return');
    await found.page.getByRole('textbox', { name: words.account.back.code }).fill(ada.recoveryCode);
    await found.page.getByRole('button', { name: words.account.back.button }).click();
    const code = await keepCode(found, words);
    expect(code).not.toBe(ada.recoveryCode);
    // Who comes back without any passkey may be somebody else: the proof is asked for again.
    await found.page.getByRole('heading', { name: words.gate.title }).waitFor();
    await proveAge(found, words);
    await found.context.close();
  });

  it('is deleted whole, by typing its name', async () => {
    const { browser, origin, server } = stage();
    const ada = await arrive({ browser, origin, name: 'leaves.us' });
    const { page, words } = ada;
    await page.goto('/you/account');
    await page.getByRole('button', { name: words.you.account.deleteButton }).click();
    await page.getByRole('textbox', { name: words.you.account.deleteLabel }).fill('leaves.us');
    await page.getByRole('button', { name: words.you.account.deleteConfirm }).click();
    await page.getByRole('heading', { name: words.landing.question }).waitFor();
    const left = await server.database.pool.query("select 1 from account where pseudonym = 'leaves.us'");
    expect(left.rowCount).toBe(0);
    await ada.context.close();
  });
});
