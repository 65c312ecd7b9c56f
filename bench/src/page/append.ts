import { setTimeout as sleep } from 'node:timers/promises';
import { contract } from '@accord/protocol';
import { routes } from '@accord/protocol/routes';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { befriend, bubble, field, openConversation, say } from '../../../e2e/src/conversation.ts';
import { arrive, type Person } from '../../../e2e/src/person.ts';
import { fillStore } from './fill-route.ts';
import { measureFloor } from './floor.ts';
import { type Seen, type Watched, watchTimeline } from './watch.ts';

/** What the list of messages holds in the document. */
interface Nodes {
  readonly articles: number;
  readonly elements: number;
  /** Entries on this device, as the page tells assistive technology. */
  readonly entries: number;
}

/** What the main thread spent, in ms of wall time. */
interface MainThread {
  readonly script: number;
  readonly styleAndLayout: number;
  /** Everything: painting and the browser's own work too. */
  readonly tasks: number;
}

/** Messages that came from the other side. */
export interface Appended {
  readonly seen: readonly Seen[];
  /** Per message during the series, ms: receipts and the list of conversations included. */
  readonly main: MainThread;
  readonly nodes: Nodes;
}

export interface AppendResult {
  readonly stored: number;
  readonly fillSeconds: number;
  /** From the press on the line in the list to the newest messages. */
  readonly mounts: readonly Seen[];
  /** With what a visit loads, and with everything loaded. */
  readonly few: Appended;
  readonly all: Appended;
  /** From the press on a hit to the oldest message on the screen, everything before it loaded, ms. */
  readonly loadAll: number;
  readonly keys: readonly Seen[];
  /** A paragraph put at the end of a bare page. */
  readonly floor: readonly Seen[];
}

export interface AppendOptions {
  readonly messages: number;
  readonly appends: number;
  readonly mounts: number;
}

const firstText = 'Heliotrope, said the first letter of all';

/** Two members who talk with each other, each on a device of their own. */
export async function meet(browser: Browser, origin: string): Promise<[Person, Person]> {
  const options = { viewport: { width: 1280, height: 800 } };
  const ada = await arrive({ browser, origin, name: 'ada.bench', options });
  const blaise = await arrive({ browser, origin, name: 'blaise.bench', options });
  await befriend(ada, blaise, 'Do you like walking in the hills?');
  return [ada, blaise];
}

/** Everything about the conversation of `ada`, filled to `messages` beforehand; `blaise` writes. */
export async function measureAppends(
  ada: Person,
  blaise: Person,
  origin: string,
  options: AppendOptions,
): Promise<AppendResult> {
  const page = await ada.context.newPage();
  await page.addInitScript(watchTimeline);
  const begun = performance.now();
  const me = await accountOf(ada, origin);
  const past = { me, messages: options.messages, first: firstText, now: Date.now() };
  const stored = await fillStore(page, origin, past);
  const fillSeconds = (performance.now() - begun) / 1000;
  const reader: Person = { ...ada, page };
  const mounts = await measureMounts(reader, blaise.name, options.mounts);
  await openConversation(reader, ada.words, blaise.name);
  await sleep(2000);
  const floor = await measureFloor(ada.context, origin, options.appends);
  const few = await receive(page, blaise, 'few', options.appends);
  const loadAll = await loadEverything(reader);
  const all = await receive(page, blaise, 'all', options.appends);
  const keys = await type(reader, options.appends);
  floor.push(...(await measureFloor(ada.context, origin, options.appends)));
  return { stored, fillSeconds, mounts, few, all, loadAll, keys, floor };
}

async function accountOf({ context }: Person, origin: string): Promise<string> {
  const answer = await context.request.get(`${origin}${routes['accounts.me'].path}`);
  return contract['accounts.me'].reply.parse(await answer.json()).id;
}

const take = (page: Page): Promise<Seen[]> =>
  page.evaluate(() => (globalThis as Watched).accordSeen?.splice(0) ?? []);

const expectNext = (page: Page, kind: 'key' | 'tap'): Promise<void> =>
  page.evaluate((next) => {
    (globalThis as Watched).accordAwait = next;
  }, kind);

/** Opens the conversation from the list, again and again. */
async function measureMounts({ page }: Person, name: string, times: number): Promise<Seen[]> {
  await page.goto('/talk');
  const line = page.getByRole('link', { name: new RegExp(name) }).first();
  await line.waitFor();
  // What the engine does after its start is another figure.
  await sleep(3000);
  for (let time = 0; time < times; time += 1) {
    await expectNext(page, 'tap');
    await line.click();
    await page.getByRole('log').getByRole('article').last().waitFor();
    await sleep(300);
    await page.goBack();
    await page.getByRole('log').waitFor({ state: 'detached' });
    await sleep(100);
  }
  return take(page);
}

/** Has the other side write `count` messages, and sees them come. */
async function receive(page: Page, from: Person, label: string, count: number): Promise<Appended> {
  await take(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const before = await mainThread(cdp);
  for (let index = 1; index <= count; index += 1) {
    await say(from, `${label} ${index}: slate over chalk, the light from the left`);
    await sleep(150);
  }
  await sleep(1500);
  const after = await mainThread(cdp);
  await cdp.detach();
  const each = (name: keyof MainThread) => (after[name] - before[name]) / count;
  const main = { script: each('script'), styleAndLayout: each('styleAndLayout'), tasks: each('tasks') };
  const seen = (await take(page)).filter(({ kind }) => kind === 'event');
  return { seen, main, nodes: await countNodes(page) };
}

async function mainThread(cdp: CDPSession): Promise<MainThread> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const ms = (wanted: string) => (metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN) * 1000;
  return {
    script: ms('ScriptDuration'),
    styleAndLayout: ms('RecalcStyleDuration') + ms('LayoutDuration'),
    tasks: ms('TaskDuration'),
  };
}

const countNodes = (page: Page): Promise<Nodes> =>
  page.getByRole('log').evaluate((log) => {
    const articles = log.querySelectorAll('article');
    const entries = Number(articles[articles.length - 1]?.getAttribute('aria-posinset'));
    return { articles: articles.length, elements: log.querySelectorAll('*').length, entries };
  });

/** Searches the oldest message and goes there, which loads all before it; then back to the end. */
async function loadEverything({ page, words }: Person): Promise<number> {
  const { search } = words.talk;
  await page.getByRole('button', { name: search.open }).click();
  await page.getByRole('searchbox', { name: search.label }).fill('heliotrope');
  const hit = page.getByRole('search').getByRole('button', { name: /Heliotrope/ });
  await hit.waitFor();
  const begun = performance.now();
  await hit.click();
  await bubble(page, firstText).waitFor();
  const took = performance.now() - begun;
  await page.getByRole('button', { name: search.close }).click();
  // It counts what came since one left the end, where something did.
  const toLatest = new RegExp(`^(${words.talk.toLatest}|\\d+ new messages?)$`);
  await page.getByRole('button', { name: toLatest }).click();
  await page.getByRole('button', { name: toLatest }).waitFor({ state: 'detached' });
  await sleep(1500);
  return took;
}

/** Writes and presses Enter, as a person does; from the key to the own bubble. */
async function type({ page, words }: Person, count: number): Promise<Seen[]> {
  await take(page);
  const box = field(page, words);
  for (let index = 1; index <= count; index += 1) {
    await box.fill(`pressed ${index}`);
    await expectNext(page, 'key');
    await box.press('Enter');
    await sleep(250);
  }
  return (await take(page)).filter(({ kind }) => kind === 'key');
}
