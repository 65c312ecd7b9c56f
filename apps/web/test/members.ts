import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startServer, type TestServer } from '../../server/test/support.ts';
import type { Conversation } from '../src/chat/engine/api.ts';
import { Browser, newWallet, until } from './browser.ts';

let count = 0;

/** One server for a file of tests; each test's browsers close with it. */
export function membersOnServer(clock: () => number = Date.now) {
  let server: TestServer;
  const opened: Browser[] = [];
  beforeAll(async () => {
    server = await startServer({ clock });
  });
  afterEach(() => {
    for (const browser of opened.splice(0)) browser.close();
  });
  afterAll(() => server.close());

  async function member(name: string): Promise<Browser> {
    count += 1;
    const browser = new Browser(server, newWallet(server));
    opened.push(browser);
    await browser.start();
    await browser.register(`${name}${count}x${Date.now() % 1e5}`);
    await browser.prove();
    return browser;
  }

  /** A further device of the same person, enrolled by the passkey alone. */
  async function furtherDevice(of: Browser): Promise<Browser> {
    const browser = new Browser(server, of.wallet);
    opened.push(browser);
    await browser.start();
    await browser.signIn();
    await browser.online();
    return browser;
  }

  /** Two members in a conversation. */
  async function pair(): Promise<readonly [Browser, Browser]> {
    const ada = await member('ada');
    const blaise = await member('blaise');
    await befriend(ada, blaise);
    return [ada, blaise];
  }

  return { member, furtherDevice, pair, site: () => server, opened };
}

/** A request with a first line, and a yes. */
export async function befriend(asking: Browser, asked: Browser): Promise<void> {
  const person = await asking.client.call('presence.people.read', { params: { accountId: idOf(asked) } });
  await asking.core.methods['requests.send']({ person, line: 'Do you like  hills?' });
  await until(() => asked.status.waitingRequests === 1);
  const { incoming } = await asked.core.methods['requests.list']();
  expect(incoming[0]?.line).toBe('Do you like hills?');
  await asked.core.methods['requests.accept']({ requestId: incoming[0]?.id ?? '' });
  await until(() => withOf(asking, asked)?.state === 'open' && withOf(asked, asking)?.state === 'open');
}

export const idOf = (browser: Browser): string => browser.status.me?.id ?? '';

/** The conversation of one with another. */
export const withOf = (one: Browser, other: Browser): Conversation | undefined =>
  one.conversations.find(({ with: person }) => person.accountId === idOf(other));
