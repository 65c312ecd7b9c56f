import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { Browser, newWallet, until } from './browser.ts';
import { membersOnServer } from './members.ts';

const { furtherDevice, pair, site, opened } = membersOnServer();

const noFaults = (...browsers: readonly Browser[]) => {
  for (const { reports } of browsers) expect(reports).toEqual([]);
};

it('lets two people talk: first line, text, reply, reaction, edit, deletion, receipts, typing', async () => {
  const [ada, blaise] = await pair();
  await ada.shows(['Do you like hills?']);
  await blaise.shows(['Do you like hills?']);

  const first = randomUUID();
  await ada.say('A dune, perhaps.', first);
  await blaise.shows(['Do you like hills?', 'A dune, perhaps.']);
  expect(blaise.only()).toMatchObject({ unread: 1, firstUnread: first });
  await until(async () => (await ada.messages())[1]?.state === 'delivered');

  const conversationId = ada.only().id;
  await blaise.core.methods['conversations.markRead']({ conversationId, upTo: first });
  await until(async () => (await ada.messages())[1]?.state === 'read');
  expect(blaise.only().unread).toBe(0);

  await blaise.core.methods['conversations.typing']({ conversationId });
  await until(() => ada.only().typing);
  const reply = randomUUID();
  await blaise.core.methods['conversations.send']({
    conversationId,
    id: reply,
    text: 'A valley.',
    replyTo: first,
  });
  await until(async () => (await ada.messages())[2]?.replyTo?.text === 'A dune, perhaps.');
  await until(() => !ada.only().typing);

  await ada.core.methods['conversations.react']({ conversationId, messageId: reply, emoji: '🌿' });
  await blaise.core.methods['conversations.edit']({
    conversationId,
    messageId: reply,
    text: 'A wide valley.',
  });
  await until(async () => {
    const [, , here] = await ada.messages();
    const [, , there] = await blaise.messages();
    return here?.text === 'A wide valley.' && there?.reactions[0]?.emoji === '🌿';
  });
  expect((await ada.messages())[2]).toMatchObject({
    history: [{ text: 'A valley.' }],
    reactions: [{ mine: true }],
  });

  await ada.core.methods['conversations.deleteForBoth']({ conversationId, messageId: first });
  await until(async () => (await blaise.messages())[1]?.kind === 'deleted');
  expect((await blaise.messages())[2]?.replyTo).toMatchObject({ text: null });

  const [here, there] = await Promise.all(
    [ada, blaise].map((each) => each.core.methods['conversations.safetyCode']({ conversationId })),
  );
  expect(here?.code).toBe(there?.code);
  expect(here?.code).toMatch(/^(?:\d{5} ){11}\d{5}$/);
  noFaults(ada, blaise);
});

it('keeps what is written without a network, in order, and delivers it once', async () => {
  const [ada, blaise] = await pair();
  ada.network(false);
  const texts = Array.from({ length: 12 }, (_, index) => `landscape ${index}`);
  for (const text of texts) await ada.say(text);
  expect((await ada.messages()).slice(1).every(({ state }) => state === 'queued')).toBe(true);
  await ada.crash();
  expect(await ada.texts()).toEqual(['Do you like hills?', ...texts]);
  ada.network(true);
  await blaise.shows(['Do you like hills?', ...texts]);
  await until(async () => (await ada.messages()).slice(1).every(({ state }) => state === 'delivered'));
  expect(await ada.texts()).toEqual(['Do you like hills?', ...texts]);
  noFaults(ada, blaise);
});

it('leaves nothing at the server when the page goes out of sight', async () => {
  const [ada, blaise] = await pair();
  const waiting = async () => (await ada.client.call('delivery.inbox.list', {})).items.length;
  await ada.say('A dune, perhaps.');
  await until(async () => (await ada.messages())[1]?.state === 'delivered');
  // The receipt waits to be acknowledged with the next message.
  expect(await waiting()).toBeGreaterThan(0);
  ada.core.hidden(true);
  await until(async () => (await waiting()) === 0, 3000);
  await ada.say('A second one.');
  await until(async () => (await ada.messages())[2]?.state === 'delivered');
  await until(async () => (await waiting()) === 0, 3000);
  noFaults(ada, blaise);
});

it('serves two devices each: all of them show the same, wherever it was written', async () => {
  const [ada, blaise] = await pair();
  await ada.say('before');
  await blaise.shows(['Do you like hills?', 'before']);
  const ada2 = await furtherDevice(ada);
  const blaise2 = await furtherDevice(blaise);
  await Promise.all([ada2.open(), blaise2.open()]);
  await until(async () => (await ada.notes()).includes('device-added'));
  expect(await ada2.notes()).toContain('joined-here');

  await ada2.say('from the other one');
  await blaise2.say('and back');
  for (const each of [ada, blaise, ada2, blaise2])
    await until(async () => {
      const texts = await each.texts();
      return texts.includes('from the other one') && texts.includes('and back');
    });
  const last = async (each: Browser) => (await each.texts()).slice(-2);
  for (const each of [blaise, ada2, blaise2]) expect(await last(each)).toEqual(await last(ada));
  expect((await ada.messages()).find(({ text }) => text === 'from the other one')?.mine).toBe(true);

  const upTo = (await ada2.messages()).at(-1)?.id ?? '';
  expect(ada.only().unread).toBe(1);
  await ada2.core.methods['conversations.markRead']({ conversationId: ada2.only().id, upTo });
  await until(() => ada.only().unread === 0);
  noFaults(ada, blaise, ada2, blaise2);
});

it('evicts a removed device: it cannot read on, and its browser is cleared', async () => {
  const [ada, blaise] = await pair();
  const ada2 = await furtherDevice(ada);
  await ada2.open();
  await until(async () => (await blaise.notes()).includes('device-added'));
  const kept = ada2.backend.snapshot();

  await ada.client.call('accounts.devices.remove', {
    params: { deviceId: ada2.status.keysOf?.deviceId ?? '' },
  });
  await until(() => ada2.status.stage === 'signed-out');
  await until(async () => (await ada.notes()).includes('device-removed'));
  await blaise.say('not for the lost one');
  await ada.shows(['Do you like hills?', 'not for the lost one']);

  // With everything that the lost device had, nothing of the new epoch opens.
  const before = await ada2.texts();
  expect(before).not.toContain('not for the lost one');
  const back = new Browser(site(), ada.wallet, { backend: kept });
  opened.push(back);
  await back.start();
  const result = await back.signIn();
  expect(result.removed).toBe(true);
  await back.online();
  await back.open();
  expect(await back.texts()).toEqual([]);
  noFaults(ada, blaise);
});

it('starts again from what was stored, whenever it is killed', async () => {
  const [ada, blaise] = await pair();
  const sent: string[] = [];
  for (let round = 0; round < 12; round += 1) {
    const texts = [`ada ${round}`, `blaise ${round}`] as const;
    await ada.say(texts[0]);
    await blaise.say(texts[1]);
    sent.push(...texts);
    await new Promise((resolve) => setTimeout(resolve, (round * 7) % 40));
    await (round % 2 === 0 ? ada : blaise).crash();
  }
  for (const each of [ada, blaise])
    await until(async () => {
      const texts = await each.texts();
      return sent.every((text) => texts.includes(text));
    });
  for (const each of [ada, blaise]) {
    const texts = await each.texts();
    expect(texts.length).toBe(sent.length + 1);
    expect(texts.filter((text) => text?.startsWith('ada'))).toEqual(
      sent.filter((text) => text.startsWith('ada')),
    );
  }
  expect((await ada.texts()).sort()).toEqual((await blaise.texts()).sort());
  noFaults(ada, blaise);
});

it('talks by plain requests where no socket gets through', async () => {
  const [ada, blaise] = await pair();
  ada.socketsBlocked = true;
  ada.cut();
  await until(() => ada.status.connection === 'fallback', 30_000);
  await ada.say('by a plain request');
  await blaise.shows(['Do you like hills?', 'by a plain request']);
  await blaise.say('and back');
  await ada.shows(['Do you like hills?', 'by a plain request', 'and back']);
  noFaults(ada, blaise);
});

it('says that storage is full, loses nothing, and goes on when there is room', async () => {
  const [ada, blaise] = await pair();
  await ada.say('while there is room');
  await blaise.shows(['Do you like hills?', 'while there is room']);
  blaise.backend.fail = 'storage_full';
  await expect(blaise.say('no room for this')).rejects.toMatchObject({ code: 'storage_full' });
  await ada.say('no room for that');
  await until(() => blaise.status.storage === 'storage_full');
  expect(await blaise.texts()).toEqual(['Do you like hills?', 'while there is room']);
  blaise.backend.fail = null;
  await blaise.shows(['Do you like hills?', 'while there is room', 'no room for that']);
  expect(blaise.status.storage).toBe('ok');
  noFaults(ada, blaise);
});

/** Has the server hand out another identity key for somebody: what one that wants to stand between would do. */
async function handOut(accountId: string, key: Buffer): Promise<Buffer> {
  const { pool } = site().database;
  const before = await pool.query<{ key: Buffer }>(
    'select identity_public_key as key from account where id = $1',
    [accountId],
  );
  await pool.query('update account set identity_public_key = $2 where id = $1', [accountId, key]);
  return before.rows[0]?.key ?? Buffer.alloc(0);
}

it('sees a key that is not the pinned one, sends nothing on its word, and says so until a person looked', async () => {
  const [ada, blaise] = await pair();
  const { core } = ada;
  const conversationId = ada.only().id;
  const blaiseId = ada.only().with.accountId;
  const mark = (verified: boolean) => core.methods['conversations.setVerified']({ conversationId, verified });
  const { code } = await core.methods['conversations.safetyCode']({ conversationId });
  await mark(true);

  const theirs = await handOut(blaiseId, randomBytes(32));
  ada.cut();
  await until(() => ada.only().key === 'changed');
  await expect(ada.say('not on its word')).rejects.toMatchObject({ code: 'identity_changed' });
  await expect(mark(true)).rejects.toMatchObject({ code: 'identity_changed' });
  const shown = await core.methods['conversations.safetyCode']({ conversationId });
  expect(shown).toMatchObject({ state: 'changed' });
  expect(shown.code).not.toBe(code);
  await ada.crash();
  await ada.online();
  await until(() => ada.only().key === 'changed');
  expect((await ada.notes()).filter((kind) => kind === 'identity-changed')).toHaveLength(1);

  // The pinned key again: nothing had happened.
  await handOut(blaiseId, theirs);
  ada.cut();
  await until(() => ada.only().key === 'verified');
  await ada.say('as before');
  await blaise.shows(['Do you like hills?', 'as before']);

  // Somebody goes on without comparing: it stays said, and the code shows what stands between.
  await handOut(blaiseId, randomBytes(32));
  ada.cut();
  await until(() => ada.only().key === 'changed');
  await ada.core.methods['conversations.acceptKey']({ conversationId });
  expect(ada.only().key).toBe('changed');
  const [here, there] = await Promise.all(
    [ada, blaise].map((each) => each.core.methods['conversations.safetyCode']({ conversationId })),
  );
  expect(here?.code).not.toBe(there?.code);
  await ada.core.methods['conversations.setVerified']({ conversationId, verified: true });
  expect(ada.only().key).toBe('verified');
  noFaults(ada, blaise);
});

it('finds its way back, in plain words, after its state was lost', async () => {
  const [ada, blaise] = await pair();
  await ada.say('before');
  await blaise.shows(['Do you like hills?', 'before']);
  await blaise.backend.write([{ table: 'groups', key: '00001', value: null }]);
  await blaise.crash();
  await until(async () => (await blaise.notes()).includes('rejoined'), 30_000);
  await ada.say('after');
  await blaise.say('here again');
  for (const each of [ada, blaise])
    await until(async () => {
      const texts = await each.texts();
      return texts.includes('after') && texts.includes('here again');
    });
  expect(await ada.notes()).toEqual([]);
  noFaults(ada, blaise);
});

it('comes back by a recovery code, which is used up, and by a link code', async () => {
  const ada = new Browser(site(), newWallet(site()));
  opened.push(ada);
  await ada.start();
  const code = await ada.register(`code${Date.now() % 1e6}`);
  await ada.prove();
  const returned = new Browser(site(), newWallet(site()));
  opened.push(returned);
  await returned.start();
  const { me, recoveryCode } = await returned.returnWith(code.toLowerCase().replaceAll('-', ' '));
  expect(me.pseudonym).toBe(ada.status.me?.pseudonym);
  expect(recoveryCode).not.toBe(code);
  // Whoever held the code need not be who had proved an age.
  expect(returned.status.stage).toBe('no-proof');
  await returned.prove();
  const late = new Browser(site(), newWallet(site()));
  opened.push(late);
  await late.start();
  await expect(late.returnWith(code)).rejects.toMatchObject({ code: 'code_unknown' });
  const link = await ada.core.methods['account.createLinkCode']();
  expect((await late.returnWith(link.code)).recoveryCode).toBeNull();
  expect(late.status.stage).toBe('ready');
  await late.core.methods['account.signOut']();
  expect(late.status).toMatchObject({ stage: 'signed-out', hasKeys: false });
  noFaults(ada, returned, late);
});
