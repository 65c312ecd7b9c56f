import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityFaults } from './chromium.ts';
import { befriend, bubble, field, openConversation, say } from './conversation.ts';
import { arrive, type Person } from './person.ts';
import { useStage } from './stage.ts';

const stage = useStage();

const pair = async (first: string, second: string): Promise<[Person, Person]> => {
  const { browser, origin } = stage();
  const [one, other] = await Promise.all([
    arrive({ browser, origin, name: first }),
    arrive({ browser, origin, name: second, language: 'fr' }),
  ]);
  await befriend(one, other, 'Do you like the sea?');
  return [one, other];
};

describe('another key for somebody one talks with', () => {
  it('stops what is written, says so, and goes on when a person has compared', async () => {
    const [ada, blaise] = await pair('ada.key', 'blaise.cle');
    const { pool } = stage().server.database;
    const { safety, status, notes } = ada.words.talk;
    await say(ada, 'before');
    await bubble(blaise.page, 'before').waitFor();
    // A server that wants to stand between hands out a key of its own.
    await pool.query("update account set identity_public_key = $1 where pseudonym = 'blaise.cle'", [
      randomBytes(32),
    ]);
    await ada.page.reload();
    await ada.page.getByText(status.changed).waitFor();
    await ada.page.getByText(notes.identityChanged).waitFor();
    await say(ada, 'kept back');
    await bubble(ada.page, 'kept back').getByText(ada.words.errors.identity_changed).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await ada.page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(ada.page)).toEqual([]);
    }

    await ada.page.getByRole('button', { name: status.look }).click();
    const dialog = ada.page.getByRole('dialog', { name: safety.title });
    await dialog.getByText(safety.changed).waitFor();
    expect(await accessibilityFaults(ada.page)).toEqual([]);
    await dialog.getByRole('button', { name: safety.mark }).click();
    await dialog.getByText(safety.verified, { exact: true }).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.page.getByText(status.changed).waitFor({ state: 'detached' });
    expect(await bubble(blaise.page, 'kept back').count()).toBe(0);
    await bubble(ada.page, 'kept back').getByRole('button', { name: ada.words.talk.tryAgain }).click();
    await bubble(blaise.page, 'kept back').waitFor();
    for (const { context } of [ada, blaise]) await context.close();
  });
});

/** The browser asks for the quota only now and then: waits until it refuses a byte of this origin. */
const untilFull = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const refused = (database: IDBDatabase) =>
      new Promise<boolean>((resolve) => {
        const writing = database.transaction('bytes', 'readwrite');
        writing.objectStore('bytes').put(1, 1);
        writing.oncomplete = () => resolve(false);
        writing.onabort = () => resolve(writing.error?.name === 'QuotaExceededError');
      });
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('probe');
      opening.onupgradeneeded = () => opening.result.createObjectStore('bytes');
      opening.onsuccess = () => resolve(opening.result);
    });
    while (!(await refused(database))) await new Promise((resolve) => setTimeout(resolve, 500));
  });

describe('a full storage', () => {
  it('says so, loses nothing, and goes on when there is room', async () => {
    const [ada, blaise] = await pair('ada.full', 'blaise.plein');
    const { origin } = stage();
    await say(ada, 'while there is room');
    await bubble(blaise.page, 'while there is room').waitFor();
    const cdp = await ada.context.newCDPSession(ada.page);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    await untilFull(ada.page);
    await say(ada, 'no room for this');
    await bubble(ada.page, 'no room for this').getByText(ada.words.errors.storage_full).waitFor();
    await say(blaise, 'pas de place pour ceci');
    await ada.page.getByText(ada.words.common.storageFull).waitFor();
    expect(await accessibilityFaults(ada.page)).toEqual([]);
    expect(await bubble(ada.page, 'pas de place pour ceci').count()).toBe(0);
    expect(await bubble(blaise.page, 'no room for this').count()).toBe(0);

    await cdp.send('Storage.overrideQuotaForOrigin', { origin });
    // It comes with the next connection, whose tries are up to half a minute apart.
    await bubble(ada.page, 'pas de place pour ceci').waitFor({ timeout: 60_000 });
    await bubble(ada.page, 'no room for this').getByRole('button', { name: ada.words.talk.tryAgain }).click();
    await bubble(blaise.page, 'no room for this').waitFor();
    await ada.page.getByText(ada.words.common.storageFull).waitFor({ state: 'detached' });
    await openConversation(ada, ada.words, blaise.name);
    for (const text of ['while there is room', 'no room for this', 'pas de place pour ceci'])
      await bubble(ada.page, text).waitFor();
    expect(await field(ada.page, ada.words).count()).toBe(1);
    for (const { context } of [ada, blaise]) await context.close();
  });
});
