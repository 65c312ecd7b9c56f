import type { Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { words as deskWords } from '../../apps/server/src/desk/words.ts';
import { grantRole } from '../../apps/server/src/operations/index.ts';
import { file } from '../../apps/server/test/cases/staff.ts';
import { copied, openDevice, themedFaults } from './chromium.ts';
import { caseHeading, decideBy, dialogGone, openCase, sit } from './console.ts';
import { befriend, openConversation } from './conversation.ts';
import { fillRequest, followRequest, piecesThatLeft, sendRequest } from './desk-filing.ts';
import { arrive, type Person } from './person.ts';
import {
  cameraFile,
  closePicture,
  edits,
  newest,
  nextPicture,
  openPicture,
  pictures,
  sendPicture,
} from './pictures.ts';
import { useStage } from './stage.ts';
import { consoleMessages } from './words.ts';

const stage = useStage();
const t = consoleMessages.en;
const scene = 3;

let ada: Person;
let bob: Person;
let judge: Person;

beforeAll(async () => {
  const { browser, origin, server } = stage();
  [ada, bob, judge] = await Promise.all([
    arrive({ browser, origin, name: 'ada.sends' }),
    arrive({ browser, origin, name: 'bob.receives', language: 'fr' }),
    arrive({ browser, origin, name: 'mod.one' }),
  ]);
  await grantRole(server.platform.db, { pseudonym: judge.name, role: 'moderator', now: new Date() });
  await befriend(ada, bob, 'A hill?');
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
});
afterAll(async () => {
  for (const person of [ada, bob, judge]) await person?.context.close();
});

const accept = ({ page, words }: Person) =>
  pictures(page).last().getByRole('button', { name: words.pictures.bubble.once }).click();

/** Ada sends a picture that Bob says yes to and looks at. */
async function lookedAt(image: Buffer): Promise<void> {
  await openConversation(ada, ada.words, bob.name);
  await openConversation(bob, bob.words, ada.name);
  const before = await newest(bob.page, (await pictures(bob.page).count()) === 0);
  await sendPicture(ada, image, { often: 'any', who: 'nobody' });
  await nextPicture(bob.page, before);
  await accept(bob);
  await openPicture(bob);
}

/** The case of a request or of a report. */
async function caseOf(column: 'number' | 'idem', value: string): Promise<string> {
  const row = await stage()
    .server.platform.db.selectFrom('case_reporter')
    .select('case_id')
    .where(column, '=', value)
    .executeTakeFirstOrThrow();
  return row.case_id;
}

describe('a picture that moved without a yes', () => {
  it('is asked about without an account, removed at the console, dark everywhere, refused again, explained and appealed', async () => {
    const { browser, origin, server } = stage();
    const image = await cameraFile(scene);
    await lookedAt(image);

    // The person in it, on an old phone: a recompressed copy is hashed in the page.
    const viewport = { width: 320, height: 700 };
    const asking = await openDevice(browser, origin, { locale: 'fr-FR', viewport });
    const copy = await (edits.recompressed as (from: Buffer) => Promise<Buffer>)(image);
    const sent: Request[] = [];
    asking.context.on('request', (request) => sent.push(request));
    await fillRequest(asking.page, { file: copy, mimeType: 'image/jpeg', name: 'Dora' });
    const faults = await themedFaults(asking.page, 'the last question');
    const { number, pin, ms } = await sendRequest(asking.page);
    console.log(`the number was shown ${Math.round(ms)} ms after the request was sent`);
    expect(ms).toBeLessThan(10_000);
    // What was sent: forms and questions, none of them with any part of the file in it.
    expect(sent.filter((request) => request.postDataBuffer() !== null).length).toBeGreaterThan(5);
    expect(piecesThatLeft(sent, copy)).toEqual([]);
    for (const request of sent) expect(request.headers().referer || origin).toContain(origin);
    expect(asking.foreignRequests).toEqual([]);

    // A moderator finds it with the keyboard, reads what goes out, and removes it.
    const { page } = judge;
    const clerk = { page, words: t };
    await page.goto('/console');
    await page.getByRole('list', { name: t.queue.listLabel }).getByRole('link').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await caseHeading(page).waitFor();
    await page.getByText(t.evidence.registered).waitFor();
    await page.keyboard.press('2');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('made or altered').first().waitFor();
    await dialog.getByText('DECISION_GROUND_ILLEGAL_CONTENT').waitFor();
    await page.keyboard.press('Escape');
    await dialogGone(page);
    await decideBy(clerk, '2', 'Seen side by side.');
    await page.getByText(t.case.sweep.complete).waitFor();
    await page.getByText(t.case.toldSenders(1)).waitFor();

    // Bob was looking; nobody sends it again, whatever was done to the file, its first sender included.
    await bob.page.getByText(bob.words.pictures.viewer.gone).waitFor();
    await closePicture(bob);
    await pictures(bob.page).last().getByText(bob.words.pictures.refusals.gone).waitFor();
    const outcomes: Record<string, boolean> = {};
    for (const [name, edit] of Object.entries(edits)) {
      const before = await newest(ada.page);
      await sendPicture(ada, await edit(image), { who: 'me' });
      const made = await nextPicture(ada.page, before);
      const { bubble } = ada.words.pictures;
      await made.getByText(bubble.steps.refused).or(made.getByText(bubble.takeBack)).first().waitFor();
      outcomes[name] = (await made.getByText(bubble.steps.refused).count()) > 0;
    }
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(edits).map((name) => [name, true])));

    // Who asked reads it; who sent it reads why, and objects.
    await followRequest(asking.page, number, pin);
    await asking.page.getByText('Image retirée').waitFor();
    await asking.page.getByText(/Nous avons fouillé tout ce que nous détenons/).waitFor();
    faults.push(...(await themedFaults(asking.page, 'removed')));
    await asking.page.getByLabel('Nous écrire').fill('Merci.');
    await asking.page.getByRole('button', { name: 'Envoyer' }).click();
    await asking.page.getByText('Merci.').waitFor();
    const mine = ada.words.you.decisions;
    await ada.page.goto('/you/decisions');
    await ada.page.getByText(/made or altered/).waitFor();
    expect(await ada.page.locator('main').innerText()).not.toMatch(/Dora|example\.org|mod\.one/);
    await ada.page.getByRole('textbox', { name: mine.words }).fill('It is a landscape of mine.');
    await ada.page.getByRole('button', { name: mine.object }).click();
    await ada.page.getByText(mine.waits).waitFor();

    // Whoever decided is told that somebody else decides, by the page and by the server.
    await page.goto('/console/appeals');
    await page.getByRole('list', { name: t.queue.listLabel }).getByRole('link').first().click();
    await page.getByText(t.decide.notYou).waitFor();
    expect(await page.getByRole('button', { name: t.decide.judge }).count()).toBe(0);
    const caseId = await caseOf('number', number);
    const refused = await page.evaluate(async (id) => {
      const { appeals } = await (await fetch(`/api/console/cases/${id}`)).json();
      const command = {
        kind: 'decide_appeal',
        appealId: appeals[0].id,
        outcome: 'upheld',
        ground: null,
        words: 'w',
      };
      const answer = await fetch(`/api/console/cases/${id}/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ command }),
      });
      return [answer.status, await answer.json()];
    }, caseId);
    expect(refused).toEqual([409, { code: 'same_person' }]);

    const other = await sit({ server, browser }, 'moderator');
    await openCase(other, caseId);
    await other.page.getByRole('button', { name: t.decide.judge }).click();
    const judging = other.page.getByRole('dialog');
    await judging.getByText(t.decide.upheld, { exact: true }).click();
    await judging.getByRole('textbox', { name: t.decide.appealWords }).fill('The face was put there.');
    await judging.getByRole('button', { name: t.decide.judge }).click();
    await other.page.getByText(t.decide.outcomes.upheld).waitFor();
    await ada.page.reload();
    await ada.page.getByText(mine.upheld).waitFor();
    await ada.page.getByText('The face was put there.').waitFor();
    // Who has a role finds the way there under "you", and signed out, back to it; who has none sees nothing of it.
    const way = (of: Person) => of.page.locator('a[href="/console"]');
    await page.goto('/you');
    await way(judge).waitFor();
    expect(await way(ada).count()).toBe(0);
    await way(judge).click();
    await page.getByRole('heading', { level: 1, name: t.queue.title }).waitFor();
    await judge.context.clearCookies();
    await page.reload();
    await page.getByRole('link', { name: t.closed.signIn }).click();
    await page.getByRole('button', { name: judge.words.account.signIn.button }).click();
    await page.getByRole('heading', { level: 1, name: t.queue.title }).waitFor();
    for (const each of [asking, other, ada, judge]) expect(each.foreignRequests).toEqual([]);
    expect([...asking.complaints, ...other.complaints]).toEqual([]);
    expect(judge.complaints.filter((line) => !/401|409/.test(line))).toEqual([]);
    expect(faults).toEqual([]);
    await asking.context.close();
    await other.context.close();
  });

  it('that its owner may send is blocked by a request: they show who agreed, and who decides reads so', async () => {
    const { browser, server } = stage();
    await openConversation(ada, ada.words, bob.name);
    const before = await newest(ada.page);
    const { bubble } = ada.words.pictures;
    await sendPicture(ada, await cameraFile(9), { often: 'any', who: 'others', link: 'Dora' });
    const own = await nextPicture(ada.page, before);
    await own.getByText(bubble.steps.waiting).waitFor();
    // Between the question and the yes somebody has the very picture protected, who is not in it.
    const { rows } = await server.database.pool.query<{ hash: Buffer }>(
      'select hash from matching_hash where registered_id is not null and kind = 0 order by id desc limit 1',
    );
    const h = rows[0]?.hash.toString('base64url') ?? '';
    const { caseId } = await file(server, {
      pictures: [{ h, q: 90, parts: '', regions: '', source: false }],
    });
    await own.getByRole('button', { name: bubble.copyLink('Dora') }).click();
    const dora = await openDevice(browser, stage().origin);
    const link = ada.words.pictures.link;
    await dora.page.goto(await copied(ada.page, /\/consent\/[0-9a-f-]{36}#[\w-]{43}$/));
    await dora.page.getByRole('switch', { name: link.adult }).click();
    await dora.page.getByRole('button', { name: link.look }).click();
    await dora.page
      .getByRole('dialog')
      .getByRole('button', { name: ada.words.pictures.viewer.show })
      .waitFor();
    await closePicture({ page: dora.page, words: ada.words });
    await dora.page.getByRole('button', { name: link.yes }).click();
    await own.getByText(bubble.steps.refused).waitFor();
    await ada.page.setViewportSize({ width: 320, height: 700 });
    const faults = await themedFaults(ada.page, 'the refusal');

    // Its buttons: the code, the records as a file, the way to the page.
    await own.getByRole('button', { name: ada.words.common.copy }).click();
    const code = await copied(ada.page, /^([0-9a-f]{4}-){7}[0-9a-f]{4}$/);
    // By the keyboard: what says "copied" moves the rows, and a press of the mouse ends beside the button.
    const downloading = ada.page.waitForEvent('download');
    await own.getByRole('button', { name: bubble.appeal.save }).press('Enter');
    const records = await (await downloading).path();
    const opening = ada.context.waitForEvent('page');
    await own.getByRole('link', { name: bubble.appeal.go }).press('Enter');
    const page = await opening;
    for (const [path, t] of [
      ['/desk/refused', deskWords.en.refused],
      ['/signaler/refused', deskWords.fr.refused],
    ] as const) {
      if (path !== '/desk/refused') await page.goto(path);
      await page.getByLabel(t.code).fill('0000');
      await page.getByLabel(t.words).fill('We both want it.');
      await page.getByRole('button', { name: t.send }).click();
      await page.getByRole('alert').getByText(t.wrongCode).waitFor();
      faults.push(...(await themedFaults(page, `${path}, a wrong code`)));
      await page.getByLabel(t.code).fill(code);
      await page.getByLabel(t.file).setInputFiles(records);
      await expect.poll(() => page.getByLabel(t.records).inputValue()).toContain('accord-yeses/1');
      expect(await page.getByLabel(t.words).inputValue()).toBe('We both want it.');
      await page.getByRole('button', { name: t.send }).press('Enter');
      await page.getByRole('heading', { level: 1, name: t.thanks }).waitFor();
      faults.push(...(await themedFaults(page, `${path}, shown`)));
    }
    await page.close();
    await ada.page.setViewportSize({ width: 1280, height: 720 });
    expect(faults).toEqual([]);

    const clerk = await sit({ server, browser }, 'moderator');
    await openCase(clerk, caseId);
    const { consent, consent_shown: shown } = t.events;
    await clerk.page.getByText(shown).first().waitFor();
    await clerk.page.getByText(consent.genuine(1, 1)).first().waitFor();
    await clerk.page.getByText('We both want it.').first().waitFor();
    expect(clerk.complaints).toEqual([]);
    await dora.context.close();
    await clerk.context.close();
  });

  it('is uncovered only while it is held, each time as an event, and covered again by itself', async () => {
    const { browser, server } = stage();
    await lookedAt(await cameraFile(5));
    await closePicture(bob);
    await pictures(bob.page).last().getByRole('button', { name: bob.words.pictures.bubble.report }).click();
    const report = bob.page.getByRole('dialog');
    await report.getByText(bob.words.people.reasons.ncii, { exact: true }).click();
    await report.getByRole('button', { name: bob.words.talk.report.send }).click();
    await bob.page.getByText(bob.words.talk.report.sent).waitFor();
    const { rounds } = server.running.features.cases;
    await rounds.round();
    const { rows } = await server.database.pool.query<{ id: string }>(
      "select id from media_report where reason = 'ncii'",
    );
    const caseId = await caseOf('idem', rows[0]?.id ?? '');

    const clerk = await sit({ server, browser }, 'moderator');
    const { page } = clerk;
    await openCase(clerk, caseId);
    await page.getByText(t.evidence.proofs.verified as string).waitFor();
    const cover = page.locator('button[data-phase]');
    const canvas = () =>
      cover.locator('canvas').evaluate((element: HTMLCanvasElement) => {
        const context = element.getContext('2d');
        const data = context?.getImageData(0, 0, element.width, element.height).data ?? [];
        let colour = 0;
        for (let at = 0; at < data.length; at += 4)
          colour = Math.max(colour, Math.abs((data[at] ?? 0) - (data[at + 2] ?? 0)));
        const { filter, display } = getComputedStyle(element);
        return { width: element.width, colour, filter, display };
      });
    expect(await cover.getAttribute('data-phase')).toBe('empty');
    expect((await canvas()).display).toBe('none');
    const covered = async () => {
      await page.locator('button[data-phase=coarse]').waitFor();
      const { width, colour, filter } = await canvas();
      expect(width).toBeLessThanOrEqual(14);
      expect(colour).toBe(0);
      expect(filter).toContain('blur');
    };

    // Held with the pointer, in grey; then with the key, in colour; a window that loses the focus covers it, too.
    await cover.hover();
    await page.mouse.down();
    await page.locator('button[data-phase=sharp]').waitFor();
    expect(await canvas()).toMatchObject({ width: 960, filter: 'grayscale(1)' });
    await page.mouse.up();
    await covered();
    await page.getByRole('switch', { name: t.cover.colour }).click();
    await cover.focus();
    await page.keyboard.down(' ');
    await page.locator('button[data-phase=sharp]').waitFor();
    expect(await canvas()).toMatchObject({ width: 960, filter: 'none' });
    await page.evaluate(() => dispatchEvent(new Event('blur')));
    await covered();
    await page.keyboard.up(' ');
    await page.getByText(t.cover.count(2)).waitFor();
    const looks = async () =>
      (
        await server.database.pool.query("select from case_event where type = 'revealed' and case_id = $1", [
          caseId,
        ])
      ).rowCount;
    expect(await looks()).toBe(2);
    expect(await page.locator('img[src^="blob:"], img[src^="data:"]').count()).toBe(0);

    // After twelve looks in an hour a pause is proposed, and nothing is in sight while it lasts.
    for (let i = 0; i < 10; i += 1) {
      await cover.focus();
      await page.keyboard.down(' ');
      await page.locator('button[data-phase=sharp]').waitFor();
      await page.keyboard.up(' ');
      await covered();
    }
    const pause = page.getByRole('dialog');
    await pause.getByText(t.pause.words(12)).waitFor();
    await pause.getByRole('button', { name: t.pause.begin }).click();
    await page.getByRole('dialog', { name: /^Pause: / }).waitFor();
    await page.getByRole('button', { name: t.pause.end }).click();
    expect(await looks()).toBe(12);

    // Those who read but see no media see none, and are told so.
    const auditor = await sit({ server, browser }, 'auditor');
    await openCase(auditor, caseId);
    await auditor.page.getByText(t.cover.noRole).waitFor();
    expect(await auditor.page.locator('canvas').count()).toBe(0);
    expect([...clerk.complaints, ...auditor.complaints]).toEqual([]);
    await clerk.context.close();
    await auditor.context.close();
  });
});
