import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bulkLimit } from '@accord/case-model';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyFolder } from '../../apps/server/src/cases/index.ts';
import { file, give, newStaff, remove } from '../../apps/server/test/cases/staff.ts';
import { themedFaults } from './chromium.ts';
import { type Clerk, caseHeading, closeDialog, filesOfZip, openCase, sit } from './console.ts';
import { keyboardFaults } from './keyboard.ts';
import { useStage } from './stage.ts';
import { consoleMessages, messages } from './words.ts';

const stage = useStage();
const t = consoleMessages.en;
const nobody = { signature: '', contact: '', goodFaith: false, capacity: null } as const;

/** More cases than one person may decide at once. */
let many: readonly string[];

beforeAll(async () => {
  const { server } = stage();
  const filed = Array.from({ length: bulkLimit + 1 }, () => file(server, { pictures: [] }));
  many = (await Promise.all(filed)).map(({ caseId }) => caseId);
});

/** The queue with each of these chosen, by the keyboard alone. */
async function chooseAll({ page, words }: Clerk): Promise<Locator> {
  await page.goto('/console');
  const list = page.getByRole('list', { name: words.queue.listLabel });
  await list.getByRole('link').first().waitFor();
  for (let row = 0; row < many.length; row += 1) {
    await page.keyboard.press('j');
    await page.keyboard.press('x');
  }
  await page.getByText(words.queue.selected(many.length), { exact: true }).waitFor();
  return list;
}

describe('the console', () => {
  it('works with the keyboard alone, filters, selects many, and exports what a verifier reads', async () => {
    const { browser, server } = stage();
    const filed = await file(server, { pictures: [] });
    const clerk = await sit({ server, browser }, 'moderator', 'legal');
    const { page } = clerk;
    await page.goto('/console');
    const list = page.getByRole('list', { name: t.queue.listLabel });
    await list.getByRole('link').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: t.keys.title }).waitFor();
    await closeDialog(page);
    await page.keyboard.press('/');
    await page.keyboard.type(filed.number);
    await page.keyboard.press('Enter');
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText(t.queue.selected(1)).waitFor();
    await page.keyboard.press('o');
    await caseHeading(page).waitFor();
    await page.keyboard.press('m');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: t.acts.words }).fill('We are looking.');
    await dialog.getByRole('button', { name: t.acts.send }).click();
    await page.getByText('We are looking.').waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: t.acts.evidence }).click();
    await dialog.getByRole('button', { name: t.acts.evidence }).click();
    const zip = await downloading;
    expect(zip.suggestedFilename()).toMatch(/^accord-case-\d+\.zip$/);
    const folder = await mkdtemp(join(tmpdir(), 'accord-evidence-'));
    for (const [name, bytes] of filesOfZip(await readFile(await zip.path()))) {
      await writeFile(join(folder, basename(name)), bytes);
    }
    expect(verifyFolder(folder)).toMatchObject({ ok: true, badEntry: null });
    await rm(folder, { recursive: true });
    await page.keyboard.press('u');
    await page.getByRole('heading', { level: 1, name: t.queue.title }).waitFor();
    expect(clerk.complaints).toEqual([]);
    await clerk.context.close();
  });

  it('takes a duplicate into the case that stays, and follows a notice until they removed it', async () => {
    const { browser, server } = stage();
    const stays = await file(server, { pictures: [] });
    const other = await file(server, { pictures: [], words: 'The same again.' });
    const clerk = await sit({ server, browser }, 'moderator');
    const { page, member } = clerk;
    const dialog = page.getByRole('dialog');
    const { number } = await member.client.call('cases.read', { params: { caseId: stays.caseId } });
    await openCase(clerk, other.caseId);
    const merge = async (into: string) => {
      await dialog.getByRole('textbox', { name: t.acts.mergeNumber }).fill(into);
      await dialog.getByRole('button', { name: t.acts.merge }).click();
    };
    await page.getByRole('button', { name: t.acts.merge }).click();
    await merge('999999');
    await dialog.getByText(t.acts.mergeAbsent).waitFor();
    await merge(String(number));
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText(t.case.mergedInto).waitFor();
    await page.getByRole('button', { name: t.case.openOther }).click();
    await page.getByRole('heading', { level: 1, name: t.queue.case(number) }).waitFor();
    await page.getByText('The same again.').waitFor();
    const view = await member.client.call('cases.read', { params: { caseId: stays.caseId } });
    expect(view.reporters).toHaveLength(2);

    await page.getByRole('button', { name: t.notices.add }).click();
    await dialog.getByRole('textbox', { name: t.notices.platform }).fill('Elsewhere');
    await dialog.getByRole('button', { name: t.notices.queue }).click();
    await page.getByText(t.notices.states.queued, { exact: true }).waitFor();
    for (const [moved, state] of [
      ['sent', 'sent'],
      ['removed', 'removed'],
    ] as const) {
      await page.getByRole('button', { name: t.notices.move('Elsewhere') }).click();
      await dialog.getByText(t.notices.moves[moved], { exact: true }).click();
      await dialog.getByRole('textbox', { name: t.notices.detail }).fill('By their form.');
      await dialog.getByRole('button', { name: t.notices.save }).click();
      await page.getByText(t.notices.states[state], { exact: true }).waitFor();
    }
    // What is over stays over.
    expect(await page.getByRole('button', { name: t.notices.move('Elsewhere') }).count()).toBe(0);
    expect(clerk.complaints).toEqual([]);
    await clerk.context.close();
  });
});

describe.each(['en', 'fr'] as const)('every page of the console in %s', (language) => {
  it('passes axe in both themes and fits 320 px, dialogs included, which Tab alone walks', async () => {
    const { browser, server } = stage();
    const words = consoleMessages[language];
    const [{ caseId }, gone, kept, declined] = await Promise.all([
      file(server),
      file(server),
      file(server, { minor: 'yes' }),
      file(server, { pictures: [], ...nobody }),
    ]);
    const roles = ['moderator', 'second_reviewer', 'child_safety', 'legal', 'admin'] as const;
    const clerk = await sit({ server, browser, language }, ...roles);
    const { member, page } = clerk;
    await give(member, gone.caseId, remove);
    const restore = {
      kind: 'ask_approval',
      action: 'restore',
      words: 'w',
      ground: null,
      itemId: null,
    } as const;
    await give(member, gone.caseId, restore);
    await give(member, caseId, { kind: 'queue_notice', platform: 'P', to: '', law: 'eu-dsa', language });
    await give(member, kept.caseId, { kind: 'file_child_safety', incident: 'Online Enticement', words: 'w' });
    await give(await newStaff(server, 'moderator'), declined.caseId, {
      kind: 'decline',
      ground: 'not_intimate',
      words: 'w',
    });
    const { desk } = server.running.features.cases;
    await desk.appeal(await desk.open(declined.number, declined.pin ?? '', '127.0.0.1'), 'It is me.');
    const faults: string[] = [];
    await page.setViewportSize({ width: 320, height: 800 });
    const loaded = () =>
      page.getByText(messages[language].common.loading).first().waitFor({ state: 'hidden' });
    for (const path of ['/console', '/console/figures', '/console/staff']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await loaded();
      faults.push(...(await themedFaults(page, path)));
    }
    const dialogs = async (opened: Readonly<Record<string, () => Promise<void>>>) => {
      for (const [name, open] of Object.entries(opened)) {
        await open();
        await page.getByRole('dialog').waitFor();
        await loaded();
        faults.push(...(await themedFaults(page, name)));
        if (language === 'en')
          faults.push(...(await keyboardFaults(page)).map((fault) => `${name}: ${fault}`));
        await closeDialog(page);
      }
    };
    const press = (name: string) => () => page.getByRole('button', { name, exact: true }).click();
    const key = (digit: string) => () => page.keyboard.press(digit);
    await chooseAll(clerk);
    await dialogs({ bulk: press(words.queue.removeAll) });
    await page.goto('/console/approvals');
    await page.getByRole('heading', { level: 2, name: words.two.threshold.title }).waitFor();
    faults.push(...(await themedFaults(page, 'approvals')));
    await dialogs({ threshold: press(words.two.threshold.ask) });
    for (const id of [gone.caseId, kept.caseId]) {
      await openCase(clerk, id);
      faults.push(...(await themedFaults(page, id === kept.caseId ? 'child safety' : 'removed')));
    }
    await openCase(clerk, declined.caseId);
    await dialogs({ appeal: press(words.decide.judge) });
    await openCase(clerk, caseId);
    faults.push(...(await themedFaults(page, 'a case')));
    await dialogs({
      remove: key('1'),
      decline: key('0'),
      message: key('m'),
      keys: key('?'),
      merge: press(words.acts.merge),
      notice: press(words.notices.add),
      moved: press(words.notices.move('P')),
    });
    expect(faults).toEqual([]);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await page.title()).toContain(words.case.back);
    expect(clerk.complaints).toEqual([]);
    await clerk.context.close();
  });
});

describe(`more than ${bulkLimit} cases at once`, () => {
  it('are asked for by one, refused to the same, and removed by the yes of another', async () => {
    const { browser, server } = stage();
    const asking = await sit({ server, browser }, 'moderator', 'second_reviewer');
    const { page } = asking;
    await chooseAll(asking);
    await page.getByRole('button', { name: t.queue.removeAll }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(t.queue.bulkTwo(bulkLimit)).waitFor();
    await dialog.getByRole('textbox', { name: t.queue.bulkWords }).fill('One upload, sent many times.');
    await dialog.getByRole('button', { name: t.two.ask }).click();
    await page.getByText(t.queue.asked).waitFor();
    const phases = async () => {
      const { rows } = await server.database.pool.query<{ phase: string }>(
        'select distinct phase from desk_case where id = any($1)',
        [many],
      );
      return rows.map(({ phase }) => phase);
    };
    expect(await phases()).toEqual(['valid']);
    const bulk = t.two.actions.bulk as string;
    await page.goto('/console/approvals');
    await page.getByText(t.two.own).waitFor();
    expect(await page.getByRole('button', { name: t.two.yesFor(bulk) }).count()).toBe(0);

    const other = await sit({ server, browser }, 'second_reviewer');
    await other.page.goto('/console/approvals');
    await other.page.getByText(t.two.cases(many.length)).waitFor();
    await other.page.getByRole('button', { name: t.two.yesFor(bulk) }).click();
    await other.page.getByText(t.two.answered).waitFor();
    expect(await phases()).toEqual(['removed']);
    for (const one of [asking, other]) {
      expect(one.complaints).toEqual([]);
      await one.context.close();
    }
  });
});
