import type { Page } from 'playwright-core';
import { launchChromium } from '../../../e2e/src/chromium.ts';
import { befriend, openConversation } from '../../../e2e/src/conversation.ts';
import { arrive, type Person } from '../../../e2e/src/person.ts';
import { cameraFile, closePicture, newest, nextPicture, pictures } from '../../../e2e/src/pictures.ts';
import { startServed } from '../page/server.ts';

/** One picture's whole way between two people, in ms, the server's part and its waiting included. */
export interface Whole {
  /** From "send" until the message is stored for its receiver. */
  readonly send: number;
  /** From "open" until it is drawn; the first view asks the matching service once more. */
  readonly first: number;
  readonly again: number;
}

interface Wait {
  /** What is clicked: the last one in the page with this name. */
  readonly button: string;
  /** Another is the last of these afterwards, with this in it. */
  readonly selector: string;
  readonly text?: string;
}

/** Clicks and waits in the page itself, so that nothing of the driver is measured. */
const clicked = (page: Page, wait: Wait): Promise<number> =>
  page.evaluate(async ({ button, selector, text }) => {
    const named = [...document.querySelectorAll('button')].filter(
      (one) => one.textContent?.trim() === button,
    );
    const last = () => [...document.querySelectorAll(selector)].at(-1);
    const before = last()?.id;
    const there = () => {
      const now = last();
      if (now === undefined || (before !== undefined && now.id === before)) return false;
      if (now instanceof HTMLCanvasElement) return now.width > 8;
      return text === undefined || now.textContent?.includes(text) === true;
    };
    const start = performance.now();
    named.at(-1)?.click();
    while (!there()) {
      if (performance.now() - start > 30_000) throw new Error(`nothing came after ${button}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return performance.now() - start;
  }, wait);

const goTo = (person: Person, other: Person) => openConversation(person, person.words, other.name);

/** Sends `rounds` pictures of this size, each another one, and looks at each twice. */
export async function wholeWays(rounds: number, width: number, height: number): Promise<Whole[]> {
  const served = await startServed();
  const browser = await launchChromium();
  const { origin } = served;
  const ways: Whole[] = [];
  try {
    const ada = await arrive({ browser, origin, name: 'ada.measured' });
    const bob = await arrive({ browser, origin, name: 'bob.measured' });
    await befriend(ada, bob, 'Measured?');
    await goTo(ada, bob);
    await goTo(bob, ada);
    const { bubble, editor, terms } = ada.words.pictures;
    for (let round = 0; round <= rounds; round += 1) {
      const before = await newest(bob.page, round === 0);
      const dialog = ada.page.getByRole('dialog');
      const file = await cameraFile(20 + round, width, height);
      await ada.page
        .locator('input[type=file]:not([capture])')
        .setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: file });
      await dialog.getByRole('button', { name: editor.next }).click();
      await dialog.getByRole('radio', { name: terms.oftenChoices.any, exact: true }).check();
      await dialog.getByText(terms.whoChoices.me.label, { exact: true }).click();
      const send = await clicked(ada.page, {
        button: terms.send,
        selector: '[role=log] article:has(dl)',
        text: bubble.takeBack,
      });
      await nextPicture(bob.page, before);
      if (round === 0) {
        const always = pictures(bob.page)
          .last()
          .getByRole('button', { name: bubble.always(ada.name) });
        await always.click();
      }
      const open = pictures(bob.page).last().getByRole('button', { name: bubble.open, exact: true });
      await open.waitFor();
      const first = await clicked(bob.page, { button: bubble.open, selector: 'dialog[open] canvas' });
      await closePicture(bob);
      await pictures(bob.page).last().getByRole('button', { name: bubble.openAgain }).waitFor();
      const again = await clicked(bob.page, { button: bubble.openAgain, selector: 'dialog[open] canvas' });
      await closePicture(bob);
      // The first one also fetches and compiles what the others have.
      if (round > 0) ways.push({ send, first, again });
    }
  } finally {
    await browser.close();
    await served.stop();
  }
  return ways;
}
