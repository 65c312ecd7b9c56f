import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MortalServer, mortalServer } from '../../server/test/process.ts';
import { Browser, newWallet, until } from './browser.ts';
import { befriend, idOf } from './members.ts';
import { arrives, jpegOf, look, prepared, see, send } from './pictures.ts';

const rounds = 10;
let server: MortalServer;
let ada: Browser;
let blaise: Browser;

async function newcomer(name: string): Promise<Browser> {
  const browser = new Browser(server, newWallet(server));
  await browser.start();
  await browser.register(name);
  await browser.prove();
  return browser;
}

beforeAll(async () => {
  server = await mortalServer();
  ada = await newcomer('ada.killed');
  blaise = await newcomer('blaise.killed');
  await befriend(ada, blaise);
}, 180_000);
afterAll(async () => {
  for (const browser of [ada, blaise]) browser.close();
  await server.remove();
});

it(`shows a picture whole or not at all, and loses none, while the server is killed ${rounds} times on its way`, async () => {
  await blaise.core.methods['pictures.setSender']({ accountId: idOf(ada), mode: 'always' });
  const ids: string[] = [];
  const steps = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const id = await send(ada, blaise, await prepared(await jpegOf(40 + round)));
    ids.push(id);
    // From the question to the matching service to well after the message itself.
    await sleep(round * 45 + Math.random() * 60);
    const { sending } = await look(ada, id);
    steps.set(sending?.step ?? '', (steps.get(sending?.step ?? '') ?? 0) + 1);
    await server.kill();
    // Every third time the sender's own app goes with it.
    if (round % 3 === 2) await ada.crash();
    await server.start();
    for (const sent of ids) {
      const there = await blaise.core.methods['pictures.look']({ messageId: sent });
      if (there === null) continue;
      await until(async () => (await see(blaise, sent).catch(() => null)) !== null, 60_000);
      expect(await see(blaise, sent)).toMatchObject({ outcome: 'shown' });
    }
  }
  for (const browser of [ada, blaise]) await browser.online();
  for (const id of ids) {
    await until(async () => (await look(ada, id)).sending?.step === 'sent', 90_000);
    await arrives(blaise, id);
    expect(await see(blaise, id)).toMatchObject({ outcome: 'shown' });
  }
  const arrived = (await blaise.messages()).filter(({ kind }) => kind === 'picture').map(({ id }) => id);
  expect(arrived.toSorted()).toEqual(ids.toSorted());
  console.log(`killed ${rounds} times, at ${[...steps].map(([step, n]) => `${step} ${n}`).join(', ')}`);
}, 600_000);
