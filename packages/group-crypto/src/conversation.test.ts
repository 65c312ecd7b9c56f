import { beforeAll, describe, expect, it } from 'vitest';
import {
  at,
  type Client,
  createAccount,
  createClient,
  createTestGroup,
  deviceIds,
  hex,
  now,
  receive,
  receiveCommit,
  receiveText,
  refusal,
  Trust,
  utf8,
} from '../test/people.ts';
import { DEFAULT_SUITE, FALLBACK_SUITE, type GroupState, type Suite } from './index.ts';
import { inspectCommit, inspectGroupInfo, inspectWelcome, readHeader } from './server.ts';

/** Two accounts with two devices each, all in one group. */
async function fourDevices(suite: Suite): Promise<{ clients: Client[]; states: GroupState[] }> {
  const trust = new Trust();
  const [ada, bo] = [await createAccount(), await createAccount()];
  const clients = await Promise.all([
    createClient('ada phone', ada, trust, suite),
    createClient('ada laptop', ada, trust, suite),
    createClient('bo phone', bo, trust, suite),
    createClient('bo laptop', bo, trust, suite),
  ]);
  return { clients, states: await createTestGroup(at(clients, 0), clients.slice(1)) };
}

describe.each([DEFAULT_SUITE, FALLBACK_SUITE])('two people with two devices each, %s', (suite) => {
  let clients: Client[];
  let states: GroupState[];
  beforeAll(async () => {
    ({ clients, states } = await fourDevices(suite));
  });

  it('agree on members and on the epoch authenticator', () => {
    const authenticators = clients.map((client, i) => hex(client.crypto.epochAuthenticator(at(states, i))));
    expect(new Set(authenticators).size).toBe(1);
    for (const [i, client] of clients.entries())
      expect(deviceIds(client.crypto.members(at(states, i)))).toEqual(
        deviceIds(clients.map((c) => ({ ...c.device, leaf: 0 }))),
      );
    expect(at(states, 0).epoch).toBe(1);
  });

  it('read each other, and know by the keys who wrote', async () => {
    for (const [i, sender] of clients.entries()) {
      const sent = await sender.crypto.encrypt(at(states, i), utf8(`from ${sender.name}`), utf8('franking'));
      states[i] = sent.state;
      const header = readHeader(sent.ciphertext);
      expect(header).toMatchObject({ kind: 'application', wireFormat: 'private', epoch: 1 });
      expect('authenticatedData' in header && hex(header.authenticatedData)).toBe(hex(utf8('franking')));
      for (const [j, receiver] of clients.entries()) {
        if (i === j) continue;
        const got = await receiveText(receiver, at(states, j), sent.ciphertext);
        states[j] = got.state;
        expect(got.text).toBe(`from ${sender.name}`);
        expect([got.accountId, got.deviceId]).toEqual([sender.device.accountId, sender.device.deviceId]);
      }
    }
  });

  it('go on after a restart from bytes', async () => {
    const [ada, , bo] = clients;
    if (ada === undefined || bo === undefined) throw new Error('nobody');
    const restored = ada.crypto.decodeState(ada.crypto.encodeState(at(states, 0)));
    const sent = await ada.crypto.encrypt(restored, utf8('still here'));
    states[0] = sent.state;
    sent.wipe();
    const boRestored = bo.crypto.decodeState(bo.crypto.encodeState(at(states, 2)));
    const got = await receiveText(bo, boRestored, sent.ciphertext);
    expect(got.text).toBe('still here');
    states[2] = got.state;
    const back = await bo.crypto.encrypt(got.state, utf8('good'));
    states[2] = back.state;
    expect((await receiveText(ada, sent.state, back.ciphertext)).text).toBe('good');
  });

  it('renew keys by a private commit that all follow', async () => {
    const pending = await at(clients, 2).crypto.updateOwnKeys(at(states, 2));
    expect(readHeader(pending.commit)).toMatchObject({ kind: 'commit', wireFormat: 'private', epoch: 1 });
    for (const i of [0, 1, 3]) {
      const got = await receiveCommit(at(clients, i), at(states, i), pending.commit);
      expect(got.sender.deviceId).toBe(at(clients, 2).device.deviceId);
      expect([got.added, got.removed]).toEqual([[], []]);
      states[i] = got.state;
    }
    states[2] = pending.next;
    pending.wipe();
    const authenticators = clients.map((client, i) => hex(client.crypto.epochAuthenticator(at(states, i))));
    expect(new Set(authenticators).size).toBe(1);
    expect((await inspectGroupInfo(pending.groupInfo)).epoch).toBe(2);
  });

  it('derive the same exporter secret, bound to label and context', async () => {
    const derive = (i: number, label: string, context: string) =>
      at(clients, i).crypto.exporter(at(states, i), label, utf8(context), 32).then(hex);
    expect(await derive(0, 'media', 'a')).toBe(await derive(3, 'media', 'a'));
    expect(await derive(0, 'media', 'a')).not.toBe(await derive(0, 'media', 'b'));
    expect(await derive(0, 'other', 'a')).not.toBe(await derive(0, 'media', 'a'));
  });

  it('shut out a removed device, whatever it does with its own state', async () => {
    const [ada, , bo, lost] = clients;
    if (ada === undefined || bo === undefined || lost === undefined) throw new Error('nobody');
    const lostState = at(states, 3);
    const pending = await bo.crypto.removeDevices(at(states, 2), [lost.device]);
    expect(readHeader(pending.commit)).toMatchObject({ kind: 'commit', wireFormat: 'public' });
    const goodbye = await receiveCommit(lost, lostState, pending.commit);
    expect(goodbye.state.active).toBe(false);
    expect(deviceIds(goodbye.removed)).toEqual([lost.device.deviceId]);
    const adaNext = await receiveCommit(ada, at(states, 0), pending.commit);
    const sent = await ada.crypto.encrypt(adaNext.state, utf8('without you'));
    expect(hex(ada.crypto.epochAuthenticator(adaNext.state))).toBe(
      hex(bo.crypto.epochAuthenticator(pending.next)),
    );
    expect((await receiveText(bo, pending.next, sent.ciphertext)).text).toBe('without you');
    expect(await refusal(() => receive(lost, goodbye.state, sent.ciphertext))).toBe('not_member');
    expect(await refusal(() => receive(lost, lostState, sent.ciphertext))).toBe('wrong_epoch');
    expect(hex(lost.crypto.epochAuthenticator(goodbye.state))).not.toBe(
      hex(ada.crypto.epochAuthenticator(adaNext.state)),
    );
    expect(await refusal(() => lost.crypto.encrypt(goodbye.state, utf8('hello?')))).toBe('not_member');
  });
});

describe('a further device of a member', () => {
  it('joins by external commit, is announced, and is read and reads', async () => {
    const trust = new Trust();
    const [ada, bo] = [await createAccount(), await createAccount()];
    const adaPhone = await createClient('ada', ada, trust, DEFAULT_SUITE);
    const boPhone = await createClient('bo', bo, trust, DEFAULT_SUITE);
    const [adaState, boState] = (await createTestGroup(adaPhone, [boPhone])) as [GroupState, GroupState];
    const update = await adaPhone.crypto.updateOwnKeys(adaState);
    const bo2 = (await receiveCommit(boPhone, boState, update.commit)).state;

    const laptop = await createClient('bo laptop', bo, trust, DEFAULT_SUITE);
    const join = await laptop.crypto.joinByExternalCommit({
      groupInfo: update.groupInfo,
      device: laptop.device,
      now: now(),
    });
    expect(join.epoch).toBe(2);
    const facts = await inspectCommit(join.commit, { now: now(), groupInfo: update.groupInfo });
    expect(facts).toMatchObject({
      epoch: 2,
      sender: { kind: 'external' },
      verified: true,
      removedLeaves: [],
    });
    expect(facts.externalJoiner).toMatchObject({ accountId: bo.accountId, deviceId: laptop.device.deviceId });

    const atAda = await receiveCommit(adaPhone, update.next, join.commit);
    const atBo = await receiveCommit(boPhone, bo2, join.commit);
    expect(atAda.external).toBe(true);
    expect(deviceIds(atAda.added)).toEqual([laptop.device.deviceId]);
    expect(atAda.sender).toMatchObject({ deviceId: laptop.device.deviceId, leaf: 2 });
    const sent = await laptop.crypto.encrypt(join.next, utf8('my new laptop'));
    expect((await receiveText(adaPhone, atAda.state, sent.ciphertext)).text).toBe('my new laptop');
    expect((await receiveText(boPhone, atBo.state, sent.ciphertext)).deviceId).toBe(laptop.device.deviceId);
    expect((await inspectGroupInfo(join.groupInfo)).members).toHaveLength(3);
  });

  it('comes back after losing its state, in place of its former leaf', async () => {
    const trust = new Trust();
    const [ada, bo] = [await createAccount(), await createAccount()];
    const adaPhone = await createClient('ada', ada, trust);
    const boPhone = await createClient('bo', bo, trust);
    const [adaState] = (await createTestGroup(adaPhone, [boPhone])) as [GroupState];
    const { groupInfo, next } = await adaPhone.crypto.updateOwnKeys(adaState);
    const back = await boPhone.crypto.joinByExternalCommit({ groupInfo, device: boPhone.device, now: now() });
    const seen = await receiveCommit(adaPhone, next, back.commit);
    expect(deviceIds(seen.removed)).toEqual([boPhone.device.deviceId]);
    expect(deviceIds(seen.added)).toEqual([boPhone.device.deviceId]);
    expect(adaPhone.crypto.members(seen.state)).toHaveLength(2);
    const sent = await boPhone.crypto.encrypt(back.next, utf8('back'));
    expect((await receiveText(adaPhone, seen.state, sent.ciphertext)).text).toBe('back');
  });

  it('must not ask for a former leaf that is not there, nor for a second one', async () => {
    const trust = new Trust();
    const ada = await createAccount();
    const phone = await createClient('ada', ada, trust);
    const laptop = await createClient('laptop', ada, trust);
    const { groupInfo } = await phone.crypto.createGroup({
      groupId: new Uint8Array(16),
      device: phone.device,
      members: [],
      now: now(),
    });
    const join = (client: Client, resync: boolean) => () =>
      client.crypto.joinByExternalCommit({ groupInfo, device: client.device, now: now(), resync });
    expect(await refusal(join(laptop, true))).toBe('not_member');
    expect(await refusal(join(phone, false))).toBe('already_member');
    expect(await refusal(join(laptop, false))).toBe('none');
  });
});

describe('inviting to an existing group', () => {
  it('is Add and Welcome, and the newcomer commits at once', async () => {
    const trust = new Trust();
    const clients = await Promise.all(
      ['ada', 'bo', 'cy'].map(async (name) => createClient(name, await createAccount(), trust)),
    );
    const [ada, bo, cy] = clients as [Client, Client, Client];
    const [adaState, boState] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
    const [bundle] = await cy.crypto.createKeyPackages(cy.device, 1, { now: now() });
    if (bundle === undefined) throw new Error('no key package');
    const invite = await ada.crypto.addDevices(adaState, [bundle.publicBytes], { now: now() });
    const { welcome } = invite;
    if (welcome === undefined) throw new Error('no welcome');
    expect(inspectWelcome(welcome).refs.map(hex)).toEqual([hex(bundle.ref)]);
    const facts = await inspectCommit(invite.commit, { now: now() });
    expect(facts.addedDevices.map((device) => device.deviceId)).toEqual([cy.device.deviceId]);
    expect(facts.addedRefs.map(hex)).toEqual([hex(bundle.ref)]);
    const atBo = await receiveCommit(bo, boState, invite.commit);
    expect(atBo.added).toMatchObject([{ deviceId: cy.device.deviceId, leaf: 2 }]);
    const cyState = await cy.crypto.joinFromWelcome({
      welcome,
      device: cy.device,
      keyPackage: bundle,
      now: now(),
    });
    const settle = await cy.crypto.updateOwnKeys(cyState);
    const states = [
      (await receiveCommit(ada, invite.next, settle.commit)).state,
      (await receiveCommit(bo, atBo.state, settle.commit)).state,
      settle.next,
    ];
    expect(
      new Set(clients.map((client, i) => hex(client.crypto.epochAuthenticator(at(states, i))))).size,
    ).toBe(1);
  });
});
