import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Account,
  at,
  type Client,
  createAccount,
  createClient,
  createTestDevice,
  createTestGroup,
  day,
  hex,
  keyPackage,
  now,
  random,
  receive,
  receiveCommit,
  receiveText,
  refusal,
  Trust,
  utf8,
} from '../test/people.ts';
import { type GroupState, LIMITS } from './index.ts';
import { inspectCommit, inspectGroupInfo, inspectKeyPackage } from './server.ts';

let trust: Trust;
let accounts: [Account, Account, Account];
let ada: Client;
let bo: Client;
let adaState: GroupState;
let boState: GroupState;

beforeAll(async () => {
  trust = new Trust();
  accounts = [await createAccount(), await createAccount(), await createAccount()];
  ada = await createClient('ada', accounts[0], trust);
  bo = await createClient('bo', accounts[1], trust);
  [adaState, boState] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
});

describe('a received message is refused', () => {
  it('when it comes a second time', async () => {
    const sent = await ada.crypto.encrypt(adaState, utf8('once'));
    adaState = sent.state;
    const got = await receiveText(bo, boState, sent.ciphertext);
    boState = got.state;
    expect(await refusal(() => receive(bo, got.state, sent.ciphertext))).toBe('replayed');
  });

  it('when it is our own', async () => {
    const sent = await ada.crypto.encrypt(adaState, utf8('echo'));
    expect(await refusal(() => receive(ada, sent.state, sent.ciphertext))).toBe('own_message');
    const pending = await ada.crypto.removeDevices(adaState, [bo.device]);
    expect(await refusal(() => receive(ada, adaState, pending.commit))).toBe('own_message');
  });

  it('when any single byte of it was changed', async () => {
    const { ciphertext } = await ada.crypto.encrypt(adaState, utf8('intact'), utf8('commitment'));
    const codes = new Set<string>();
    for (let i = 0; i < ciphertext.length; i += i < 60 ? 1 : 17) {
      const changed = ciphertext.slice();
      changed[i] = at([...changed], i) ^ 0x01;
      codes.add(await refusal(() => receive(bo, boState, changed)));
    }
    expect(codes).not.toContain('none');
    expect([...codes].sort()).toEqual(
      expect.arrayContaining(['malformed', 'not_authentic', 'unknown_group']),
    );
  });

  it('when the authenticated data was exchanged', async () => {
    const { ciphertext } = await ada.crypto.encrypt(adaState, utf8('intact'), utf8('commitment'));
    const where = Buffer.from(ciphertext).indexOf('commitment');
    const changed = ciphertext.slice();
    changed.set(utf8('Commitment'), where);
    expect(await refusal(() => receive(bo, boState, changed))).toBe('not_authentic');
  });

  it('when it is of another group, of no member, or of an epoch to come', async () => {
    const [otherAda] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
    const foreign = await ada.crypto.encrypt(otherAda, utf8('elsewhere'));
    expect(await refusal(() => receive(bo, boState, foreign.ciphertext))).toBe('unknown_group');
    const pending = await ada.crypto.updateOwnKeys(adaState);
    const early = await ada.crypto.encrypt(pending.next, utf8('too early'));
    expect(await refusal(() => receive(bo, boState, early.ciphertext))).toBe('wrong_epoch');
  });

  it('when it is a commit for an epoch that is over', async () => {
    const [a, b] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
    const lost = await ada.crypto.updateOwnKeys(a);
    const won = await bo.crypto.updateOwnKeys(b);
    const atAda = await receiveCommit(ada, a, won.commit);
    expect(atAda.state.epoch).toBe(2);
    expect(await refusal(() => receive(bo, won.next, lost.commit))).toBe('wrong_epoch');
    const sent = await ada.crypto.encrypt(atAda.state, utf8('the winner was followed'));
    expect((await receiveText(bo, won.next, sent.ciphertext)).text).toBe('the winner was followed');
  });

  it('when it is garbage of any wire format', async () => {
    const bundle = await keyPackage(ada);
    expect(await refusal(() => receive(bo, boState, bundle.publicBytes))).toBe('malformed');
    expect(await refusal(() => receive(bo, boState, new Uint8Array()))).toBe('malformed');
    expect(await refusal(() => receive(bo, boState, new Uint8Array(LIMITS.handshakeMessage + 1)))).toBe(
      'too_large',
    );
  });
});

describe('late and missing messages', () => {
  it('are read in any order within the tolerance, and refused as too old beyond it', async () => {
    let [a, b] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
    const sent: Uint8Array[] = [];
    for (let i = 0; i < LIMITS.lateGenerations + 6; i++) {
      const one = await ada.crypto.encrypt(a, utf8(`${i}`));
      a = one.state;
      sent.push(one.ciphertext);
    }
    const late: string[] = [];
    for (const message of [...sent].reverse()) {
      const code = await refusal(async () => {
        b = (await receiveText(bo, b, message)).state;
      });
      late.push(code);
    }
    expect(late.filter((code) => code === 'none').length).toBeGreaterThanOrEqual(LIMITS.lateGenerations);
    expect(new Set(late)).toEqual(new Set(['none', 'too_old']));
  });

  it('may be thousands', async () => {
    let [a, b] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
    for (let i = 0; i < 400; i++) a = (await ada.crypto.encrypt(a, utf8('lost'))).state;
    const sent = await ada.crypto.encrypt(a, utf8('arrives'));
    const got = await receiveText(bo, b, sent.ciphertext);
    b = got.state;
    expect(got.text).toBe('arrives');
  });

  it('of past epochs are read, with their sender proven, for eight epochs', async () => {
    let [a, b] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
    const old = await ada.crypto.encrypt(a, utf8('sent before'));
    a = old.state;
    const readable: string[] = [];
    for (let i = 0; i < LIMITS.pastEpochs + 1; i++) {
      const pending = await bo.crypto.updateOwnKeys(b);
      b = pending.next;
      readable.push(
        await refusal(async () => {
          const got = await receiveText(bo, b, old.ciphertext);
          expect([got.text, got.deviceId]).toEqual(['sent before', ada.device.deviceId]);
        }),
      );
    }
    expect(readable).toEqual([...Array<string>(LIMITS.pastEpochs).fill('none'), 'too_old']);
  });
});

describe('a key package is refused', () => {
  const make = async (options: { now: number; lifetimeSeconds?: number }) =>
    at(await ada.crypto.createKeyPackages(ada.device, 1, options), 0).publicBytes;

  it('outside of its lifetime, and by who would add it', async () => {
    const bytes = await make({ now: now() - 31 * day });
    expect(await refusal(() => inspectKeyPackage(bytes, now()))).toBe('key_package_expired');
    expect(await refusal(() => inspectKeyPackage(bytes, now() - 20 * day))).toBe('none');
    expect(await refusal(() => inspectKeyPackage(bytes, now() - 40 * day))).toBe('key_package_expired');
    const create = () =>
      bo.crypto.createGroup({ groupId: random(16), device: bo.device, members: [bytes], now: now() });
    expect(await refusal(create)).toBe('key_package_expired');
    expect(
      await refusal(() => make({ now: now(), lifetimeSeconds: LIMITS.keyPackageLifetimeSeconds + 1 })),
    ).toBe('bad_argument');
  });

  it('when any single byte was changed', async () => {
    const bytes = await make({ now: now() });
    for (let i = 0; i < bytes.length; i += 5) {
      const changed = bytes.slice();
      changed[i] = at([...changed], i) ^ 0x04;
      expect([i, await refusal(() => inspectKeyPackage(changed, now()))]).not.toEqual([i, 'none']);
    }
  });

  it('and says what it is when it is sound', async () => {
    const [bundle] = await ada.crypto.createKeyPackages(ada.device, 1, { now: now(), lastResort: true });
    if (bundle === undefined) throw new Error('no key package');
    const facts = await inspectKeyPackage(bundle.publicBytes, now());
    expect(facts).toMatchObject({
      accountId: ada.device.accountId,
      deviceId: ada.device.deviceId,
      lastResort: true,
    });
    expect([hex(facts.ref), hex(facts.identityPublicKey), facts.expiresAt]).toEqual([
      hex(bundle.ref),
      hex(accounts[0].identity.publicKey),
      bundle.expiresAt,
    ]);
  });
});

describe('the server refuses', () => {
  it('a GroupInfo with any byte changed, and one that is cut', async () => {
    const { groupInfo } = await ada.crypto.updateOwnKeys(adaState);
    expect((await inspectGroupInfo(groupInfo)).members).toHaveLength(2);
    for (let i = 0; i < groupInfo.length; i += 13) {
      const changed = groupInfo.slice();
      changed[i] = at([...changed], i) ^ 0x10;
      expect([i, await refusal(() => inspectGroupInfo(changed))]).not.toEqual([i, 'none']);
      expect([i, await refusal(() => inspectGroupInfo(groupInfo.slice(0, i)))]).not.toEqual([i, 'none']);
    }
  });

  it('a commit whose signature is not of the group it names', async () => {
    const before = await ada.crypto.updateOwnKeys(adaState);
    const pending = await ada.crypto.removeDevices(before.next, [bo.device]);
    const options = { now: now(), groupInfo: before.groupInfo };
    expect(await inspectCommit(pending.commit, options)).toMatchObject({
      removedLeaves: [1],
      sender: { kind: 'member', leaf: 0 },
    });
    const changed = pending.commit.slice();
    const last = changed.length - 120;
    changed[last] = at([...changed], last) ^ 1;
    expect(await refusal(() => inspectCommit(changed, options))).not.toBe('none');
    expect(
      await refusal(() => inspectCommit(pending.commit, { now: now(), groupInfo: pending.groupInfo })),
    ).toBe('wrong_epoch');
  });
});

describe('bytes that are a Node Buffer', () => {
  it('are copied: neither wiping a state nor reusing a buffer reaches what was handed in or out', async () => {
    const [a, b] = (await createTestGroup(ada, [bo])) as [GroupState, GroupState];
    const stored = Buffer.from(bo.crypto.encodeState(b));
    const before = stored.toString('hex');
    const restored = bo.crypto.decodeState(stored);
    const sent = await ada.crypto.encrypt(a, utf8('buffered'), Buffer.from('aad'));
    const wire = Buffer.from(sent.ciphertext);
    const got = await receive(bo, restored, wire);
    got.wipe();
    wire.fill(0);
    expect(stored.toString('hex')).toBe(before);
    expect(hex(got.authenticatedData)).toBe(hex(utf8('aad')));
    expect(got.kind === 'application' && hex(got.plaintext)).toBe(hex(utf8('buffered')));
  });
});

describe('a group', () => {
  it('holds 64 leaves and no more', async () => {
    const many = await createClient('many', accounts[0], trust);
    const members: Uint8Array[] = [];
    for (let i = 0; i < LIMITS.leaves; i++) {
      const device = await createTestDevice(accounts[1]);
      members.push(at(await many.crypto.createKeyPackages(device, 1, { now: now() }), 0).publicBytes);
    }
    const create = (count: number) =>
      many.crypto.createGroup({
        groupId: random(32),
        device: many.device,
        members: members.slice(0, count),
        now: now(),
      });
    expect(await refusal(() => create(LIMITS.leaves))).toBe('group_full');
    const full = await create(LIMITS.leaves - 1);
    expect(many.crypto.members(full.state)).toHaveLength(LIMITS.leaves);
    expect(await refusal(() => many.crypto.addDevices(full.state, members.slice(-1), { now: now() }))).toBe(
      'group_full',
    );
    const late = await createClient('late', accounts[0], trust);
    const join = { groupInfo: full.groupInfo, device: late.device, now: now() };
    expect(await refusal(() => late.crypto.joinByExternalCommit(join))).toBe('group_full');
  });

  it('takes no device twice', async () => {
    const bundle = await keyPackage(bo);
    expect(await refusal(() => ada.crypto.addDevices(adaState, [bundle.publicBytes], { now: now() }))).toBe(
      'already_member',
    );
    const group = () =>
      ada.crypto.createGroup({
        groupId: random(16),
        device: ada.device,
        members: [bundle.publicBytes, bundle.publicBytes],
        now: now(),
      });
    expect(await refusal(group)).toBe('already_member');
  });

  it('is asked for a removal by a proposal that leaves the state as it was', async () => {
    const proposal = await bo.crypto.proposeRemoval(boState, bo.device);
    const got = await receive(ada, adaState, proposal);
    expect(got).toMatchObject({
      kind: 'proposal',
      proposedRemovals: [{ deviceId: bo.device.deviceId }],
      sender: { deviceId: bo.device.deviceId },
    });
    expect(await refusal(() => ada.crypto.encrypt(got.state, utf8('not blocked')))).toBe('none');
  });

  it('cannot be misused by its caller', async () => {
    expect(await refusal(() => ada.crypto.removeDevices(adaState, [ada.device]))).toBe('bad_argument');
    expect(await refusal(() => ada.crypto.removeDevices(adaState, []))).toBe('bad_argument');
    expect(
      await refusal(() =>
        ada.crypto.removeDevices(adaState, [{ ...bo.device, deviceId: ada.device.accountId }]),
      ),
    ).toBe('not_member');
    expect(await refusal(() => ada.crypto.encrypt(adaState, new Uint8Array(LIMITS.plaintext + 1)))).toBe(
      'too_large',
    );
    expect(
      await refusal(() =>
        ada.crypto.createGroup({ groupId: random(15), device: ada.device, members: [], now: now() }),
      ),
    ).toBe('bad_argument');
    expect(await refusal(() => ada.crypto.exporter(adaState, 'x', utf8(''), 0))).toBe('bad_argument');
    expect(await refusal(() => ada.crypto.members({ ...adaState }))).toBe('bad_argument');
  });
});
