import type { Locator, Page } from 'playwright-core';
import type { Device } from './chromium.ts';
import type { Person } from './person.ts';
import type { Words } from './words.ts';

/** From strangers to an open conversation: a request with a first line, and a yes. Both stand in the conversation. */
export async function befriend(asking: Person, asked: Person, firstLine: string): Promise<void> {
  const { page, words } = asking;
  await page.goto('/people');
  await page
    .getByRole('link', { name: new RegExp(asked.name) })
    .first()
    .click();
  await page.getByRole('button', { name: words.people.ask }).click();
  await page.getByRole('textbox', { name: words.people.line.label }).fill(firstLine);
  await page.getByRole('button', { name: words.people.line.send }).click();
  await page.getByText(words.people.askedTitle(asked.name)).waitFor();
  await asked.page.goto('/requests');
  await asked.page.getByText(firstLine).waitFor();
  await asked.page.getByRole('button', { name: asked.words.requests.accept }).click();
  await asked.page.waitForURL('**/talk/**');
  await openConversation(asking, asking.words, asked.name);
  await field(asked.page, asked.words).waitFor();
}

/** Opens the conversation with `name` from the list. */
export async function openConversation({ page }: Device, words: Words, name: string): Promise<void> {
  await page.goto('/talk');
  await page
    .getByRole('link', { name: new RegExp(name) })
    .first()
    .click();
  await field(page, words).waitFor();
}

/** Where one writes. */
export const field = (page: Page, words: Words): Locator =>
  page.getByRole('textbox', { name: words.talk.composer.label, exact: true });

/** Writes and sends; resolves when the bubble is there. */
export async function say({ page, words }: Pick<Person, 'page' | 'words'>, text: string): Promise<void> {
  const box = field(page, words);
  await box.fill(text);
  await box.press('Enter');
  await bubble(page, text).first().waitFor();
}

/** Messages on the screen with this text. */
export const bubble = (page: Page, text: string): Locator =>
  page.getByRole('log').getByRole('article').filter({ hasText: text });

/** Opens the menu of a message and chooses. */
export async function choose(
  { page, words }: Pick<Person, 'page' | 'words'>,
  text: string,
  action: string,
): Promise<void> {
  const message = bubble(page, text).first();
  await message.hover();
  await message.getByRole('button', { name: words.talk.menu.label }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** Chooses in the menu of the conversation. */
export async function chooseForConversation(
  { page, words }: Pick<Person, 'page' | 'words'>,
  action: string,
): Promise<void> {
  await page.getByRole('button', { name: words.talk.more }).click();
  await page.getByRole('menuitem', { name: action }).click();
}
