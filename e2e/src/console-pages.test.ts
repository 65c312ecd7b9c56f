import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bulkLimit } from '@accord/case-model';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyFolder } from '../../apps/server/src/cases/index.ts';
import { file, give, newStaff, remove } from '../../apps/server/test/cases/staff.ts';
import { openDevice, themedFaults } from './chromium.ts';
import { type Clerk, caseHeading, closeDialog, decideBy, filesOfZip, openCase, sit } from './console.ts';
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
        // A theme's colours are the same in every language.
        faults.push(...(await themedFaults(page, name, language === 'en' ? ['light', 'dark'] : ['dark'])));
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

describe('walls', () => {
  const parts = { pictures: [], words: 'Somebody I know made it.' };

  it('shows each role what it can do, and nothing to those who have none', async () => {
    const { browser, server, origin } = stage();
    const { caseId } = await file(server, parts);
    const seen = async (clerk: Clerk) => {
      await openCase(clerk, caseId);
      return clerk.page.locator('main').innerText();
    };
    const moderator = await sit({ server, browser }, 'moderator');
    const triage = await sit({ server, browser }, 'triage');
    const auditor = await sit({ server, browser }, 'auditor');
    const byModerator = await seen(moderator);
    for (const words of [t.decide.title, t.acts.message, t.notices.add]) expect(byModerator).toContain(words);
    for (const words of [t.acts.evidence, t.acts.hold]) expect(byModerator).not.toContain(words);
    const byTriage = await seen(triage);
    expect(byTriage).toContain(t.acts.message);
    for (const words of [t.decide.removeGrounds.ncii_real, t.notices.add])
      expect(byTriage).not.toContain(words);
    const byAuditor = await seen(auditor);
    expect(byAuditor).toContain(t.acts.evidence);
    expect(byAuditor).not.toContain(t.acts.message);
    await auditor.page.keyboard.press('1');
    expect(await auditor.page.getByRole('dialog').count()).toBe(0);

    // An admin is led past the cases, and the address of one leads nowhere.
    const admin = await sit({ server, browser }, 'admin');
    await admin.page.goto(`/console/cases/${caseId}`);
    await admin.page.getByRole('heading', { level: 1, name: t.two.listTitle }).waitFor();
    expect(await admin.page.getByRole('link', { name: t.nav.queue }).count()).toBe(0);
    // Child safety locks the others out of a case, and the page says no more than that.
    const kept = await file(server, { ...parts, minor: 'yes' });
    await moderator.page.goto(`/console/cases/${kept.caseId}`);
    await moderator.page.getByText(t.case.gone).waitFor();
    const lead = await sit({ server, browser }, 'child_safety');
    await openCase(lead, kept.caseId);
    await lead.page.getByText(t.safety.notFiled).waitFor();
    await lead.page.getByRole('button', { name: t.safety.byHand }).click();
    await lead.page.getByRole('textbox', { name: t.safety.receiptId }).fill('4711');
    await lead.page.getByRole('button', { name: t.safety.save }).click();
    await lead.page.getByText(t.safety.filed('4711')).waitFor();

    const nobody = await openDevice(browser, origin);
    await nobody.page.goto('/console');
    await nobody.page.getByRole('link', { name: t.closed.signIn }).waitFor();
    const member = await sit({ server, browser });
    await member.page.goto('/console');
    await member.page.getByText(t.closed.words).waitFor();
    for (const one of [moderator, triage, auditor, admin, lead, nobody, member]) await one.context.close();
  });

  it('asks for a second person in words, refuses it to the one who asked, and takes it from another', async () => {
    const { browser, server } = stage();
    const { caseId } = await file(server, parts);
    const asking = await sit({ server, browser }, 'moderator', 'legal');
    const { page } = asking;
    await openCase(asking, caseId);
    await page.getByRole('button', { name: t.two.actions.reveal_reporter as string }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('The police ask.');
    await page.getByRole('dialog').getByRole('button', { name: t.two.ask }).click();
    await page.getByText(t.two.own).waitFor();
    expect(await page.getByRole('button', { name: /^Yes/ }).count()).toBe(0);
    const view = await asking.member.client.call('cases.read', { params: { caseId } });
    const approvalId = view.openProposals[0]?.id ?? '';
    const answer = await asking.member.client.answer('cases.approvals.answer', {
      params: { approvalId },
      body: { yes: true },
    });
    expect([answer.status, answer.text]).toEqual([409, '{"code":"same_person"}']);

    const approving = await sit({ server, browser }, 'legal');
    await approving.page.goto('/console/approvals');
    await approving.page
      .getByRole('button', { name: t.two.yesFor(t.two.actions.reveal_reporter as string) })
      .click();
    await approving.page.getByText(t.two.answered).waitFor();
    await openCase(approving, caseId);
    await approving.page.getByText('a@example.org').waitFor();
    await page.reload();
    await page.getByText('a@example.org').waitFor();
    const third = await sit({ server, browser }, 'moderator');
    await openCase(third, caseId);
    expect(await third.page.locator('main').innerText()).not.toContain('a@example.org');

    // To decline what is likely valid asks by itself; roles are asked for by an admin and given by another.
    await decideBy(third, '6', 'Not intimate.');
    await third.page.getByText(t.two.own).waitFor();
    const admin = await sit({ server, browser }, 'admin');
    await admin.page.goto('/console/staff');
    const helper = await newStaff(server, 'transparency');
    await admin.page.getByRole('textbox', { name: t.staff.pseudonym }).fill(helper.pseudonym);
    await admin.page.getByRole('button', { name: t.staff.find }).click();
    const roles = admin.page.getByRole('dialog');
    await roles.getByRole('checkbox', { name: new RegExp(`^${t.staff.roles.triage}`) }).check();
    await roles.getByRole('textbox').fill('New here.');
    await roles.getByRole('button', { name: t.staff.ask }).click();
    await admin.page.getByText(t.staff.asked).waitFor();
    await admin.page.getByRole('link', { name: t.nav.approvals }).click();
    await admin.page.getByText(t.two.own).waitFor();
    await approving.page.goto('/console/approvals');
    await approving.page.getByRole('button', { name: t.two.yesFor(t.two.actions.roles as string) }).click();
    const roleNames = async () => (await helper.client.call('cases.staff.me', {})).roles;
    await expect.poll(roleNames).toEqual(['triage']);
    // So is how near a picture must come to count as a copy.
    await admin.page.goto('/console/approvals');
    await admin.page.getByRole('button', { name: t.two.threshold.ask }).click();
    const distance = admin.page.getByRole('dialog');
    await distance.getByRole('textbox', { name: t.two.threshold.bits }).fill('34');
    await distance.getByRole('textbox', { name: t.two.words }).fill('Copies got by.');
    await distance.getByRole('button', { name: t.two.ask }).click();
    await admin.page.getByText(t.two.own).waitFor();
    await approving.page.goto('/console/approvals');
    await approving.page.getByText(t.two.threshold.change(31, 34)).waitFor();
    await approving.page
      .getByRole('button', { name: t.two.yesFor(t.two.actions.threshold as string) })
      .click();
    await approving.page.getByText(t.two.threshold.now(34)).waitFor();
    for (const one of [asking, approving, third, admin]) {
      expect(one.complaints).toEqual([]);
      await one.context.close();
    }
  });
});
