import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyFolder } from '../../apps/server/src/cases/index.ts';
import { file, give, remove } from '../../apps/server/test/cases/staff.ts';
import { accessibilityFaults, overflowsSideways } from './chromium.ts';
import { caseHeading, filesOfZip, openCase, sit } from './console.ts';
import { useStage } from './stage.ts';
import { consoleMessages } from './words.ts';

const stage = useStage();
const t = consoleMessages.en;

describe('the console', () => {
  it('works with the keyboard alone, filters, selects many, and exports what a verifier reads', async () => {
    const { browser, server } = stage();
    const filed = await Promise.all(Array.from({ length: 3 }, () => file(server, { pictures: [] })));
    const clerk = await sit({ server, browser }, 'moderator', 'legal');
    const { page } = clerk;
    await page.goto('/console');
    const list = page.getByRole('list', { name: t.queue.listLabel });
    await list.getByRole('link').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: t.keys.title }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForTimeout(700);
    await page.keyboard.press('/');
    await page.keyboard.type(filed[0]?.number ?? '');
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
});

describe.each(['en', 'fr'] as const)('every page of the console in %s', (language) => {
  it('passes axe in both themes and fits 320 px, dialogs included', async () => {
    const { browser, server } = stage();
    const words = consoleMessages[language];
    const { caseId } = await file(server);
    const gone = await file(server);
    const kept = await file(server, { minor: 'yes' });
    const clerk = await sit(
      { server, browser, language },
      'moderator',
      'second_reviewer',
      'child_safety',
      'legal',
      'admin',
    );
    const { member, page } = clerk;
    await give(member, gone.caseId, remove);
    await give(member, gone.caseId, {
      kind: 'ask_approval',
      action: 'restore',
      words: 'w',
      ground: null,
      itemId: null,
    });
    await give(member, caseId, { kind: 'queue_notice', platform: 'P', to: '', law: 'eu-dsa', language });
    await give(member, kept.caseId, { kind: 'file_child_safety', incident: 'Online Enticement', words: 'w' });
    const faults: string[] = [];
    const look = async (where: string) => {
      await page.waitForLoadState('networkidle');
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const fault of await accessibilityFaults(page)) faults.push(`${where} ${colorScheme}: ${fault}`);
      }
      if (await overflowsSideways(page)) faults.push(`${where}: scrolls sideways`);
    };
    const pages = [
      '/console',
      '/console/approvals',
      '/console/figures',
      '/console/staff',
      ...[caseId, gone.caseId, kept.caseId].map((id) => `/console/cases/${id}`),
    ];
    await page.setViewportSize({ width: 320, height: 800 });
    for (const path of pages) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await look(path);
    }
    await openCase(clerk, caseId);
    for (const key of ['1', '0', 'm', '?']) {
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      await look(`dialog ${key}`);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      // Twice within 0.6 s would leave the page.
      await page.waitForTimeout(700);
    }
    expect(faults).toEqual([]);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await page.title()).toContain(words.case.back);
    expect(clerk.complaints).toEqual([]);
    await clerk.context.close();
  });
});
