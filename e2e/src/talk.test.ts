import { describe, expect, it } from 'vitest';
import { accessibilityFaults, openDevice, overflowsSideways } from './chromium.ts';
import {
  befriend,
  bubble,
  choose,
  chooseForConversation,
  field,
  openConversation,
  say,
} from './conversation.ts';
import { arrive, makeLinkCode, type Person } from './person.ts';
import { type Stage, useStage } from './stage.ts';

const stage = useStage();

/** Every value of every table as text, bytes in hex: what a thief of the database would search. */
async function dump({ pool }: Stage['server']['database']): Promise<string> {
  const tables = await pool.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  );
  const parts: string[] = [];
  for (const { name } of tables.rows) {
    const rows = await pool.query<{ row: string }>(`select t::text as row from ${name} t`);
    parts.push(...rows.rows.map(({ row }) => row));
  }
  return parts.join('\n');
}

/** Whether a text stands in a dump as it is, in hex or in base64. */
function stands(text: string, inside: string): boolean {
  const bytes = Buffer.from(text, 'utf8');
  // Base64 of the middle, whatever the offset of the first byte.
  const base64 = [0, 1, 2].map((offset) =>
    bytes.subarray(offset, offset + 3 * Math.floor((bytes.length - offset) / 3)).toString('base64'),
  );
  return [text, bytes.toString('hex'), ...base64].some((form) => inside.includes(form));
}

const pair = async (first: string, second: string): Promise<[Person, Person]> => {
  const { browser, origin } = stage();
  return Promise.all([
    arrive({ browser, origin, name: first }),
    arrive({
      browser,
      origin,
      name: second,
      language: 'fr',
      options: { viewport: { width: 390, height: 780 } },
    }),
  ]);
};

describe('two people', () => {
  it('talk, answer, react, edit and delete; the database holds none of it', async () => {
    const [ada, blaise] = await pair('ada.talks', 'blaise.parle');
    const firstLine = 'Do you like walking in the hills?';
    await befriend(ada, blaise, firstLine);
    const spoken = [
      'The light is low in autumn',
      'Alors la crête au-dessus du lac 🌄',
      'Which lake would that be',
    ];
    await say(ada, spoken[0] as string);
    await bubble(blaise.page, spoken[0] as string).waitFor();
    await say(blaise, spoken[1] as string);
    await bubble(ada.page, spoken[1] as string).waitFor();

    await choose(ada, spoken[1] as string, ada.words.talk.menu.reply);
    await say(ada, spoken[2] as string);
    await bubble(blaise.page, spoken[2] as string)
      .filter({ hasText: spoken[1] as string })
      .waitFor();

    await choose(ada, spoken[1] as string, ada.words.talk.addReaction('❤️'));
    await bubble(blaise.page, spoken[1] as string)
      .getByText('❤️')
      .first()
      .waitFor();

    await choose(ada, spoken[0] as string, ada.words.talk.menu.edit);
    await field(ada.page, ada.words).fill('The light is low in November');
    await field(ada.page, ada.words).press('Enter');
    await bubble(blaise.page, 'The light is low in November').getByText(blaise.words.talk.edited).waitFor();

    await say(blaise, 'une phrase de trop');
    await bubble(ada.page, 'une phrase de trop').waitFor();
    await choose(blaise, 'une phrase de trop', blaise.words.talk.menu.remove);
    await bubble(ada.page, ada.words.talk.deleted).waitFor();

    await bubble(ada.page, spoken[2] as string)
      .getByLabel(ada.words.talk.states.read)
      .first()
      .waitFor();
    await field(blaise.page, blaise.words).pressSequentially('Celui du', { delay: 20 });
    await ada.page
      .getByText(/is writing/)
      .first()
      .waitFor();

    for (const { page } of [ada, blaise]) {
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await overflowsSideways(page)).toBe(false);
      expect(await accessibilityFaults(page)).toEqual([]);
    }

    const database = await dump(stage().server.database);
    expect(stands('ada.talks', database)).toBe(true);
    for (const text of [firstLine, ...spoken, 'The light is low in November', 'une phrase de trop', '❤️']) {
      expect(stands(text, database), text).toBe(false);
    }
    expect([...ada.complaints, ...blaise.complaints]).toEqual([]);
    expect([...ada.foreignRequests, ...blaise.foreignRequests]).toEqual([]);
    for (const { context } of [ada, blaise]) await context.close();
  });

  it('lose the line and find each other again: nothing lost, nothing twice', async () => {
    const [ada, blaise] = await pair('ada.offline', 'blaise.loin');
    await befriend(ada, blaise, 'Are you often away?');
    await say(ada, 'before the tunnel');
    await bubble(blaise.page, 'before the tunnel').waitFor();
    await ada.context.setOffline(true);
    await say(ada, 'inside the tunnel, one');
    await say(ada, 'inside the tunnel, two');
    await bubble(ada.page, 'inside the tunnel, two').getByLabel(ada.words.talk.states.queued).waitFor();
    await blaise.context.setOffline(true);
    await ada.context.setOffline(false);
    await bubble(ada.page, 'inside the tunnel, two').getByLabel(ada.words.talk.states.sent).waitFor();
    await ada.page.reload();
    await field(ada.page, ada.words).waitFor();
    await say(ada, 'after a reload');
    await blaise.context.setOffline(false);
    for (const text of ['inside the tunnel, one', 'inside the tunnel, two', 'after a reload']) {
      await bubble(blaise.page, text).waitFor();
      expect(await bubble(blaise.page, text).count()).toBe(1);
      expect(await bubble(ada.page, text).count()).toBe(1);
    }
    for (const { context } of [ada, blaise]) await context.close();
  });

  it('use two tabs on one device, and close the first', async () => {
    const [ada, blaise] = await pair('ada.tabs', 'blaise.onglet');
    await befriend(ada, blaise, 'Two windows, one view?');
    const tab = await ada.context.newPage();
    await tab.goto(ada.page.url());
    const second = { page: tab, words: ada.words };
    await say(second, 'from the second tab');
    await bubble(ada.page, 'from the second tab').waitFor();
    await say(ada, 'from the first tab');
    await bubble(tab, 'from the first tab').waitFor();
    await ada.page.close();
    await say(second, 'the first is gone');
    for (const text of ['from the second tab', 'from the first tab', 'the first is gone']) {
      await bubble(blaise.page, text).waitFor();
      expect(await bubble(blaise.page, text).count()).toBe(1);
    }
    for (const { context } of [ada, blaise]) await context.close();
  });
});

describe('a second device', () => {
  it('joins by a link code, reads on, and is told to the other; removed, it reads no more', async () => {
    const [ada, blaise] = await pair('ada.deux', 'blaise.temoin');
    const { browser, origin, server } = stage();
    await befriend(ada, blaise, 'How many of you are there?');
    await say(ada, 'only the first device has this');
    await bubble(blaise.page, 'only the first device has this').waitFor();

    const devices = await ada.context.newPage();
    await devices.goto('/you/devices');
    const code = await makeLinkCode(devices, ada.words);
    const tablet = await openDevice(browser, origin);
    await tablet.page.goto('/return');
    await tablet.page.getByRole('textbox', { name: ada.words.account.back.code }).fill(code);
    await tablet.page.getByRole('button', { name: ada.words.account.back.button }).click();
    await tablet.page.getByRole('heading', { name: ada.words.people.title, level: 1 }).waitFor();
    await openConversation(tablet, ada.words, blaise.name);
    await blaise.page.getByText(blaise.words.talk.notes.deviceAdded(ada.name)).waitFor();
    await say(blaise, 'bonjour aux deux appareils');
    await bubble(tablet.page, 'bonjour aux deux appareils').waitFor();
    await bubble(ada.page, 'bonjour aux deux appareils').waitFor();
    expect(await bubble(tablet.page, 'only the first device has this').count()).toBe(0);
    await say({ page: tablet.page, words: ada.words }, 'from the tablet');
    await bubble(ada.page, 'from the tablet').waitFor();
    await bubble(blaise.page, 'from the tablet').waitFor();

    await devices.reload();
    await devices
      .getByRole('button', { name: new RegExp(ada.words.common.more) })
      .last()
      .click();
    await devices.getByRole('menuitem', { name: ada.words.you.devices.remove }).click();
    await devices.getByRole('dialog').getByRole('button', { name: ada.words.you.devices.remove }).click();
    await blaise.page.getByText(blaise.words.talk.notes.deviceRemoved(ada.name)).waitFor();
    await say(blaise, 'la tablette ne lit plus ceci');
    await bubble(ada.page, 'la tablette ne lit plus ceci').waitFor();
    expect(await tablet.page.getByText('la tablette ne lit plus ceci').count()).toBe(0);
    const members = await server.database.pool.query(
      `select count(*)::int as count from group_member m join device d on d.id = m.device_id
       join account a on a.id = d.account_id where a.pseudonym in ('ada.deux', 'blaise.temoin')`,
    );
    expect(members.rows).toEqual([{ count: 2 }]);
    for (const { context } of [ada, blaise, tablet]) await context.close();
  });
});

describe('somebody who is blocked', () => {
  it('is not told, and reaches nobody', async () => {
    const [ada, blaise] = await pair('ada.bloque', 'blaise.insiste');
    await befriend(ada, blaise, 'Shall we?');
    await say(blaise, 'avant');
    await bubble(ada.page, 'avant').waitFor();
    await chooseForConversation(ada, ada.words.talk.block.action);
    await ada.page.getByRole('dialog').getByRole('button', { name: ada.words.talk.block.confirm }).click();
    await ada.page.getByText(ada.words.talk.block.done).first().waitFor();
    await say(blaise, 'après');
    await bubble(blaise.page, 'après').getByLabel(blaise.words.talk.states.sent).waitFor();
    await ada.page.waitForTimeout(1500);
    await ada.page.goto('/talk');
    await ada.page.getByRole('heading', { name: ada.words.talk.title, level: 1 }).waitFor();
    expect(await ada.page.getByText('après').count()).toBe(0);
    // What came before is acknowledged within seconds; what came after was never put there.
    const waiting = () =>
      stage().server.database.pool.query(
        `select i.kind from inbox i join device d on d.id = i.device_id
         join account a on a.id = d.account_id where a.pseudonym = 'ada.bloque'`,
      );
    await expect.poll(async () => (await waiting()).rows, { timeout: 10_000 }).toEqual([]);
    for (const { context } of [ada, blaise]) await context.close();
  });
});
