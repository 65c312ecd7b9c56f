import { readCanonical } from '@accord/sealed-media';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, copied, openDevice, overflowsSideways } from './chromium.ts';
import { befriend, bubble, openConversation, say } from './conversation.ts';
import { arrive, type Person } from './person.ts';
import {
  cameraFile,
  closePicture,
  edits,
  finishSending,
  keptCanonical,
  meanOfCanvas,
  newest,
  nextPicture,
  openPicture,
  pictures,
  sendPicture,
  telltales,
} from './pictures.ts';
import { useStage } from './stage.ts';
import { messages } from './words.ts';

const stage = useStage();

let ada: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  const { browser, origin } = stage();
  const options = { permissions: ['clipboard-read', 'clipboard-write'] };
  [ada, bob, carol] = await Promise.all([
    arrive({ browser, origin, name: 'ada.pictures', options }),
    arrive({ browser, origin, name: 'bob.pictures', language: 'fr' }),
    arrive({ browser, origin, name: 'carol.pictures' }),
  ]);
  await befriend(ada, carol, 'A dune?');
  await befriend(bob, carol, 'Une vallée ?');
  await befriend(ada, bob, 'A hill?');
});
afterAll(async () => {
  for (const person of [ada, bob, carol]) await person?.context.close();
});

const goTo = (person: Person, other: Person) => openConversation(person, person.words, other.name);

/** The receiver's yes to the last picture. */
const accept = ({ page, words }: Person) =>
  pictures(page).last().getByRole('button', { name: words.pictures.bubble.once }).click();

/** The last own picture says where it stands. */
const says = ({ page }: Person, words: string) => pictures(page).last().getByText(words).waitFor();

const faultsHere = async (person: Pick<Person, 'page'>, where: string): Promise<string[]> => {
  const found = await accessibilityFaults(person.page);
  if (await overflowsSideways(person.page)) found.push('scrolls sideways');
  return found.map((fault) => `${where}: ${fault}`);
};

/** Waits until the list of messages shows its end. */
const endInView = ({ page }: Person) =>
  page.waitForFunction(() => {
    const list = document.querySelector('[role=log]')?.parentElement;
    return list != null && list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  });

describe('a picture', () => {
  it('leaves without its metadata, waits for the network, is seen once, and can still be reported', async () => {
    await goTo(ada, bob);
    await goTo(bob, ada);
    await ada.context.setOffline(true);
    await sendPicture(ada, await cameraFile(0));
    const kept = await keptCanonical(ada.page);
    expect(readCanonical(kept)).toMatchObject({ type: 'image/jpeg', width: 960, height: 720 });
    for (const word of telltales) expect(Buffer.from(kept).includes(word), word).toBe(false);
    await ada.context.setOffline(false);
    await ada.page.reload();

    const t = bob.words.pictures;
    await pictures(bob.page).last().getByText(t.bubble.arrived(ada.name)).waitFor();
    await accept(bob);
    await openPicture(bob);
    expect(await meanOfCanvas(bob.page)).not.toBeNull();
    expect(await bob.page.locator('img[src^="blob:"], img[src^="data:"]').count()).toBe(0);
    await bob.page.keyboard.press('Escape');
    await bob.page.getByRole('dialog').waitFor({ state: 'hidden' });
    await bob.page.waitForTimeout(700);
    await pictures(bob.page).last().getByRole('button', { name: t.bubble.openAgain }).click();
    await bob.page.getByRole('dialog').getByText(t.refusals.gone).waitFor();
    await closePicture(bob);

    await pictures(bob.page).last().getByRole('button', { name: t.bubble.report }).click();
    const dialog = bob.page.getByRole('dialog');
    await dialog.getByText(bob.words.people.reasons.unwanted_pictures, { exact: true }).click();
    await dialog.getByRole('button', { name: bob.words.talk.report.send }).click();
    await bob.page.getByText(bob.words.talk.report.sent).waitFor();
    const { rows } = await stage().server.database.pool.query('select verified from media_report');
    expect(rows).toEqual([{ verified: true }]);
  });

  it('goes dark while it is looked at when its sender takes everything back', async () => {
    await goTo(ada, bob);
    await goTo(bob, ada);
    const before = await newest(bob.page);
    await sendPicture(ada, await cameraFile(2), { often: 'any' });
    await nextPicture(bob.page, before);
    await accept(bob);
    await openPicture(bob);
    await ada.page.goto('/you/pictures');
    const { mine } = ada.words.pictures;
    await ada.page.getByRole('button', { name: mine.all }).click();
    await ada.page.getByRole('dialog').getByRole('button', { name: mine.all }).click();
    await bob.page.getByText(bob.words.pictures.viewer.gone).waitFor();
    expect(await meanOfCanvas(bob.page)).toBeNull();
    await closePicture(bob);
    await pictures(bob.page).last().getByText(bob.words.pictures.refusals.gone).waitFor();
    await ada.page.getByText(mine.states.revoked).first().waitFor();
  });

  it('is not passed on by anybody but its owner, whatever was done to the file', async () => {
    const file = await cameraFile(3);
    await goTo(ada, bob);
    await sendPicture(ada, file, { often: 'any' });
    await pictures(ada.page).last().getByText(ada.words.pictures.bubble.takeBack).waitFor();
    await goTo(bob, carol);
    const outcomes: Record<string, string> = {};
    for (const [name, edit] of Object.entries(edits)) {
      const before = await newest(bob.page, Object.keys(outcomes).length === 0);
      await sendPicture(bob, await edit(file));
      const made = await nextPicture(bob.page, before);
      const { refused, uploading, sending } = bob.words.pictures.bubble.steps;
      await made.getByText(refused).or(made.getByText(bob.words.pictures.bubble.takeBack)).first().waitFor();
      outcomes[name] = (await made.getByText(refused).count()) > 0 ? 'refused' : `${uploading(0)} ${sending}`;
    }
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(edits).map((name) => [name, 'refused'])));
  });
});

describe('the permission of its owner', () => {
  it('lets the receiver pass the picture on to the named one', async () => {
    await goTo(ada, bob);
    await goTo(bob, ada);
    const before = await newest(bob.page);
    await sendPicture(ada, await cameraFile(7), { often: 'any' });
    await nextPicture(bob.page, before);
    await says(ada, ada.words.pictures.yeses.theirs(bob.name));
    await accept(bob);
    await openPicture(bob);
    await closePicture(bob);

    const { grants, seen } = ada.words.pictures.mine;
    const [once = ''] = seen(1, '|').split('|');
    await says(ada, `${bob.name}: ${once}`);
    await ada.page.reload();
    await says(ada, `${bob.name}: ${once}`);
    await ada.page.goto('/you/pictures');
    await ada.page.getByRole('button', { name: grants.give }).first().click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: carol.name, exact: true }).check();
    const faults = await faultsHere(ada, 'the permission');
    await dialog.getByRole('button', { name: grants.confirm }).click();
    await ada.page.getByText(grants.given).waitFor();

    const shareOn = bob.words.pictures.bubble.shareOn(carol.name);
    await pictures(bob.page).last().getByRole('button', { name: shareOn }).click();
    await finishSending(bob, { who: 'nobody' });
    await goTo(carol, bob);
    const { arrived } = carol.words.pictures.bubble;
    await pictures(carol.page).last().getByText(arrived(bob.name)).waitFor();
    await accept(carol);
    await openPicture(carol);
    expect(await meanOfCanvas(carol.page)).not.toBeNull();
    await closePicture(carol);
    expect(faults).toEqual([]);
  });
});

describe('the yes of somebody in it', () => {
  it('is asked of a member first, and taking it back darkens the picture', async () => {
    await goTo(ada, bob);
    await goTo(bob, ada);
    const before = await newest(bob.page);
    await sendPicture(ada, await cameraFile(4), { often: 'any', who: 'me_and_others', member: carol.name });
    await says(ada, ada.words.pictures.bubble.steps.waiting);
    const { questions, viewer } = carol.words.pictures;
    await carol.page.goto('/you/yeses');
    await carol.page.getByRole('button', { name: questions.look }).click();
    await carol.page.getByRole('dialog').getByRole('button', { name: viewer.show }).waitFor();
    await closePicture(carol);
    await carol.page.getByRole('button', { name: questions.yes, exact: true }).click();
    await nextPicture(bob.page, before);
    await accept(bob);
    await openPicture(bob);
    await carol.page.getByRole('button', { name: questions.withdraw }).click();
    await carol.page.getByRole('dialog').getByRole('button', { name: questions.withdraw }).click();
    await bob.page.getByText(bob.words.pictures.viewer.gone).waitFor();
    await closePicture(bob);
  });

  it('is taken back once, and the picture goes dark before both who look at it', async () => {
    const { browser, origin } = stage();
    const dora = await arrive({ browser, origin, name: 'dora.pictures' });
    await befriend(ada, dora, 'A river?');
    const file = await cameraFile(8);
    const { questions } = dora.words.pictures;
    for (const receiver of [bob, carol]) {
      await goTo(ada, receiver);
      await goTo(receiver, ada);
      const none = receiver === carol;
      const before = await newest(receiver.page, none);
      await sendPicture(ada, file, { often: 'any', who: 'me_and_others', member: dora.name });
      await says(ada, ada.words.pictures.bubble.steps.waiting);
      await dora.page.goto('/you/yeses');
      await dora.page.getByRole('button', { name: questions.yes, exact: true }).click();
      await nextPicture(receiver.page, before);
      await accept(receiver);
      await openPicture(receiver);
    }
    await dora.page.getByRole('button', { name: questions.withdraw }).first().click();
    await dora.page.getByRole('dialog').getByRole('button', { name: questions.withdraw }).click();
    for (const receiver of [bob, carol]) {
      await receiver.page.getByText(receiver.words.pictures.viewer.gone).waitFor();
      expect(await meanOfCanvas(receiver.page)).toBeNull();
      await closePicture(receiver);
    }
    await dora.page.getByText(questions.withdrawnOn).nth(1).waitFor();
    await dora.context.close();
  });

  it('is asked of somebody without an account by a link, on a phone, and can be taken back by them', async () => {
    const { browser, origin } = stage();
    await goTo(ada, bob);
    await goTo(bob, ada);
    const before = await newest(bob.page);
    await sendPicture(ada, await cameraFile(5), { often: 'any', who: 'others', link: 'Dora' });
    await says(ada, ada.words.pictures.bubble.steps.waiting);
    await pictures(ada.page)
      .last()
      .getByRole('button', { name: ada.words.pictures.bubble.copyLink('Dora') })
      .click();
    const link = await copied(ada.page, /\/consent\/[0-9a-f-]{36}#[\w-]{43}$/);

    const viewport = { width: 320, height: 640 };
    const dora = await openDevice(browser, origin, { locale: 'fr-FR', viewport });
    const t = messages.fr.pictures;
    await dora.page.goto(link);
    await dora.page.getByText(t.link.lead(ada.name)).waitFor();
    const faults = await faultsHere(dora, 'the link');
    await dora.page.getByRole('switch', { name: t.link.adult }).click();
    await dora.page.getByRole('button', { name: t.link.look }).click();
    await dora.page.getByRole('dialog').getByRole('button', { name: t.viewer.show }).waitFor();
    expect(await meanOfCanvas(dora.page)).not.toBeNull();
    faults.push(...(await faultsHere(dora, 'the copy')));
    await closePicture({ page: dora.page, words: messages.fr });
    await dora.page.getByRole('button', { name: t.link.yes }).click();
    const back = await dora.page.getByRole('group', { name: t.link.keepLabel }).innerText();
    faults.push(...(await faultsHere(dora, 'the answer')));

    await nextPicture(bob.page, before);
    await accept(bob);
    await openPicture(bob);
    await dora.page.goto('about:blank');
    await dora.page.goto(back);
    await dora.page.getByRole('button', { name: t.link.back }).click();
    await bob.page.getByText(bob.words.pictures.viewer.gone).waitFor();
    await closePicture(bob);
    await dora.page.getByText(t.link.backDone).waitFor();
    faults.push(...(await faultsHere(dora, 'the way back')));
    expect(faults).toEqual([]);
    expect(dora.complaints.filter((line) => !/401|404/.test(line))).toEqual([]);
    await dora.context.close();
  });
});

describe('the dialogs', () => {
  it.each([
    ['light', 'ada'],
    ['dark', 'bob'],
  ] as const)('pass axe at 320 px, %s, and work with the keyboard alone', async (colorScheme, who) => {
    const person = who === 'ada' ? ada : bob;
    const { page, words } = person;
    const t = words.pictures;
    await page.setViewportSize({ width: 320, height: 640 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await goTo(person, carol);
    const faults = await faultsHere(person, 'the conversation');
    await page
      .locator('input[type=file]:not([capture])')
      .setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await cameraFile(6) });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: t.editor.cover }).press('Enter');
    await dialog.getByRole('button', { name: t.editor.corner.start(30, 30) }).press('Shift+ArrowRight');
    await dialog.getByRole('button', { name: t.editor.corner.start(35, 30) }).waitFor();
    await dialog.getByRole('button', { name: t.editor.apply.cover }).press('Enter');
    await dialog.getByRole('button', { name: t.editor.undo }).press('Enter');
    faults.push(...(await faultsHere(person, 'the editor')));
    await dialog.getByRole('button', { name: t.editor.next }).press('Enter');
    expect((await dialog.getByRole('alert').allInnerTexts()).join('')).toBe('');
    await dialog.getByRole('radio', { name: t.terms.whoChoices.others.label }).press('Space');
    faults.push(...(await faultsHere(person, 'the terms')));
    await dialog.getByRole('radio', { name: t.terms.whoChoices.nobody.label }).press('Space');
    // Going back and on again sends nothing, though all is decided.
    await dialog.getByRole('button', { name: t.editor.back }).press('Enter');
    await dialog.getByRole('button', { name: t.editor.next }).click();
    await dialog.getByRole('radio', { name: t.terms.whoChoices.nobody.label, checked: true }).waitFor();
    await dialog.getByRole('button', { name: t.terms.send, exact: true }).press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    faults.push(...(await faultsHere(person, 'the bubble')));
    expect(faults).toEqual([]);
    expect(person.complaints.filter((line) => !/ERR_INTERNET_DISCONNECTED|404/.test(line))).toEqual([]);
    expect(person.foreignRequests).toEqual([]);
  });
});

describe('what opens over a conversation', () => {
  it('takes a press and stays open, whatever is said meanwhile', async () => {
    await bob.page.setViewportSize({ width: 1280, height: 800 });
    await goTo(ada, bob);
    await goTo(bob, ada);
    const before = await newest(bob.page);
    await sendPicture(ada, await cameraFile(9));
    const picture = await nextPicture(bob.page, before);
    await accept(bob);
    await picture.getByRole('button', { name: bob.words.pictures.bubble.open, exact: true }).waitFor();
    await endInView(bob);
    const report = picture.getByRole('button', { name: bob.words.pictures.bubble.report });
    await report.hover();
    await bob.page.mouse.down();
    await say(ada, 'One\nTwo\nThree');
    await bubble(bob.page, 'Three').waitFor();
    await bob.page.mouse.up();
    await bob.page.getByRole('dialog').getByText(bob.words.talk.report.title).waitFor();
    await bob.page.keyboard.press('Escape');
    // The list follows once the press is over.
    await endInView(bob);

    await openPicture(bob);
    const tall = Array.from({ length: 60 }, (_, line) => `${line}`).join('\n');
    for (const end of ['Four', 'Five']) await say(ada, `${tall}\n${end}`);
    await bubble(bob.page, 'Five').waitFor();
    await endInView(bob);
    expect(await meanOfCanvas(bob.page)).not.toBeNull();
    await closePicture(bob);
  });
});
