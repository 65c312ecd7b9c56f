import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Account,
  at,
  type Client,
  createAccount,
  createClient,
  createTestDevice,
  createTestGroup,
  keyPackage,
  now,
  random,
  refusal,
  Trust,
} from '../test/people.ts';
import { encodeCredential } from './identity.ts';
import {
  certifyDevice,
  createDevice,
  createGroupCrypto,
  decodeDevice,
  encodeDevice,
  type GroupState,
  readCredential,
  verifyDeviceCertificate,
} from './index.ts';

let trust: Trust;
let accounts: [Account, Account, Account];
let ada: Client;
let bo: Client;
let adaState: GroupState;

beforeAll(async () => {
  trust = new Trust();
  accounts = [await createAccount(), await createAccount(), await createAccount()];
  ada = await createClient('ada', accounts[0], trust);
  bo = await createClient('bo', accounts[1], trust);
  [adaState] = (await createTestGroup(ada, [bo])) as [GroupState];
});

describe('an identity is refused', () => {
  it('when another identity key signed the device', async () => {
    const [victim, thief] = accounts;
    const forged = await refusal(async () => {
      const honest = await createTestDevice(victim);
      const own = await createTestDevice(victim, thief.identity);
      await createDevice({ ...honest, certificate: own.certificate });
    });
    expect(forged).toBe('bad_credential');
    const device = await createTestDevice(victim);
    const mixed = { ...device, identityPublicKey: thief.identity.publicKey };
    expect(await refusal(() => verifyDeviceCertificate(mixed, device.signaturePublicKey))).toBe(
      'bad_credential',
    );
    expect(await refusal(() => verifyDeviceCertificate(device, thief.identity.publicKey))).toBe(
      'bad_credential',
    );
    expect(await refusal(() => verifyDeviceCertificate(device, device.signaturePublicKey))).toBe('none');
  });

  it('when every byte of its credential but one is right', async () => {
    const device = await createTestDevice(accounts[0]);
    const bytes = encodeCredential(device);
    for (let i = 0; i < bytes.length; i += 3) {
      const changed = bytes.slice();
      changed[i] = at([...changed], i) ^ 0x80;
      const code = await refusal(async () =>
        verifyDeviceCertificate(readCredential(changed), device.signaturePublicKey),
      );
      expect([i, code]).toEqual([i, 'bad_credential']);
    }
  });

  it('when the server makes a ghost device of a member with an identity key of its own', async () => {
    const ghostOwner: Account = { accountId: accounts[1].accountId, identity: accounts[2].identity };
    const ghost: Client = {
      name: 'ghost',
      device: await createTestDevice(ghostOwner),
      crypto: createGroupCrypto({ random, trust: () => true, suite: adaState.suite }),
    };
    const { groupInfo, next } = await ada.crypto.updateOwnKeys(adaState);
    const join = { groupInfo, device: ghost.device, now: now() };
    expect(await refusal(() => ghost.crypto.joinByExternalCommit(join))).toBe('not_member');
    const bundle = await keyPackage(ghost);
    const add = () => ada.crypto.addDevices(next, [bundle.publicBytes], { now: now() });
    expect(await refusal(add)).toBe('untrusted_identity');
    const group = () =>
      ada.crypto.createGroup({
        groupId: random(16),
        device: ada.device,
        members: [bundle.publicBytes],
        now: now(),
      });
    expect(await refusal(group)).toBe('untrusted_identity');
  });

  it('when a trusted contact who is no member joins a group whose GroupInfo it was given', async () => {
    const cy = await createClient('cy', accounts[2], trust);
    const { groupInfo } = await ada.crypto.updateOwnKeys(adaState);
    expect(
      await refusal(() => cy.crypto.joinByExternalCommit({ groupInfo, device: cy.device, now: now() })),
    ).toBe('not_member');
  });

  it('when the group that invites holds a member who is not trusted', async () => {
    const stranger = await createAccount();
    const both = new Trust();
    const cy = await createClient('cy', stranger, both);
    both.pin(accounts[0]);
    const naive: Client = {
      ...ada,
      crypto: createGroupCrypto({ random, trust: () => true, suite: adaState.suite }),
    };
    const bundle = await keyPackage(bo);
    const cyBundle = await keyPackage(cy);
    const { welcome } = await naive.crypto.createGroup({
      groupId: random(16),
      device: ada.device,
      members: [bundle.publicBytes, cyBundle.publicBytes],
      now: now(),
    });
    if (welcome === undefined) throw new Error('no welcome');
    const join = () =>
      bo.crypto.joinFromWelcome({ welcome, device: bo.device, keyPackage: bundle, now: now() });
    expect(await refusal(join)).toBe('untrusted_identity');
  });
});

describe('a device', () => {
  it('comes back from its bytes', async () => {
    const device = await createTestDevice(accounts[0]);
    expect(decodeDevice(encodeDevice(device))).toEqual(device);
  });

  it('whose certificate ran out may stay, but not enter', async () => {
    const device = await createTestDevice(accounts[0]);
    const certificate = await certifyDevice(accounts[0].identity, { ...device, notAfter: now() - 5_000 });
    const expired = await createDevice({ ...device, certificate });
    expect(await refusal(() => verifyDeviceCertificate(expired, device.signaturePublicKey))).toBe('none');
    expect(await refusal(() => verifyDeviceCertificate(expired, device.signaturePublicKey, now()))).toBe(
      'bad_credential',
    );
    const bundle = at(await ada.crypto.createKeyPackages(expired, 1, { now: now() }), 0);
    const add = () => ada.crypto.addDevices(adaState, [bundle.publicBytes], { now: now() });
    expect(await refusal(add)).toBe('bad_credential');
    expect(
      await refusal(() => certifyDevice(accounts[0].identity, { ...device, notAfter: Number.NaN })),
    ).toBe('bad_argument');
  });
});
